"""One instance of a service is active: it holds the lease, and runs what only one may run."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import sqlalchemy as sa
import structlog

from essaim.keeping import lease
from essaim.keeping.database import Database, in_words, is_outage
from essaim.loops import cancel
from essaim.threads import in_thread

log = structlog.get_logger()

Run = Callable[[], Awaitable[None]]


class Leadership:
    """Keeps or seeks the lease. `runs` are the parts of whoever has it, by name."""

    def __init__(
        self, database: Database, service: str, runs: Callable[[], dict[str, Run]]
    ) -> None:
        self._database = database
        self._service = service
        self._runs = runs
        self._until = 0.0
        self._is_database_out = False
        self._tasks: list[asyncio.Task[None]] = []
        self.is_active = False
        self.failing: dict[str, str] = {}
        """The parts that failed when they were last run, and how."""

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
                # Without the database nothing can be relayed or handled anyway; both hold on.
                self.say_failed("lease not renewed", error)
                mine = self.is_active and is_outage(error)
            await self._become(mine)
            await asyncio.sleep(lease.RENEWAL)

    async def stop(self) -> None:
        """End the parts and let another instance take over at once."""
        await cancel(self._tasks)
        if self.is_active:
            with suppress(sa.exc.SQLAlchemyError):
                await in_thread(lease.release, self._database, self._service)
        self.is_active = False

    async def _become(self, active: bool) -> None:
        if active and not self.is_active:
            self.is_active = True
            log.info("active", service=self._service)
            parts = self._runs().items()
            self._tasks = [asyncio.ensure_future(self._keep(name, run)) for name, run in parts]
        elif not active and self.is_active:
            self.is_active = False
            log.warning("lease lost, standing by", service=self._service)
            await cancel(self._tasks)

    async def _keep(self, name: str, run: Run) -> None:
        """Run a part until it returns; after an error nobody foresaw, again."""
        while True:
            try:
                await run()
                self.failing.pop(name, None)
                return
            except Exception as error:
                self.failing[name] = in_words(error)
                self.say_failed("a part failed", error, part=name)
                await asyncio.sleep(1.0)

    def say_failed(self, what: str, error: Exception, **values: str) -> None:
        """A mistake of ours with its traceback; a database that is out once, until it is back."""
        if not is_outage(error):
            log.exception(what, service=self._service, error=repr(error), **values)
        elif not self._is_database_out:
            self._is_database_out = True
            log.warning(
                "the database cannot be used; all waits for it",
                service=self._service,
                reason=in_words(error),
            )
