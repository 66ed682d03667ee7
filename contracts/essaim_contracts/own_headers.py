"""Headers as we write them, checked in one pass: most of what is heard has these and no others."""

import re
from collections.abc import Mapping
from typing import Any

UUID_FORM = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TRACEPARENT_FORM = "00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"
_TEXT_FORM = "[!#$&-~]{1,200}"  # nothing in it is encoded

_FORMS = {
    "ce-specversion": r"1\.0",
    "ce-datacontenttype": "application/json",
    "content-type": "application/json",
    "ce-id": f"({UUID_FORM})",
    "ce-type": r"(essaim\.([a-z]+)\.[a-z]+\.[a-z_]+\.v[1-9][0-9]*)",
    # The third group is the owner: the type and the source name the same.
    "ce-source": r"((?=/[^/]{1,60}/)/[a-z0-9]+(?:-[a-z0-9]+)*/(?=[a-z]{1,60}\n)\3)",
    "ce-subject": f"({UUID_FORM})",
    "ce-time": r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?Z)",
    "ce-correlationid": f"({_TEXT_FORM})",
    "ce-causationid": f"(?:\r|({_TEXT_FORM}))",
    "ce-actor": f"(?:\r|({UUID_FORM}))",
    "ce-traceparent": f"(?:\r|({TRACEPARENT_FORM}))",
}
_LINES = re.compile("\n".join(_FORMS.values()))
_NAMES = tuple(_FORMS)
_OPTIONAL = (*_NAMES[-3:], "traceparent")
_BESIDE = (
    "traceparent",
    "Nats-Msg-Id",
    "Nats-Batch-Id",
    "Nats-Batch-Sequence",
    "Nats-Batch-Commit",
)
_OURS = frozenset((*_NAMES, *_BESIDE))


def values_of(headers: Mapping[str, str]) -> tuple[Any, ...] | None:
    """Id, type, source, key, time, correlation, causation, actor and trace, the last three or None.

    Each is as its attribute has to be, and the type is of the source's owner; the time is but
    written like one. None for what we would not have written so, be it right or wrong.
    """
    if not _OURS.issuperset(headers):
        return None
    # The sign that stands for a header that is missing is in none that NATS carries.
    found = _LINES.fullmatch("\n".join([headers.get(name, "\r") for name in _NAMES]))
    if found is None:
        return None
    id, type, _, *values = found.groups()
    if [*values[-3:], values[-1]] != [headers.get(name) for name in _OPTIONAL]:
        return None
    return id, type, *values
