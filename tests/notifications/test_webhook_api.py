"""Webhooks by their API: what programs add, change and ask for again."""

from collections.abc import Callable

import pytest
import signing
import sqlalchemy as sa
from backbone import until
from essaim.clock import SimulatedClock
from essaim.ids import new_id
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim.web.app import build_app
from fastapi.testclient import TestClient
from notifications.settings import NotificationsSettings
from notifications.store.webhook_delivery import delivery

from tests.notifications.correspondence import Programme
from tests.notifications.receiver import RECEIVED, Office, answer, delivering, receiving

# What depends on the kind of database is tried where deliveries are.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HOOK = {"name": "Carte du réseau", "url": "http://127.0.0.1:8080/hook", "programme": "premices"}

Sign = Callable[..., dict[str, str]]


@pytest.fixture
def settings(settings: NotificationsSettings) -> NotificationsSettings:
    return settings.model_copy(update={"webhook_networks": "127.0.0.0/8"})


@pytest.fixture
def api(runtime: Runtime) -> TestClient:
    return TestClient(build_app([runtime]), base_url="http://127.0.0.1/notifications/api/")


@pytest.fixture
def office(runtime: Runtime, clock: SimulatedClock) -> Office:
    office = Office(runtime, clock)
    office.passes()
    return office


@pytest.fixture
def camille(programme: Programme) -> dict[str, str]:
    return sign_of(programme, Role.COORDINATOR)


def sign_of(programme: Programme, role: Role, slug: str = "premices") -> dict[str, str]:
    person = Person(new_id(), "Camille Roussel", roles=(RoleHeld(role, slug),))
    programme.learns(person)
    return signing.bearer("notifications", person.id)


def test_the_secret_is_shown_once_by_the_answer_that_made_it(
    office: Office, api: TestClient, camille: dict[str, str]
) -> None:
    made = api.post("webhooks", json=HOOK, headers=camille)

    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    read = api.get(f"webhooks/{made.json()['id']}", headers=camille)
    listed = api.get("webhooks", headers=camille)
    assert secret not in read.text + listed.text
    assert read.json() == listed.json()["items"][0]
    assert read.json() | {"made_at": ""} == {
        "id": made.json()["id"],
        **HOOK,
        "types": None,
        "state": "enabled",
        "reason": None,
        "made_at": "",
        "disabled_at": None,
        "failing_since": None,
        "paused_until": None,
        "deliveries": {},
    }


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"url": "http://10.0.0.1/"}, "forbidden_address"),
        ({"url": "https://[::ffff:169.254.169.254]/"}, "forbidden_address"),
        ({"url": "https://2852039166/latest"}, "forbidden_address"),
        ({"url": "https://a:b@exemple.fr/"}, "url_with_more"),
        ({"url": "gopher://exemple.fr/"}, "not_a_url"),
        ({"programme": "premisses"}, "not_allowed"),
        ({"programme": None}, "not_allowed"),
        ({"types": ["anything"]}, "string_pattern_mismatch"),
        ({"types": []}, "too_short"),
        ({"name": ""}, "string_too_short"),
    ],
)
def test_what_cannot_be_a_webhook_is_refused_with_a_reason(
    office: Office,
    api: TestClient,
    camille: dict[str, str],
    changed: dict[str, object],
    code: str,
) -> None:
    refused = api.post("webhooks", json=HOOK | changed, headers=camille)

    assert refused.status_code in (403, 422), refused.text
    assert refused.json()["code"] == code
    assert api.get("webhooks", headers=camille).json()["total"] == 0


def test_an_operator_alone_is_told_of_every_programme(
    office: Office, api: TestClient, programme: Programme, camille: dict[str, str]
) -> None:
    operator = sign_of(programme, Role.OPERATOR, "network")
    unknown = api.post("webhooks", json=HOOK | {"programme": "premisses"}, headers=operator)
    assert unknown.json()["code"] == "unknown_programme"

    made = api.post("webhooks", json=HOOK | {"programme": None}, headers=operator)

    assert made.status_code == 201
    assert api.get("webhooks", headers=operator).json()["total"] == 1
    assert api.get("webhooks", headers=camille).json()["total"] == 0
    assert api.get(f"webhooks/{made.json()['id']}", headers=camille).status_code == 403


