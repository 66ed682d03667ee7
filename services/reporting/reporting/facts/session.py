"""A session is planned, moved, cancelled, held."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from essaim.hearing.projection import Row
from essaim.text import formats
from essaim.text.languages import Tongue
from essaim_contracts.scheduling import SessionCancelled, SessionHeld, SessionMoved, SessionPlanned
from essaim_contracts.words import words_of

from reporting.facts.kind import FactKind, Kinds, Values
from reporting.names import Names, session_title
from reporting.store.session import (
    attendance,
    session_cancelled,
    session_held,
    session_moved,
    session_planned,
)


def _planned(fact: SessionPlanned, _: Tongue, names: Names) -> str:
    return _(
        "Au calendrier : {kind} « {title} », {when}, {where}.",
        kind=words_of(fact.kind).say(_.language),
        title=fact.title,
        when=formats.instant(fact.starts_at, _.language),
        where=_where(fact, _),
    )


def _rows_of_planned(fact: SessionPlanned, said: Values, programme: str) -> Iterator[Row]:
    values = {
        "session_id": fact.session_id,
        "kind": fact.kind.value,
        "title": fact.title,
        "mode": fact.mode.value,
        "place": fact.place,
        "starts_at": fact.starts_at,
        "half_days": fact.half_days,
    }
    yield Row(session_planned, said | values)


def _projects_of_planned(fact: SessionPlanned) -> Iterable[UUID]:
    return dict.fromkeys(fact.project_ids)


def _moved(fact: SessionMoved, _: Tongue, names: Names) -> str:
    return _(
        "« {title} » aura lieu {when}, {where} ({reason}).",
        title=session_title(fact.session_id, _, names),
        when=formats.instant(fact.starts_at, _.language),
        where=_where(fact, _),
        reason=words_of(fact.reason).say(_.language),
    )


def _rows_of_moved(fact: SessionMoved, said: Values, programme: str) -> Iterator[Row]:
    values = {
        "session_id": fact.session_id,
        "mode": fact.mode.value,
        "place": fact.place,
        "starts_at": fact.starts_at,
        "half_days": fact.half_days,
        "reason": fact.reason.value,
    }
    yield Row(session_moved, said | values)


def _where(fact: SessionPlanned | SessionMoved, _: Tongue) -> str:
    mode = words_of(fact.mode).say(_.language)
    return f"{mode}, {fact.place}" if fact.place else mode


def _cancelled(fact: SessionCancelled, _: Tongue, names: Names) -> str:
    return _(
        "« {title} » est annulée ({reason}).",
        title=session_title(fact.session_id, _, names),
        reason=words_of(fact.reason).say(_.language),
    )


def _rows_of_cancelled(fact: SessionCancelled, said: Values, programme: str) -> Iterator[Row]:
    values = {"session_id": fact.session_id, "reason": fact.reason.value}
    yield Row(session_cancelled, said | values)


def _held(fact: SessionHeld, _: Tongue, names: Names) -> str:
    return _(
        "A eu lieu : {kind} « {title} », le {day}, {duration} ; participants : {count}.",
        kind=words_of(fact.kind).say(_.language),
        title=session_title(fact.session_id, _, names),
        day=fact.held_on,
        duration=formats.hours(fact.minutes, _.language),
        count=fact.participants,
    )


def _rows_of_held(fact: SessionHeld, said: Values, programme: str) -> Iterator[Row]:
    here = {one.project_id for one in fact.attendees if one.half_days}
    values = {
        "session_id": fact.session_id,
        "kind": fact.kind.value,
        "held_on": fact.held_on,
        "minutes": fact.minutes,
        "half_days": fact.half_days,
        "mode": fact.mode.value,
        "provider_id": fact.provider_id,
        "participants": fact.participants,
        "attendees": len({one.person_id for one in fact.attendees}),
        "projects": len(set(fact.project_ids)),
        "projects_present": len(here.intersection(fact.project_ids)),
    }
    yield Row(session_held, said | values)
    for one in fact.attendees:
        person = {
            "person_id": one.person_id,
            "role": one.role.value,
            "project_id": one.project_id,
            "organisation_id": one.organisation_id,
            "half_days": one.half_days,
        }
        yield Row(attendance, said | person)


def _projects_of_held(fact: SessionHeld) -> Iterable[UUID]:
    present = (one.project_id for one in fact.attendees if one.project_id)
    return dict.fromkeys((*fact.project_ids, *present))


KINDS: Kinds = (
    FactKind(SessionPlanned, _planned, _rows_of_planned, _projects_of_planned),
    FactKind(SessionMoved, _moved, _rows_of_moved),
    FactKind(SessionCancelled, _cancelled, _rows_of_cancelled),
    FactKind(SessionHeld, _held, _rows_of_held, _projects_of_held),
)
