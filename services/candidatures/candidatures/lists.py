"""The lists of pages and of the JSON API: their columns, filters and rows."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.tables import person
from essaim.text.departments import DEPARTMENTS
from essaim.web import N_, Column, Filter, Listing, Search, said
from essaim_contracts.words import DECISIONS, Words

from candidatures.application import ApplicationState
from candidatures.call import Call
from candidatures.labels import APPLICATION_STATES
from candidatures.store.application import application
from candidatures.store.committee import decision, score
from candidatures.store.erasure import erasure
from candidatures.store.project import project

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
_REST = (
    Column("department", N_("Département"), project.c.department),
    Column("sector", N_("Secteur"), project.c.sector),
    Column("state", N_("État"), application.c.state),
    Column("decision", N_("Décision"), decision.c.applied_decision),
    Column("mean", N_("Note"), application.c.mean),
    Column("received_at", N_("Reçue le"), application.c.received_at),
)
_FILTERS = (
    Filter("state", N_("État"), application.c.state, tuple(APPLICATION_STATES.items())),
    Filter("decision", N_("Décision"), decision.c.applied_decision, tuple(DECISIONS.items())),
)

APPLICATIONS = Listing(
    columns=(_NUMBER, _PROJECT, Column("bearer", N_("Porté par"), person.c.name), *_REST),
    filters=(
        Search("q", N_("Rechercher"), (project.c.title, application.c.number, person.c.name)),
        *_FILTERS,
    ),
    sort="number",
    size=50,
    key=application.c.id,
)

# What a funder sees: the same without the persons.
UNNAMED_APPLICATIONS = Listing(
    columns=(_NUMBER, _PROJECT, *_REST),
    filters=(Search("q", N_("Rechercher"), (project.c.title, application.c.number)), *_FILTERS),
    sort="number",
    size=50,
    key=application.c.id,
)


def decided_mean() -> Mean:
    """The mean once a decision was applied, empty before: what is said to a funder."""
    return sa.case((decision.c.applied_decision.is_not(None), application.c.mean))


def mean_seen_by(person_id: UUID, criteria: Collection[str], conflicts: Collection[UUID]) -> Mean:
    """The mean where her own points are in for all `criteria`, and no conflict keeps her away."""
    given = (
        sa.select(sa.func.count())
        .where(
            score.c.application_id == application.c.id,
            score.c.evaluator_id == person_id,
            score.c.criterion.in_(criteria),
        )
        .correlate(application)
        .scalar_subquery()
    )
    seen: list[sa.ColumnElement[bool]] = [application.c.id.not_in(conflicts)] if conflicts else []
    if criteria:
        seen.append(given == len(criteria))
    return sa.case((sa.and_(*seen), application.c.mean)) if seen else application.c.mean


def sorted_by(listing: Listing, mean: Mean) -> Listing:
    """The list, put in the order of the means that its reader may see."""
    columns = (
        replace(column, sort=mean) if column.name == "mean" else column
        for column in listing.columns
    )
    return replace(listing, columns=tuple(columns))


def listing_of(call: Call, language: str, mean: Mean, *, named: bool) -> Listing:
    """The list of a call's applications, also filtered by what this call offers."""
    listing = sorted_by(APPLICATIONS if named else UNNAMED_APPLICATIONS, mean)
    sectors = tuple((one.code, said(one.label, language)) for one in call.sectors)
    departments = tuple(
        (code, f"{DEPARTMENTS[code]} ({code})") for code in call.departments or DEPARTMENTS
    )
    filters = [Filter("department", N_("Département"), project.c.department, departments)]
    if sectors:
        filters.insert(0, Filter("sector", N_("Secteur"), project.c.sector, sectors))
    return replace(listing, filters=(*listing.filters, *filters))


def applications(call_id: UUID, mean: Mean, *, named: bool) -> sa.Select[Any]:
    """The applications received for a call, withdrawn ones included, drafts not."""
    bearer = [person.c.name.label("bearer")] if named else []
    return (
        sa.select(
            application.c.id,
            application.c.number,
            project.c.title.label("project"),
            *bearer,
            project.c.department,
            project.c.sector,
            application.c.state,
            decision.c.applied_decision.label("decision"),
            mean.label("mean"),
            application.c.received_at,
        )
        .select_from(
            # Outer joins alone: what is only counted then needs none of them.
            application.outerjoin(project, project.c.id == application.c.project_id)
            .outerjoin(person, person.c.id == application.c.bearer_id)
            .outerjoin(decision, decision.c.application_id == application.c.id)
        )
        .where(
            application.c.call_id == call_id, application.c.state != ApplicationState.DRAFT.value
        )
    )
