"""How programmes word their letters: every version of each text."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from essaim.keeping.database import Instant

from notifications.message import LANGUAGES
from notifications.store.tables import metadata
from notifications.wording import SHEETS, Wording

wording = sa.Table(
    "wording",
    metadata,
    sa.Column("programme", sa.String(60), primary_key=True),
    sa.Column("sheet", sa.String(80), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("fr", sa.Text),
    sa.Column("en", sa.Text),
)
"""The last version holds. One without texts says that the shipped text holds again."""


class Version(NamedTuple):
    """One version in the history of a text."""

    wording: Wording
    made_at: datetime


def find(db: sa.Connection, programme: str, sheet: str) -> Wording:
    """As it is worded now; version 0 when the programme never worded it."""
    query = _of(programme, sheet).order_by(wording.c.version.desc()).limit(1)
    row = db.execute(query).one_or_none()
    return _read(row) if row else Wording(0, None)


def of_template(db: sa.Connection, programme: str, template: str, language: str) -> dict[str, str]:
    """The own texts of one template in a language, by sheet."""
    names = [name for name, sheet in SHEETS.items() if sheet.template == template]
    query = sa.select(wording).where(wording.c.programme == programme, wording.c.sheet.in_(names))
    last = {row.sheet: _read(row) for row in db.execute(query.order_by(wording.c.version))}
    return {sheet: one.texts[language] for sheet, one in last.items() if one.texts}


def find_version(db: sa.Connection, programme: str, sheet: str, version: int) -> Wording | None:
    row = db.execute(_of(programme, sheet).where(wording.c.version == version)).one_or_none()
    return _read(row) if row else None


def history(db: sa.Connection, programme: str, sheet: str) -> list[Version]:
    """Every version, the last one first."""
    rows = db.execute(_of(programme, sheet).order_by(wording.c.version.desc()))
    return [Version(_read(row), row.made_at) for row in rows]


def worded(db: sa.Connection, programme: str) -> dict[str, Wording]:
    """What a programme words in its own way, by sheet."""
    query = sa.select(wording).where(wording.c.programme == programme)
    last = {row.sheet: _read(row) for row in db.execute(query.order_by(wording.c.version))}
    return {sheet: one for sheet, one in last.items() if one.texts}


def add(db: sa.Connection, programme: str, sheet: str, new: Wording, at: datetime) -> None:
    texts = new.texts or {}
    row = {language: texts.get(language) for language in LANGUAGES}
    key = {"programme": programme, "sheet": sheet, "version": new.version}
    db.execute(sa.insert(wording).values(key | row | {"made_at": at}))


def _of(programme: str, sheet: str) -> sa.Select[Any]:
    return sa.select(wording).where(wording.c.programme == programme, wording.c.sheet == sheet)


def _read(row: sa.Row[Any]) -> Wording:
    texts = {language: getattr(row, language) for language in LANGUAGES}
    return Wording(row.version, texts if all(texts.values()) else None)
