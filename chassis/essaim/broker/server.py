"""What the operator asks of the broker itself, as the user `system`: users anew, who is there."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nats.aio.client import Client
from nats.errors import TimeoutError as NoAnswer

_PATIENCE = 5.0
_MORE = 0.3
"""Seconds to wait for another server of a cluster to answer."""
_MOST = 4096
"""Connections that a server is asked about."""


class ReloadRefused(Exception):
    def __init__(self, server: str, reason: str) -> None:
        super().__init__(
            f"The broker {server} would not take its users anew: {reason}. Nothing has changed "
            "there; see its log, and its configuration."
        )


@dataclass(frozen=True)
class Presence:
    """How a user's key was seen at the broker: connected now, from when and where, or refused."""

    key: str
    since: datetime
    address: str
    is_refused: bool = False


async def reload(connection: Client) -> list[str]:
    """Have every server read its configuration anew. Whoever still has its right stays connected.

    Raises:
        ReloadRefused: a server found its configuration wrong, and goes on with the former one.
        nats.errors.TimeoutError: none answers.
    """
    servers = [one["server"] for one in await _answers(connection, "PING")]
    # Twice: nats-server (2.15.1) lets an account that is new import from the second time on only.
    for server in (*servers, *servers):
        reply = await connection.request(
            f"$SYS.REQ.SERVER.{server['id']}.RELOAD", b"", timeout=_PATIENCE
        )
        answer = json.loads(reply.data)
        if "error" in answer:
            raise ReloadRefused(server["name"], answer["error"]["description"])
    return [str(server["name"]) for server in servers]


async def presences(connection: Client) -> list[Presence]:
    """Who is connected, and whom the server refused of late, the newest last."""
    found = []
    for state, is_refused in ((0, False), (1, True)):
        asked = {"auth": True, "state": state, "limit": _MOST}
        for answer in await _answers(connection, "PING.CONNZ", asked):
            found += _presences(answer.get("data", {}).get("connections", ()), is_refused)
    return sorted(found, key=lambda one: one.since)


def _presences(connections: Iterable[dict[str, Any]], is_refused: bool) -> list[Presence]:
    return [
        Presence(
            one["authorized_user"],
            datetime.fromisoformat(one["stop" if is_refused else "start"]),
            one["ip"],
            is_refused,
        )
        for one in connections
        if one.get("authorized_user")
        and (not is_refused or one.get("reason") == "Authentication Failure")
    ]


async def _answers(
    connection: Client, request: str, body: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """What each server of the cluster answers."""
    inbox = await connection.subscribe(connection.new_inbox())
    payload = json.dumps(body).encode() if body else b""
    await connection.publish(f"$SYS.REQ.SERVER.{request}", payload, reply=inbox.subject)
    answers = [json.loads((await inbox.next_msg(_PATIENCE)).data)]
    try:
        while True:
            answers.append(json.loads((await inbox.next_msg(_MORE)).data))
    except NoAnswer:
        await inbox.unsubscribe()
    return answers
