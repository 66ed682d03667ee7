"""The lists people read: their columns, filters and queries."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.listed import order_of
from essaim.keeping.tables import person
from essaim.web import N_, Column, Filter, Listing, Search
from essaim_contracts.words import HOUR_KINDS, PAIRING_KINDS, SESSION_KINDS

from scheduling.labels import PAIRING_STATES, SESSION_STATES
from scheduling.pairing import PairingState
from scheduling.store.cohort import bearer, cohort, project
from scheduling.store.hour_package import hour_package
from scheduling.store.organisation import organisation
from scheduling.store.pairing import pairing
from scheduling.store.session import readable, session, session_project


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

# A person who acts alone has no name of an organisation: hers is in the directory.
_PARTNER = sa.func.coalesce(organisation.c.name, person.c.name)
_PARTNER_ORDER = sa.func.coalesce(order_of(organisation.c.name), order_of(person.c.name))


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


def sessions_query(programmes: tuple[str, ...] | None, person_id: UUID) -> sa.Select[Any]:
    """The sessions of these programmes (None: all), and those this person is convened to."""
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
    ).where(*readable(programmes, person_id))


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


def hours_query(programmes: tuple[str, ...] | None, person_id: UUID) -> sa.Select[Any]:
    """The hour packages of these programmes (None: all), and those of her own projects."""
    query = (
        sa.select(
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
    )
    if programmes is None:
        return query
    own = hour_package.c.project_id.in_(_near(person_id))
    return query.where(hour_package.c.programme.in_(programmes) | own)


PAIRINGS = Listing(
    columns=(
        Column("project", N_("Projet"), project.c.title),
        Column("kind", N_("Nature"), pairing.c.kind),
        Column("organisation", N_("Accompagnant"), _PARTNER_ORDER),
        Column("state", N_("État"), pairing.c.state),
        Column("score", N_("Adéquation sur 100"), pairing.c.score),
        Column("made_on", N_("Depuis le"), pairing.c.made_on),
        Column("ended_on", N_("Jusqu’au"), pairing.c.ended_on),
    ),
    filters=(
        Search("q", N_("Rechercher"), (project.c.title, organisation.c.name, person.c.name)),
        Filter("kind", N_("Nature"), pairing.c.kind, choices=tuple(PAIRING_KINDS.items())),
        Filter("state", N_("État"), pairing.c.state, choices=tuple(PAIRING_STATES.items())),
    ),
    sort="project",
    key=pairing.c.id,
)


def pairings_query(programmes: tuple[str, ...] | None, person_id: UUID) -> sa.Select[Any]:
    """The pairings of these programmes (None: all), and those active beside her own projects."""
    query = (
        sa.select(
            project.c.title.label("project"),
            pairing.c.kind,
            _PARTNER.label("organisation"),
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
    )
    if programmes is None:
        return query
    said = pairing.c.state.in_([PairingState.ACTIVE, PairingState.ENDED])
    own = pairing.c.project_id.in_(_near(person_id)) & said
    return query.where(pairing.c.programme.in_(programmes) | own)


def _near(person_id: UUID) -> sa.CompoundSelect[Any]:
    """The projects she bears or accompanies."""
    borne = sa.select(bearer.c.project_id).where(bearer.c.person_id == person_id)
    beside = sa.select(pairing.c.project_id).where(
        pairing.c.person_id == person_id, pairing.c.state == PairingState.ACTIVE
    )
    return borne.union(beside)
