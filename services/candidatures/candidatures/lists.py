"""The lists of pages and of the JSON API: their columns, filters and rows."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.listed import mostly
from essaim.keeping.tables import person
from essaim.text.departments import DEPARTMENTS
from essaim.web import N_, Column, Filter, Listing, Search, said
from essaim_contracts.words import DECISIONS, DELIVERABLE_KINDS, PRIZE_KINDS, Words

from candidatures.application import ApplicationState
from candidatures.call import Call
from candidatures.labels import APPLICATION_STATES, FILE_STATES, PRIZE_STATES
from candidatures.store import owed
from candidatures.store import trophy as trophies
from candidatures.store.application import application
from candidatures.store.cohort import cohort_project
from candidatures.store.committee import all_given_by, assignment, decision
from candidatures.store.deliverable import deliverable, handed_in
from candidatures.store.deliverable_review import deliverable_reminder
from candidatures.store.erasure import erasure
from candidatures.store.project import project
from candidatures.store.round import in_round

Mean = sa.ColumnElement[float | None]


def erasure_listing(titles: Mapping[str, Words]) -> Listing:
    """`titles` are those of the partners' services, by name."""
    return Listing(
        columns=(
            Column("erased_at", N_("Effacée le"), erasure.c.erased_at),
            Column("person_id", N_("Personne")),
            Column("service", N_("Partenaire"), erasure.c.service),
            Column("confirmed_at", N_("Confirmé le"), erasure.c.confirmed_at),
            Column("answer", N_("Réponse")),
        ),
        filters=(Filter("service", N_("Partenaire"), erasure.c.service, tuple(titles.items())),),
        sort="-erased_at",
        ties=(erasure.c.person_id, erasure.c.service),
    )


def erasures() -> sa.Select[Any]:
    """Who was erased, by opaque id, and what each partner answered."""
    return sa.select(erasure)


_NUMBER = Column("number", N_("Numéro"), application.c.number)
_PROJECT = Column("project", N_("Projet"), project.c.title)
_DEPARTMENT = Column("department", N_("Département"), application.c.department)
_SECTOR = Column("sector", N_("Secteur"), application.c.sector)
_STATE = Column("state", N_("État"), application.c.state)
_DECISION = Column("decision", N_("Décision"), application.c.decision)
_RECEIVED = Column("received_at", N_("Reçue le"), application.c.received_at)
_FILTERS = (
    Filter("state", N_("État"), application.c.state, tuple(APPLICATION_STATES.items())),
    Filter("decision", N_("Décision"), application.c.decision, tuple(DECISIONS.items())),
)
_TITLE = (application.c.project_id, project.c.title)
_NAME = (application.c.bearer_id, person.c.name)


def decided_mean() -> Mean:
    """The mean once a decision was applied, empty before: what is said to a funder."""
    return sa.case((application.c.decision.is_not(None), application.c.mean))


def marks_seen_by(
    person_id: UUID, scoring: Call | None, conflicts: Collection[UUID], *, beside: bool
) -> sa.ColumnElement[bool] | None:
    """Where her own points are in, for what a call she is `scoring` asks, and without a conflict.

    None where that is everywhere. `beside` as `all_given_by` has it.
    """
    seen: list[sa.ColumnElement[bool]] = [application.c.id.not_in(conflicts)] if conflicts else []
    if scoring is not None and scoring.criteria:
        seen.append(all_given_by(person_id, scoring, beside=beside))
    return sa.and_(*seen) if seen else None


def seen_mean(seen: sa.ColumnElement[bool] | None) -> Mean:
    """The mean where the marks are seen."""
    return _where_seen(seen, application.c.mean)


def listing_of(call: Call, language: str, mean: Mean, *, named: bool) -> Listing:
    """The list of a call's applications, also filtered by what this call offers.

    A funder sees it without the persons: not `named`. `mean` is the mean that its reader may see.
    """
    sectors = tuple((one.code, said(one.label, language)) for one in call.sectors)
    by_sector = (Filter("sector", _SECTOR.title, application.c.sector, sectors),) if sectors else ()
    return _listing(by_sector, call.departments or DEPARTMENTS, mean, named=named)


def _listing(
    by_sector: tuple[Filter, ...], departments: Iterable[str], mean: Mean, *, named: bool
) -> Listing:
    sector = _SECTOR if by_sector else replace(_SECTOR, sort=None)
    where = tuple((code, f"{DEPARTMENTS[code]} ({code})") for code in departments)
    bearer = (Column("bearer", N_("Porté par"), person.c.name),) if named else ()
    found_by = (_TITLE, application.c.number, _NAME) if named else (_TITLE, application.c.number)
    after = (_DEPARTMENT, sector, _STATE, _DECISION, Column("mean", N_("Note"), mean), _RECEIVED)
    return Listing(
        columns=(_NUMBER, _PROJECT, *bearer, *after),
        filters=(
            Search("q", N_("Rechercher"), found_by),
            *_FILTERS,
            *by_sector,
            Filter("department", N_("Département"), application.c.department, where),
        ),
        sort="number",
        size=50,
        key=application.c.id,
    )


