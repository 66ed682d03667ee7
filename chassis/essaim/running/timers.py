"""What is done when business time has passed: each timer at its beat, or all at once."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

from essaim.consortium.partners import Consortium
from essaim.keeping.commands import forget_old_commands
from essaim.loops import Run, goes_on, rest, waits
from essaim.observing.tracing import following, new_origin
from essaim.retention.forgetting import announce, forget_due
from essaim.service import Service, Timer
from essaim.settings import Settings
from essaim.threads import in_thread
from essaim.work import Work


def _forget_old_commands(work: Work) -> bool:
    forget_old_commands(work.db)
    return False


def timers_of(
    service: Service, settings: Settings, consortium: Callable[[], Consortium]
) -> tuple[Timer, ...]:
    """A service's own, and those that every service has."""
    return (
        *service.timers,
        Timer("forget old commands", _forget_old_commands, every_seconds=3600),
        Timer("retention", _terms(service, settings, consortium), every_seconds=86_400),
    )


def _terms(
    service: Service, settings: Settings, consortium: Callable[[], Consortium]
) -> Callable[[Work], bool]:
    """Announces once a day what is near its end, and forgets it where the operator wants that."""
    announced_on: date | None = None
    by_itself, says = settings.retention == "apply", service.retention_says

    def keep_terms(work: Work) -> bool:
        nonlocal announced_on
        durations = consortium().durations_of(service.name)
        if announced_on != work.today:
            announce(work, service.retention, durations, says=says, by_itself=by_itself)
            announced_on = work.today
        if not by_itself:
            return False
        return bool(forget_due(work, service.retention, durations, only_announced=True, says=says))

    return keep_terms


class Timers:
    """The timers of one service; `work` opens a transaction that sends its facts at once."""

    def __init__(
        self, timers: tuple[Timer, ...], work: Callable[[], AbstractContextManager[Work]]
    ) -> None:
        self._timers = timers
        self._work = work

    def run_all(self) -> None:
        """Run every timer until none has anything left."""
        for timer in self._timers:
            while self._run(timer)[0]:
                pass

    def beats(self) -> dict[str, Run]:
        """Each timer's own loop, by its name."""

        def beat(timer: Timer) -> Run:
            return lambda: self._tick(timer)

        return {timer.name: beat(timer) for timer in self._timers}

    async def _tick(self, timer: Timer) -> None:
        while True:
            again, left_out = await in_thread(self._run, timer)
            if left_out:
                waits("; ".join(left_out))
            else:
                goes_on()
            if left_out or not again:
                await rest(timer.every_seconds)

    def _run(self, timer: Timer) -> tuple[bool, list[str]]:
        """Whether something may be left for another round, and what could not be done."""
        with following(new_origin()), self._work() as work:
            again = timer.run(work)
        return again, work.left_out
