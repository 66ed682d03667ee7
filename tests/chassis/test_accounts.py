"""Each partner has an account of its own: what the server answers reaches the asker and no stream.

JetStream, and whoever is asked a question, answer wherever the asker says. Here every user tries
to have each of its answers land where it may not write.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import nats
import pytest
from backbone import INSTALLED, Consortium, publish_raw
from essaim.broker.rights import asked_by, imports, inbox_prefix
from essaim.broker.topology import ADVISORIES, BUCKET, DEAD, FACTS, MOST, OPERATOR, declared
from essaim.consortium.partners import Partner
from essaim.ids import new_id
from essaim.person import Role
from essaim_contracts.envelope import Envelope, to_headers
from nats.aio.client import Client
from nats.aio.msg import Msg
from waiting import PATIENCE

SERVICES = list(INSTALLED.services)
A_PERSON = "01a2018a-0000-7000-8000-000000000001"
STREAMS = (FACTS, DEAD, ADVISORIES, BUCKET)


@pytest.fixture
async def operator(consortium: Consortium) -> AsyncIterator[Client]:
    connection = await consortium.connect(OPERATOR)
    yield connection
    await connection.close()


@pytest.fixture
async def client(consortium: Consortium, service_name: str) -> AsyncIterator[Client]:
    """A program of the partner's own, with its key."""
    connection = await consortium.connect(service_name)
    yield connection
    await connection.close()


def own_fact(service: str) -> str:
    return f"essaim.premices.{service}.thing.done.v1.{A_PERSON}"


def another_than(service: str) -> str:
    return next(one for one in SERVICES if one not in (service, INSTALLED.keeper))


def forged(service: str) -> tuple[bytes, dict[str, str]]:
    """A body and headers that would do harm as a person's entry or as another's fact."""
    roles = [{"role": Role.OPERATOR, "programme": "network"}]
    entry = {"id": A_PERSON, "name": "Forged", "email": "forged@example.org", "roles": roles}
    envelope = Envelope(
        id=str(new_id()),
        type=f"essaim.{service}.person.erased.v1",
        source=f"/network/{service}",
        key=A_PERSON,
        time=datetime(2020, 5, 7, tzinfo=UTC),
        correlation_id="forged",
    )
    headers = to_headers(envelope) | {"KV-Operation": "PURGE", "Nats-Rollup": "sub"}
    del headers["Nats-Msg-Id"], headers["Nats-Rollup"]
    return json.dumps(entry).encode(), headers


def targets(service: str) -> list[str]:
    """Where this partner would like an answer to land."""
    other = another_than(service)
    listed = [
        own_fact(other),
        f"essaim.network.candidatures.person.erased.v1.{A_PERSON}",
        f"$JS.API.STREAM.PURGE.{FACTS}",
        f"$JS.API.STREAM.DELETE.{BUCKET}",
        f"essaim-dead.{other}.1",
        f"_INBOX_{other}.x",
        f"_INBOX_{OPERATOR}.x",
    ]
    if service != INSTALLED.keeper:
        listed += [f"$KV.directory.{A_PERSON}", "$KV.directory.evil"]
    return listed


def requests(service: str) -> dict[str, bytes]:
    """All a partner may ask of the streams' account, and with what."""
    body, _ = forged(service)
    asked = {
        own_fact(service): body,
        f"essaim-dead.{service}.1": body,
        f"$JS.API.STREAM.INFO.{FACTS}": b"",
        f"$JS.API.DIRECT.GET.{FACTS}.{own_fact(service)}": b"",
    }
    for subject in imports(partner(service)):
        if ".CONSUMER." in subject and "RESET" not in subject:
            asked[subject] = b'{"batch":1,"no_wait":true}' if "NEXT" in subject else b""
    return asked


def partner(service: str) -> Partner:
    found = INSTALLED.find(service)
    assert found is not None
    return found


async def answered(client: Client, subject: str, asked: bytes) -> None:
    """Ask as one may. A fact that is pulled comes under its own subject: no `request` sees it."""
    inbox = client.new_inbox()
    answers = await client.subscribe(inbox)
    await client.publish(subject, asked, reply=inbox)
    await answers.next_msg(PATIENCE)
    await answers.unsubscribe()


