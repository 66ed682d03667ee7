"""The whole consortium in this process, and the small edition played in it by the HTTP APIs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import structlog
from backbone import until
from essaim.broker.client import connect
from essaim.broker.topology import OPERATOR
from essaim.cli.tokens import make_operator
from essaim.clock import SimulatedClock
from essaim.observing.tracing import Tracing
from essaim.running.embedded import Embedded, keys_folder
from essaim.service import installed_services
from essaim.text.languages import tongue_of
from essaim_demo.agreement import disagreements
from essaim_demo.client import Services, tokens_of
from essaim_demo.edition import read_edition
from essaim_demo.player import START, play
from essaim_demo.stage import Stage
from nats.aio.client import Client

EDITION = Path(__file__).parents[1] / "system" / "edition"


@contextmanager
def consortium_in(
    folder: Path, tracing: Callable[[str], Tracing] | None = None
) -> Iterator[Embedded]:
    """Four services and their broker, their data in `folder`, their pages on a free port."""
    # A command that another test ran in this process left the logs with a stream that is closed.
    structlog.reset_defaults()
    embedded = Embedded(installed_services(), folder, clock=SimulatedClock(START), tracing=tracing)
    with embedded.running() as server, embedded.served(server):
        yield embedded


@contextmanager
def stage_in(embedded: Embedded) -> Iterator[Stage]:
    """The services, to be asked as an operator; nothing is played."""
    keeper = embedded.runtimes["candidatures"]
    with keeper.work() as work:
        operator_id = make_operator(work.db)
    services = Services(embedded.address, tuple(embedded.runtimes), tokens_of(keeper))
    with closing(services):
        yield Stage(
            services,
            services.voice(operator_id, "fr"),
            read_edition(EDITION),
            tongue_of("essaim_demo", "fr"),
        )


@contextmanager
def played_in(embedded: Embedded) -> Iterator[Stage]:
    """The small edition, from its call to its trophies."""
    with stage_in(embedded) as stage:
        play(stage, lambda _at, _words: None)
        yield stage


def disagreements_of(embedded: Embedded) -> list[str]:
    """What is wrong between the services, the stream and a rebuilt read model."""

    async def asked() -> list[str]:
        # What was published is noted a moment later.
        await until(
            lambda: not any(one.readiness().unpublished for one in embedded.runtimes.values())
        )
        async with operator_of(embedded) as connection:
            return await disagreements(embedded.runtimes, connection)

    return asyncio.run(asked())


@asynccontextmanager
async def operator_of(embedded: Embedded) -> AsyncIterator[Client]:
    """A connection to its broker with the operator's rights."""
    url = embedded.runtimes["reporting"].settings.nats_url
    seed = (keys_folder(embedded.data) / OPERATOR).read_text()
    connection = await connect(url, OPERATOR, seed)
    try:
        yield connection
    finally:
        await connection.close()
