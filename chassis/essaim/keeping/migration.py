"""Brings a service's database to the version of the installed code, with Alembic."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from essaim.keeping import tables
from essaim.keeping.database import Database

if TYPE_CHECKING:
    from essaim.service import Service

_ONE_AT_A_TIME = 0x657374  # any constant: the advisory lock of PostgreSQL migrations


Heads = Mapping[str, tuple[str, ...]]
"""The last revisions of a database, by the table that names them."""


def migrate(database: Database, service: "Service") -> None:
    """Apply what is missing of the chassis' and the service's migrations, in one transaction."""
    with database.write() as db:
        migrate_to(db, service, {})


def migrate_to(db: sa.Connection, service: "Service", heads: Heads) -> None:
    """The same in this transaction, as far as these heads; where none are named, to the last."""
    if db.dialect.name == "postgresql":
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    for package, version_table in _branches(service):
        _upgrade(db, _folder(package), version_table, heads.get(version_table))


def heads_of(db: sa.Connection, service: "Service") -> dict[str, tuple[str, ...]]:
    """How far a database was migrated; nothing for one that never was."""
    return {
        version_table: MigrationContext.configure(
            db, opts={"version_table": version_table}
        ).get_current_heads()
        for _, version_table in _branches(service)
    }


def unknown_heads(heads: Heads, service: "Service") -> list[str]:
    """Those that the installed code has no migration for: they are a later version's."""
    unknown = []
    for package, version_table in _branches(service):
        script = ScriptDirectory(str(_folder(package)))
        known = {one.revision for one in script.walk_revisions()}
        unknown += [head for head in heads.get(version_table, ()) if head not in known]
    return unknown


def missing_migrations(database: Database, service: "Service") -> list[str]:
    """The revisions of the installed code that this database does not have yet."""
    missing = []
    with database.read() as db:
        for package, version_table in _branches(service):
            context = MigrationContext.configure(db, opts={"version_table": version_table})
            script = ScriptDirectory(str(_folder(package)))
            applied = set(context.get_current_heads())
            missing += [head for head in script.get_heads() if head not in applied]
    return missing


def differences(database: Database, service: "Service") -> list[object]:
    """What separates the migrated database from the tables declared in code. Empty when sound."""
    declared = sa.MetaData()
    for source in (tables.metadata, service.metadata):
        for table in source.tables.values():
            table.to_metadata(declared)
    with database.read() as db:
        names = {version_table for _, version_table in _branches(service)}
        context = MigrationContext.configure(
            db, opts={"include_name": lambda name, kind, _: not (kind == "table" and name in names)}
        )
        return list(compare_metadata(context, declared))


def _branches(service: "Service") -> list[tuple[str, str]]:
    return [("essaim", "essaim_version"), (service.name, "service_version")]


def _folder(package: str) -> Path:
    return Path(str(files(package))) / "migrations"


def _upgrade(
    db: sa.Connection, folder: Path, version_table: str, heads: tuple[str, ...] | None
) -> None:
    script = ScriptDirectory(str(folder))

    def steps(revision: tuple[str, ...], _: MigrationContext) -> list[object]:
        return script._upgrade_revs(heads or "heads", revision)  # type: ignore[return-value,arg-type]

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(
            connection=db,
            version_table=version_table,
            render_as_batch=db.dialect.name == "sqlite",
        )
        environment.run_migrations()