async def held(operator: Client) -> dict[str, dict[str, int]]:
    """What each stream holds, by subject."""
    found = {}
    for stream in STREAMS:
        body = json.dumps({"subjects_filter": ">"}).encode()
        answer = json.loads((await operator.request(f"$JS.API.STREAM.INFO.{stream}", body)).data)
        found[stream] = answer["state"].get("subjects", {})
    return found


@pytest.mark.parametrize("service_name", SERVICES)
async def test_no_answer_of_the_server_lands_where_the_asker_may_not_write(
    consortium: Consortium, operator: Client, client: Client, service_name: str
) -> None:
    body, headers = forged(service_name)
    overheard: asyncio.Queue[Msg] = asyncio.Queue()
    victim = await consortium.connect(another_than(service_name))
    await victim.subscribe(f"{inbox_prefix(another_than(service_name))}.x", cb=overheard.put)
    await operator.subscribe(f"{inbox_prefix(OPERATOR)}.x", cb=overheard.put)
    await publish_raw(client, own_fact(service_name), headers, body)
    # What its consumers bring: facts of others.
    for other in SERVICES:
        for fact in declared(INSTALLED).consumers[service_name]["filter_subjects"] or ["essaim.>"]:
            if f".{other}." in fact or fact == "essaim.>":
                subject = own_fact(other) if fact == "essaim.>" else concrete(fact)
                for _ in range(20):
                    await publish_raw(operator, subject, headers, body)
    await publish_raw(operator, f"$KV.directory.{A_PERSON}", {}, body)
    before = await held(operator)

    asked_for = requests(service_name)
    # Whoever acknowledges may ask for the next ones in one go; and to set a consumer is answered.
    inbox = await client.subscribe(client.new_inbox())
    await client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{FACTS}.{service_name}", b"", inbox.subject)
    asked_for[(await inbox.next_msg(PATIENCE)).reply] = b"+NXT"
    for subject in imports(partner(service_name)):
        if "RESET" in subject:
            asked_for[subject] = b""
    for subject, asked in asked_for.items():
        for target in targets(service_name):
            await client.publish(subject, asked, reply=target, headers=headers)
        # In the order in which they were asked: those before it are answered too.
        await answered(client, subject, asked)

    await victim.flush()
    after = await held(operator)
    for subject in (own_fact(service_name), f"essaim-dead.{service_name}.1"):
        for stream in STREAMS:
            before[stream].pop(subject, None)
            after[stream].pop(subject, None)
    assert after == before
    assert overheard.empty()
    await victim.close()


ELSEWHERE = f"essaim.network.candidatures.person.erased.v1.{A_PERSON}"


@pytest.mark.parametrize(
    "header",
    [
        {"Nats-Schedule": "@at 2020-01-01T00:00:00Z", "Nats-Schedule-Target": ELSEWHERE},
        {"Nats-Schedule": "@every 1s", "Nats-Schedule-Target": f"$KV.directory.{A_PERSON}"},
        {"Nats-Trace-Dest": ELSEWHERE},
        {"Nats-Trace-Dest": f"$KV.directory.{A_PERSON}", "Nats-Trace-Only": "true"},
        {"Nats-Rollup": "all"},
        {"Nats-Rollup": "sub"},
        {"Nats-TTL": "1s"},
        {"Nats-Incr": "+1"},
        {"Nats-Stream-Source": "x"},
        {"KV-Operation": "PURGE"},
    ],
    ids=lambda header: ", ".join(f"{name} {value}" for name, value in header.items()),
)
async def test_no_header_has_the_server_write_elsewhere_or_forget(
    consortium: Consortium, operator: Client, header: dict[str, str]
) -> None:
    """What a message may ask of the server beside being kept: each is refused, or does nothing."""
    client = await consortium.connect("scheduling", error_cb=_quiet)
    await publish_raw(operator, own_fact("reporting"), {}, b"{}")
    for _ in range(2):
        await client.publish(own_fact("scheduling"), b"{}", headers=header)
    # In the order in which they came: those before it are in the stream, or are not.
    await client.request(own_fact("scheduling"), b"{}")

    after = await held(operator)

    mine = after[FACTS].pop(own_fact("scheduling"))
    assert after == {one: {} for one in STREAMS} | {FACTS: {own_fact("reporting"): 1}}
    assert mine == (3 if "KV-Operation" in header else 1)
    await client.close()


