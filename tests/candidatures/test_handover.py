"""A re-oriented application is handed over: its bearer agrees, its receiver answers."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import signing
from candidatures import commands, store
from candidatures.answers import what_waits
from candidatures.commands.programme import import_programme
from candidatures.programme_file import read_programme
from essaim.ids import stable_id
from essaim.people.directory import find_person
from essaim.running.runtime import Runtime
from essaim.text.languages import tongue_of
from essaim_contracts.candidatures import ApplicationReceived, Decision
from essaim_contracts.correspondence import CorrectionAsked
from essaim_contracts.handover import (
    HandoverAccepted,
    HandoverDeclined,
    HandoverOffered,
    HandoverParty,
    HandoverProposed,
)
from essaim_contracts.questions import Question, SendHandoverLink
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    AFTER,
    CONTENT,
    apply,
    everything_told,
    prepare,
    set_clock,
    told,
)

As = Callable[..., dict[str, str]]
API = "/candidatures/api"
DAY = "2020-03-01"

RECEIVER = """\
format: essaim-programme/1
programme:
  slug: starter
  name: Starter
  steward: couveuse
  sectors:
    - {code: catering, label: Restauration}
organisations:
  - {code: couveuse, name: La Couveuse, commitments: [steward]}
people:
  - code: rachel
    name: Rachel (fictive)
    email: rachel@example.org
    roles: [{role: coordinator, organisation: couveuse, since: 2019-01-01}]
editions:
  - number: 1
    year: 2020
    calls:
      - slug: starter-2020
        title: Appel Starter 2020
        track_code: starter
        receipt_prefix: START-2020
        opens_at: 2020-01-20 09:00
        closes_at: 2020-04-15 18:00
        questions:
          - {code: idea, label: Votre projet, kind: long_text, required: true, max_length: 600}
          - {code: premises, label: Vos locaux, kind: text, required: true}
        documents:
          - {code: summary, label: Résumé, required: true, allowed: [pdf], max_mb: 20}
"""


@pytest.fixture
def reoriented(premices: Runtime, four: list[UUID]) -> UUID:
    """One of four was re-oriented; another programme's call is open."""
    with premices.work() as work:
        import_programme(work, read_programme(RECEIVER))
    for application_id in four[:3]:
        prepare(premices, application_id, Decision.REFUSED)
    prepare(premices, four[3], Decision.REORIENTED)
    apply(premices)
    return four[3]


@pytest.fixture
def rachel() -> dict[str, str]:
    return signing.bearer("candidatures", stable_id("starter", "person", "rachel"))


def bearer_of(runtime: Runtime, application_id: UUID) -> dict[str, str]:
    with runtime.read() as db:
        bearer = store.application.get(db, application_id).bearer_id
    assert bearer is not None
    return signing.bearer("candidatures", bearer)


def text_of(answer: Any) -> str:
    return unescape(answer.text).replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ")


def propose(browser: TestClient, headers: dict[str, str], of: UUID, **to: str) -> Any:
    asked = {"to_call": "starter-2020", "answer_by": DAY} | to
    return browser.post(f"{API}/applications/{of}/handover", json=asked, headers=headers)


def agree(browser: TestClient, runtime: Runtime, of: UUID, *, agrees: bool = True) -> Any:
    place, hers = f"{API}/applications/{of}/handover/answer", bearer_of(runtime, of)
    return browser.post(place, json={"agrees": agrees}, headers=hers)


def link_of(asked: list[Question[Any]]) -> str:
    """The secret of the last link that was mailed."""
    last = asked[-1]
    assert isinstance(last, SendHandoverLink)
    return last.token


def answer_by_link(browser: TestClient, place: str, **said: str) -> Any:
    """What the form of a page says: its token goes with it."""
    page = browser.get(place).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    key = {"csrf_token": token[1]} if token else {}
    return browser.post(place, data={**key, **said})


