"""What the programmes are called, to be named in letters."""

import sqlalchemy as sa
from essaim.keeping.database import upsert

from notifications.store.tables import metadata

programme = sa.Table(
    "programme",
    metadata,
    sa.Column("slug", sa.String(60), primary_key=True),
    sa.Column("name", sa.String(300), nullable=False),
)


def save(db: sa.Connection, slug: str, name: str) -> None:
    upsert(db, programme, [{"slug": slug, "name": name}])


def all_names(db: sa.Connection) -> dict[str, str]:
    """The programmes that opened a call, by their slug."""
    rows = db.execute(sa.select(programme).order_by(programme.c.name))
    return {row.slug: row.name for row in rows}


def name_of(db: sa.Connection, slug: str) -> str | None:
    """None for a programme that opened no call yet."""
    return db.scalar(sa.select(programme.c.name).where(programme.c.slug == slug))
