from dataclasses import dataclass

import pytest
from essaim.ids import new_id
from essaim.running.runtime import Runtime
from essaim.text.languages import speaking
from essaim.web.pages import environment
from essaim.web.said import said
from fastapi.testclient import TestClient
from gazette import store
from markupsafe import escape


@dataclass(frozen=True)
class Label:
    fr: str
    en: str | None = None

    def say(self, language: str) -> str:
        return self.en if language == "en" and self.en else self.fr


def test_a_text_in_another_language_than_the_page_says_which() -> None:
    assert escape(said("L’été & nous", "en")) == '<span lang="fr">L’été &amp; nous</span>'
    assert escape(said(Label("Budget"), "en")) == '<span lang="fr">Budget</span>'
    assert escape(said("See you", "fr", "en")) == '<span lang="en">See you</span>'


def test_a_text_in_the_language_of_the_page_is_left_alone() -> None:
    assert escape(said("Budget", "fr")) == "Budget"
    assert escape(said(Label("Bilan", "Report"), "en")) == "Report"
    assert escape(said(Label("Bilan", "Report"), "fr")) == "Bilan"
    assert escape(said(None, "en")) == ""


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_somebody_wrote_is_text_wherever_it_is_taken_for_ours(language: str) -> None:
    page = environment("essaim").from_string("{{ _(text) }} {{ _(ours) }}")
    with speaking("essaim", language):
        written = page.render(text="<b>50 %</b> %(name)s {x} %", ours="Filtrer")
    assert written.startswith("&lt;b&gt;50 %&lt;/b&gt; %(name)s {x} %")
    assert written.endswith("Filtrer" if language == "fr" else "Filter")


def test_an_option_holds_no_markup_and_carries_the_mark_itself() -> None:
    macros = environment("essaim").from_string(
        '{% from "macros.html" import field %}'
        '{{ field("x", "X", "", type="select", choices=[("a", label), ("b", "Other")]) }}'
    )

    page = macros.render(label=said("Épicerie", "en"))

    assert '<option value="a" lang="fr">Épicerie</option>' in page
    assert '<option value="b">Other</option>' in page


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_english_page_marks_what_the_programme_wrote_in_french(
    browser: TestClient, runtime: Runtime
) -> None:
    with runtime.work() as work:
        store.pin(work, new_id(), "Atelier budget", "calm", 12)

    english = browser.get("/gazette/", headers={"Accept-Language": "en"}).text
    french = browser.get("/gazette/").text

    assert '<span lang="fr">Atelier budget</span>' in english
    assert "Atelier budget" in french
    assert 'lang="fr">Atelier' not in french