def waiting_for(runtime: Runtime, person_id: UUID) -> list[str]:
    with runtime.read() as db:
        person = find_person(db, person_id)
        assert person is not None
        waits = what_waits(db, person, runtime.clock.now(), tongue_of("candidatures", "fr"))
    return [one.text for one in waits.to_do]


RACHEL, ALIX = stable_id("starter", "person", "rachel"), stable_id("premices", "person", "alix")


def test_an_application_goes_to_another_call_and_is_typed_once(
    browser: TestClient, premices: Runtime, reoriented: UUID, as_: As, rachel: dict[str, str]
) -> None:
    handover_id = propose(browser, as_("alix"), reoriented).json()["id"]
    agree(browser, premices, reoriented)
    place = f"{API}/handovers/{handover_id}"
    assert browser.get(place, headers=rachel).json()["content"]["answer-idea"]

    done = browser.post(f"{place}/answer", json={"accepts": True}, headers=rachel).json()

    with premices.read() as db:
        made = store.application.get(db, UUID(done["application_id"]))
        documents = store.document.of_application(db, made.id)
        (missing,) = store.correction.of_application(db, made.id)
    assert made.number == "START-2020-0001"
    assert made.content["answer-idea"] == CONTENT["answer-idea"]
    assert "answer-stage" not in made.content
    assert "heard_from" not in made.content
    assert list(documents) == ["summary"]
    assert missing.fields == ("answer-premises",)
    assert missing.open_until == date(2020, 2, 18)
    assert told(premices, ApplicationReceived)[-1].handed_over_from == reoriented
    (accepted,) = told(premices, HandoverAccepted)
    assert accepted.to_application_id == made.id
    assert told(premices, CorrectionAsked)[-1].application_id == made.id


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestOnPages:
    def test_nobody_reads_it_before_its_bearer_agrees_and_she_follows_one_thread(
        self,
        browser: TestClient,
        premices: Runtime,
        reoriented: UUID,
        as_: As,
        rachel: dict[str, str],
    ) -> None:
        own = f"/candidatures/applications/{reoriented}"
        assert "Starter 2020" in text_of(browser.get(own, headers=as_("alix")))
        form = {"to_call": "starter-2020", "answer_by": DAY, "language": "fr"}
        assert browser.post(f"{own}/handover", data=form, headers=as_("alix")).status_code == 303
        (proposed,) = told(premices, HandoverProposed)
        place = f"/candidatures/handovers/{proposed.handover_id}"
        for route in ("", "/documents/summary"):
            assert browser.get(f"{place}{route}", headers=rachel).status_code in (403, 404)
        assert waiting_for(premices, RACHEL) == []
        early = browser.post(place, data={"accepts": "true"}, headers=rachel)
        assert early.status_code == 404
        assert browser.get(place, headers=as_("basile")).status_code == 403

        hers = bearer_of(premices, reoriented)
        assert "Transmettre mon dossier" in text_of(browser.get(own, headers=hers))
        assert "Transmettre mon dossier" not in text_of(browser.get(own, headers=as_("alix")))
        said = {"agrees": "true"}
        stranger = as_("basile")
        refused = browser.post(f"{own}/handover/answer", data=said, headers=stranger)
        assert refused.status_code == 404
        agreed = browser.post(f"{own}/handover/answer", data=said, headers=hers)
        assert agreed.status_code == 303
        page = text_of(browser.get(place, headers=rachel))
        assert "Du pain de village" in page
        assert "Vos locaux" in page
        assert browser.get(f"{place}/documents/summary", headers=rachel).status_code == 200
        assert any("transmis" in one for one in waiting_for(premices, RACHEL))

        taken = browser.post(place, data={"accepts": "true"}, headers=rachel)
        made = told(premices, ApplicationReceived)[-1].application_id
        assert str(made) in taken.headers["location"]
        assert "Suivre ma candidature" in text_of(browser.get(own, headers=hers))
        new = text_of(browser.get(f"/candidatures/applications/{made}", headers=hers))
        assert "PREM-2020-0004" in new, "one thread"

    def test_a_bearer_who_does_not_agree_is_handed_over_to_nobody(
        self, browser: TestClient, premices: Runtime, reoriented: UUID, as_: As
    ) -> None:
        propose(browser, as_("alix"), reoriented)
        assert agree(browser, premices, reoriented, agrees=False).status_code == 204
        (declined,) = told(premices, HandoverDeclined)
        assert (declined.by, declined.to_programme) == (HandoverParty.BEARER, None)
        assert told(premices, HandoverOffered) == []
        assert agree(browser, premices, reoriented).status_code == 409
        assert propose(browser, as_("alix"), reoriented).status_code == 200, "elsewhere, again"

    def test_a_receiver_declines_with_a_reason_that_only_who_gave_it_reads(
        self,
        browser: TestClient,
        premices: Runtime,
        reoriented: UUID,
        as_: As,
        rachel: dict[str, str],
    ) -> None:
        handover_id = propose(browser, as_("alix"), reoriented).json()["id"]
        agree(browser, premices, reoriented)
        place = f"/candidatures/handovers/{handover_id}"
        silent = browser.post(place, data={"accepts": "false"}, headers=rachel)
        assert silent.status_code == 422
        assert "Dites en une phrase" in text_of(silent)
        why = {"accepts": "false", "reason": "Le secteur n’est pas le nôtre."}
        assert browser.post(place, data=why, headers=rachel).status_code == 303
        assert "Le secteur" in text_of(
            browser.get(f"/candidatures/applications/{reoriented}", headers=as_("alix"))
        )
        hers = browser.get(
            f"/candidatures/applications/{reoriented}", headers=bearer_of(premices, reoriented)
        )
        assert "Le secteur" not in text_of(hers)
        assert "Le secteur" not in everything_told(premices)
        assert browser.get(f"{place}/documents/summary", headers=rachel).status_code == 404
        late = browser.post(place, data={"accepts": "true"}, headers=rachel)
        assert late.status_code == 409

    def test_silence_past_the_date_is_shown_to_both_coordinations(
        self,
        browser: TestClient,
        premices: Runtime,
        reoriented: UUID,
        as_: As,
    ) -> None:
        assert any("à transmettre" in one for one in waiting_for(premices, ALIX))
        handover_id = propose(browser, as_("alix"), reoriented).json()["id"]
        agree(browser, premices, reoriented)
        assert not any("sans réponse" in one for one in waiting_for(premices, ALIX))
        set_clock(premices, AFTER + timedelta(days=40))
        for person in (ALIX, RACHEL):
            assert any("sans réponse" in one for one in waiting_for(premices, person))
        later = browser.post(
            f"{API}/handovers/{handover_id}/more-time",
            json={"answer_by": "2020-04-01"},
            headers=as_("alix"),
        )
        assert later.status_code == 204
        assert not any("sans réponse" in one for one in waiting_for(premices, RACHEL))

    def test_a_receiver_outside_has_a_link_that_ends(
        self,
        browser: TestClient,
        premices: Runtime,
        reoriented: UUID,
        as_: As,
        asked: list[Question[Any]],
    ) -> None:
        outside = {"to_call": "", "name": "Couveuse du Nord", "email": "accueil@example.org"}
        handover_id = propose(browser, as_("alix"), reoriented, **outside).json()["id"]
        assert asked == [], "nothing leaves before her agreement"
        agree(browser, premices, reoriented)
        (letter,) = asked
        assert isinstance(letter, SendHandoverLink)
        assert "Fournil" not in letter.model_dump_json()
        place = f"/candidatures/handovers/from/{letter.token}"
        assert "Du pain de village" in text_of(browser.get(place))
        assert browser.get(f"{place}/documents/summary").status_code == 200

        own = f"/candidatures/handovers/{handover_id}"
        assert browser.post(f"{own}/link", headers=as_("alix")).status_code == 303
        assert browser.get(place).status_code == 410, "the one before"
        place = f"/candidatures/handovers/from/{link_of(asked)}"
        assert browser.post(f"{own}/link/end", headers=as_("alix")).status_code == 303
        assert browser.get(place).status_code == 410
        browser.post(f"{own}/link", headers=as_("alix"))
        place = f"/candidatures/handovers/from/{link_of(asked)}"
        assert answer_by_link(browser, place, accepts="true").status_code == 303
        assert told(premices, HandoverAccepted)[-1].to_application_id is None
        assert "repris ce dossier" in text_of(browser.get(place))
        set_clock(premices, AFTER + timedelta(days=31))
        assert browser.get(place).status_code == 410
        assert "accueil@example.org" not in everything_told(premices)

    def test_the_link_outside_opens_nothing_past_its_last_day(
        self,
        browser: TestClient,
        premices: Runtime,
        reoriented: UUID,
        as_: As,
        asked: list[Question[Any]],
    ) -> None:
        outside = {"to_call": "", "name": "Couveuse du Nord", "email": "accueil@example.org"}
        propose(browser, as_("alix"), reoriented, **outside)
        agree(browser, premices, reoriented)
        set_clock(premices, AFTER + timedelta(days=60))
        place = f"/candidatures/handovers/from/{link_of(asked)}"
        assert browser.get(place).status_code == 410
        body = {"accepts": True}
        late = browser.post(f"{API}/handovers/from/{link_of(asked)}/answer", json=body)
        assert late.status_code == 410
        assert browser.get(f"{place}/documents/summary").status_code == 410

    @pytest.mark.parametrize(
        ("to", "code"),
        [
            ({"to_call": "nowhere"}, "unknown_receiver"),
            ({"to_call": "premices-2020"}, "same_call"),
            ({"to_call": ""}, "receiver_missing"),
            ({"to_call": "", "name": "X", "email": "rien"}, "bad_email"),
            ({"answer_by": "2020-01-01"}, "answer_day_passed"),
        ],
    )
    def test_a_receiver_that_does_not_exist_is_refused(
        self, browser: TestClient, reoriented: UUID, as_: As, to: dict[str, str], code: str
    ) -> None:
        refused = propose(browser, as_("alix"), reoriented, **to)
        assert (refused.status_code, refused.json()["code"]) == (422, code)

    def test_only_a_reoriented_application_is_handed_over_and_once(
        self, browser: TestClient, reoriented: UUID, four: list[UUID], as_: As
    ) -> None:
        assert propose(browser, as_("alix"), four[0]).json()["code"] == "not_reoriented"
        assert propose(browser, as_("chloe"), reoriented).status_code == 403
        propose(browser, as_("alix"), reoriented)
        assert propose(browser, as_("alix"), reoriented).json()["code"] == "handover_under_way"

    def test_a_track_nobody_knows_is_refused_when_it_is_decided(
        self, browser: TestClient, four: list[UUID], as_: As
    ) -> None:
        body = {"decision": "reoriented", "reason": "other_track_fits", "track_code": "nowhere"}
        refused = browser.put(
            f"{API}/applications/{four[0]}/decision", json=body, headers=as_("alix")
        )
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown_track")

    def test_who_is_forgotten_leaves_nothing_of_what_was_written_about_a_hand_over(
        self,
        browser: TestClient,
        premices: Runtime,
        reoriented: UUID,
        as_: As,
        asked: list[Question[Any]],
    ) -> None:
        outside = {"to_call": "", "name": "Couveuse du Nord", "email": "accueil@example.org"}
        propose(browser, as_("alix"), reoriented, **outside)
        agree(browser, premices, reoriented)
        with premices.work() as work:
            bearer = store.application.get(work.db, reoriented).bearer_id
            assert bearer is not None
            commands.erasure.erase(work, bearer, [])
        with premices.read() as db:
            (left,) = store.handover.of_application(db, reoriented)
        assert left.outside is not None
        assert (left.outside.name, left.outside.email) == ("", "")
        place = f"/candidatures/handovers/from/{link_of(asked)}"
        assert browser.get(place).status_code == 410
