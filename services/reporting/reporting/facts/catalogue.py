"""Every kind of fact, and the sentence of one."""

from typing import Any

from essaim.text.languages import Tongue
from essaim_contracts import words
from essaim_contracts.fact import Fact, fact_type

from reporting.facts import (
    application,
    call,
    cohort,
    contact,
    correction,
    deliverable,
    erasure,
    handover,
    hours,
    message,
    note,
    pairing,
    partner,
    person,
    place,
    prize,
    project,
    retention,
    review,
    session,
    trophy,
)
from reporting.facts.kind import FactKind
from reporting.names import Names

_SUBJECTS = (
    partner,
    call,
    application,
    review,
    place,
    handover,
    correction,
    note,
    cohort,
    deliverable,
    trophy,
    prize,
    session,
    hours,
    pairing,
    project,
    message,
    erasure,
    person,
    contact,
    retention,
)

KINDS: dict[type[Fact], FactKind[Any]] = {
    kind.fact: kind for subject in _SUBJECTS for kind in subject.KINDS
}


def sentence(type: str, body: str, _: Tongue, names: Names) -> str:
    """The sentence of a fact, from its type and its JSON payload."""
    known = fact_type(type)
    if known is None or known not in KINDS:
        return _(words.FACT_TYPES.get(type, type))
    return KINDS[known].sentence(known.read(body), _, names)