# What programs may ask of any call: its sectors are its own.
APPLICATIONS = _listing(
    (Filter("sector", _SECTOR.title, application.c.sector, ()),),
    DEPARTMENTS,
    application.c.mean,
    named=True,
)


def applications(
    call_id: UUID, mean: Mean, *, named: bool, away: Collection[UUID] = ()
) -> sa.Select[Any]:
    """The applications received for a call, withdrawn ones included, drafts not.

    Those a conflict keeps `away` from a member are left out.
    """
    bearer = [person.c.name.label("bearer")] if named else []
    return (
        sa.select(
            application.c.id,
            application.c.number,
            project.c.title.label("project"),
            *bearer,
            application.c.department,
            application.c.sector,
            application.c.state,
            application.c.decision,
            mean.label("mean"),
            application.c.received_at,
        )
        .select_from(
            # Outer joins alone: what is only counted then needs none of them.
            application.outerjoin(project, project.c.id == application.c.project_id).outerjoin(
                person, person.c.id == application.c.bearer_id
            )
        )
        .where(
            mostly(application.c.call_id == call_id),
            application.c.state != ApplicationState.DRAFT.value,
            application.c.id.not_in(away) if away else sa.true(),
        )
    )


def ranking_listing(call: Call, language: str, seen: sa.ColumnElement[bool] | None) -> Listing:
    """The applications before the committee side by side; `seen` is where their marks are."""
    filters = (
        *_by_place(call, language),
        Filter(
            "prepared",
            N_("Décision préparée"),
            _where_seen(seen, sa.func.coalesce(decision.c.decision, "none")),
            (*DECISIONS.items(), ("none", N_("pas encore décidé"))),
        ),
    )
    return Listing(
        columns=(
            Column("project", N_("Projet"), project.c.title),
            *(Column(f"points-{one.code}", one.label.say(language)) for one in call.criteria),
            Column("mean", N_("Sur 100"), seen_mean(seen)),
            Column("gap", N_("Écart")),
            Column("prepared", N_("Décision préparée")),
            Column("compare", N_("Comparer")),
        ),
        filters=tuple(one for one in filters if one.choices),
        sort="-mean",
        size=50,
        key=application.c.id,
    )


def _by_place(call: Call, language: str) -> tuple[Filter, Filter]:
    """Filters of who reads for a committee, by what this call offers."""
    sectors = tuple((one.code, said(one.label, language)) for one in call.sectors)
    return (
        Filter("sector", _SECTOR.title, application.c.sector, sectors),
        Filter("department", _DEPARTMENT.title, application.c.department, _departments_of(call)),
    )


def _departments_of(call: Call) -> tuple[tuple[str, str], ...]:
    """Those a call is for; all of them where it does not say."""
    codes = call.departments or DEPARTMENTS
    return tuple((code, f"{DEPARTMENTS[code]} ({code})") for code in codes)


MEETING_ORDERS = (
    ("-mean", N_("de la meilleure note à la moins bonne")),
    ("verdict", N_("par décision préparée, et par rang")),
    ("number", N_("par numéro")),
    ("project", N_("par nom de projet")),
    ("sector", N_("par secteur")),
    ("department", N_("par département")),
)
"""The orders in which a meeting may read its files, and what each is called."""


def meeting_listing(call: Call, language: str, seen: sa.ColumnElement[bool] | None) -> Listing:
    """The same applications as a meeting reads them, in the order it wants."""
    ranked = ranking_listing(call, language, seen)
    orders = (_NUMBER, _SECTOR, _DEPARTMENT, Column("verdict", "", _in_verdicts(seen)))
    return replace(ranked, columns=(*ranked.columns, *orders))


def _in_verdicts(seen: sa.ColumnElement[bool] | None) -> sa.ColumnElement[int]:
    places = {code: place * 100_000 for place, code in enumerate(DECISIONS)}
    first = sa.case(places, value=_prepared(seen, "decision"), else_=len(places) * 100_000)
    return first + sa.func.coalesce(_prepared(seen, "rank"), 0)


def _prepared(seen: sa.ColumnElement[bool] | None, name: str) -> sa.ColumnElement[Any]:
    return _where_seen(seen, decision.c[name])


def _where_seen(
    seen: sa.ColumnElement[bool] | None, column: sa.ColumnElement[Any]
) -> sa.ColumnElement[Any]:
    return column if seen is None else sa.case((seen, column))


