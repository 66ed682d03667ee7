"""Who may apply, with which parties, the charter both sides accept, documents that are valid."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from candidatures import commands, store
from candidatures.application_form import check_application, sent_content
from candidatures.charter import Side
from candidatures.commands.programme import import_programme
from candidatures.form import DocumentAsked
from candidatures.party import Party, parties_in
from candidatures.programme_file import read_programme
from candidatures.validity import Validity, months_later, validity_of
from essaim.refusal import Refusal, Refusals
from essaim.running.runtime import Runtime
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    CONTENT,
    OPEN,
    PROGRAMME,
    a_call,
    a_draft,
    set_clock,
    the_call,
)
from tests.candidatures.test_pages import hidden
from tests.candidatures.test_set_up_pages import CALL as PLACE
from tests.candidatures.test_set_up_pages import change, definition_of, text_of

BOTH_SIDES = PROGRAMME.replace(
    "        questions:\n",
    """\
        applicants: [group, organisation]
        charter: {text: {fr: Nous vous suivons un an., en: We follow you for a year.}, hours: 96}
        questions:
""",
    1,
).replace("{code: summary, label: Résumé,", "{code: summary, max_months: 3, label: Résumé,")
CALL = a_call(BOTH_SIDES)
RECENT = {"dated-summary": "2019-11-15"}
PARTY = {"party-1-name": "Ferme du Bas", "party-1-email": "bas@exemple.fr"}
PAGE = "/candidatures/calls/premices-2020"
Signs = Callable[..., dict[str, str]]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def wrong(content: dict[str, str], today: date | None = None) -> list[tuple[str | None, str]]:
    try:
        check_application(CALL, {**CONTENT, **RECENT, **content}, {"summary"}, today)
    except Refusals as refusals:
        return [(one.field, one.code) for one in refusals.all]
    return []


def test_only_those_whom_the_call_names_may_apply() -> None:
    assert wrong({}) == []
    assert wrong({"applicant_kind": "person"}) == [("applicant_kind", "not_offered")]


def test_each_party_of_a_group_has_its_name_and_an_address() -> None:
    assert wrong(PARTY) == []
    assert wrong({"party-2-role": "Elle cuit"}) == [
        ("party-2-name", "missing"),
        ("party-2-email", "missing"),
    ]
    assert wrong(PARTY | {"party-1-email": "bas"}) == [("party-1-email", "bad_email")]
    assert parties_in(PARTY) == [Party("Ferme du Bas", "bas@exemple.fr")]


def test_who_applies_without_a_group_names_no_party() -> None:
    content = {**CONTENT, **PARTY, "applicant_kind": "organisation", "organisation": "La Ruche"}

    assert parties_in(sent_content(CALL, content)) == []


def test_a_document_says_its_date_and_is_no_older_than_asked() -> None:
    assert wrong({"dated-summary": ""}) == [("dated-summary", "missing")]
    assert wrong({"dated-summary": "hier"}) == [("dated-summary", "not_a_day")]
    assert wrong({"dated-summary": "2019-08-31"}, date(2019, 12, 1)) == [
        ("dated-summary", "no_longer_valid")
    ]
    assert wrong({"dated-summary": "2019-09-01"}, date(2019, 12, 1)) == []


def test_until_when_a_document_holds() -> None:
    asked = DocumentAsked.model_validate({"code": "proof", "label": "Adhésion", "expires": True})

    held = validity_of(asked, {"dated-proof": "2020-01-31"}, date(2020, 2, 1))

    assert held == Validity(date(2020, 1, 31), is_past=True)
    assert validity_of(asked, {}, date(2020, 2, 1)) is None
    assert months_later(date(2019, 11, 30), 3) == date(2020, 2, 29)


@pytest.fixture
def both_sides(premices: Runtime) -> Runtime:
    """The call with a charter, open."""
    with premices.work() as work:
        import_programme(work, read_programme(BOTH_SIDES))
    set_clock(premices, OPEN)
    return premices


def test_an_application_is_sent_with_the_charter_as_it_was_read(both_sides: Runtime) -> None:
    draft, charter = a_draft(both_sides, **RECENT), the_call(both_sides).charter
    assert charter is not None
    for accepted, code in ((None, "charter_missing"), ("another", "charter_changed")):
        with pytest.raises(Refusal) as refused, both_sides.work() as work:
            commands.application.submit(work, draft, work.now, accepted)
        assert refused.value.code == code
    with both_sides.work() as work:
        commands.application.submit(work, draft, work.now, charter.mark)
    with both_sides.work() as work:
        later = BOTH_SIDES.replace("hours: 96", "hours: 12")
        import_programme(work, read_programme(later))
        accepted_then = store.charter.of_application(work.db, draft)[Side.APPLICANT]

    assert (accepted_then.charter.hours, accepted_then.accepted_at) == (96, OPEN)


@on_sqlite
def test_both_sides_accept_the_charter_in_their_pages(
    both_sides: Runtime, browser: TestClient, as_: Signs, asked: Any
) -> None:
    assert "96 heures demandées à qui est retenu." in text_of(browser.get(PAGE))
    form = text_of(browser.get(f"{PAGE}/apply"))
    assert "à titre individuel" not in form
    assert "Nom de la partie" in form
    files = {"document-summary": ("résumé.pdf", b"%PDF-1.7\n%%EOF\n", "application/pdf")}
    browser.post(f"{PAGE}/apply", data=hidden(form) | CONTENT | RECENT | PARTY, files=files)
    review = text_of(browser.get(f"{PAGE}/apply/review"))
    assert "Ferme du Bas, bas@exemple.fr" in review
    refused = text_of(browser.post(f"{PAGE}/apply/submit", data=hidden(review)))
    assert "cochez que vous l’acceptez" in refused
    mark = re.search(r'name="charter" value="(\w+)"', review)
    assert mark is not None
    sent = browser.post(f"{PAGE}/apply/submit", data=hidden(refused) | {"charter": mark[1]})
    assert "Vous avez accepté la charte" in text_of(browser.get(sent.headers["location"]))

    with both_sides.read() as db:
        row = db.execute(store.metadata.tables["application"].select()).one()
    page = f"/candidatures/applications/{row.id}"
    shown = text_of(browser.get(page, headers=as_("alix")))
    assert "pas encore" in shown
    assert "valable jusqu’au 15 février 2020" in shown
    headers = as_("alix")
    browser.post(f"{page}/charter", data=hidden(shown), headers=headers)
    assert "Alix (fictive)" in text_of(browser.get(page, headers=as_("alix")))


@on_sqlite
def test_who_may_apply_and_the_charter_are_set_up_in_pages(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    change(
        browser, as_, PLACE, applicants=["group"], charter__text__fr="Un an ensemble.",
        charter__hours="96",
    )  # fmt: skip
    change(browser, as_, f"{PLACE}/documents/proof", expires="true")
    call = definition_of(premices)["editions"][0]["calls"][0]
    assert call["applicants"] == ["group"]
    assert call["charter"] == {"text": "Un an ensemble.", "hours": "96"}
    assert call["documents"][1]["expires"] == "true"
    both = change(browser, as_, f"{PLACE}/documents/proof", max_months="3")
    assert "pas les deux" in text_of(both)
