from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant
from essaim.keeping.listed import listed
from essaim.web import N_, Column, Filter, Listing, Search
from essaim.work import Work

metadata = sa.MetaData()

notice = sa.Table(
    "notice",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    *listed(sa.Column("title", sa.String(200), nullable=False)),
    sa.Column("tone", sa.String(20), nullable=False),
    sa.Column("places", sa.Integer, nullable=False),
    sa.Column("pinned_at", Instant, nullable=False),
)

NOTICES = Listing(
    columns=(
        Column("title", N_("Annonce"), notice.c.title),
        Column("tone", N_("Ton")),
        Column("places", N_("Places"), notice.c.places),
        Column("pinned_at", N_("Affichée le"), notice.c.pinned_at),
    ),
    filters=(
        Search("q", N_("Rechercher"), (notice.c.title,)),
        Filter("tone", N_("Ton"), notice.c.tone, (("calm", N_("Calme")), ("urgent", N_("Urgent")))),
    ),
    sort="title",
    size=3,
    key=notice.c.id,
)


def notices() -> sa.Select[Any]:
    columns = (notice.c.title, notice.c.tone, notice.c.places, notice.c.pinned_at)
    return sa.select(*columns)


def pin(work: Work, id: UUID, title: str, tone: str, places: int) -> None:
    row = {"id": id, "title": title, "tone": tone, "places": places, "pinned_at": work.now}
    work.db.execute(sa.insert(notice), row)