ASKED = [(one.service, other) for one in INSTALLED.partners for other in asked_by(one, INSTALLED)]


@pytest.mark.parametrize(("service_name", "asked"), ASKED)
async def test_no_answer_to_a_question_lands_where_the_asker_may_not_write(
    consortium: Consortium, operator: Client, client: Client, service_name: str, asked: str
) -> None:
    answering = await consortium.connect(asked)

    async def answer(message: Msg) -> None:
        await message.respond(forged("candidatures")[0])

    await answering.subscribe(f"essaim.ask.{asked}.greeting", cb=answer)
    await answering.flush()
    for target in targets(service_name):
        await client.publish(f"essaim.ask.{asked}.greeting", b"{}", reply=target)
    assert (await client.request(f"essaim.ask.{asked}.greeting", b"{}")).data
    await answering.flush()
    assert not any((await held(operator)).values())
    await answering.close()


async def test_who_is_asked_answers_the_asker_and_nobody_else(consortium: Consortium) -> None:
    """Nor once more, when the answer was given."""
    asking, answering = [await consortium.connect(one) for one in ("candidatures", "notifications")]
    asked: asyncio.Queue[Msg] = asyncio.Queue()
    heard: asyncio.Queue[Msg] = asyncio.Queue()
    await answering.subscribe("essaim.ask.notifications.greeting", cb=asked.put)
    await answering.flush()
    await asking.subscribe("_INBOX_candidatures.mine", cb=heard.put)
    await asking.publish("essaim.ask.notifications.greeting", b"", reply="_INBOX_candidatures.mine")
    question = await asyncio.wait_for(asked.get(), PATIENCE)
    assert question.reply.startswith("_R_.")
    for text in (b"one", b"two"):
        await answering.publish(question.reply, text)
    await answering.flush()
    assert (await asyncio.wait_for(heard.get(), PATIENCE)).data == b"one"
    await asking.flush()
    assert heard.empty()
    for connection in (asking, answering):
        await connection.close()


# --- every right, by grant and by refusal


def concrete(subject: str) -> str:
    """A subject that a wildcard stands for."""
    filled = subject.replace(">", "x") if subject.endswith(">") else subject
    return ".".join("x" if word == "*" else word for word in filled.split("."))


