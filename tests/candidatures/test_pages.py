"""The pages, as a browser without JavaScript meets them, and the fragments htmx asks for."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
import signing
from candidatures import commands, store
from candidatures.commands.document import sweep
from candidatures.programme_file import read_programme
from essaim.broker.asking import AskFailed
from essaim.running.runtime import Runtime
from essaim.web.app import build_app
from essaim_contracts.candidatures import ApplicationReceived, ApplicationWithdrawn
from essaim_contracts.questions import Queued, SendDraftLink
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    CLOSING,
    CONTENT,
    OPEN,
    PDF,
    PROGRAMME,
    received,
    set_clock,
    the_call,
    told,
)

# What pages ask of the database is tested on both, beside what the API and the acts ask.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CALL = "/candidatures/calls/premices-2020"
FORM = f"{CALL}/apply"


def text_of(answer: Any) -> str:
    """The page as it was written, without HTML's quotes and typography's unbreakable spaces."""
    return unescape(answer.text).replace("\N{NO-BREAK SPACE}", " ")


def hidden(html: str) -> dict[str, str]:
    """The hidden fields of the forms of a page."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)"[^>]*value="([^"]*)"', html))


def save(page: TestClient, *, action: str = "save", **answers: str) -> Any:
    """Open the form, write these answers over the usual ones, and press a button."""
    fields = hidden(text_of(page.get(FORM)))
    return page.post(FORM, data=fields | CONTENT | answers | {"action": action})


def upload(page: TestClient, content: bytes = PDF, name: str = "résumé.pdf", **answers: str) -> Any:
    fields = hidden(text_of(page.get(FORM)))
    return page.post(
        FORM,
        data=fields | CONTENT | answers | {"action": "upload:summary"},
        files={"document-summary": (name, BytesIO(content), "application/pdf")},
    )


def link_of(question: SendDraftLink) -> str:
    return f"/candidatures/{question.page.format(token=question.token)}"


def open_link(browser: TestClient, question: SendDraftLink) -> Any:
    """Follow the link of a letter and press its button."""
    path = link_of(question)
    return browser.post(path, data=hidden(text_of(browser.get(path))))


def drafts(runtime: Runtime) -> int:
    with runtime.read() as db:
        return store.application.counts_of_call(db, the_call(runtime).id).get("draft", 0)


@pytest.fixture
def page(browser: TestClient, premices: Runtime, asked: list[SendDraftLink]) -> TestClient:
    """A browser on a day when the call is open; messages are asked for and sent."""
    set_clock(premices, OPEN)
    return browser


@pytest.fixture
def other_browser(page: TestClient) -> TestClient:
    return TestClient(page.app, base_url="https://premices.example", follow_redirects=False)


# --- the call


def test_anybody_sees_the_call_its_dates_criteria_and_documents(page: TestClient) -> None:
    html = text_of(page.get(CALL))

    assert "Appel Prémices 2020" in html
    assert "mercredi 15 janvier 2020 à 18 h 00" in html
    assert "heure de Paris" in html
    assert "Appartenance à l’ESS" in html
    assert "PDF, ODT, DOCX, 20 Mo au plus" in html
    assert "Déposer une candidature" in html
    assert re.search("<h2>Dates</h2>.*<dt>Ouverture</dt>.*<h2>Le programme</h2>", html, re.S)
    assert '<a href="/candidatures/programmes/premices">Prémices.coop</a>' in html
    assert "<dt>Porté par</dt><dd>UR Scop AURA</dd>" in html


