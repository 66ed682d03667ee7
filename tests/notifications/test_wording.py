"""A programme words its letters; a text reaches nothing beyond its variables."""

import pytest
import signing
from essaim import Refusal
from essaim.ids import new_id
from essaim.person import Person, Role, RoleHeld
from essaim.refusal import Refusals
from essaim.running.runtime import Runtime
from fastapi.testclient import TestClient
from notifications import store
from notifications.commands import outbox, wording
from notifications.letters.text import shipped
from notifications.message import Template
from notifications.wording import SHEETS, sheet_of

from tests.notifications.correspondence import Programme, subject_of
from tests.notifications.test_outbox import answered, held
from tests.notifications.test_pages import browser_at, form_of

SELECTED = SHEETS["application-decided-selected"]
FR = "Bravo pour « {{ project_title }} »\n\nBonjour {{ name }},\n\nVous êtes des nôtres.\n"
EN = "Well done\n\nDear {{ name }},\n\nYou are with us.\n"


def word(runtime: Runtime, fr: str = FR, en: str = EN, *, was: int = 0) -> int:
    with runtime.work() as work:
        return wording.save(work, "premices", SELECTED, {"fr": fr, "en": en}, was=was)


def test_letters_have_the_words_of_their_programme(programme: Programme, runtime: Runtime) -> None:
    word(runtime)

    answered(programme, "Ada")
    programme.releases()

    (letter,) = programme.mailbox()
    assert letter.subject == "Bravo pour «\N{NO-BREAK SPACE}L'Épicerie des Cîmes\N{NO-BREAK SPACE}»"
    assert "Vous êtes des nôtres." in letter.text
    assert "Bien cordialement" in letter.text


def test_another_programme_keeps_the_words_as_shipped(
    programme: Programme, runtime: Runtime
) -> None:
    with runtime.work() as work:
        wording.save(work, "ailleurs", SELECTED, {"fr": FR, "en": EN}, was=0)

    answered(programme, "Ada")

    assert "est retenu" in subject_of(held(programme)[0])


def test_held_letters_keep_their_text_until_they_are_written_again(
    programme: Programme, runtime: Runtime
) -> None:
    answered(programme, "Ada")
    word(runtime)
    assert "est retenu" in subject_of(held(programme)[0])

    with runtime.work() as work:
        outbox.rewrite(work, [one.id for one in held(programme)])

    assert "Bravo" in subject_of(held(programme)[0])


def test_versions_follow_each_other_and_the_shipped_text_comes_back(
    programme: Programme, runtime: Runtime
) -> None:
    assert word(runtime) == 1
    assert word(runtime, FR.replace("Bravo", "Hourra"), was=1) == 2
    with pytest.raises(Refusal, match="version"):
        word(runtime, was=1)
    with runtime.work() as work:
        assert wording.restore(work, "premices", SELECTED, 1, was=2) == 3
        assert wording.restore(work, "premices", SELECTED, 0, was=3) == 4

    with runtime.read() as db:
        assert store.wording.worded(db, "premices") == {}
        assert [one.version for one, _ in store.wording.history(db, "premices", SELECTED.name)] == [
            4, 3, 2, 1,
        ]  # fmt: skip


@pytest.mark.parametrize("name", list(SHEETS))
def test_every_shipped_text_is_one_that_a_programme_could_have_written(name: str) -> None:
    wording.check_fits(sheet_of(name), shipped(name))


