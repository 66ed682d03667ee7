"""What the tables of all concepts are made of."""

from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa

metadata = sa.MetaData()


def identifier(
    name: str, *, key: bool = False, optional: bool = False, index: bool = False
) -> sa.Column[UUID]:
    return sa.Column(name, sa.Uuid, primary_key=key, nullable=optional, index=index or None)


def code(
    name: str,
    members: type[StrEnum] | None = None,
    *,
    key: bool = False,
    optional: bool = False,
    index: bool = False,
) -> sa.Column[str]:
    """A column of short texts, which leave the database as `members` of an enum if named."""
    kind = sa.String(60) if members is None else _member_of(members)
    return sa.Column(name, kind, primary_key=key, nullable=optional, index=index or None)


def _member_of(members: type[StrEnum]) -> sa.Enum:
    return sa.Enum(members, native_enum=False, length=60, values_callable=_values)


def _values(members: type[StrEnum]) -> list[str]:
    return [member.value for member in members]
