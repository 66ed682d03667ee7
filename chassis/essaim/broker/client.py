"""A client's connection as one of the broker's users: by its key, and to the right server only."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from nats.aio.client import Client

from essaim.broker.rights import inbox_prefix


async def connect(
    url: str, user: str, seed: str = "", ca: Path | None = None, **options: Any
) -> Client:
    """Connect as `user`, whose seed this is; with `tls://` to a server that `ca` vouches for.

    `url` may name several servers of a cluster, apart by commas.

    Raises:
        nats.errors.Error: the server refuses this key; OSError: it does not answer.
    """
    client = Client()
    try:
        await client.connect(
            [one.strip() for one in url.split(",")],
            nkeys_seed_str=seed or None,
            inbox_prefix=inbox_prefix(user).encode(),
            tls=trusting(url, ca),
            # Before the server says anything: nats-py would go on in the clear where it is told to.
            tls_handshake_first=speaks_tls(url),
            **options,
        )
    except BaseException:
        # nats-py leaves the socket of a refused one open, and its own `close` may wait for ever.
        transport: Any = client._transport
        if transport is not None:
            transport.close()
        raise
    return client


@asynccontextmanager
async def connected(
    url: str, user: str, seed: str = "", ca: Path | None = None
) -> AsyncIterator[Client]:
    """A connection for a few questions: it is there at once, or not at all.

    Raises:
        nats.errors.Error: the server refuses this key; OSError: it does not answer.
    """
    connection = await connect(
        url,
        user,
        seed,
        ca,
        # Else the first server of a cluster that is down would end it.
        allow_reconnect="," in url,
        max_reconnect_attempts=1,
        reconnect_time_wait=0.2,
        connect_timeout=5,
        error_cb=_said_by_its_request,
    )
    try:
        yield connection
    finally:
        await connection.close()


async def _said_by_its_request(_: Exception) -> None:
    """The failure reaches the caller by the request itself; nats-py would print it too."""


def speaks_tls(url: str) -> bool:
    return url.startswith(("tls://", "wss://"))


def trusting(url: str, ca: Path | None) -> ssl.SSLContext | None:
    """What checks the server's certificate: against `ca`, or what this machine trusts."""
    return ssl.create_default_context(cafile=ca) if speaks_tls(url) else None
