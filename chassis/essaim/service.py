"""What a service is: data that the chassis runs."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any

import sqlalchemy as sa
import typer
from essaim_contracts import Fact, all_facts
from essaim_contracts.questions import EndSignIn, Question, SendSignInLink
from fastapi import APIRouter, Request, Response
from faststream.nats import NatsRouter
from prometheus_client.core import Metric

from essaim.consortium.partners import Stage
from essaim.hearing.router import Hearing
from essaim.people import answers as directory_answers
from essaim.people.erasure import Erasure, types_heard
from essaim.person import Role
from essaim.retention.rule import Rule
from essaim.retention.saying import Says
from essaim.settings import Settings
from essaim.work import Work


@dataclass(frozen=True)
class Timer:
    """Something to do when business time has passed: close a call, queue a reminder.

    `run` gets a Work and says whether it may have left something for another round.
    """

    name: str
    run: Callable[[Work], bool]
    every_seconds: float = 20.0


@dataclass(frozen=True)
class NavigationEntry:
    """A link of the menu. `label` is a French msgid; `path` is relative to the service.

    Only those who hold one of `roles` are shown it; everybody when there are none. With a `stage`
    it stands there in the menu of every service, else beside the service's other pages. `covers`
    are the paths of other pages that belong to it: `/calls/*/ranking`.
    """

    label: str
    path: str
    roles: tuple[Role, ...] = ()
    stage: Stage | None = None
    covers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Service:
    """One partner's service.

    `name` is also its Python package, its place in addresses and its NATS user. `title` and
    `purpose` are French msgids; `place` orders the partners where no consortium file does, lower
    first. `questions` are FastStream's routers of request and reply, whose functions run in worker
    threads; `asks` are the questions it asks others itself; `waits_for` says what waits for
    somebody here, which she is shown where she comes in; `moves` what somebody would take over from
    another; `welcome` is the home page of all for who
    is not signed in, where the directory is kept; `middlewares` are FastStream's, around each
    question and each chunk of facts. `workers` are coroutines of a `Runtime`, run while it holds
    the lease; each returns when cancelled. `figures` reads from its database what Prometheus is to
    know of it, each named `essaim_…` and labelled with the service. `retention` says how long it
    keeps each kind of personal data, in the order in which they are forgotten, `retention_says` by
    which facts people are told of it.
    """

    name: str
    title: str
    metadata: sa.MetaData
    hearing: Hearing
    routers: tuple[APIRouter, ...]
    purpose: str = ""
    place: int = 100
    settings: type[Settings] = Settings
    navigation: tuple[NavigationEntry, ...] = ()
    timers: tuple[Timer, ...] = ()
    workers: tuple[Callable[..., Awaitable[None]], ...] = ()
    questions: tuple[NatsRouter, ...] = ()
    asks: tuple[type[Question[Any]], ...] = ()
    welcome: Callable[[Request], Response] | None = None
    waits_for: directory_answers.WaitsFor = directory_answers.nothing_waits
    moves: directory_answers.MovesOf = directory_answers.nothing_moves
    middlewares: tuple[Any, ...] = ()
    commands: typer.Typer | None = None
    figures: Callable[[sa.Connection], Iterable[Metric]] | None = None
    erasure: Erasure = field(default_factory=Erasure)
    retention: tuple[Rule, ...] = ()
    retention_says: Says | None = None
    keeps_directory: bool = False

    @property
    def hears(self) -> frozenset[str] | None:
        """The types of the facts it hears, erasures included; None for all."""
        return types_heard(self.hearing)

    @property
    def answers(self) -> tuple[NatsRouter, ...]:
        """All that it answers: where the directory is kept, what that is asked; else what waits."""
        if self.keeps_directory:
            return (*self.questions, directory_answers.questions)
        in_her_name = (
            directory_answers.what_waits(self.name, self.waits_for),
            directory_answers.what_moves(self.name, self.moves),
        )
        return (*self.questions, *in_her_name)

    @property
    def asked(self) -> frozenset[str]:
        """The services it asks something: those of its own questions, and those of signing in."""
        of_signing_in = SendSignInLink if self.keeps_directory else EndSignIn
        return frozenset(one.answered_by() for one in (*self.asks, of_signing_in))

    @property
    def says(self) -> tuple[type[Fact], ...]:
        """The facts it owns, as the contracts say; nobody else may say them."""
        return tuple(fact for fact in all_facts() if fact.owner == self.name)


def installed_services() -> dict[str, Service]:
    """The services whose distributions are installed here, by name.

    Raises:
        ImportError: one of them is broken; the error names it.
    """
    found = {}
    for point in entry_points(group="essaim.services"):
        found[point.name] = point.load()
    return dict(sorted(found.items()))
