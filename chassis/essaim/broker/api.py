"""JetStream's own requests, in JSON: what nats-py has no method for, or hides the answer of."""

import json
from typing import Any

from nats.aio.client import Client


async def ask_jetstream(
    connection: Client, request: str, body: dict[str, Any] | None = None, patience: float = 5.0
) -> dict[str, Any]:
    """The server's answer; a refusal is in it, under `error`.

    Raises:
        TimeoutError: none came within `patience` seconds; NoRespondersError: there is no JetStream.
    """
    payload = json.dumps(body).encode() if body else b""
    answer = await connection.request(f"$JS.API.{request}", payload, timeout=patience)
    return dict(json.loads(answer.data))
