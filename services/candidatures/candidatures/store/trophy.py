"""Prizes, and the trophies they went with."""

from collections.abc import Iterable
from dataclasses import asdict
from uuid import UUID

import sqlalchemy as sa
from essaim.text.collation import order_key
from essaim_contracts.candidatures import PrizeKind, TrophyAwarded

from candidatures.store.cohort import cohort
from candidatures.store.metadata import metadata
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


def add(db: sa.Connection, awarded: TrophyAwarded, jury_ids: Iterable[UUID]) -> None:
    db.execute(
        sa.insert(trophy),
        {
            "id": awarded.trophy_id,
            "cohort_id": awarded.cohort_id,
            "project_id": awarded.project_id,
            "title": awarded.title,
            "awarded_on": awarded.awarded_on,
            "jury_ids": [str(member) for member in jury_ids],
        },
    )
    given = [one.prize_id for one in awarded.prizes]
    db.execute(sa.update(prize).where(prize.c.id.in_(given)).values(trophy_id=awarded.trophy_id))


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
        .where(cohort.c.edition_id == edition_id)
    )
    found = [AwardedTrophy(**row._mapping) for row in db.execute(query)]
    return sorted(found, key=lambda one: (one.awarded_on, order_key(one.title)))
