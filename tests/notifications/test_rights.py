"""Every route of notifications × every visitor."""

import matrix
import pytest
from essaim.ids import new_id
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from matrix import World
from notifications.rights import RIGHTS
from notifications.worker import fill_mailbox

from tests.notifications.correspondence import Programme
from tests.notifications.receiver import Office

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PORTEUSE = "Aïssatou la porteuse"
HOOK = {"name": "Carte", "url": "http://127.0.0.1:8080/"}


@pytest.fixture
def world(runtime: Runtime, programme: Programme) -> World:
    """She was invited to a session, by a letter that stayed here; a webhook is told of all that."""
    runtime.settings = runtime.settings.model_copy(update={"webhook_networks": "127.0.0.0/8"})
    held = (RoleHeld(Role.BEARER, "premices"),)
    bearer = Person(new_id(), PORTEUSE, "porteuse@exemple.fr", roles=held)
    programme.learns(bearer)
    programme.session(bearer.id)
    fill_mailbox(runtime)
    (message,) = programme.messages()
    office = Office(runtime, programme.clock)
    made = office.add(HOOK["url"])
    office.passes()
    (delivery,) = office.deliveries()
    return World(
        runtime,
        RIGHTS,
        places={
            "message_id": message.id,
            "letter_id": message.id,
            "template": message.template.value,
            "programme": "premices",
            "act": "send",
            "sheet": "cohort-welcome",
            "category": "letters",
            "token": "0",
            "webhook_id": made.id,
            "delivery_id": delivery.id,
        },
        bodies={
            "POST /clock": {"json": {"now": "2018-01-01T00:00:00Z"}},
            "POST /api/webhooks": {"json": {**HOOK, "programme": "premices"}},
            "POST /webhooks": {"data": {**HOOK, "programme": "premices"}},
            "POST /webhooks/{webhook_id}/edit": {"data": HOOK},
            "POST /webhooks/{webhook_id}/retry": {"data": {"deliveries": str(delivery.id)}},
            "PUT /api/webhooks/{webhook_id}": {"json": HOOK},
            "POST /api/outbox/release": {"json": {"messages": [str(message.id)]}},
            "POST /api/outbox/discard": {"json": {"messages": [str(message.id)]}},
            "POST /api/outbox/rewrite": {"json": {"messages": [str(message.id)]}},
            "PUT /api/messages/{message_id}/text": {
                "json": {"subject": "Bonjour", "body": "Bonjour", "was": ""}
            },
            "POST /letters/{programme}": {"data": {"audience": "role:bearer"}},
            "POST /api/letters/{programme}": {
                "json": {"audience": "role:bearer", "fr": {"subject": "a", "body": "b"}}
            },
            "POST /reply-address/{programme}": {"data": {"address": "a@exemple.fr"}},
            "PUT /api/reply-address/{programme}": {"json": {"address": "a@exemple.fr"}},
            "POST /preferences": {"data": {"category": "letters", "wanted": "true"}},
            "PUT /api/preferences/{category}": {"json": {"wanted": True}},
            "PUT /api/held-templates/{programme}/{template}": {"json": {"held": True}},
            "POST /held-templates/{programme}/{template}": {"data": {"held": "true"}},
            "POST /texts/{programme}/{sheet}": {"data": {"fr": "a", "en": "a", "version": "0"}},
            "POST /texts/{programme}/{sheet}/restore": {"data": {"restore": "0", "version": "0"}},
            "PUT /api/texts/{programme}/{sheet}": {"json": {"fr": "a", "en": "a", "version": 0}},
            "POST /api/texts/{programme}/{sheet}/restore": {"json": {"restore": 0, "version": 0}},
            "POST /api/webhooks/{webhook_id}/rotate": {"json": {}},
            "POST /api/webhooks/{webhook_id}/retry": {"json": {"deliveries": [str(delivery.id)]}},
            "POST /api/webhooks/{webhook_id}/replay": {"json": {"since": "2019-01-01T00:00:00Z"}},
        },
        names=(PORTEUSE, "porteuse@exemple.fr"),
        people={Role.BEARER: bearer.id},
        dead_links=frozenset(
            f"{method} {door}unsubscribe/{{token}}"
            for method in ("GET", "POST")
            for door in ("/", "/api/")
        ),
    )


def test_every_route_says_for_whom_it_is(world: World) -> None:
    assert matrix.undeclared(world.runtime, world.declared) == set()


def test_every_route_answers_those_it_says_and_nobody_else(world: World) -> None:
    found = matrix.disagreements(world)

    assert not found, "\n".join(found)
