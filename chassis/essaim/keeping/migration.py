"""Brings a service's database to the version of the installed code, with Alembic.

A database may be of a later version: while two versions run side by side, or when one goes back to
the older. Migrations since the first release only add, so the older code works on it as it is.
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from essaim.keeping import tables
from essaim.keeping.database import Database
from essaim.keeping.followed import drop_followed, keep_followed
from essaim.keeping.texts import drop_indexes, is_index_of_texts, keep_indexes

if TYPE_CHECKING:
    from essaim.service import Service

log = structlog.get_logger()

_ONE_AT_A_TIME = 0x657374  # any constant: the advisory lock of PostgreSQL migrations


Heads = Mapping[str, str | tuple[str, ...]]
"""How far a database was migrated, or is to be, by package: its last revisions."""


def migrate(database: Database, service: "Service", to: Heads = MappingProxyType({})) -> None:
    """Apply what is missing of the chassis' and the service's migrations, in one transaction.

    `to` names revisions to stop at, by package; without, all of the installed code.
    """
    with database.reshape() as db:
        migrate_in(db, service, to)


def migrate_in(db: sa.Connection, service: "Service", to: Heads = MappingProxyType({})) -> None:
    """The same in a transaction that is open."""
    if db.dialect.name == "postgresql":
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    is_ours = not to
    for package, version_table in _branches(service):
        script = ScriptDirectory(str(_folder(package)))
        if later := _later(db, script, version_table):
            log.info("database of a later version", service=service.name, revisions=later)
            is_ours = False
        else:
            if not set(script.get_heads()) <= set(_applied(db, version_table)):
                # A step may take away what their triggers name, or make a table anew.
                drop_indexes(db)
                drop_followed(db)
            _upgrade(db, script, version_table, to.get(package, "heads"))
    if is_ours:
        ours = [*tables.metadata.tables.values(), *service.metadata.tables.values()]
        keep_indexes(db, ours)
        keep_followed(db, ours)


def heads_of(db: sa.Connection, service: "Service") -> dict[str, tuple[str, ...]]:
    """How far a database was migrated, by package."""
    return {
        package: MigrationContext.configure(
            db, opts={"version_table": version_table}
        ).get_current_heads()
        for package, version_table in _branches(service)
    }


def unknown_heads(heads: Mapping[str, tuple[str, ...]], service: "Service") -> list[str]:
    """Those that the installed code has no migration for: they are a later version's."""
    unknown = []
    for package, _ in _branches(service):
        known = {one.revision for one in ScriptDirectory(str(_folder(package))).walk_revisions()}
        unknown += [head for head in heads.get(package, ()) if head not in known]
    return unknown


def missing_migrations(database: Database, service: "Service") -> list[str]:
    """The revisions of the installed code that this database does not have yet."""
    missing = []
    with database.read() as db:
        for package, version_table in _branches(service):
            script = ScriptDirectory(str(_folder(package)))
            applied = _applied(db, version_table)
            if not _later(db, script, version_table):
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
            db,
            opts={"include_name": lambda name, *_: not (name in names or is_index_of_texts(name))},
        )
        return list(compare_metadata(context, declared))


def _branches(service: "Service") -> list[tuple[str, str]]:
    return [("essaim", "essaim_version"), (service.name, "service_version")]


def _folder(package: str) -> Path:
    return Path(str(files(package))) / "migrations"


def _applied(db: sa.Connection, version_table: str) -> tuple[str, ...]:
    context = MigrationContext.configure(db, opts={"version_table": version_table})
    return context.get_current_heads()


def _later(db: sa.Connection, script: ScriptDirectory, version_table: str) -> list[str]:
    """The applied revisions that the installed code does not have."""
    known = {revision.revision for revision in script.walk_revisions()}
    return [one for one in _applied(db, version_table) if one not in known]


def _upgrade(
    db: sa.Connection, script: ScriptDirectory, version_table: str, to: str | tuple[str, ...]
) -> None:
    def steps(revision: tuple[str, ...], _: MigrationContext) -> list[object]:
        return script._upgrade_revs(to, revision)  # type: ignore[return-value,arg-type]

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(
            connection=db,
            version_table=version_table,
            render_as_batch=db.dialect.name == "sqlite",
        )
        environment.run_migrations()
