"""The lists people read: their columns, filters and queries."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.listed import order_of
from essaim.keeping.tables import person
from essaim.web import N_, Column, Filter, Listing, Search
from essaim_contracts.words import HOUR_KINDS, PAIRING_KINDS, SESSION_KINDS

from scheduling.labels import PAIRING_STATES, SESSION_STATES
from scheduling.reach import Reach
from scheduling.store.cohort import cohort, project
from scheduling.store.hour_package import hour_package
from scheduling.store.organisation import organisation
from scheduling.store.pairing import pairing
from scheduling.store.reach import readable_packages, readable_pairings, readable_sessions
from scheduling.store.session import session, session_project


def _of_one_project(text: sa.ColumnElement[str]) -> sa.ScalarSelect[str]:
    """The title of the project of a session that is for one alone, or its key."""
    return (
        sa.select(sa.func.min(text))
        .join(session_project, session_project.c.project_id == project.c.id)
        .where(session_project.c.session_id == session.c.id)
        .having(sa.func.count(sa.distinct(project.c.id)) == 1)
        .correlate(session)
        .scalar_subquery()
    )


_MINUTES_LEFT = hour_package.c.minutes + hour_package.c.minutes_over - hour_package.c.minutes_used


def sessions_list(now: datetime) -> Listing:
    """Sessions, those to come and those past as seen at `now`."""
    when = sa.case((session.c.ends_at > now, "coming"), else_="past")
    return Listing(
        columns=(
            Column("starts_at", N_("Début"), session.c.starts_at),
            Column("title", N_("Séance"), session.c.title),
            Column("kind", N_("Nature"), session.c.kind),
            Column("project", N_("Projet"), _of_one_project(order_of(project.c.title))),
            Column("place", N_("Lieu"), session.c.place),
            Column("state", N_("État"), session.c.state),
            Column("participants", N_("Présents"), session.c.participants),
        ),
        filters=(
            Search("q", N_("Rechercher"), (session.c.title, session.c.place)),
            Filter(
                "when",
                N_("Période"),
                when,
                choices=(("coming", N_("À venir")), ("past", N_("Passées"))),
            ),
            Filter("kind", N_("Nature"), session.c.kind, choices=tuple(SESSION_KINDS.items())),
            Filter("state", N_("État"), session.c.state, choices=tuple(SESSION_STATES.items())),
        ),
        sort="starts_at",
        key=session.c.id,
    )


def sessions_query(reach: Reach) -> sa.Select[Any]:
    """The sessions she reads."""
    return sa.select(
        session.c.id,
        session.c.starts_at,
        session.c.ends_at,
        session.c.title,
        session.c.kind,
        _of_one_project(project.c.title).label("project"),
        session.c.mode,
        session.c.place,
        session.c.state,
        session.c.participants,
    ).where(*readable_sessions(reach))


HOURS = Listing(
    columns=(
        Column("project", N_("Projet"), project.c.title),
        Column("cohort", N_("Promotion"), cohort.c.label),
        Column("kind", N_("Nature"), hour_package.c.kind),
        Column("minutes", N_("Accordées"), hour_package.c.minutes),
        Column("minutes_used", N_("Consommées"), hour_package.c.minutes_used),
        Column("minutes_left", N_("Restantes"), _MINUTES_LEFT),
        Column("minutes_over", N_("Au-delà"), hour_package.c.minutes_over),
    ),
    filters=(
        Search("q", N_("Rechercher"), (project.c.title,)),
        Filter("kind", N_("Nature"), hour_package.c.kind, choices=tuple(HOUR_KINDS.items())),
    ),
    sort="project",
    key=hour_package.c.id,
)


def hours_query(reach: Reach) -> sa.Select[Any]:
    """The hour packages she reads."""
    return (
        sa.select(
            project.c.id.label("project_id"),
            project.c.title.label("project"),
            cohort.c.label.label("cohort"),
            hour_package.c.kind,
            hour_package.c.minutes,
            hour_package.c.minutes_used,
            _MINUTES_LEFT.label("minutes_left"),
            hour_package.c.minutes_over,
        )
        .join(
            project,
            (project.c.id == hour_package.c.project_id)
            & (project.c.cohort_id == hour_package.c.cohort_id),
        )
        .join(cohort, cohort.c.id == hour_package.c.cohort_id)
        .where(*readable_packages(reach))
    )


def pairings_list(reach: Reach) -> Listing:
    """Pairings, in an order and with a search that tell no name she does not see."""
    alone = () if _unnamed(reach) else (person.c.name,)
    return Listing(
        columns=(
            Column("project", N_("Projet"), project.c.title),
            Column("kind", N_("Nature"), pairing.c.kind),
            Column("organisation", N_("Accompagnant"), _partner(reach, order_of)),
            Column("state", N_("État"), pairing.c.state),
            Column("score", N_("Adéquation sur 100"), pairing.c.score),
            Column("made_on", N_("Depuis le"), pairing.c.made_on),
            Column("ended_on", N_("Jusqu’au"), pairing.c.ended_on),
        ),
        filters=(
            Search("q", N_("Rechercher"), (project.c.title, organisation.c.name, *alone)),
            Filter("kind", N_("Nature"), pairing.c.kind, choices=tuple(PAIRING_KINDS.items())),
            Filter("state", N_("État"), pairing.c.state, choices=tuple(PAIRING_STATES.items())),
        ),
        sort="project",
        key=pairing.c.id,
    )


def pairings_query(reach: Reach) -> sa.Select[Any]:
    """The pairings she reads."""
    return (
        sa.select(
            project.c.id.label("project_id"),
            project.c.title.label("project"),
            pairing.c.kind,
            _partner(reach).label("organisation"),
            pairing.c.state,
            pairing.c.score,
            pairing.c.made_on,
            pairing.c.ended_on,
        )
        .join(
            project,
            (project.c.id == pairing.c.project_id) & (project.c.cohort_id == pairing.c.cohort_id),
        )
        .outerjoin(
            organisation,
            (organisation.c.id == pairing.c.organisation_id)
            & (organisation.c.programme == pairing.c.programme),
        )
        .outerjoin(person, person.c.id == organisation.c.person_id)
        .where(*readable_pairings(reach))
    )


def pairing_of(project_id: UUID) -> sa.ColumnElement[bool]:
    """What keeps to the pairings of one project."""
    return pairing.c.project_id == project_id


def _partner(
    reach: Reach, of: Callable[[sa.Column[str]], sa.ColumnElement[str]] = lambda name: name
) -> sa.ColumnElement[str | None]:
    """A partner's name, or what `of` gives in its place.

    Who acts alone is named as a person is: not to who funds the programme.
    """
    named = sa.func.coalesce(of(organisation.c.name), of(person.c.name))
    return sa.case((pairing.c.programme.in_(_unnamed(reach)), of(organisation.c.name)), else_=named)


def _unnamed(reach: Reach) -> list[str]:
    """The programmes in which she sees no person."""
    return [one for one in reach.programmes or () if reach.reads_unnamed(one)]
