"""A broker to try against: invented facts alone, and readers whose seeds anybody may know.

It is a server of its own. Whatever somebody makes of these users, nothing real is in reach.
"""

from dataclasses import replace
from hashlib import sha256

import nkeys

from essaim.broker.rights import HUB, accounts_of, inbox_prefix, written
from essaim.broker.topology import FACTS, OPERATOR, Topology, declared
from essaim.broker.users import public_key_of
from essaim.consortium.partners import Consortium, Reader

READERS = tuple(f"essai-{number:02}" for number in range(1, 25))
ONE_AT_A_TIME = tuple(f"essai-un-{number:02}" for number in range(1, 9))
"""Readers for programs that want one fact at a time, as those with FastStream."""
WATCHER = "essai-page"
"""Reads any fact by its place in the stream, for a page that shows the last ones."""

_MIB = 1024**2
_LIMITS = "max_connections: 200\nmax_payload: 65536\n"
_SIGHT = ["$JS.API.STREAM.INFO", "$JS.API.DIRECT.GET"]


def seed_of(user: str) -> str:
    """The seed of a reader here: the same on every machine, and so nobody's secret."""
    digest = sha256(f"essaim sandbox {user}".encode()).digest()
    return str(nkeys.encode_seed(digest, nkeys.PREFIX_BYTE_USER).decode())


def sandbox() -> Consortium:
    """Nobody's consortium: no partner, and readers of everything."""
    return Consortium(
        name="Sandbox",
        partners=(),
        readers=tuple(_reader(name) for name in (*READERS, *ONE_AT_A_TIME)),
    )


def _reader(name: str) -> Reader:
    return Reader(
        name=name,
        organisation="",
        reads=None,
        programmes=None,
        one_at_a_time=name in ONE_AT_A_TIME,
        key=public_key_of(seed_of(name)),
    )


def config(operator_seed: str) -> str:
    """The server's configuration. The operator's seed is the only secret one."""
    accounts = accounts_of(sandbox(), {OPERATOR: public_key_of(operator_seed)})
    watching = {
        "publish": {"allow": [f"{question}.{FACTS}" for question in _SIGHT]},
        "subscribe": {"allow": [f"{inbox_prefix(WATCHER)}.>"]},
    }
    watcher = {"nkey": public_key_of(seed_of(WATCHER)), "permissions": watching}
    accounts[HUB]["users"].append(watcher)
    return f"{_LIMITS}{written(accounts)}"


def topology() -> Topology:
    """One stream of any partner's facts, which forgets the oldest, and the readers' consumers."""
    whole = declared(sandbox(), max_bytes=16 * _MIB)
    facts = whole.streams[FACTS] | {"subjects": ["essaim.*.*.*.*.*.*"], "discard": "old"}
    return replace(whole, streams={FACTS: facts})