def everything() -> list[str]:
    """Every subject that some partner may publish on, and some that nobody may."""
    of_partners = {subject for one in INSTALLED.partners for subject in imports(one)}
    questions = {f"essaim.ask.{one}.*" for one in SERVICES}
    return sorted(
        of_partners
        | questions
        | {
            f"$JS.API.{verb}"
            for stream in STREAMS
            for verb in (
                f"STREAM.CREATE.{stream}",
                f"STREAM.UPDATE.{stream}",
                f"STREAM.DELETE.{stream}",
                f"STREAM.PURGE.{stream}",
                f"STREAM.SNAPSHOT.{stream}",
                f"STREAM.MSG.GET.{stream}",
                f"STREAM.MSG.DELETE.{stream}",
                f"DIRECT.GET.{stream}",
                f"CONSUMER.CREATE.{stream}",
                f"CONSUMER.CREATE.{stream}.spy",
                f"CONSUMER.CREATE.{stream}.spy.essaim.>",
                f"CONSUMER.DURABLE.CREATE.{stream}.spy",
                f"CONSUMER.NAMES.{stream}",
                f"CONSUMER.LIST.{stream}",
            )
        }
        | {"$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "$SYS.REQ.USER.INFO"}
        | {f"$JS.API.STREAM.INFO.{stream}" for stream in STREAMS}
        | {f"$JS.FC.{FACTS}.x", "_INBOX_operator.x", "anything"}
        | {f"_INBOX_{one}.x" for one in SERVICES}
        | {
            f"$JS.API.CONSUMER.DELETE.{stream}.{name}"
            for stream, names in (
                (FACTS, declared(INSTALLED).consumers),
                (BUCKET, declared(INSTALLED).followers),
            )
            for name in names
        }
    )


@pytest.mark.parametrize("service_name", SERVICES)
async def test_a_partner_may_publish_on_what_is_its_own_and_on_nothing_else(
    consortium: Consortium, service_name: str
) -> None:
    refused: asyncio.Queue[str] = asyncio.Queue()

    async def note(error: Exception) -> None:
        await refused.put(str(error).replace("essaim-api.", "$js.api."))

    connection = await consortium.connect(service_name, error_cb=note)
    asked = (*asked_by(partner(service_name), INSTALLED), service_name)
    own = {*imports(partner(service_name)), *(f"essaim.ask.{one}.*" for one in asked)}
    for subject in everything():
        await connection.publish(concrete(subject), b"")
    await connection.publish("the.end", b"")
    words = ""
    while "the.end" not in words:
        words += await asyncio.wait_for(refused.get(), PATIENCE)
    allowed = {one for one in everything() if f'"{concrete(one).lower()}"' not in words}
    assert allowed == own
    await connection.close()


@pytest.mark.parametrize("service_name", SERVICES)
async def test_nobody_makes_a_consumer_that_pushes(
    operator: Client, client: Client, service_name: str
) -> None:
    """Also in its own account, which has no JetStream."""
    config = {"deliver_subject": f"$KV.directory.{A_PERSON}", "durable_name": "spy"}
    for stream in STREAMS:
        body = json.dumps({"stream_name": stream, "config": config}).encode()
        for subject in (
            f"$JS.API.CONSUMER.CREATE.{stream}.spy",
            f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.spy",
            f"essaim-api.CONSUMER.CREATE.{stream}.spy",
        ):
            await client.publish(subject, body)
    await client.flush()
    made = declared(INSTALLED)
    for stream, names in ((FACTS, made.consumers), (BUCKET, made.followers), (DEAD, {})):
        answer = json.loads((await operator.request(f"$JS.API.CONSUMER.NAMES.{stream}")).data)
        assert set(answer["consumers"] or ()) == set(names)


async def test_a_partner_hears_nothing_as_it_passes(consortium: Consortium) -> None:
    refused: asyncio.Queue[str] = asyncio.Queue()

    async def note(error: Exception) -> None:
        await refused.put(str(error).lower())

    connection = await consortium.connect("reporting", error_cb=note)
    for subject in ("essaim.>", "$KV.>", "_R_.>", "_INBOX_scheduling.>", "essaim.ask.scheduling.*"):
        await connection.subscribe(subject)
        assert subject.lower() in await asyncio.wait_for(refused.get(), PATIENCE)
    await connection.close()


@pytest.mark.parametrize("service_name", ["scheduling"])
async def test_a_message_larger_than_a_fact_may_be_is_refused(
    operator: Client, client: Client, service_name: str
) -> None:
    for subject in (own_fact(service_name), f"essaim-dead.{service_name}.1"):
        answer = json.loads((await client.request(subject, b"x" * (MOST + 1))).data)
        assert answer["error"]["description"] == "message size exceeds maximum allowed"
    assert (await client.request(own_fact(service_name), b"x" * (MOST - 100))).data
    assert client.is_connected


async def test_one_partner_leaves_the_others_room_for_subscriptions(
    consortium: Consortium,
) -> None:
    closed = asyncio.Event()

    async def note() -> None:
        closed.set()

    connection = await consortium.connect(
        "scheduling", allow_reconnect=False, error_cb=_quiet, closed_cb=note
    )
    for number in range(500):
        await connection.subscribe(f"_INBOX_scheduling.{number}")
    await connection.flush()
    assert connection.is_connected
    await connection.subscribe("_INBOX_scheduling.more")
    await asyncio.wait_for(closed.wait(), PATIENCE)


async def _quiet(_: Exception) -> None:
    """That the connection is closed says it."""


async def test_one_partner_leaves_the_others_room_for_connections(consortium: Consortium) -> None:
    opened: list[Client] = []
    refusals: list[str] = []

    async def note(error: Exception) -> None:
        refusals.append(str(error))

    for _ in range(65):
        connection = Client()
        opened.append(connection)
        with suppress(nats.errors.Error, OSError):
            await connection.connect(
                consortium.server.url,
                nkeys_seed_str=consortium.seeds["scheduling"],
                allow_reconnect=False,
                error_cb=note,
            )
    assert [connection.is_connected for connection in opened] == [True] * 64 + [False]
    assert "maximum account active connections exceeded" in "".join(refusals)
    await (await consortium.connect("reporting")).close()
    for connection in opened:
        await connection.close()
