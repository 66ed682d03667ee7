"""Prizes, and the trophies they went with."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import upsert
from essaim.text.collation import order_key
from essaim_contracts.candidatures import PrizeKind, TrophyAwarded
from essaim_contracts.cohort import PrizeDelivered

from candidatures.ceremony import (
    PreparedTrophy,
    PrizeState,
    StandingPrize,
    unknown_prize_id,
    unknown_trophy,
)
from candidatures.store.cohort import cohort
from candidatures.store.metadata import metadata
from candidatures.store.programme import organisation
from candidatures.store.project import project
from candidatures.trophy import AwardedTrophy, PledgedPrize

prize = sa.Table(
    "prize",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("edition_id", sa.Uuid, nullable=False),
    sa.Column("code", sa.String(60), nullable=False),
    sa.Column("contributor_id", sa.Uuid, nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("value_eur", sa.Integer, nullable=False),
    sa.Column("invented", sa.Boolean, nullable=False),
    sa.Column("trophy_id", sa.Uuid),
    sa.UniqueConstraint("edition_id", "code", name="prize_code"),
)

trophy = sa.Table(
    "trophy",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("cohort_id", sa.Uuid, nullable=False, index=True),
    sa.Column("project_id", sa.Uuid, nullable=False),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("awarded_on", sa.Date, nullable=False),
    sa.Column("jury_ids", sa.JSON, nullable=False),
    # The running order of the ceremony; nobody is told before it is announced.
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    sa.Column("announced", sa.Boolean, nullable=False, server_default=sa.true()),
)

delivery = sa.Table(
    "prize_delivery",
    metadata,
    sa.Column("prize_id", sa.Uuid, primary_key=True),
    sa.Column("delivered_on", sa.Date, nullable=False),
    sa.Column("delivered_by_id", sa.Uuid, nullable=False),
    sa.Column("noted_by", sa.Uuid),
)


def prizes_of(db: sa.Connection, edition_id: UUID, *, lock: bool = False) -> list[PledgedPrize]:
    """The prizes pledged for an edition, by code."""
    query = sa.select(prize).where(prize.c.edition_id == edition_id).order_by(prize.c.code)
    rows = list(db.execute(query.with_for_update() if lock else query))
    titles = {row.id: row.title for row in db.execute(sa.select(trophy.c.id, trophy.c.title))}
    return [
        PledgedPrize(
            id=row.id,
            edition_id=row.edition_id,
            code=row.code,
            contributor_id=row.contributor_id,
            kind=PrizeKind(row.kind),
            title=row.title,
            value_eur=row.value_eur,
            given_with=titles.get(row.trophy_id),
        )
        for row in sorted(rows, key=lambda row: order_key(row.code))
    ]


def add_prize(db: sa.Connection, pledged: PledgedPrize) -> None:
    row = asdict(pledged) | {"kind": pledged.kind.value, "invented": False}
    del row["given_with"]
    db.execute(sa.insert(prize), row)


def prepare(
    db: sa.Connection, awarded: TrophyAwarded, jury_ids: Iterable[UUID], position: int
) -> None:
    """Set a trophy at its place in the running order, with its prizes; it is not announced."""
    db.execute(
        sa.insert(trophy),
        {
            "id": awarded.trophy_id,
            "cohort_id": awarded.cohort_id,
            "project_id": awarded.project_id,
            "title": awarded.title,
            "awarded_on": awarded.awarded_on,
            "jury_ids": [str(member) for member in jury_ids],
            "position": position,
            "announced": False,
        },
    )
    given = [one.prize_id for one in awarded.prizes]
    db.execute(sa.update(prize).where(prize.c.id.in_(given)).values(trophy_id=awarded.trophy_id))


def announce(db: sa.Connection, trophy_id: UUID) -> None:
    db.execute(sa.update(trophy).where(trophy.c.id == trophy_id).values(announced=True))


def take_back(db: sa.Connection, trophy_id: UUID) -> None:
    """It never was: its prizes wait for another."""
    db.execute(sa.update(prize).where(prize.c.trophy_id == trophy_id).values(trophy_id=None))
    db.execute(sa.delete(trophy).where(trophy.c.id == trophy_id))


def put_in_order(db: sa.Connection, order: Iterable[UUID]) -> None:
    for position, trophy_id in enumerate(order, 1):
        db.execute(sa.update(trophy).where(trophy.c.id == trophy_id).values(position=position))


def of_cohort(db: sa.Connection, cohort_id: UUID) -> list[PreparedTrophy]:
    """Every trophy of a cohort, announced or not, in the running order."""
    return _prepared(db, trophy.c.cohort_id == cohort_id)


def find(db: sa.Connection, trophy_id: UUID) -> PreparedTrophy:
    """
    Raises:
        Refusal: (404) there is no such trophy.
    """
    found = _prepared(db, trophy.c.id == trophy_id)
    if not found:
        raise unknown_trophy()
    return found[0]


def _prepared(db: sa.Connection, which: sa.ColumnElement[bool]) -> list[PreparedTrophy]:
    query = (
        sa.select(trophy, project.c.title.label("project"), project.c.bearer_ids)
        .join(project, project.c.id == trophy.c.project_id)
        .where(which)
        .order_by(trophy.c.position, trophy.c.awarded_on, trophy.c.id)
    )
    return [
        PreparedTrophy(
            id=row.id,
            cohort_id=row.cohort_id,
            position=row.position,
            title=row.title,
            project_id=row.project_id,
            project=row.project,
            bearer_ids=tuple(map(UUID, row.bearer_ids)),
            awarded_on=row.awarded_on,
            announced=row.announced,
            jury_ids=tuple(map(UUID, row.jury_ids)),
        )
        for row in db.execute(query)
    ]


_hander = organisation.alias("hander")
state = sa.case(
    (delivery.c.prize_id.is_not(None), PrizeState.DELIVERED.value),
    (trophy.c.announced.is_(sa.true()), PrizeState.AWARDED.value),
    (trophy.c.id.is_not(None), PrizeState.PREPARED.value),
    else_=PrizeState.PROMISED.value,
)
"""How far a prize has come."""


def prizes() -> sa.Select[Any]:
    """Every prize: who gives it, to whom, and how far it has come."""
    return sa.select(
        prize.c.id,
        prize.c.edition_id,
        prize.c.title,
        prize.c.kind,
        prize.c.value_eur,
        prize.c.contributor_id,
        organisation.c.name.label("donor"),
        prize.c.trophy_id,
        trophy.c.project_id,
        project.c.title.label("project"),
        trophy.c.awarded_on,
        state.label("state"),
        delivery.c.delivered_on,
        delivery.c.delivered_by_id,
        _hander.c.name.label("delivered_by"),
    ).select_from(
        prize.outerjoin(organisation, organisation.c.id == prize.c.contributor_id)
        .outerjoin(trophy, trophy.c.id == prize.c.trophy_id)
        .outerjoin(project, project.c.id == trophy.c.project_id)
        .outerjoin(delivery, delivery.c.prize_id == prize.c.id)
        .outerjoin(_hander, _hander.c.id == delivery.c.delivered_by_id)
    )


def standing_of(db: sa.Connection, edition_id: UUID) -> list[StandingPrize]:
    """The prizes of an edition, of the highest value first."""
    query = prizes().where(prize.c.edition_id == edition_id)
    rows = db.execute(query.order_by(prize.c.value_eur.desc(), prize.c.code))
    return [standing_prize(row) for row in rows]


def find_standing(db: sa.Connection, prize_id: UUID) -> StandingPrize:
    """
    Raises:
        Refusal: (404) there is no such prize.
    """
    row = db.execute(prizes().where(prize.c.id == prize_id)).one_or_none()
    if row is None:
        raise unknown_prize_id()
    return standing_prize(row)


def standing_prize(row: Any) -> StandingPrize:
    """A row of `prizes`."""
    return StandingPrize(**{**row._mapping, "state": PrizeState(row.state)})


def save_delivery(db: sa.Connection, delivered: PrizeDelivered, actor: UUID | None) -> None:
    row = delivered.model_dump(include={"prize_id", "delivered_on", "delivered_by_id"})
    upsert(db, delivery, [row | {"noted_by": actor}])


def undelivered(db: sa.Connection) -> dict[UUID, int]:
    """How many prizes of each cohort were announced and are not handed over."""
    query = (
        sa.select(trophy.c.cohort_id, sa.func.count(prize.c.id))
        .select_from(
            trophy.join(prize, prize.c.trophy_id == trophy.c.id).outerjoin(
                delivery, delivery.c.prize_id == prize.c.id
            )
        )
        .where(trophy.c.announced, delivery.c.prize_id.is_(None))
        .group_by(trophy.c.cohort_id)
    )
    return {row[0]: row[1] for row in db.execute(query)}


def of_edition(db: sa.Connection, edition_id: UUID) -> list[AwardedTrophy]:
    """The trophies of an edition with the titles of their projects, as they were awarded."""
    query = (
        sa.select(
            trophy.c.id,
            trophy.c.title,
            trophy.c.project_id,
            project.c.title.label("project_title"),
            trophy.c.awarded_on,
        )
        .select_from(
            trophy.join(cohort, cohort.c.id == trophy.c.cohort_id).join(
                project, project.c.id == trophy.c.project_id
            )
        )
        .where(cohort.c.edition_id == edition_id, trophy.c.announced)
    )
    found = [AwardedTrophy(**row._mapping) for row in db.execute(query)]
    return sorted(found, key=lambda one: (one.awarded_on, order_key(one.title)))
