"""One instance of a service is active: it holds the lease, and runs what only one may run."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import sqlalchemy as sa
import structlog

from essaim.keeping import lease
from essaim.keeping.database import Database, in_words, is_outage
from essaim.loops import Parts, Report, Run, rest
from essaim.threads import LONGEST, in_thread

log = structlog.get_logger()

Runs = dict[str, tuple[Run, Report]]
"""What is run, by name, and how each says what it waits for."""


class Leadership:
    """Keeps or seeks the lease. `runs` are the parts of whoever has it."""

    def __init__(self, database: Database, service: str, runs: Callable[[], Runs]) -> None:
        self._database = database
        self._service = service
        self._runs = runs
        self._until = 0.0
        self._is_database_out = False
        self._running: tuple[str, ...] = ()
        self.parts = Parts(self._say_failed)
        """All that runs for long in this service, whoever is active."""
        self.is_active = False

    @property
    def is_held(self) -> bool:
        """Whether nobody else can hold it: after the process was stopped, the clock has gone on."""
        return time.monotonic() < self._until

    @property
    def overdue(self) -> float:
        """Seconds since the lease ran out."""
        return time.monotonic() - self._until

    async def run(self) -> None:
        """Whoever loses the lease stops at once; until cancelled."""
        while True:
            asked = time.monotonic()
            try:
                mine = await in_thread(lease.take, self._database, self._service)
                if self._is_database_out:
                    log.info("the database can be used again", service=self._service)
                self._is_database_out = False
                if mine:
                    self._until = asked + lease.DURATION.total_seconds()
            except Exception as error:
                if not is_outage(error):
                    await self._become(False)
                    raise
                # Without the database nothing can be relayed or handled anyway; both hold on.
                self._say_out(error)
                mine = self.is_active
            await self._become(mine)
            await rest(lease.RENEWAL)

    async def stop(self) -> None:
        """End all parts and let another instance take over at once."""
        await self.parts.end()
        if self.is_active:
            with suppress(sa.exc.SQLAlchemyError, TimeoutError):
                # A database that is frozen must not keep us: the lease ends by itself.
                released = in_thread(lease.release, self._database, self._service)
                await asyncio.wait_for(released, LONGEST)
        self.is_active = False

    async def _become(self, active: bool) -> None:
        if active and not self.is_active:
            log.info("active", service=self._service)
            runs = self._runs()
            for name, (run, report) in runs.items():
                self.parts.start(name, run, report)
            self._running = tuple(runs)
            self.is_active = True
        elif not active and self.is_active:
            self.is_active = False
            log.warning("lease lost, standing by", service=self._service)
            await self.parts.end(*self._running)

    def _say_failed(self, name: str, error: Exception) -> None:
        """A mistake of ours with its traceback; a database that is out once, until it is back."""
        if is_outage(error):
            self._say_out(error)
        else:
            log.error("a part failed", service=self._service, part=name, exc_info=error)

    def _say_out(self, error: BaseException) -> None:
        if not self._is_database_out:
            self._is_database_out = True
            log.warning(
                "the database cannot be used; all waits for it",
                service=self._service,
                reason=in_words(error),
            )