@pytest.mark.parametrize(
    ("written", "line", "what"),
    [
        ("{{ score }}", 3, "score"),
        ("{{ project_title.__class__ }}", 3, ".__class__"),
        ("{{ project_title|attr('x') }}", 3, "|attr"),
        ("{{ ''.join('x') }}", 3, ".join"),
        ("{{ range(1000000) }}", 3, "range"),
        ("{{ self }}", 3, "self"),
        ("\n{% include 'sign-in-link.txt' %}", 4, "include"),
        ("{% import 'words.txt' as w %}", 3, "import"),
        ("{% set words = name %}{{ words.place() }}", 3, "words"),
        ("{% set a = name|join(name) %}", 3, "|join"),
        ("{% set a = name %}{% set a = a ~ a %}", 3, "set"),
        ("{{ 9 ** 9 ** 9 }}", 3, "pow"),
        ("{{ 'x' * 999999999 }}", 3, "mul"),
        ("{% for a in name %}{% for b in name %}x{% endfor %}{% endfor %}", 3, "for … for"),
        ("{% macro a() %}{% endmacro %}", 3, "macro"),
        ("{{ name|map('upper')|list }}", 3, "|list"),
    ],
)
def test_what_a_text_may_not_reach_is_refused_with_its_line(
    written: str, line: int, what: str
) -> None:
    with pytest.raises(Refusals) as refused:
        wording.check_fits(SELECTED, {"fr": "Objet\n\n" + written, "en": EN})

    found = {(one.field, one.values["line"], one.values["what"]) for one in refused.value.all}
    assert ("fr", line, what) in found


@pytest.mark.parametrize("written", ["{{ name", "{% if name %}x", "{% unknown %}", "{{ (" * 400])
def test_what_cannot_be_read_is_refused_with_its_line(written: str) -> None:
    with pytest.raises(Refusals) as refused:
        wording.check_fits(SELECTED, {"fr": FR, "en": "Subject\n\n" + written})

    assert {one.field for one in refused.value.all} == {"en"}


def test_a_text_makes_neither_html_nor_headers(programme: Programme, runtime: Runtime) -> None:
    word(runtime, "Bravo\nBcc: x@exemple.fr\n\n<script>alert(1)</script> {{ name }}\n")

    answered(programme, "Ada")
    programme.releases()

    (letter,) = programme.mailbox()
    assert letter.subject == "Bravo Bcc: x@exemple.fr"
    assert "&lt;script&gt;" in letter.html


def test_it_is_tried_with_the_last_real_case(programme: Programme, runtime: Runtime) -> None:
    with runtime.read() as db:
        invented = wording.try_out(db, "premices", SELECTED, {"fr": FR, "en": EN})
    answered(programme, "Ada")
    with runtime.read() as db:
        real = wording.try_out(db, "premices", SELECTED, {"fr": FR, "en": EN})

    assert invented.reader is None
    assert real.reader == "Ada"
    assert "L'Épicerie" in real.texts["fr"].subject
    assert "Dear Ada," in real.texts["en"].body


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_coordinator_words_a_text_in_a_page_and_loses_nothing_she_typed(
    programme: Programme, runtime: Runtime
) -> None:
    browser: TestClient = browser_at(runtime, "127.0.0.1")
    person = Person(new_id(), "Camille", roles=(RoleHeld(Role.COORDINATOR, "premices"),))
    programme.learns(person)
    signing.sign_in(browser, person.id)
    page = f"/notifications/texts/premices/{SELECTED.name}"
    form = form_of(browser.get(page).text, page)
    del form["try"]

    wrong = browser.post(page, data=form | {"fr": "Bravo\n\n{{ prenom }}", "en": EN})
    assert wrong.status_code == 422
    assert "Ligne 3" in wrong.text
    assert "{{ prenom }}" in wrong.text
    tried = browser.post(page, data=form | {"fr": FR, "en": EN, "try": "1"})
    assert "Vous êtes des nôtres." in tried.text
    assert "le texte d’origine" in tried.text
    assert browser.post(page, data=form | {"fr": FR, "en": EN}).status_code == 303
    assert "vos mots" in browser.get("/notifications/templates").text

    stale = browser.post(page, data=form | {"fr": FR + "Encore.", "en": EN})
    assert stale.status_code == 409
    assert "Encore." in stale.text

    held_page = f"/notifications/held-templates/premices/{Template.COHORT_WELCOME}"
    choice = form_of(browser.get("/notifications/templates").text, held_page)
    assert browser.post(held_page, data=choice).status_code == 303
    with runtime.read() as db:
        assert store.held.choices(db, "premices") == {"cohort-welcome": True}
