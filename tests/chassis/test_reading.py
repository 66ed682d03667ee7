"""What an operator reads of a stream, when what reads it for her goes in the middle."""

from collections.abc import AsyncIterator

import pytest
from backbone import Consortium
from essaim.broker.topology import OPERATOR
from essaim.operating.reading import read_to_end
from nats.aio.client import Client
from nats.js.api import StreamConfig

STREAM = "LONG"
MANY = 10_000


@pytest.fixture
async def operator(consortium: Consortium) -> AsyncIterator[Client]:
    connection = await consortium.connect(OPERATOR)
    yield connection
    await connection.close()


async def _forget_readers(operator: Client) -> None:
    for one in await operator.jetstream().consumers_info(STREAM):
        await operator.jetstream().delete_consumer(STREAM, one.name)


async def test_a_reading_whose_consumer_goes_goes_on_behind_the_last_message(
    operator: Client,
) -> None:
    jetstream = operator.jetstream()
    await jetstream.add_stream(StreamConfig(name=STREAM, subjects=["long.>"]))
    for _ in range(MANY):
        await jetstream.publish_async("long.x", b"x")
    await jetstream.publish_async_completed()
    read: list[int] = []
    async for message in read_to_end(operator, STREAM):
        read.append(message.seq)
        if len(read) in (1, 5000):
            await _forget_readers(operator)
    assert read == list(range(1, MANY + 1))
