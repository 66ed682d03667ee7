"""The link of a draft: who gets it, what it opens, and what it ends."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from candidatures import commands, store
from candidatures.commands import quota
from candidatures.store.application import application as application_table
from essaim.keeping.limits import Limit
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import ApplicationWithdrawn
from essaim_contracts.questions import SendDraftLink
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    CLOSING,
    CONTENT,
    OPEN,
    a_door,
    a_draft,
    set_clock,
    the_call,
    told,
)
from tests.candidatures.test_pages import (
    CALL,
    FORM,
    drafts,
    hidden,
    link_of,
    open_link,
    save,
    text_of,
    upload,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

VICTIM = {"bearer_name": "Gagnez 500 euros sur https://evil.example/prix"}


@pytest.fixture
def page(browser: TestClient, premices: Runtime, asked: list[SendDraftLink]) -> TestClient:
    """The browser of who begins the draft."""
    set_clock(premices, OPEN)
    return browser


@pytest.fixture
def hers(page: TestClient) -> TestClient:
    """The browser of who reads the mail of the address the draft gives."""
    return TestClient(page.app, base_url="https://premices.example", follow_redirects=False)


def autosave(browser: TestClient, **answers: str) -> Any:
    fields = hidden(text_of(browser.get(FORM)))
    del fields["command_key"]
    return browser.post(f"{FORM}/autosave", data=fields | CONTENT | answers)


# --- sent


def test_the_link_goes_at_the_first_valid_address_that_is_saved_by_itself(
    page: TestClient, asked: list[SendDraftLink]
) -> None:
    autosave(page, bearer_email="dora@")
    assert asked == []
    said = text_of(autosave(page))
    autosave(page, project_title="Autre titre")

    assert "Un lien pour le reprendre part à dora@example.org" in said
    assert [question.email for question in asked] == ["dora@example.org"]


def test_no_link_goes_to_an_address_that_is_still_being_typed(
    page: TestClient, asked: list[SendDraftLink]
) -> None:
    autosave(page, bearer_email="dora@example.co", typing="bearer_email")
    assert asked == []
    autosave(page)

    assert [question.email for question in asked] == ["dora@example.org"]


def test_nothing_that_a_stranger_typed_goes_with_the_link(
    page: TestClient, asked: list[SendDraftLink]
) -> None:
    save(page, **VICTIM, project_title="https://evil.example/colis")

    (question,) = asked
    assert "evil" not in question.model_dump_json()


def test_who_asks_for_the_link_again_gets_another_one(
    page: TestClient, hers: TestClient, asked: list[SendDraftLink]
) -> None:
    save(page)
    save(page, action="link")

    first, second = asked
    assert first.token != second.token
    for question in asked:
        assert open_link(hers, question).headers["location"] == FORM


def test_few_links_go_to_one_address_whoever_asks(
    page: TestClient, premices: Runtime, asked: list[SendDraftLink]
) -> None:
    pages = []
    for _ in range(8):
        page.cookies.clear()
        save(page)
        pages.append(text_of(page.get(FORM)))

    assert len(asked) == quota.LINKS_TO.most
    assert "aucun autre ne part pour l’instant" in pages[-1]
    assert drafts(premices) == 8


def test_one_draft_writes_to_few_addresses(page: TestClient, asked: list[SendDraftLink]) -> None:
    for nth in range(8):
        autosave(page, bearer_email=f"victime-{nth}@example.org")

    assert len(asked) == quota.LINKS_OF_DRAFT.most


def test_one_place_has_few_links_sent(
    page: TestClient, asked: list[SendDraftLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "LINKS_FROM", Limit("from", 3, timedelta(hours=1)))
    for nth in range(6):
        page.cookies.clear()
        save(page, bearer_email=f"victime-{nth}@example.org")

    assert len(asked) == 3


# --- opened


def test_looking_at_the_link_changes_nothing_and_shows_nothing_of_the_draft(
    page: TestClient, hers: TestClient, asked: list[SendDraftLink]
) -> None:
    save(page, **VICTIM)
    looked_at = hers.get(link_of(asked[0]))

    shown = text_of(looked_at)
    assert "Ouvrir ce brouillon" in shown
    assert "dimanche 1er décembre 2019 à 10 h 00" in shown
    assert "evil" not in shown
    assert "Fournil" not in shown
    assert "__Secure-essaim_draft_premices-2020" not in hers.cookies
    assert 'value="Le Fournil des Cimes"' in text_of(page.get(FORM))


def test_once_opened_by_mail_a_draft_is_lost_to_who_began_it_in_her_name(
    page: TestClient, hers: TestClient, premices: Runtime, asked: list[SendDraftLink]
) -> None:
    save(page, **VICTIM)
    left_open = hidden(text_of(page.get(f"{FORM}/review")) + text_of(page.get(FORM)))
    open_link(hers, asked[0])
    save(hers, bearer_phone="06 01 02 03 04", **{"answer-idea": "Secret d’artisan"})

    for path in (FORM, f"{FORM}/review", CALL):
        assert "06 01 02" not in page.get(path).text
        assert "artisan" not in page.get(path).text
    overwriting = page.post(FORM, data=left_open | CONTENT | {"action": "save"})
    assert overwriting.status_code == 409
    assert "ouvert par le lien envoyé" in text_of(overwriting)
    upload(hers)
    hers.post(f"{FORM}/submit", data=hidden(text_of(hers.get(f"{FORM}/review"))))
    assert page.post(f"{CALL}/withdraw", data=left_open).status_code == 404
    assert page.get(f"{CALL}/receipt").headers["location"] == CALL
    assert told(premices, ApplicationWithdrawn) == []


def test_the_words_of_a_page_whose_draft_was_opened_elsewhere_begin_another_if_she_wants(
    page: TestClient, hers: TestClient, premices: Runtime, asked: list[SendDraftLink]
) -> None:
    save(page)
    left_open = hidden(text_of(page.get(FORM)))
    open_link(hers, asked[0])

    quiet = page.post(f"{FORM}/autosave", data=left_open | CONTENT)
    refused = page.post(
        FORM, data=left_open | CONTENT | {"project_title": "Resté ici", "action": "save"}
    )
    assert quiet.status_code == refused.status_code == 409
    assert drafts(premices) == 1
    assert 'value="Resté ici"' in text_of(refused)

    kept = page.post(
        FORM,
        data=hidden(text_of(refused)) | CONTENT | {"project_title": "Resté ici", "action": "save"},
    )
    assert kept.status_code == 303
    assert 'value="Resté ici"' in text_of(page.get(FORM))
    assert drafts(premices) == 2


def test_a_page_left_open_in_the_browser_that_opened_the_link_goes_on_with_its_draft(
    page: TestClient, premices: Runtime, asked: list[SendDraftLink]
) -> None:
    save(page)
    left_open = hidden(text_of(page.get(FORM)))
    open_link(page, asked[0])

    page.post(FORM, data=left_open | CONTENT | {"project_title": "Suite", "action": "save"})

    assert 'value="Suite"' in text_of(page.get(FORM))
    assert drafts(premices) == 1


def test_a_draft_is_open_on_each_device_that_opened_its_link(
    page: TestClient, hers: TestClient, asked: list[SendDraftLink]
) -> None:
    save(page)
    open_link(page, asked[0])
    open_link(hers, asked[0])

    for browser in (page, hers):
        assert 'value="Le Fournil des Cimes"' in text_of(browser.get(FORM))


def test_who_proved_another_address_before_holds_nothing_after(
    page: TestClient, hers: TestClient, asked: list[SendDraftLink]
) -> None:
    """Otherwise he who proved his own address could change it to hers, and read on."""
    save(page, bearer_email="pirate@example.org")
    open_link(page, asked[0])
    save(page)
    open_link(hers, asked[1])
    save(hers, bearer_phone="06 01 02 03 04")

    assert "06 01 02" not in page.get(FORM).text
    assert page.get(link_of(asked[0])).status_code == 410


def test_a_link_opens_nothing_once_the_draft_gives_another_address_or_the_call_is_closed(
    page: TestClient, hers: TestClient, premices: Runtime, asked: list[SendDraftLink]
) -> None:
    save(page, bearer_email="mistyped@example.org")
    save(page)
    mistyped, right = asked

    assert hers.get(link_of(mistyped)).status_code == 410
    assert hers.get(link_of(right)).status_code == 200
    set_clock(premices, CLOSING)
    closed = hers.get(link_of(right))
    assert closed.status_code == 410
    assert "connectez-vous avec votre adresse" in text_of(closed)


def test_a_link_never_replaces_another_draft_of_this_browser(
    page: TestClient, hers: TestClient, premices: Runtime, asked: list[SendDraftLink]
) -> None:
    save(hers, project_title="Le mien", bearer_email="hers@example.org")
    save(page, project_title="Un autre")
    theirs = asked[1]
    assert "tient déjà un autre brouillon" in text_of(hers.get(link_of(theirs)))
    open_link(hers, theirs)

    assert 'value="Un autre"' in text_of(hers.get(FORM))
    call = text_of(hers.get(CALL))
    with premices.read() as db:
        rows = db.execute(sa.select(application_table.c.id, application_table.c.content))
        (mine,) = [row.id for row in rows if row.content["project_title"] == "Le mien"]
    assert f"{FORM}?draft={mine}" in call
    assert 'value="Le mien"' in text_of(hers.get(f"{FORM}?draft={mine}"))
    assert 'value="Le mien"' in text_of(hers.get(FORM))


def test_opening_the_link_proves_the_address_until_it_changes(
    page: TestClient, premices: Runtime, asked: list[SendDraftLink]
) -> None:
    def is_proved() -> bool:
        with premices.read() as db:
            (draft_id,) = db.scalars(sa.select(application_table.c.id))
            return store.application.get(db, draft_id).address_is_proved

    save(page)
    assert not is_proved()
    open_link(page, asked[0])
    assert is_proved()
    save(page, bearer_email="other@example.org")
    assert not is_proved()


# --- how much


def test_one_place_begins_so_many_drafts_a_day_and_her_words_stay_on_the_page(
    page: TestClient, premices: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "DRAFTS", Limit("drafts", 2, timedelta(days=1)))
    for _ in range(3):
        page.cookies.clear()
        answer = save(page, project_title="Le dernier")

    assert answer.status_code == 429
    assert "Trop de brouillons" in text_of(answer)
    assert 'value="Le dernier"' in text_of(answer)
    assert drafts(premices) == 2


@pytest.mark.parametrize("name", ["FILES", "FILES_OF_DRAFT", "MEGABYTES"])
def test_files_are_counted_before_they_are_kept(
    page: TestClient, premices: Runtime, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(quota, name, Limit("few", 1, timedelta(days=1)))
    upload(page)
    refused = upload(page, content=b"%PDF-1.7\n% another\n%%EOF\n", project_title="Gardé")

    assert refused.status_code == 429
    assert "Trop de fichiers" in text_of(refused)
    assert 'value="Gardé"' in text_of(page.get(FORM))
    assert len([path for path in premices.documents.folder.rglob("*") if path.is_file()]) == 1


def test_a_draft_without_an_address_is_forgotten_two_weeks_after_it_was_last_saved(
    premices: Runtime,
) -> None:
    set_clock(premices, OPEN)
    a_draft(premices, token="j" * 30, bearer_email="pas encore")
    kept = a_draft(premices, token="k" * 30)
    set_clock(premices, OPEN + commands.draft.KEPT_WITHOUT_ADDRESS)
    premices.run_timers()
    assert drafts(premices) == 2
    set_clock(premices, OPEN + commands.draft.KEPT_WITHOUT_ADDRESS + timedelta(seconds=1))
    premices.run_timers()

    assert drafts(premices) == 1
    with premices.read() as db:
        assert store.application.get(db, kept).content == CONTENT
        assert store.application.find_draft(db, the_call(premices).id, "j" * 30) is None


def test_a_secret_that_ended_begins_no_draft(premices: Runtime) -> None:
    set_clock(premices, OPEN)
    a_draft(premices, token="t" * 30)
    call = the_call(premices)
    with premices.work() as work:
        elsewhere = store.draft_secret.opened_by(
            work.db, "t" * 30, store.draft_secret.SecretKind.BROWSER
        )
        assert elsewhere is not None
        store.draft_secret.end_others(work.db, elsewhere[0], "dora@example.org", work.now)

    with premices.work() as work, pytest.raises(Refusal, match="ouvert par le lien"):
        commands.draft.start(work, call, a_door("t" * 30, work.now))
