"""What partners elsewhere may do, a row a right: granted, or refused in words and in the log.

`mentoring` is told of one programme, follows the directory and may ask scheduling; `press` hears a
fact, has no directory and asks nobody.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from backbone import INSTALLED, until
from essaim.broker.client import connect
from essaim.broker.rights import users_config
from essaim.broker.topology import OPERATOR, apply, declared
from essaim.broker.users import keys_of, new_seed, public_key_of, seeds_in, users_of
from essaim.consortium.partners import Consortium, Directory, Partner, Seen
from essaim.running.nats_server import NatsServer
from essaim_contracts.words import Words
from nats.aio.client import Client
from waiting import PATIENCE

ID = "01a2018a-0000-7000-8000-000000000001"
FORGOTTEN = "essaim.mentoring.person.forgotten.v1"
HELD = "essaim.scheduling.session.held.v1"
SEEDS = {"mentoring": new_seed(), "press": new_seed()}


def a_partner(service: str, directory: Directory, **more: object) -> Partner:
    partner = Partner(
        service,
        "Ailleurs",
        Words(service, service),
        Words(service, service),
        None,
        directory,
        says=frozenset({f"essaim.{service}.thing.done.v1"}),
        hears=frozenset({HELD}),
        asks=frozenset(),
        key=public_key_of(SEEDS[service]),
    )
    return replace(partner, **more)  # type: ignore[arg-type]


CONSORTIUM: Consortium = replace(
    INSTALLED,
    partners=(
        *INSTALLED.partners,
        a_partner(
            "mentoring",
            Directory.READS,
            says=frozenset({"essaim.mentoring.thing.done.v1", FORGOTTEN}),
            asks=frozenset({"scheduling"}),
            sees=frozenset({Seen.NAME}),
            programmes=frozenset({"premices"}),
        ),
        a_partner("press", Directory.NONE),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    folder = tmp_path_factory.mktemp("nats")
    seeds = seeds_in(folder / "keys", users_of(CONSORTIUM))
    server = NatsServer(folder, users_config(CONSORTIUM, keys_of(seeds)))
    server.start()
    asyncio.run(_declare(server, seeds[OPERATOR]))
    yield server
    server.stop()


async def _declare(server: NatsServer, seed: str) -> None:
    connection = await connect(server.url, OPERATOR, seed)
    await apply(connection, declared(CONSORTIUM))
    await connection.close()


@pytest.fixture
def refused() -> "asyncio.Queue[str]":
    """What the server said it refuses, in small letters."""
    return asyncio.Queue()


@pytest.fixture
async def client(
    server: NatsServer, user: str, refused: "asyncio.Queue[str]"
) -> AsyncIterator[Client]:
    async def note(error: Exception) -> None:
        await refused.put(str(error).lower().replace("essaim-api.", "$js.api."))

    connection = await connect(server.url, user, SEEDS[user], error_cb=note)
    yield connection
    await connection.close()


NEXT = b'{"batch": 1, "no_wait": true}'
ANSWERED = {
    "its own fact, of its programme": (
        "mentoring", f"essaim.premices.mentoring.thing.done.v1.{ID}", b"{}",
    ),
    "its own fact, of no single programme": (
        "mentoring", f"essaim.network.mentoring.thing.done.v1.{ID}", b"{}",
    ),
    "its own fact, of any programme where none is named": (
        "press", f"essaim.tremplin.press.thing.done.v1.{ID}", b"{}",
    ),
    "a dead letter of its own": ("press", "essaim-dead.press.1", b"{}"),
    "how full the stream is": ("press", "$JS.API.STREAM.INFO.ESSAIM", b""),
    "its own consumer": ("press", "$JS.API.CONSUMER.INFO.ESSAIM.press", b""),
    "a pull of its own consumer": ("press", "$JS.API.CONSUMER.MSG.NEXT.ESSAIM.press", NEXT),
    "its own consumer, from where its database is": (
        "press", "$JS.API.CONSUMER.RESET.ESSAIM.press", b'{"seq": 1}',
    ),
    "its own entries of the directory": (
        "mentoring", "$JS.API.CONSUMER.MSG.NEXT.KV_directory.mentoring-directory", NEXT,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("user", "subject", "body"), ANSWERED.values(), ids=[one.replace(" ", "-") for one in ANSWERED]
)
async def test_what_is_its_right_is_answered(
    client: Client, refused: "asyncio.Queue[str]", user: str, subject: str, body: bytes
) -> None:
    inbox = await client.subscribe(client.new_inbox())
    await client.publish(subject, body, reply=inbox.subject)
    answer = await inbox.next_msg(PATIENCE)
    said = json.loads(answer.data) if answer.data else {}
    assert "error" not in said, said
    assert refused.empty()


REFUSED = {
    "another's fact": ("press", f"essaim.premices.scheduling.session.held.v1.{ID}"),
    "that somebody is erased": ("press", f"essaim.network.candidatures.person.erased.v1.{ID}"),
    "its own fact, of another programme": (
        "mentoring", f"essaim.tremplin.mentoring.thing.done.v1.{ID}",
    ),
    "another's dead letter": ("press", "essaim-dead.scheduling.1"),
    "another's durable": ("press", "$JS.API.CONSUMER.MSG.NEXT.ESSAIM.reporting"),
    "where another's durable is": ("press", "$JS.API.CONSUMER.INFO.ESSAIM.reporting"),
    "to set another's durable back": ("press", "$JS.API.CONSUMER.RESET.ESSAIM.reporting"),
    "to acknowledge for another": ("press", "$JS.ACK.ESSAIM.reporting.1.1.1.1.1"),
    "to rebuild from all facts": ("press", "$JS.API.CONSUMER.MSG.NEXT.ESSAIM.press-rebuild"),
    "to create a consumer": ("press", "$JS.API.CONSUMER.CREATE.ESSAIM.spy"),
    "to create a durable": ("press", "$JS.API.CONSUMER.DURABLE.CREATE.ESSAIM.spy"),
    "to delete its consumer": ("press", "$JS.API.CONSUMER.DELETE.ESSAIM.press"),
    "to purge": ("press", "$JS.API.STREAM.PURGE.ESSAIM"),
    "to delete the stream": ("press", "$JS.API.STREAM.DELETE.ESSAIM"),
    "to change the stream": ("press", "$JS.API.STREAM.UPDATE.ESSAIM"),
    "any message of the stream": ("press", "$JS.API.STREAM.MSG.GET.ESSAIM"),
    "the last of another's facts": (
        "press", f"$JS.API.DIRECT.GET.ESSAIM.essaim.premices.scheduling.session.held.v1.{ID}",
    ),
    "the directory without the right": (
        "press", "$JS.API.CONSUMER.MSG.NEXT.KV_directory.press-directory",
    ),
    "the directory as another is told of it": (
        "mentoring", "$JS.API.CONSUMER.MSG.NEXT.KV_directory.reporting-directory",
    ),
    "an entry of the directory by its key": (
        "mentoring", f"$JS.API.DIRECT.GET.KV_directory.$KV.directory.mentoring.{ID}",
    ),
    "to write in the directory": ("mentoring", f"$KV.directory.mentoring.{ID}"),
    "a question it may not ask": ("mentoring", "essaim.ask.notifications.sign_in_link"),
    "a question of the operator's desk": ("mentoring", "essaim.ask.operator.let_join"),
    "another's presence": ("press", "essaim.here.scheduling"),
    "into another's inbox": ("press", "_INBOX_reporting.x"),
    "what the server is asked": ("press", "$SYS.REQ.SERVER.PING"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("user", "subject"), REFUSED.values(), ids=[one.replace(" ", "-") for one in REFUSED]
)
async def test_what_is_not_its_right_is_refused_in_words_and_in_the_operators_log(
    server: NatsServer, client: Client, refused: "asyncio.Queue[str]", user: str, subject: str
) -> None:
    await client.publish(subject, b"{}", reply=client.new_inbox())
    words = await asyncio.wait_for(refused.get(), PATIENCE)
    assert words == f'nats: permissions violation for publish to "{subject.lower()}"'
    await until(lambda: _lines(server, "Publish", user, subject) == 1)


UNHEARD = {
    "another's inbox": "_INBOX_reporting.>",
    "facts as they pass": "essaim.>",
    "another's questions": "essaim.ask.scheduling.*",
    "questions to the operator's desk": "essaim.ask.operator.*",
    "the directory as it changes": "$KV.>",
    "answers to others": "_R_.>",
    "what the server says": "$SYS.>",
}


@pytest.mark.parametrize("user", SEEDS)
@pytest.mark.parametrize(
    "subject", UNHEARD.values(), ids=[one.replace(" ", "-") for one in UNHEARD]
)
async def test_what_is_not_for_it_it_does_not_hear(
    server: NatsServer, client: Client, refused: "asyncio.Queue[str]", user: str, subject: str
) -> None:
    await client.subscribe(subject)
    words = await asyncio.wait_for(refused.get(), PATIENCE)
    assert f'permissions violation for subscription to "{subject.lower()}"' in words
    await until(lambda: _lines(server, "Subscription", user, subject) == 1)


def _lines(server: NatsServer, kind: str, user: str, subject: str) -> int:
    """How often the log says that this one was refused this, by its account and its key."""
    log = (Path(server.folder) / "nats.log").read_text().replace("essaim-api.", "$JS.API.")
    key = public_key_of(SEEDS[user])
    said = rf'"{user}/nkey:{key}" - {kind} Violation - Subject "{re.escape(subject)}"'
    return len(re.findall(said, log))
