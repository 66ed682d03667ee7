"""A client's connection as one of the broker's users: by its key, and to the right server only."""

import ssl
from pathlib import Path
from typing import Any

import nats
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
    return await nats.connect(
        [one.strip() for one in url.split(",")],
        nkeys_seed_str=seed or None,
        inbox_prefix=inbox_prefix(user).encode(),
        tls=trusting(url, ca),
        # Before the server says anything: nats-py would go on in the clear where it is told to.
        tls_handshake_first=speaks_tls(url),
        **options,
    )


def speaks_tls(url: str) -> bool:
    return url.startswith(("tls://", "wss://"))


def trusting(url: str, ca: Path | None) -> ssl.SSLContext | None:
    """What checks the server's certificate: against `ca`, or what this machine trusts."""
    return ssl.create_default_context(cafile=ca) if speaks_tls(url) else None
