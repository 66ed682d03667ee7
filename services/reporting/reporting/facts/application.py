"""An application is received, withdrawn by its bearer, decided by the committee."""

from collections.abc import Iterator

from essaim.clock import PARIS
from essaim.hearing.projection import Row
from essaim.text.languages import Tongue
from essaim_contracts.candidatures import (
    ApplicationDecided,
    ApplicationReceived,
    ApplicationWithdrawn,
)
from essaim_contracts.correspondence import ApplicationCorrected
from essaim_contracts.words import words_of

from reporting.facts.kind import FactKind, Kinds, Values
from reporting.facts.project import bearer_row, title_row
from reporting.names import Names
from reporting.store.application import application_answered, application_received


def _received(fact: ApplicationReceived, _: Tongue, names: Names) -> str:
    return _(
        "Candidature {number} reçue pour « {title} ».",
        number=fact.number,
        title=fact.project_title,
    )


def _corrected(fact: ApplicationCorrected, _: Tongue, names: Names) -> str:
    return _("Candidature {number} complétée.", number=fact.number)


def _rows_of_received(
    fact: ApplicationReceived | ApplicationCorrected, said: Values, programme: str
) -> Iterator[Row]:
    """One that was corrected counts as it is now, on the day it was first received."""
    values = {
        "application_id": fact.application_id,
        "project_id": fact.project_id,
        "number": fact.number,
        "applicant_kind": fact.applicant_kind.value,
        "sector": fact.sector,
        "department": fact.department,
        "heard_from": fact.heard_from,
        "received_on": fact.received_at.astimezone(PARIS).date(),
    }
    yield Row(application_received, said | values)
    yield title_row(fact.project_id, said, fact.project_title)
    yield bearer_row(fact.project_id, fact.bearer_id)


def _withdrawn(fact: ApplicationWithdrawn, _: Tongue, names: Names) -> str:
    return _("Candidature retirée : {reason}.", reason=words_of(fact.reason).say(_.language))


def _rows_of_withdrawn(fact: ApplicationWithdrawn, said: Values, programme: str) -> Iterator[Row]:
    yield _answer(fact, said, "withdrawn")


def _decided(fact: ApplicationDecided, _: Tongue, names: Names) -> str:
    decision = _(words_of(fact.decision))
    if fact.rank is not None:
        decision = _("{decision}, en position {rank}", decision=decision, rank=fact.rank)
    if fact.track_code is not None:
        decision = _(
            "{decision} vers {track}", decision=decision, track=fact.track_name or fact.track_code
        )
    return _(
        "Décision du comité du {day} : {decision} ({reason}).",
        day=fact.decided_on,
        decision=decision,
        reason=words_of(fact.reason).say(_.language),
    )


def _rows_of_decided(fact: ApplicationDecided, said: Values, programme: str) -> Iterator[Row]:
    yield _answer(fact, said, fact.decision.value)


def _answer(fact: ApplicationWithdrawn | ApplicationDecided, said: Values, state: str) -> Row:
    values = {
        "application_id": fact.application_id,
        "project_id": fact.project_id,
        "state": state,
        "reason": fact.reason.value,
    }
    return Row(application_answered, said | values)


KINDS: Kinds = (
    FactKind(ApplicationReceived, _received, _rows_of_received),
    FactKind(ApplicationCorrected, _corrected, _rows_of_received),
    FactKind(ApplicationWithdrawn, _withdrawn, _rows_of_withdrawn),
    FactKind(ApplicationDecided, _decided, _rows_of_decided),
)
