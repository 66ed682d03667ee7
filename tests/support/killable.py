"""What a fault test kills and starts again: services, the broker and PostgreSQL, all its own."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Protocol

import party
import postgres
import psutil
import sqlalchemy as sa
from essaim.settings import Settings
from waiting import PATIENCE

# Forked from a process that has imported everything, a service starts in a tenth of the time.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["essaim.running.runtime", "essaim_contracts.scheduling"])


class Killable(Protocol):
    def kill(self) -> None: ...

    def start(self) -> None: ...

    @property
    def pid(self) -> int | None: ...


class Party:
    """A service in a process of its own; what it prints is in the files `said` and `log`."""

    def __init__(self, folder: Path, name: str, settings: Settings) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.said, self.log = folder / "said", folder / "log"
        self._arguments = (name, settings, folder)
        self._process: ForkServerProcess | None = None

    def start(self) -> None:
        self._process = _FORKS.Process(target=party.main, args=self._arguments, daemon=True)
        self._process.start()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.join()

    def stop(self) -> int | None:
        """Ask it to end, as an operator does; returns its exit code, None when it does not."""
        if self._process is None:
            raise AssertionError(f"{self.name} was not started")
        self._process.terminate()
        self._process.join(PATIENCE)
        return self._process.exitcode


class Postgres:
    """A PostgreSQL of our own. `kill` is a crash: it recovers from its log when it starts."""

    def __init__(self) -> None:
        self._server = postgres.new_server()

    def url(self, database: str) -> str:
        engine = sa.create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f'CREATE DATABASE "{database}"'))
        engine.dispose()
        return self._url(database)

    def _url(self, database: str) -> str:
        url = postgres.url_of(self._server, database).set(drivername="postgresql")
        return url.render_as_string(hide_password=False)

    @property
    def pid(self) -> int | None:
        return self._server.get_pid()

    def kill(self) -> None:
        server = psutil.Process(self.pid)
        children = server.children()
        server.kill()
        # They end once they notice that their parent is gone; before, nothing may start here.
        psutil.wait_procs(children, timeout=PATIENCE)
        (self._server.pgdata / "postmaster.pid").unlink(missing_ok=True)

    def start(self) -> None:
        postgres.start(self._server)

    def stop(self) -> None:
        postgres.end(self._server)


@contextmanager
def paused(victim: Killable) -> Iterator[None]:
    """Stop a process where it is, as a busy machine does; it goes on at the end."""
    if victim.pid is None:
        raise AssertionError("it is not running")
    os.kill(victim.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(victim.pid, signal.SIGCONT)