def test_a_programme_says_whom_to_ask_and_what_applies_where_its_file_does(
    page: TestClient, premices: Runtime
) -> None:
    assert "Contact" not in text_of(page.get(CALL))

    keys = """  contact: {email: contact@example.org, phone: 04 00 00 00 00}
  rules: https://example.org/reglement
  privacy: https://example.org/donnees
"""
    written = PROGRAMME.replace("  steward: ur-scop\n", f"  steward: ur-scop\n{keys}")
    with premices.work() as work:
        commands.programme.import_programme(work, read_programme(written))

    for address in (CALL, "/candidatures/programmes/premices"):
        html = text_of(page.get(address))
        assert '<a href="mailto:contact@example.org">contact@example.org</a>' in html
        assert "04 00 00 00 00" in html
        assert '<a href="https://example.org/reglement">Lire le règlement' in html
        assert '<a href="https://example.org/donnees">Ce que deviennent vos données' in html
    assert "contact@example.org, 04 00 00 00 00" in text_of(page.get("/candidatures/"))
    asked = page.get("/candidatures/api/programmes/premices").json()
    assert asked["privacy"] == "https://example.org/donnees"


def test_what_a_programme_wrote_in_french_alone_says_so_on_an_english_page(
    page: TestClient,
) -> None:
    form = text_of(page.get(FORM, headers={"Accept-Language": "en"}))
    call = text_of(page.get(CALL, headers={"Accept-Language": "en"}))

    assert re.search(r'<label for="field-answer-idea"><span lang="fr">', form)
    assert re.search(r'<td><span lang="fr">Appartenance à l’ESS</span></td>', call)
    assert 'lang="fr">Appartenance' not in text_of(page.get(CALL))


def test_the_call_says_whether_it_is_to_come_open_or_closed(
    page: TestClient, premices: Runtime
) -> None:
    assert "Cet appel est ouvert jusqu’au" in text_of(page.get(CALL))
    set_clock(premices, CLOSING)
    closed = text_of(page.get(CALL))
    assert "Cet appel est fermé depuis le" in closed
    assert "Déposer une candidature" not in closed


def test_a_call_to_come_gives_its_opening_and_no_form(browser: TestClient) -> None:
    assert "ouvrira le vendredi 15 novembre 2019 à 9 h 00" in text_of(browser.get(CALL))
    assert browser.get(FORM).headers["location"] == CALL


def test_the_pages_speak_english_too(page: TestClient) -> None:
    english = {"Accept-Language": "en"}

    assert "Apply" in text_of(page.get(CALL, headers=english))
    assert "My application" in text_of(page.get(FORM, headers=english))
    assert "Organic farming" in text_of(page.get(FORM, headers=english))


def test_an_address_that_leads_nowhere_says_so(page: TestClient) -> None:
    answer = page.get("/candidatures/calls/nothing-here")

    assert answer.status_code == 404
    assert "Aucun appel ne s’appelle « nothing-here »" in text_of(answer)


# --- the form


def test_looking_at_the_form_makes_no_draft(page: TestClient, premices: Runtime) -> None:
    page.get(FORM)
    page.get(FORM)

    assert drafts(premices) == 0


def test_the_first_save_makes_a_draft_and_the_form_finds_it_again(
    page: TestClient, premices: Runtime
) -> None:
    save(page, project_title="Le Fournil")
    again = text_of(page.get(FORM))
    save(page, project_title="Le Fournil des Cimes")

    assert 'value="Le Fournil"' in again
    assert 'value="Le Fournil des Cimes"' in text_of(page.get(FORM))
    assert drafts(premices) == 1


def test_a_browser_that_keeps_no_cookies_goes_on_with_the_same_draft(
    page: TestClient, premices: Runtime
) -> None:
    fields = hidden(text_of(page.get(FORM)))
    for version, title in enumerate(["Un", "Deux"]):
        page.cookies.delete("__Secure-essaim_draft_premices-2020")
        token = {"version": str(version)}
        page.post(FORM, data=fields | token | CONTENT | {"project_title": title, "action": "save"})

    assert drafts(premices) == 1
    with premices.read() as db:
        draft = store.application.find_draft(db, the_call(premices).id, fields["token"])
    assert draft is not None
    assert draft.content["project_title"] == "Deux"


def test_a_form_without_any_secret_begins_a_draft_that_this_browser_holds(
    page: TestClient, asked: list[SendDraftLink]
) -> None:
    fields = hidden(text_of(page.get(FORM)))
    page.cookies.delete("__Secure-essaim_draft_premices-2020")
    del fields["token"]

    page.post(FORM, data=fields | CONTENT | {"action": "save"})

    assert 'value="Le Fournil des Cimes"' in text_of(page.get(FORM))
    assert [question.email for question in asked] == ["dora@example.org"]


OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize("was_saved", [True, False])
def test_words_typed_while_the_cookies_died_are_saved_in_the_draft_of_the_form(
    page: TestClient, premices: Runtime, was_saved: bool
) -> None:
    if was_saved:
        save(page, project_title="Avant")
    fields = hidden(text_of(page.get(FORM)))
    page.cookies.clear()

    answer = page.post(
        FORM, data=fields | CONTENT | {"project_title": "Après", "action": "save"}, headers=OUR_PAGE
    )

    assert answer.status_code == 303
    shown = text_of(page.get(FORM))
    assert 'value="Après"' in shown
    assert drafts(premices) == 1
    again = page.post(FORM, data=hidden(shown) | CONTENT | {"action": "save"})
    assert again.status_code == 303


def test_what_saves_itself_brings_a_new_token_where_the_cookies_died(page: TestClient) -> None:
    fields = hidden(text_of(page.get(FORM)))
    page.cookies.clear()

    saved = page.post(f"{FORM}/autosave", data=fields | CONTENT, headers=OUR_PAGE)
    (token,) = re.findall(r'data-token="([^"]+)"', saved.text)
    again = page.post(f"{FORM}/autosave", data=fields | CONTENT | {"csrf_token": token})

    assert saved.status_code == again.status_code == 200
    assert token != fields["csrf_token"]


def test_another_site_cannot_bring_a_draft_of_its_own_into_this_browser(page: TestClient) -> None:
    forged = {"token": "t" * 43, "csrf_token": "x", "action": "save"} | CONTENT

    refused = page.post(FORM, data=forged, headers={"Sec-Fetch-Site": "cross-site"})

    assert refused.status_code == 403
    assert "__Secure-essaim_draft_premices-2020" not in page.cookies


def test_an_application_is_sent_from_a_page_whose_cookies_died(page: TestClient) -> None:
    upload(page)
    fields = hidden(text_of(page.get(f"{FORM}/review")))
    page.cookies.clear()
    given_back = page.post(f"{FORM}/submit", data=fields, headers=OUR_PAGE)

    sent = page.post(f"{FORM}/submit", data=hidden(text_of(given_back)))

    assert given_back.status_code == 403
    assert sent.status_code == 303


def test_a_link_to_the_draft_is_sent_once_to_the_address_given(
    page: TestClient, premices: Runtime, asked: list[SendDraftLink], other_browser: TestClient
) -> None:
    save(page)
    save(page, project_title="Autre titre")

    (question,) = asked
    assert isinstance(question, SendDraftLink)
    assert question.email == "dora@example.org"
    assert question.call_title == "Appel Prémices 2020"
    assert open_link(other_browser, question).headers["location"] == FORM
    assert "Autre titre" in text_of(other_browser.get(FORM))
    assert drafts(premices) == 1


