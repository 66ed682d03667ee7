"""Messages as they go over the wire, many in one piece."""

import asyncio

import pytest
from essaim.broker.frames import frame
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
