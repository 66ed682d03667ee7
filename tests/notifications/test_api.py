"""What programs may ask and change."""

from collections.abc import Callable

import pytest
import signing
from essaim.ids import new_id
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim.web.app import build_app
from essaim_contracts.questions import SendDraftLink
from fastapi.testclient import TestClient
from notifications.answers import send_draft_link
from notifications.message import Template
from notifications.worker import fill_mailbox

from tests.notifications.correspondence import Programme

Sign = Callable[..., dict[str, str]]


@pytest.fixture
def api(runtime: Runtime) -> TestClient:
    return TestClient(build_app([runtime]), base_url="http://127.0.0.1/notifications/api/")


@pytest.fixture
def sign(programme: Programme) -> Sign:
    """`sign(Role.COORDINATOR)` gives the headers of somebody who holds this role in Prémices."""

    def headers(role: Role, slug: str = "premices") -> dict[str, str]:
        person = Person(new_id(), "Camille Roussel", roles=(RoleHeld(role, slug),))
        programme.learns(person)
        return signing.bearer("notifications", person.id)

    return headers


def test_a_coordinator_lists_the_messages_of_her_programme_by_state(
    programme: Programme, api: TestClient, sign: Sign
) -> None:
    ada = programme.knows("Ada Çelik", "ada@exemple.fr")
    programme.application(ada.id)
    programme.application(new_id())

    found = api.get("messages?state=queued", headers=sign(Role.COORDINATOR)).json()

    assert found["total"] == 1
    (message,) = found["items"]
    assert (message["recipient"], message["template"]) == ("Ada Çelik", "application-received")


def test_a_coordinator_reads_a_message_with_its_text(
    programme: Programme, api: TestClient, sign: Sign
) -> None:
    ada = programme.knows("Ada Çelik", "ada@exemple.fr")
    programme.application(ada.id)
    (message,) = programme.messages()

    read = api.get(f"messages/{message.id}", headers=sign(Role.COORDINATOR)).json()

    assert read["recipient"] == "Ada Çelik"
    assert read["subject"] == message.subject
    assert read["body"] == message.body
    assert (read["state"], read["attempts"], read["uncertain"]) == ("queued", 0, False)
    assert read["told_at"] == "2019-11-01T08:00:00Z"
    assert not {"link", "to_name", "to_address", "secret"} & read.keys()


def test_a_coordinator_of_another_programme_sees_and_touches_nothing(
    programme: Programme, api: TestClient, sign: Sign
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)
    (message,) = programme.messages()
    other = sign(Role.COORDINATOR, "mpess")

    assert api.get("messages", headers=other).json() == {"items": [], "total": 0}
    assert api.get(f"messages/{message.id}", headers=other).status_code == 403
    assert api.post(f"messages/{message.id}/cancel", headers=other).status_code == 403
    assert programme.states() == [("application-received", "queued")]


def test_an_operator_sees_the_messages_of_every_programme(
    programme: Programme, api: TestClient, sign: Sign
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)

    assert api.get("messages", headers=sign(Role.OPERATOR, "network")).json()["total"] == 1


@pytest.mark.parametrize("role", [Role.BEARER, Role.FUNDER, Role.COMMITTEE_MEMBER])
def test_messages_are_for_those_who_coordinate(
    programme: Programme, api: TestClient, sign: Sign, role: Role
) -> None:
    assert api.get("messages", headers=sign(role)).status_code == 403
    assert api.get("messages").status_code == 401


def test_a_message_is_taken_back_once_however_often_it_is_asked(
    programme: Programme, api: TestClient, sign: Sign
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)
    (message,) = programme.messages()
    headers = sign(Role.COORDINATOR) | {"Idempotency-Key": "one"}

    first = api.post(f"messages/{message.id}/cancel", headers=headers)
    again = api.post(f"messages/{message.id}/cancel", headers=headers)

    assert first.json() == again.json() == {"id": str(message.id), "state": "cancelled"}
    assert again.headers["Idempotent-Replay"] == "true"


def test_a_message_that_left_is_not_taken_back_and_the_reason_is_said(
    programme: Programme, runtime: Runtime, api: TestClient, sign: Sign
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)
    (message,) = programme.messages()
    fill_mailbox(runtime)

    refused = api.post(f"messages/{message.id}/cancel", headers=sign(Role.COORDINATOR))

    assert refused.status_code == 409
    assert refused.json()["code"] == "message_not_waiting"


def test_a_message_taken_back_can_be_sent_again(
    programme: Programme, api: TestClient, sign: Sign
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)
    (message,) = programme.messages()
    headers = sign(Role.COORDINATOR)
    api.post(f"messages/{message.id}/cancel", headers=headers)

    assert api.post(f"messages/{message.id}/retry", headers=headers).status_code == 200
    programme.later(seconds=1)

    assert programme.states() == [("application-received", "queued")]


def test_the_queue_says_when_nothing_is_on_its_way(
    programme: Programme, runtime: Runtime, api: TestClient, sign: Sign
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)
    headers = sign(Role.COORDINATOR)

    before = api.get("queue", headers=headers).json()
    fill_mailbox(runtime)
    after = api.get("queue", headers=headers).json()

    assert (before["idle"], before["messages"]["queued"]) == (False, 1)
    assert (after["idle"], after["messages"]["sent"]) == (True, 1)


NAMELESS = {
    Template.DRAFT_LINK,
    Template.HANDOVER_LINK,
    Template.DRAFT_REMINDER,
    Template.WATCH_LINK,
    Template.CALL_OPENED,
}
"""They go to addresses that nobody proved."""


def test_every_template_can_be_previewed(api: TestClient, sign: Sign) -> None:
    headers = sign(Role.COORDINATOR)
    listed = api.get("templates", headers=headers).json()

    assert {item["template"] for item in listed["items"]} == set(Template)
    for item in listed["items"]:
        for case in item["cases"]:
            for language in item["languages"]:
                address = f"templates/{item['template']}?case={case}&language={language}"
                shown = api.get(address, headers=headers).json()
                named = item["template"] not in NAMELESS
                assert ("Maëlle Çelik" in shown["text"]) is named
                assert ("Maëlle Çelik" in shown["html"]) is named


def test_an_unknown_template_is_not_found(api: TestClient, sign: Sign) -> None:
    assert api.get("templates/nothing", headers=sign(Role.COORDINATOR)).status_code == 404


def test_no_answer_of_the_api_shows_the_address_of_a_link(
    runtime: Runtime, api: TestClient, sign: Sign
) -> None:
    link = SendDraftLink(
        email="new@exemple.fr",
        token="a-secret-nobody-shows",
        call_title="Prémices",
        language="fr",
    )
    send_draft_link(link, runtime)
    fill_mailbox(runtime)

    everything = api.get("messages", headers=sign(Role.OPERATOR)).text
    assert "secret" not in everything
