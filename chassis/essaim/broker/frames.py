"""Messages as they go over the wire, many in one piece.

nats-py looks at each header of each message again and wakes its writer for each of them: that was
a third of what it costs to bring a fact to the stream.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping
from functools import cache

from nats.aio.client import Client

PIECE = 65536
"""Bytes after which what is made is on its way, while the rest is made."""
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def frame(subject: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """A message that asks for no answer, as the protocol has it.

    Raises:
        ValueError: it would be another message: an odd subject, or a header of several lines.
    """
    _check_names(tuple(headers))
    lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
    head = f"NATS/1.0\r\n{''.join(lines)}\r\n"
    ends = len(lines) + 2
    if head.count("\n") != ends or head.count("\r") != ends or subject.split() != [subject]:
        raise ValueError(f"the message on {subject!r} has a line break where none may be")
    written = head.encode()
    size = len(written)
    return b"HPUB %b %d %d\r\n%b%b\r\n" % (subject.encode(), size, size + len(body), written, body)


async def write(connection: Client, frames: Iterable[bytes]) -> None:
    """Send them in this order; whoever asks something on this connection asks it behind them."""
    piece = bytearray()
    for one in frames:
        piece += one
        if len(piece) >= PIECE:
            await _send(connection, bytes(piece))
            piece.clear()
    if piece:
        await _send(connection, bytes(piece))


async def _send(connection: Client, piece: bytes) -> None:
    await connection._send_command(piece)
    await connection._flush_pending()
    # Its writer is another task: it takes this piece while we make the next one.
    await asyncio.sleep(0)


@cache
def _check_names(names: tuple[str, ...]) -> None:
    """
    Raises:
        ValueError: one is none. It is not remembered, as those are that are right.
    """
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a header")
