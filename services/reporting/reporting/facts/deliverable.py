"""A deliverable is handed in, read by the coordination, and reminded of when it is late."""

from collections.abc import Iterator

from essaim.clock import PARIS
from essaim.hearing.projection import Row
from essaim.text.languages import Tongue
from essaim_contracts.candidatures import DeliverableHandedIn
from essaim_contracts.cohort import DeliverableReminded, DeliverableReviewed, FileVerdict
from essaim_contracts.words import words_of

from reporting.facts.kind import FactKind, Kinds, Values
from reporting.names import Names
from reporting.store.deliverable import deliverable_handed_in


def _handed_in(fact: DeliverableHandedIn, _: Tongue, names: Names) -> str:
    return _(
        "{kind} remis, version {version}, attendu pour le {day}.",
        kind=_(words_of(fact.kind)),
        version=fact.version,
        day=fact.due_on,
    )


def _rows_of_handed_in(fact: DeliverableHandedIn, said: Values, programme: str) -> Iterator[Row]:
    values = {
        "deliverable_id": fact.deliverable_id,
        "project_id": fact.project_id,
        "kind": fact.kind.value,
        "late": fact.handed_in_at.astimezone(PARIS).date() > fact.due_on,
    }
    yield Row(deliverable_handed_in, said | values)


def _reviewed(fact: DeliverableReviewed, _: Tongue, names: Names) -> str:
    kind = _(words_of(fact.kind))
    if fact.verdict is FileVerdict.ACCEPTED:
        return _("{kind} accepté, version {version}.", kind=kind, version=fact.version)
    return _(
        "{kind} à corriger, version {version}, pour le {day}.",
        kind=kind,
        version=fact.version,
        day=fact.correct_by,
    )


def _reminded(fact: DeliverableReminded, _: Tongue, names: Names) -> str:
    kind = _(words_of(fact.kind))
    return _("{kind} en retard, relancé ; attendu pour le {day}.", kind=kind, day=fact.due_on)


KINDS: Kinds = (
    FactKind(DeliverableHandedIn, _handed_in, _rows_of_handed_in),
    FactKind(DeliverableReviewed, _reviewed),
    FactKind(DeliverableReminded, _reminded),
)
