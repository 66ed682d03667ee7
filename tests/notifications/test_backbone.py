"""The running service between the broker, the directory and the mailbox."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from backbone import Consortium, publish_raw, until
from essaim.broker.topology import OPERATOR
from essaim.clock import SimulatedClock
from essaim.ids import new_id
from essaim.keeping import tables
from essaim.people.directory import to_json
from essaim.person import Person
from essaim.running.runtime import Runtime
from essaim_contracts import Fact
from essaim_contracts import candidatures as c
from essaim_contracts.envelope import Envelope, to_headers
from essaim_contracts.notifications import MessageSent
from notifications import store
from notifications.commands import webhook as webhooks
from notifications.settings import NotificationsSettings, box_of
from notifications.store.mailbox import mailbox
from notifications.store.message import message
from notifications.webhook_target import read_target
from waiting import PATIENCE

from tests.notifications.correspondence import Programme
from tests.notifications.receiver import receiving


@pytest.fixture
def settings(settings: NotificationsSettings, consortium: Consortium) -> NotificationsSettings:
    broker = consortium.settings("notifications")
    return settings.model_copy(update={"nats_url": broker.nats_url, "nats_seed": broker.nats_seed})


@pytest.fixture
async def running(runtime: Runtime) -> AsyncIterator[Runtime]:
    await runtime.start()
    await until(lambda: runtime.is_active and runtime.readiness().ready)
    yield runtime
    await runtime.stop()


async def publish(consortium: Consortium, clock: Any, *facts: Fact) -> list[Envelope]:
    """What candidatures says, as it reaches the stream."""
    connection = await consortium.connect("candidatures")
    envelopes = [
        Envelope(
            id=str(new_id()),
            type=fact.type,
            source="/premices/candidatures",
            key=str(fact.key),
            time=clock.now(),
            correlation_id=str(new_id()),
        )
        for fact in facts
    ]
    for fact, envelope in zip(facts, envelopes, strict=True):
        body = fact.model_dump_json().encode()
        await publish_raw(connection, envelope.nats_subject, to_headers(envelope), body)
    await connection.close()
    return envelopes


async def share(consortium: Consortium, person: Person) -> None:
    """What the keeper of the directory does."""
    connection = await consortium.connect("candidatures")
    entry = json.dumps(to_json(person)).encode()
    await publish_raw(connection, f"$KV.directory.notifications.{person.id}", {}, entry)
    await connection.close()


def letters(runtime: Runtime) -> list[Any]:
    with runtime.read() as db:
        return list(db.execute(sa.select(mailbox)))


def facts_of(bearer: Person) -> tuple[c.CallOpened, c.ApplicationReceived]:
    opened = c.CallOpened(
        call_id=new_id(),
        edition_id=new_id(),
        edition_number=1,
        edition_year=2020,
        slug="premices-2020",
        title="Prémices 2020",
        kind=c.CallKind.CALL,
        track_code="premices",
        opens_at="2019-11-15T09:00:00+01:00",
        closes_at="2020-01-15T18:00:00+01:00",
    )
    received = c.ApplicationReceived(
        application_id=new_id(),
        call_id=opened.call_id,
        edition_id=opened.edition_id,
        project_id=new_id(),
        bearer_id=bearer.id,
        number="PREM-2020-042",
        project_title="L'Épicerie des Cîmes",
        applicant_kind=c.ApplicantKind.GROUP,
        received_at="2020-01-10T18:00:00+01:00",
    )
    return opened, received


async def test_a_fact_of_a_partner_becomes_a_letter_and_a_fact_of_ours(
    running: Runtime, consortium: Consortium, clock: SimulatedClock
) -> None:
    ada = Person(new_id(), "Maëlle Çelik", "maelle@exemple.fr")
    await share(consortium, ada)
    *_, cause = await publish(consortium, clock, *facts_of(ada))

    await until(lambda: letters(running) and running.readiness().settled)

    (letter,) = letters(running)
    assert letter.subject == (
        "Candidature PREM-2020-042 bien reçue\u00a0: «\u00a0L'Épicerie des Cîmes\u00a0»"
    )
    connection = await consortium.connect(OPERATOR)
    subject = "essaim.premices.notifications.message.sent.v1.*"
    said = await connection.jetstream().get_last_msg("ESSAIM", subject)
    await connection.close()
    assert said.data is not None
    sent = json.loads(said.data)
    assert (sent["message_id"], sent["cause"]) == (str(letter.id), cause.id)
    assert b"Ma" not in said.data


async def test_a_fact_of_a_partner_is_posted_to_a_webhook(
    running: Runtime, consortium: Consortium, clock: SimulatedClock
) -> None:
    running.settings = running.settings.model_copy(update={"webhook_networks": "127.0.0.0/8"})
    ada = Person(new_id(), "Maëlle Çelik", "maelle@exemple.fr")
    opened, received = facts_of(ada)
    await publish(consortium, clock, opened)
    await until(lambda: known_programmes(running) == ["premices"])
    async with receiving() as receiver:
        with running.work() as work:
            target = read_target(receiver.url)
            made = webhooks.add(
                work, "Carte", target, programme="premices", types=None, box=box_of(running)
            )

        *_, told = await publish(consortium, clock, received)
        await until(lambda: receiver.posted)

    said = receiver.posted[0].read_with(box_of(running).open(made.closed) or "")
    assert (said["type"], said["data"]["id"], said["data"]["sequence"]) == (told.type, told.id, 2)
    assert str(ada.id) not in receiver.posted[0].body.decode()


def known_programmes(runtime: Runtime) -> list[str]:
    with runtime.read() as db:
        return store.fact.programmes(db)


async def test_a_letter_waits_for_a_directory_slower_than_the_facts(
    running: Runtime, consortium: Consortium, clock: SimulatedClock
) -> None:
    ada = Person(new_id(), "Maëlle Çelik", "maelle@exemple.fr")
    await publish(consortium, clock, *facts_of(ada))
    await until(lambda: running.readiness().settled and waiting(running))

    await share(consortium, ada)

    await until(lambda: letters(running))


async def test_the_keeper_asks_for_a_sign_in_link_which_stays_out_of_every_fact(
    running: Runtime, consortium: Consortium
) -> None:
    ada = Person(new_id(), "Ada", "ada@exemple.fr")
    await share(consortium, ada)
    connection = await consortium.connect("candidatures")
    token = "a-secret-token-of-a-link"
    question = {"person_id": str(ada.id), "token": token, "language": "fr"}

    answer = await connection.request(
        "essaim.ask.notifications.sign_in_link", json.dumps(question).encode(), timeout=PATIENCE
    )
    await connection.close()

    assert json.loads(answer.data) == {"queued": True}
    (letter,) = await until(lambda: letters(running))
    assert f"/candidatures/sign-in/{token}" in letter.text
    with running.read() as db:
        assert db.execute(sa.select(tables.outbox)).all() == []


async def test_messages_leave_though_the_broker_was_never_reached(
    runtime: Runtime, programme: Programme, settings: NotificationsSettings
) -> None:
    runtime.settings = settings.model_copy(update={"nats_url": "nats://127.0.0.1:1"})
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)

    await runtime.start()
    await until(lambda: letters(runtime))
    await runtime.stop()

    assert [type(fact) for fact in programme.told()] == [MessageSent]


def waiting(runtime: Runtime) -> list[Any]:
    query = sa.select(message).filter_by(state="waiting_for_person")
    with runtime.read() as db:
        return list(db.execute(query))