def test_a_webhook_is_changed_stopped_started_and_deleted(
    office: Office, api: TestClient, camille: dict[str, str]
) -> None:
    id = api.post("webhooks", json=HOOK, headers=camille).json()["id"]
    changed = {"name": "Tableur", "url": "http://127.0.0.1:9090/", "types": [RECEIVED]}

    assert api.put(f"webhooks/{id}", json=changed, headers=camille).status_code == 204
    assert api.post(f"webhooks/{id}/disable", headers=camille).status_code == 204
    stopped = api.get(f"webhooks/{id}", headers=camille).json()
    refused = api.post(f"webhooks/{id}/test", headers=camille)
    assert api.post(f"webhooks/{id}/enable", headers=camille).status_code == 204
    started = api.get(f"webhooks/{id}", headers=camille).json()
    assert api.delete(f"webhooks/{id}", headers=camille).status_code == 204

    assert (stopped["state"], stopped["reason"], stopped["name"]) == (
        "disabled",
        "by_hand",
        "Tableur",
    )
    assert refused.json()["code"] == "webhook_disabled"
    assert (started["state"], started["reason"], started["types"]) == ("enabled", None, [RECEIVED])
    assert api.get(f"webhooks/{id}", headers=camille).status_code == 404


async def test_deliveries_can_be_read_with_what_was_posted_and_answered(
    office: Office, api: TestClient, camille: dict[str, str]
) -> None:
    async with receiving() as receiver:
        receiver.answers = [answer(500, "<b>non</b>")]
        made = api.post("webhooks", json=HOOK | {"url": receiver.url}, headers=camille).json()
        test = api.post(f"webhooks/{made['id']}/test", headers=camille).json()["delivery_id"]
        async with delivering(office.runtime):
            await until(lambda: office.states() == ["failed"])

    listed = api.get(f"webhooks/{made['id']}/deliveries?state=failed", headers=camille).json()
    read = api.get(f"webhooks/{made['id']}/deliveries/{test}", headers=camille).json()

    assert [one["id"] for one in listed["items"]] == [test]
    counted = api.get(f"webhooks/{made['id']}", headers=camille).json()["deliveries"]
    assert counted == {"failed": 1}
    assert (read["status"], read["answer"], read["attempts"]) == (500, "<b>non</b>", 1)
    assert read["body"] == receiver.posted[0].body.decode()


def test_a_delivery_of_another_webhook_is_not_found(
    office: Office, api: TestClient, camille: dict[str, str]
) -> None:
    first, second = (
        api.post("webhooks", json=HOOK, headers=camille).json()["id"] for _ in range(2)
    )
    test = api.post(f"webhooks/{first}/test", headers=camille).json()["delivery_id"]

    read = api.get(f"webhooks/{second}/deliveries/{test}", headers=camille)
    again = api.post(f"webhooks/{second}/retry", json={"deliveries": [test]}, headers=camille)

    assert (read.status_code, again.status_code) == (404, 404)


def test_what_was_told_before_is_asked_for_by_its_date(
    office: Office, api: TestClient, camille: dict[str, str]
) -> None:
    id = api.post("webhooks", json=HOOK, headers=camille).json()["id"]
    since = office.clock.now().isoformat()

    assert api.post(f"webhooks/{id}/replay", json={"since": since}, headers=camille).json() == {
        "queued": 1
    }
    later = "2030-01-01T00:00:00Z"
    assert api.post(f"webhooks/{id}/replay", json={"since": later}, headers=camille).json() == {
        "queued": 0
    }
    with office.runtime.read() as db:
        (row,) = db.execute(sa.select(delivery))
    assert (row.state, row.type) == ("queued", RECEIVED)


def test_only_so_many_secrets_sign_together_and_one_can_end_all_others(
    office: Office, api: TestClient, camille: dict[str, str]
) -> None:
    id = api.post("webhooks", json=HOOK, headers=camille).json()["id"]
    for _ in range(4):
        assert api.post(f"webhooks/{id}/rotate", json={}, headers=camille).status_code == 200

    refused = api.post(f"webhooks/{id}/rotate", json={}, headers=camille)
    too_long = api.post(f"webhooks/{id}/rotate", json={"overlap_hours": 169}, headers=camille)
    leaked = api.post(f"webhooks/{id}/rotate", json={"overlap_hours": 0}, headers=camille)

    assert refused.json()["code"] == "too_many_secrets"
    assert too_long.status_code == 422
    assert leaked.status_code == 200


def test_an_act_asked_for_twice_is_done_once(
    office: Office, api: TestClient, camille: dict[str, str]
) -> None:
    headers = camille | {"Idempotency-Key": "one"}

    first = api.post("webhooks", json=HOOK, headers=headers)
    again = api.post("webhooks", json=HOOK, headers=headers)

    assert first.json() == again.json()
    assert api.get("webhooks", headers=camille).json()["total"] == 1
