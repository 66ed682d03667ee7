"""What each NATS user may do, and the server's configuration that says so."""

import json
from collections.abc import Iterable
from typing import Any

from essaim_contracts.fact import Fact

from essaim.broker.topology import (
    DIRECTORY,
    DIRECTORY_KEEPER,
    EVERYTHING,
    FACTS,
    HEARS,
    OPERATOR,
    SERVICES,
)


def rights(service: str) -> dict[str, Any]:
    """What a service's NATS user may do: its own facts, its own consumer, its own inbox.

    Wildcards stand for whole tokens only, so every name is spelt out.
    """
    publish = [
        f"essaim.*.{service}.*.*.*.*",
        *(f"essaim.ask.{other}.>" for other in SERVICES if other != service),
        f"essaim.ask.{service}.>",
        f"essaim-dead.{service}.>",
        f"$JS.API.STREAM.INFO.{FACTS}",
        # The last of its own facts, to see that the stream still holds it.
        f"$JS.API.DIRECT.GET.{FACTS}.essaim.*.{service}.*.*.*.*",
        f"$JS.API.CONSUMER.INFO.{FACTS}.{service}",
        f"$JS.API.CONSUMER.MSG.NEXT.{FACTS}.{service}",
        f"$JS.API.CONSUMER.RESET.{FACTS}.{service}",
        f"$JS.ACK.{FACTS}.{service}.>",
        f"$JS.API.STREAM.INFO.KV_{DIRECTORY}",
        f"$JS.API.CONSUMER.CREATE.KV_{DIRECTORY}",
        f"$JS.API.CONSUMER.INFO.KV_{DIRECTORY}.>",
        f"$JS.API.CONSUMER.CREATE.KV_{DIRECTORY}.>",
        f"$JS.API.CONSUMER.DELETE.KV_{DIRECTORY}.>",
        "$JS.FC.>",
    ]
    if service == DIRECTORY_KEEPER:
        # What a person's entry was is overwritten on the server's disk, not only forgotten.
        publish += [f"$KV.{DIRECTORY}.>", f"$JS.API.STREAM.MSG.DELETE.KV_{DIRECTORY}"]
    if HEARS.get(service) == EVERYTHING:
        # A rebuild reads the stream again through a consumer of its own.
        rebuild = f"{FACTS}.{service}-rebuild"
        publish += [
            f"$JS.API.CONSUMER.CREATE.{rebuild}",
            f"$JS.API.CONSUMER.MSG.NEXT.{rebuild}",
            f"$JS.API.CONSUMER.DELETE.{rebuild}",
        ]
    return {
        "publish": {"allow": publish},
        "subscribe": {"allow": [f"{inbox_prefix(service)}.>", f"essaim.ask.{service}.>"]},
        "allow_responses": True,
    }


def inbox_prefix(user: str) -> str:
    """Each user has its own, so that nobody reads another's replies."""
    return f"_INBOX_{user}"


def users_config(passwords: dict[str, str]) -> str:
    """The accounts block of nats-server's configuration: one user per service, and the operator.

    `passwords` is by user name; a user without one is left out.
    """
    users: list[dict[str, Any]] = []
    for user, password in passwords.items():
        entry: dict[str, Any] = {"user": user, "password": password}
        if user != OPERATOR:
            entry["permissions"] = rights(user)
        users.append(entry)
    block = {"ESSAIM": {"jetstream": "enabled", "users": users}}
    return f"accounts: {json.dumps(block, indent=2)}\n"


def subjects_not_said(service: str, facts: Iterable[type[Fact]]) -> list[str]:
    """Facts a service would say that it does not own: the broker would refuse them."""
    return [fact.type for fact in facts if fact.owner != service]
