"""Messages as they go over the wire, many in one piece."""

import asyncio
from datetime import UTC, datetime

import pytest
from essaim.broker.frames import frame, headers_in
from essaim_contracts.envelope import Envelope, to_headers
from nats.aio.client import Client

HEADERS = {"Nats-Msg-Id": "one", "ce-source": "/premices/candidatures", "ce-said": "à Grenoble"}


def test_a_message_is_written_as_its_client_writes_it() -> None:
    client, body = Client(), "{« é »}".encode()
    asyncio.run(client._send_publish("essaim.a.b", "", body, len(body), HEADERS))

    # The client leaves the place of an address for the answer empty.
    assert [frame("essaim.a.b", HEADERS, body)] == [
        one.replace(b"essaim.a.b  ", b"essaim.a.b ") for one in client._pending
    ]


@pytest.mark.parametrize(
    ("subject", "headers"),
    [
        ("", {}),
        ("essaim.a b", {}),
        ("essaim.a\r\nPUB b", {}),
        ("essaim.a", {"a b": "c"}),
        ("essaim.a", {"": "c"}),
        ("essaim.a", {"a": "b\r\nc: d"}),
        ("essaim.a", {"a": "b\n"}),
        ("essaim.a", {"a": "\ud800"}),
    ],
)
def test_a_message_that_would_become_another_is_not_written(
    subject: str, headers: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"."):
        frame(subject, headers, b"{}")


ENVELOPE = Envelope(
    id="0170f6f4-c000-7998-9509-9f323c5115ef",
    type="essaim.candidatures.application.received.v1",
    source="/premices/candidatures",
    key="0170f6f4-c000-7998-9509-9f323c5115ef",
    time=datetime(2020, 1, 6, 8, 30, tzinfo=UTC),
    correlation_id="à relire : tout",
)


@pytest.mark.parametrize(
    "block",
    [
        frame("a", to_headers(ENVELOPE), b"").split(b"\r\n", 1)[1].removesuffix(b"\r\n"),
        b"NATS/1.0\r\na: b\r\na: c\r\n\r\n",
        b"NATS/1.0\r\na: b: c\r\n:d\r\n\r\n",
        b"NATS/1.0\r\nname:\tvalue \r\n\r\n",
        b"NATS/1.0\r\nname: d\xc3\xa9j\xc3\xa0 \xff\r\n\r\n",
        b"NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 3\r\n\r\n",
        b"NATS/1.0 503\r\n\r\n",
        b"NATS/1.0\r\n\r\n",
    ],
)
def test_headers_are_read_as_the_client_reads_them(block: bytes) -> None:
    theirs = asyncio.run(Client()._process_headers(block))

    assert headers_in(block) in (theirs, None)


def test_headers_as_we_write_them_are_read_at_a_glance() -> None:
    block = frame("a", to_headers(ENVELOPE), b"").split(b"\r\n", 1)[1].removesuffix(b"\r\n")

    assert headers_in(block) == to_headers(ENVELOPE)
