"""A service finds its way back to the broker, whatever the broker had against it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from backbone import INSTALLED, Consortium, until
from essaim.broker.asking import AskFailed
from essaim.broker.connection import Broker
from essaim.broker.rights import users_config
from essaim.broker.users import keys_of, new_seed
from essaim.running.nats_server import NatsServer
from essaim_contracts.questions import Question
from faststream.nats import NatsRouter
from pydantic import BaseModel
from waiting import PATIENCE


class Echo(BaseModel):
    heard: bool


class AskCandidatures(Question[Echo]):
    subject = "essaim.ask.candidatures.echo"
    answer = Echo

    heard: bool


def echoing(service: str) -> NatsRouter:
    router = NatsRouter()

    @router.subscriber(f"essaim.ask.{service}.echo", queue=service)
    def echo(asked: Echo) -> Echo:
        return asked

    return router


@asynccontextmanager
async def staying(consortium: Consortium, service: str) -> AsyncIterator[Broker]:
    broker = Broker(consortium.settings(service), service, [echoing(service)])
    task = asyncio.ensure_future(broker.stay())
    try:
        yield broker
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        with suppress(Exception):
            await broker.stop()


def restart(server: NatsServer, seeds: dict[str, str]) -> None:
    server.kill()
    server._config = users_config(INSTALLED, keys_of(seeds))
    server.start()


@pytest.mark.slow
async def test_a_broker_that_did_not_know_the_key_for_a_while_is_joined_again(
    consortium: Consortium, tmp_path: Path
) -> None:
    """As when it is restarted before its users are written."""
    wrong = {user: new_seed() for user in consortium.seeds}
    server = NatsServer(tmp_path, users_config(INSTALLED, keys_of(wrong)))
    server.start()
    try:
        async with staying(Consortium(server, consortium.seeds), "scheduling") as broker:
            for _ in range(2):
                await until(lambda: "ESSAIM_NATS_SEED" in (broker.trouble or ""))
                restart(server, consortium.seeds)
                await until(lambda: broker.is_connected)
                restart(server, wrong)
    finally:
        server.stop()


async def test_a_connection_the_server_closed_for_a_reason_is_made_anew(
    consortium: Consortium,
) -> None:
    async with (
        staying(consortium, "candidatures") as broker,
        staying(consortium, "reporting") as it,
    ):
        await until(lambda: broker.is_connected and it.is_connected)
        # nats-py does not count the headers; the server does, and closes.
        whole = b"x" * broker.connection.max_payload
        await broker.connection.publish("essaim.ask.notifications.echo", whole, headers={"a": "b"})
        await until(lambda: broker.reconnects)
        assert await answered(it) == Echo(heard=True)


async def answered(asker: Broker) -> Echo:
    """The answer, once the other end listens again."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while True:
        try:
            return await asker.ask(AskCandidatures(heard=True))
        except AskFailed:
            if asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(0.01)


def test_a_server_that_was_stopped_is_not_started_again_by_who_found_it_ended(
    tmp_path: Path,
) -> None:
    """As the consortium stops while what watches its broker finds that it ended."""
    server = NatsServer(tmp_path)
    server.start()
    stopped = server.pid
    server.stop()
    server.restart()
    assert server.pid == stopped
    server.start()
    server.restart()
    assert server.pid != stopped
    server.stop()


async def test_what_begins_beside_its_connection_runs_once_that_stands(
    consortium: Consortium,
) -> None:
    broker = Broker(consortium.settings("candidatures"), "candidatures")
    found: list[bool] = []

    async def look() -> None:
        found.append(broker.is_connected)

    beginning = asyncio.ensure_future(broker.once_begun(look)())
    await broker.start()
    await beginning
    assert found == [True]
    await broker.stop()
