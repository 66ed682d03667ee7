"""What each NATS user may do, and the server's configuration that says so."""

import json
from typing import Any

from essaim.broker.topology import DIRECTORY, FACTS, OPERATOR
from essaim.consortium.partners import Consortium, Directory, Partner


def rights(partner: Partner, consortium: Consortium) -> dict[str, Any]:
    """What a partner's NATS user may do: its own facts, its own consumer, its own inbox.

    Wildcards stand for whole tokens only, so every name is spelt out. A question's subject ends
    after one more word: longer ones look like facts.
    """
    service = partner.service
    asked = consortium.services if partner.asks is None else sorted(partner.asks)
    publish = [
        f"essaim.*.{service}.*.*.*.*",
        *(f"essaim.ask.{other}.*" for other in asked if other != service),
        f"essaim.ask.{service}.*",
        f"essaim-dead.{service}.>",
        f"$JS.API.STREAM.INFO.{FACTS}",
        # The last of its own facts, to see that the stream still holds it.
        f"$JS.API.DIRECT.GET.{FACTS}.essaim.*.{service}.*.*.*.*",
        f"$JS.API.CONSUMER.INFO.{FACTS}.{service}",
        f"$JS.API.CONSUMER.MSG.NEXT.{FACTS}.{service}",
        f"$JS.API.CONSUMER.RESET.{FACTS}.{service}",
        f"$JS.ACK.{FACTS}.{service}.>",
        *_on_directory(partner.directory),
        "$JS.FC.>",
    ]
    if partner.hears is None:
        # A rebuild reads the stream again through a consumer of its own.
        rebuild = f"{FACTS}.{service}-rebuild"
        publish += [
            f"$JS.API.CONSUMER.CREATE.{rebuild}",
            f"$JS.API.CONSUMER.MSG.NEXT.{rebuild}",
            f"$JS.API.CONSUMER.DELETE.{rebuild}",
        ]
    return {
        "publish": {"allow": publish},
        "subscribe": {"allow": [f"{inbox_prefix(service)}.>", f"essaim.ask.{service}.*"]},
        "allow_responses": True,
    }


def _on_directory(directory: Directory) -> list[str]:
    if directory == Directory.NONE:
        return []
    reads = [
        f"$JS.API.STREAM.INFO.KV_{DIRECTORY}",
        f"$JS.API.CONSUMER.CREATE.KV_{DIRECTORY}",
        f"$JS.API.CONSUMER.INFO.KV_{DIRECTORY}.>",
        f"$JS.API.CONSUMER.CREATE.KV_{DIRECTORY}.>",
        f"$JS.API.CONSUMER.DELETE.KV_{DIRECTORY}.>",
    ]
    if directory == Directory.READS:
        return reads
    # What a person's entry was is overwritten on the server's disk, not only forgotten.
    return [*reads, f"$KV.{DIRECTORY}.>", f"$JS.API.STREAM.MSG.DELETE.KV_{DIRECTORY}"]


def inbox_prefix(user: str) -> str:
    """Each user has its own, so that nobody reads another's replies."""
    return f"_INBOX_{user}"


def users_config(consortium: Consortium, passwords: dict[str, str]) -> str:
    """The accounts block of nats-server's configuration: one user per partner, and the operator.

    `passwords` is by user name; a user without one is left out.
    """
    allowed: dict[str, dict[str, Any]] = {OPERATOR: {}}
    for partner in consortium.partners:
        allowed[partner.service] = {"permissions": rights(partner, consortium)}
    users = [
        {"user": user, "password": passwords[user]} | more
        for user, more in allowed.items()
        if user in passwords
    ]
    block = {"ESSAIM": {"jetstream": "enabled", "users": users}}
    return f"accounts: {json.dumps(block, indent=2)}\n"