def test_a_draft_is_saved_also_when_its_link_cannot_be_sent(
    page: TestClient, premices: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(question: SendDraftLink) -> Queued:
        raise AskFailed(question.subject, "no answer")

    monkeypatch.setattr(premices, "ask_blocking", ask)
    save(page)

    assert "pas pu partir par courriel" in text_of(page.get(FORM))
    assert drafts(premices) == 1


def test_a_stale_page_is_refused_shows_both_versions_and_loses_neither(
    page: TestClient, premices: Runtime
) -> None:
    save(page, project_title="Version commune")
    left, right = hidden(text_of(page.get(FORM))), hidden(text_of(page.get(FORM)))
    page.post(FORM, data=right | CONTENT | {"project_title": "À droite", "action": "save"})

    refused = page.post(FORM, data=left | CONTENT | {"project_title": "À gauche", "action": "save"})

    assert refused.status_code == 409
    assert 'value="À gauche"' in text_of(refused)
    assert "<blockquote>À droite</blockquote>" in text_of(refused)
    assert 'value="À droite"' in text_of(page.get(FORM))
    # Having seen both, she may keep hers.
    kept = page.post(
        FORM,
        data=hidden(text_of(refused)) | CONTENT | {"project_title": "À gauche", "action": "save"},
    )
    assert kept.status_code == 303
    assert 'value="À gauche"' in text_of(page.get(FORM))


def test_autosave_answers_one_sentence_and_the_new_version(
    page: TestClient, premices: Runtime
) -> None:
    fields = hidden(text_of(page.get(FORM)))
    del fields["command_key"]

    first = page.post(f"{FORM}/autosave", data=fields | {"project_title": "Le Four"})
    second = page.post(f"{FORM}/autosave", data=fields | {"project_title": "Le Fournil"})

    assert "Brouillon enregistré à 10 h 00." in text_of(first)
    assert "1 réponse obligatoire remplie sur 8" in text_of(first)
    assert 'value="2" hx-swap-oob="true"' in text_of(second)
    assert "<html" not in text_of(second)
    assert drafts(premices) == 1


def test_autosave_of_a_stale_page_says_so_and_saves_nothing(page: TestClient) -> None:
    save(page, project_title="Version commune")
    left, right = hidden(text_of(page.get(FORM))), hidden(text_of(page.get(FORM)))
    page.post(FORM, data=right | CONTENT | {"project_title": "À droite", "action": "save"})
    del left["command_key"]

    refused = page.post(f"{FORM}/autosave", data=left | CONTENT | {"project_title": "À gauche"})

    assert refused.status_code == 409
    assert "enregistré ailleurs" in text_of(refused)
    assert 'value="À droite"' in text_of(page.get(FORM))


def test_a_document_is_added_with_the_answers_in_one_go(page: TestClient) -> None:
    answer = upload(page, project_title="Avec son résumé")
    html = text_of(page.get(FORM))

    assert answer.status_code == 303
    assert "résumé.pdf" in html
    assert 'value="Avec son résumé"' in html
    assert page.get(f"{CALL}/documents/summary").content == PDF
    disposition = page.get(f"{CALL}/documents/summary").headers["content-disposition"]
    assert disposition.startswith("attachment")


def test_a_refused_document_is_explained_at_its_field_and_the_answers_are_saved(
    page: TestClient,
) -> None:
    refused = upload(page, content=b"MZ\x90\x00" + bytes(50), project_title="Gardé")

    assert refused.status_code == 422
    assert 'id="error-document-summary"' in text_of(refused)
    assert "est un programme" in text_of(refused)
    assert 'value="Gardé"' in text_of(page.get(FORM))


def test_a_document_too_large_is_refused_with_its_size_and_the_limit(page: TestClient) -> None:
    refused = upload(page, content=PDF + bytes(25_000_000))

    assert refused.status_code == 413
    assert "25 Mo, au plus 20 Mo" in text_of(refused)


def test_a_file_that_came_with_refused_words_is_kept_where_none_stood(page: TestClient) -> None:
    save(page, project_title="Version commune")
    stale = hidden(text_of(page.get(FORM)))
    save(page, project_title="Plus récente")

    refused = page.post(
        FORM,
        data=stale | CONTENT | {"project_title": "À gauche", "action": "save"},
        files={"document-summary": ("résumé.pdf", BytesIO(PDF), "application/pdf")},
    )

    assert refused.status_code == 409
    assert "résumé.pdf" in text_of(refused)
    assert page.get(f"{CALL}/documents/summary").content == PDF


def test_a_file_that_came_with_refused_words_in_place_of_another_is_asked_for_again(
    page: TestClient, premices: Runtime
) -> None:
    upload(page, project_title="Version commune")
    stale = hidden(text_of(page.get(FORM)))
    save(page, project_title="Plus récente")

    refused = page.post(
        FORM,
        data=stale | CONTENT | {"project_title": "À gauche", "action": "upload:summary"},
        files={"document-summary": ("autre.pdf", BytesIO(PDF + b"% 2"), "application/pdf")},
    )
    with premices.work() as work:
        sweep(premices.documents, work.db, settled=0)

    assert refused.status_code == 409
    assert 'value="À gauche"' in text_of(refused)
    assert "Choisissez-le à nouveau" in text_of(refused)
    assert page.get(f"{CALL}/documents/summary").content == PDF
    assert len([path for path in premices.documents.folder.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("action", ["save", "review", "upload:summary", "remove:summary", "link"])
def test_whatever_the_button_a_chosen_file_is_kept(page: TestClient, action: str) -> None:
    fields = hidden(text_of(page.get(FORM)))

    page.post(
        FORM,
        data=fields | CONTENT | {"action": action},
        files={"document-summary": ("résumé.pdf", BytesIO(PDF), "application/pdf")},
    )

    assert page.get(f"{CALL}/documents/summary").content == PDF


def test_a_chosen_file_is_kept_also_where_another_field_is_wrong(page: TestClient) -> None:
    fields = hidden(text_of(page.get(FORM)))
    answers = {"jobs_max": "quatre", "answer-idea": "", "action": "review"}

    refused = page.post(
        FORM,
        data=fields | CONTENT | answers,
        files={"document-summary": ("résumé.pdf", BytesIO(PDF), "application/pdf")},
    )

    assert refused.status_code == 422
    assert 'href="#field-document-summary"' not in text_of(refused)
    assert "résumé.pdf" in text_of(refused)


def test_after_adding_a_document_one_is_back_at_the_documents(page: TestClient) -> None:
    answer = upload(page)

    assert answer.headers["location"] == f"{FORM}?done=upload#documents-done"
    shown = text_of(page.get(answer.headers["location"]))
    assert 'id="documents-done" tabindex="-1">Document ajouté.' in shown


def test_another_language_is_a_way_to_save(page: TestClient) -> None:
    answer = save(page, action="language:en", project_title="Gardé en passant")

    assert answer.headers["location"] == FORM
    english = text_of(page.get(FORM))
    assert "My application" in english
    assert 'value="Gardé en passant"' in english


def test_a_document_can_be_taken_out_again(page: TestClient) -> None:
    upload(page)
    save(page, action="remove:summary")

    assert page.get(f"{CALL}/documents/summary").status_code == 404


# --- review, submission, receipt


def test_everything_is_read_again_before_it_is_sent(page: TestClient) -> None:
    upload(page)
    answer = save(page, action="review")

    assert answer.headers["location"] == f"{FORM}/review"
    html = text_of(page.get(f"{FORM}/review"))
    for words in ("Le Fournil des Cimes", "Restauration", "Isère", "cuit au bois", "résumé.pdf"):
        assert words in html


def test_what_is_missing_or_wrong_is_said_at_its_field_before_the_review(page: TestClient) -> None:
    answer = save(page, action="review", **{"answer-idea": "", "jobs_max": "x"})

    html = text_of(answer)
    assert answer.status_code == 422
    for field in ("answer-idea", "jobs_max", "document-summary"):
        assert f'href="#field-{field}"' in html
        assert f'id="error-{field}"' in html
    assert "« x » n’est pas un nombre entier" in html
    assert html.index("#field-jobs_max") < html.index("#field-answer-idea")
    assert "Le Fournil des Cimes" in text_of(page.get(FORM))


def test_what_is_missing_leads_back_to_each_field(page: TestClient) -> None:
    save(page, **{"answer-idea": "", "jobs_max": "x"})
    fields = hidden(text_of(page.get(f"{FORM}/review")))

    refused = page.post(f"{FORM}/submit", data=fields)

    assert refused.status_code == 422
    for field in ("answer-idea", "jobs_max", "document-summary"):
        assert f'href="{FORM}#field-{field}"' in text_of(refused)
    assert "Emplois envisagés, au plus" in text_of(refused)


def test_the_receipt_has_the_number_and_what_happens_next(
    page: TestClient, premices: Runtime
) -> None:
    upload(page)
    fields = hidden(text_of(page.get(f"{FORM}/review")))
    answers = [page.post(f"{FORM}/submit", data=fields) for _ in range(2)]

    assert [one.headers["location"] for one in answers] == [f"{CALL}/receipt"] * 2
    html = text_of(page.get(f"{CALL}/receipt"))
    assert "PREM-2020-0001" in html
    assert "Et maintenant ?" in html
    assert len(told(premices, ApplicationReceived)) == 1
    assert page.get(FORM).headers["location"] == f"{CALL}/receipt"


def test_words_typed_on_a_page_left_open_after_sending_stay_on_it(page: TestClient) -> None:
    upload(page)
    left_open = hidden(text_of(page.get(FORM)))
    page.post(f"{FORM}/submit", data=hidden(text_of(page.get(f"{FORM}/review"))))

    same = page.post(FORM, data=left_open | CONTENT | {"action": "save"})
    other = page.post(
        FORM, data=left_open | CONTENT | {"project_title": "Écrit après", "action": "save"}
    )

    assert same.headers["location"] == f"{CALL}/receipt"
    assert other.status_code == 409
    assert "déjà envoyée sous le numéro PREM-2020-0001" in text_of(other)
    assert 'value="Écrit après"' in text_of(other)


def test_a_late_submission_keeps_the_draft_readable_and_says_when_the_call_closed(
    page: TestClient, premices: Runtime
) -> None:
    upload(page)
    fields = hidden(text_of(page.get(f"{FORM}/review")))
    set_clock(premices, CLOSING + timedelta(seconds=1))

    refused = page.post(f"{FORM}/submit", data=fields)

    assert refused.status_code == 409
    assert "fermé depuis le mercredi 15 janvier 2020 à 18 h 00" in text_of(refused)
    assert "trop tard" in text_of(refused)
    review = text_of(page.get(f"{FORM}/review"))
    assert "Le Fournil des Cimes" in review
    assert "Envoyer ma candidature" not in review


def test_words_typed_across_the_closing_are_saved_in_the_draft(
    page: TestClient, premices: Runtime
) -> None:
    save(page)
    fields = hidden(text_of(page.get(FORM)))
    set_clock(premices, CLOSING + timedelta(seconds=1))

    page.post(FORM, data=fields | CONTENT | {"project_title": "Trop tard", "action": "save"})

    assert "Trop tard" in text_of(page.get(f"{FORM}/review"))


def test_an_application_is_withdrawn_after_a_question(page: TestClient, premices: Runtime) -> None:
    upload(page)
    page.post(f"{FORM}/submit", data=hidden(text_of(page.get(f"{FORM}/review"))))
    question = text_of(page.get(f"{CALL}/withdraw"))
    assert told(premices, ApplicationWithdrawn) == []
    page.post(f"{CALL}/withdraw", data=hidden(question))

    assert "Retirer la candidature PREM-2020-0001 ?" in question
    assert "Candidature retirée" in text_of(page.get(f"{CALL}/receipt"))
    assert len(told(premices, ApplicationWithdrawn)) == 1


def test_after_a_receipt_another_application_can_be_begun(
    page: TestClient, premices: Runtime
) -> None:
    upload(page)
    page.post(f"{FORM}/submit", data=hidden(text_of(page.get(f"{FORM}/review"))))
    fields = hidden(text_of(page.get(f"{FORM}?new=1")))
    page.post(FORM, data=fields | {"project_title": "Un second projet", "action": "save"})

    assert "Un second projet" in text_of(page.get(FORM))
    assert drafts(premices) == 1


def test_signed_in_an_applicant_finds_and_withdraws_her_application_on_any_device(
    page: TestClient, other_browser: TestClient, premices: Runtime
) -> None:
    application_id = received(premices)
    with premices.read() as db:
        bearer_id = store.application.get(db, application_id).bearer_id
    assert bearer_id is not None
    hers = signing.bearer("candidatures", bearer_id)
    address = f"/candidatures/applications/{application_id}"

    call = text_of(other_browser.get(CALL, headers=hers))
    assert "Vous avez déposé « Projet fictif 1 » (PREM-2020-0001)." in call
    assert f'href="{address}"' in call
    assert f'action="{address}/withdraw"' in text_of(other_browser.get(address, headers=hers))
    question = text_of(other_browser.get(f"{address}/withdraw", headers=hers))
    other_browser.post(f"{address}/withdraw", data=hidden(question), headers=hers)

    assert len(told(premices, ApplicationWithdrawn)) == 1
    assert "/withdraw" not in text_of(other_browser.get(address, headers=hers))


def test_nobody_else_withdraws_it(
    page: TestClient, premices: Runtime, as_: Callable[..., dict[str, str]]
) -> None:
    application_id = received(premices)
    address = f"/candidatures/applications/{application_id}/withdraw"

    for code in ("alix", "basile", "firmin"):
        assert page.get(address, headers=as_(code)).status_code == 404
        assert page.post(address, headers=as_(code)).status_code == 404
    assert "/sign-in" in page.get(address).headers["location"]
    assert told(premices, ApplicationWithdrawn) == []


# --- for those who work on the call


def test_the_list_of_applications_filters_sorts_and_exports(
    page: TestClient, premices: Runtime, as_: Callable[..., dict[str, str]]
) -> None:
    for nth in (1, 2, 3):
        received(premices, nth)
    address = f"{CALL}/applications"

    everything = text_of(page.get(f"{address}?sort=-number", headers=as_("alix")))
    one = text_of(page.get(f"{address}?q=fictif+2", headers=as_("alix")))
    csv = text_of(page.get(f"{address}?format=csv", headers=as_("alix")))

    assert everything.index("PREM-2020-0003") < everything.index("PREM-2020-0001")
    assert "PREM-2020-0002" in one
    assert "PREM-2020-0001" not in one
    assert csv.count("PREM-2020-") == 3
    assert "Porteuse 1 (fictive)" in csv
    assert "Isère (38);Restauration;Reçue" in csv
    assert "PREM-2020-0001" in text_of(
        page.get(f"{address}?sector=catering&department=38", headers=as_("alix"))
    )
    for elsewhere in ("sector=organic-farming", "department=26"):
        assert "PREM-2020-0001" not in text_of(
            page.get(f"{address}?{elsewhere}", headers=as_("alix"))
        )


def test_a_funder_exports_no_person(
    page: TestClient, premices: Runtime, as_: Callable[..., dict[str, str]]
) -> None:
    received(premices)

    for query in ("", "?format=csv"):
        text = text_of(page.get(f"{CALL}/applications{query}", headers=as_("firmin")))
        assert "PREM-2020-0001" in text
        assert "Porteuse" not in text


def test_strangers_are_asked_to_sign_in_before_the_list(page: TestClient) -> None:
    answer = page.get(f"{CALL}/applications")

    assert answer.status_code == 303
    assert "/candidatures/sign-in" in answer.headers["location"]


def test_home_shows_calls_to_everybody_and_figures_to_the_coordination(
    page: TestClient, premices: Runtime, as_: Callable[..., dict[str, str]]
) -> None:
    received(premices)

    public = text_of(page.get("/candidatures/"))
    inside = text_of(page.get("/candidatures/", headers=as_("alix")))

    assert "Appel Prémices 2020" in public
    assert "candidature reçue" not in public
    assert "1 candidature reçue" in inside


def test_one_application_shows_the_committee_its_scores_and_its_bearer_none(
    page: TestClient, premices: Runtime, as_: Callable[..., dict[str, str]]
) -> None:
    application_id = received(premices)
    page.put(
        f"/candidatures/api/applications/{application_id}/scores",
        json={"points": {"ess": 4}},
        headers=as_("basile"),
    )
    address = f"/candidatures/applications/{application_id}"

    inside = text_of(page.get(address, headers=as_("alix")))
    assert "Basile (fictif)" in inside
    assert "cuit au bois" in inside
    assert "/sign-in?next=" in page.get(address).headers["location"]
    assert page.get(address, headers=as_("firmin")).status_code == 404


def test_another_service_serves_nothing_of_ours(premices: Runtime) -> None:
    """The pages live under the name of the service alone."""
    client = TestClient(build_app([premices]), base_url="https://premices.example")

    assert client.get("/calls/premices-2020").status_code == 404
