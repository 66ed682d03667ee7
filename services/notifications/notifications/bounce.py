"""A letter that came back (RFC 3464): what the report says, and what follows of it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message as Mail
from email.parser import BytesParser
from email.policy import compat32
from enum import StrEnum
from itertools import islice
from uuid import UUID

LARGEST_REPORT = 1_000_000
"""Bytes of a report that are read; what follows is the letter itself."""
_MOST_PARTS = 50
_LONGEST_ANSWER = 500
_OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@")


@dataclass(frozen=True)
class Bounce:
    """What a report says of one letter. `address` is who it was for in the end, where it says so.

    `is_failed`: it will not be tried again. `status` is as 5.1.1: its first figure says whether
    the address is to blame for good.
    """

    message_id: UUID
    is_failed: bool
    status: str
    address: str | None
    answer: str

    @property
    def is_for_good(self) -> bool:
        return self.is_failed and self.status.startswith("5")


class Noted(StrEnum):
    """What became of a report."""

    NOTED = "noted"
    DELAYED = "delayed"
    KNOWN = "known"
    NOT_OURS = "not_ours"


def read_bounce(raw: bytes) -> Bounce | None:
    """What a mail says of a letter of ours that came back; None when it says nothing of the kind.

    Anybody may send such a mail: it is believed only about a letter whose number it knows.
    """
    report = BytesParser(policy=compat32).parsebytes(raw[:LARGEST_REPORT])
    if report.get_content_type() != "multipart/report":
        return None
    parts = list(islice(report.walk(), _MOST_PARTS))
    id = _message_id(parts)
    told = next(_of_recipients(parts), None)
    if id is None or told is None:
        return None
    action = _field(told, "Action").lower()
    return Bounce(
        message_id=id,
        is_failed=action == "failed",
        status=_field(told, "Status"),
        address=_address(told),
        answer=f"{_field(told, 'Status')} {_field(told, 'Diagnostic-Code')}".strip()[
            :_LONGEST_ANSWER
        ],
    )


def _of_recipients(parts: Iterable[Mail]) -> Iterator[Mail]:
    """The blocks that speak of a reader: each letter of ours has one."""
    return (part for part in parts if part.get("Action"))


def _message_id(parts: Iterable[Mail]) -> UUID | None:
    """The number of our letter, from its headers that the report carries."""
    for part in islice(parts, 1, None):
        found = _OURS.search(_field(part, "Message-ID"))
        if found is None and part.get_content_type() == "text/rfc822-headers":
            found = _OURS.search(str(part.get_payload()))
        if found:
            return UUID(found[1])
    return None


def _address(told: Mail) -> str | None:
    for name in ("Original-Recipient", "Final-Recipient"):
        _, _, address = _field(told, name).partition(";")
        if address.strip():
            return address.strip()
    return None


def _field(part: Mail, name: str) -> str:
    """One header on one line, without what no mail holds."""
    return " ".join(re.sub(r"[^\x20-\x7e]+", " ", str(part.get(name, ""))).split())
