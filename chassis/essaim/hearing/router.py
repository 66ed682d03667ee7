"""How a service says which facts it hears, as FastStream's routers do, and what it does then.

    facts = FactRouter("notifications")

    @facts.subscriber(ApplicationReceived)
    def acknowledge_application(received: ApplicationReceived, work: Work) -> None: ...

A function is called in order of the stream, inside the transaction of its chunk; its effects go
through its Work only.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from essaim_contracts import Fact

from essaim.hearing.message import Heard, Passing
from essaim.work import Work

F = TypeVar("F", bound=Fact)
Handler = Callable[[Any, Work], None]
WorkFor = Callable[[Heard], AbstractContextManager[Work]]
"""What gives the Work of a fact, for as long as it is handled."""
Watch = Callable[[Sequence[Passing], Work], None]
"""What is called with the facts of a chunk, those of types nobody here knows too."""


class Hearing(Protocol):
    """What is called with the new facts of a chunk, inside its transaction."""

    repeatable: bool
    """Whether handling a fact a second time changes nothing."""

    @property
    def types(self) -> frozenset[str] | None:
        """The types of the facts it hears, None for all: its consumer's filter."""
        ...

    @property
    def watch(self) -> Watch | None:
        """What is shown every fact that passes, beside what is done with those it knows.

        One call for a chunk, inside its transaction and before any function. The same fact may
        come again, so what it writes it writes once.
        """
        ...

    def knows(self, type: str) -> bool:
        """Whether something is done with facts of this type."""
        ...

    def handle(self, heard: list[Heard], work_for: WorkFor) -> None: ...


class FactRouter:
    """The functions of one service, by the facts they hear; `service` is its durable consumer."""

    repeatable = False

    def __init__(self, service: str) -> None:
        self.service = service
        self._handlers: dict[str, list[Handler]] = defaultdict(list)
        self.watch: Watch | None = None

    def subscriber(
        self, *facts: type[F]
    ) -> Callable[[Callable[[F, Work], None]], Callable[[F, Work], None]]:
        """Register a function of these facts; it stays the plain function it is."""

        def register(handler: Callable[[F, Work], None]) -> Callable[[F, Work], None]:
            for fact in facts:
                self._handlers[fact.type].append(handler)
            return handler

        return register

    def watcher(self, watch: Watch) -> Watch:
        """Register what is shown every fact of the stream: `@facts.watcher`. There is one."""
        self.watch = watch
        return watch

    @property
    def types(self) -> frozenset[str] | None:
        return None if self.watch else frozenset(self._handlers)

    def knows(self, type: str) -> bool:
        return type in self._handlers

    def handle(self, heard: list[Heard], work_for: WorkFor) -> None:
        for one in heard:
            with work_for(one) as work:
                for handler in self._handlers[one.envelope.type]:
                    handler(one.fact, work)