def ranking(
    call_id: UUID, seen: sa.ColumnElement[bool] | None, away: Collection[UUID] = ()
) -> sa.Select[Any]:
    """The applications before the committee, with their marks where these are `seen`.

    Those a conflict keeps `away` from a member have a number, and nothing else.
    """
    shown = application.c.id.not_in(away) if away else None
    return (
        sa.select(
            application.c.id,
            application.c.number,
            _where_seen(shown, project.c.title).label("project"),
            _where_seen(shown, project.c.sector).label("sector"),
            _where_seen(shown, project.c.department).label("department"),
            (sa.true() if seen is None else seen).label("seen"),
            seen_mean(seen).label("mean"),
            *(_prepared(seen, name).label(name) for name in ("decision", "reason", "rank")),
            _prepared(seen, "track_code").label("track_code"),
        )
        .select_from(
            application.outerjoin(project, project.c.id == application.c.project_id).outerjoin(
                decision, decision.c.application_id == application.c.id
            )
        )
        .where(
            mostly(application.c.call_id == call_id),
            application.c.state == ApplicationState.RECEIVED.value,
        )
    )


def compared(query: sa.Select[Any], ids: Collection[UUID]) -> sa.Select[Any]:
    """Some of them, to put side by side."""
    return query.where(application.c.id.in_(ids))


_READ = sa.exists().where(assignment.c.application_id == application.c.id)


def assignment_listing(call: Call, language: str, members: Iterable[tuple[UUID, str]]) -> Listing:
    """The applications that the committee reads, with a column for each member: (id, name)."""
    filters = (
        *_by_place(call, language),
        Filter(
            "readers",
            N_("Lecteurs"),
            sa.case((_READ, "some"), else_="none"),
            (("none", N_("sans lecteur")), ("some", N_("avec des lecteurs"))),
        ),
    )
    return Listing(
        columns=(
            Column("project", N_("Projet"), project.c.title),
            *(Column(f"reader-{id}", name) for id, name in members),
        ),
        filters=tuple(one for one in filters if one.choices),
        sort="project",
        size=50,
        key=application.c.id,
    )


def to_assign(call: Call) -> sa.Select[Any]:
    """The applications of the round that goes on, of which nothing was applied."""
    return (
        sa.select(
            application.c.id,
            application.c.number,
            project.c.title.label("project"),
            application.c.sector,
            application.c.department,
        )
        .select_from(application.outerjoin(project, project.c.id == application.c.project_id))
        .where(
            mostly(application.c.call_id == call.id),
            application.c.state == ApplicationState.RECEIVED.value,
            application.c.decision.is_(None),
            in_round(call, call.round),
        )
    )


def cohort_file_listing(today: date) -> Listing:
    """What the projects of a cohort owe, and where each file stands today."""
    states = tuple((state, label) for state, (label, _) in FILE_STATES.items())
    lateness = ((owed.LATE, N_("en retard")), ("in-time", N_("à temps")))
    return Listing(
        columns=(
            Column("project", N_("Projet"), project.c.title),
            Column("kind", N_("Dossier")),
            Column("state", N_("État"), owed.state),
            Column("act_by", N_("Attendu le"), owed.act_by),
            Column("late", N_("Retard")),
            Column("version", N_("Version")),
            Column("handed_in_at", N_("Rendu le"), handed_in.c.handed_in_at),
            Column("reminded_at", N_("Relancé le"), deliverable_reminder.c.reminded_at),
        ),
        filters=(
            Filter("state", N_("État"), owed.state, states),
            Filter("late", N_("Retard"), owed.lateness(today), lateness),
            Filter("kind", N_("Dossier"), deliverable.c.kind, tuple(DELIVERABLE_KINDS.items())),
        ),
        sort="project",
        size=50,
        ties=(deliverable.c.kind,),
    )


def cohort_files(cohort_id: UUID, today: date) -> sa.Select[Any]:
    return owed.files(today).where(cohort_project.c.cohort_id == cohort_id)


def prize_listing() -> Listing:
    """The prizes of an edition, to whom they went and whether they were handed over."""
    states = tuple((state, label) for state, (label, _) in PRIZE_STATES.items())
    return Listing(
        columns=(
            Column("title", N_("Dotation")),
            Column("donor", N_("Donnée par")),
            Column("kind", N_("Sorte")),
            Column("value_eur", N_("Valeur en euros"), trophies.prize.c.value_eur),
            Column("project", N_("Projet")),
            Column("state", N_("État"), trophies.state),
            Column("delivered_on", N_("Remise le"), trophies.delivery.c.delivered_on),
            Column("delivered_by", N_("Remise par")),
        ),
        filters=(
            Filter("state", N_("État"), trophies.state, states),
            Filter("kind", N_("Sorte"), trophies.prize.c.kind, tuple(PRIZE_KINDS.items())),
        ),
        sort="-value_eur",
        size=200,
        ties=(trophies.prize.c.code,),
    )


def prizes(edition_id: UUID) -> sa.Select[Any]:
    return trophies.prizes().where(trophies.prize.c.edition_id == edition_id)
