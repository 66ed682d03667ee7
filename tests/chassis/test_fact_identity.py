"""Who says a fact is part of what it is: nobody drops, delays or displaces another's facts."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import sqlalchemy as sa
from backbone import Consortium, End, a_session_held, load_raw, publish_raw, until
from essaim.broker.topology import OPERATOR
from essaim.clock import SystemClock
from essaim.hearing import dead
from essaim.hearing.router import FactRouter
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.keeping.tables import outbox
from essaim.operating.restore import restore
from essaim.operating.verify import verify
from essaim.telling.outbox import backlog
from essaim.telling.parked import park
from essaim.work import Work
from essaim_contracts import Fact
from essaim_contracts.candidatures import PartnerJoined, PersonErased
from essaim_contracts.envelope import Envelope, to_headers
from essaim_contracts.fact import forgotten_by
from nats.aio.client import Client

NOW = SystemClock().now()
FORGOTTEN = {owner: forgotten_by(owner) for owner in ("scheduling", "notifications")}


class Notes(FactRouter):
    """Notes what it hears, as owner and key; fails on what `fails_on` names."""

    def __init__(self) -> None:
        super().__init__("reporting")
        self.heard: list[tuple[str, UUID]] = []
        self.fails_on: set[str] = set()
        self.subscriber(*FORGOTTEN.values(), PartnerJoined, PersonErased)(self.note)

    def note(self, fact: Fact, work: Work) -> None:
        if fact.type in self.fails_on:
            raise ValueError(f"cannot handle {fact.type}")
        self.heard.append((fact.type, fact.key))


@pytest.fixture
async def listener(consortium: Consortium, database: Database) -> AsyncIterator[End]:
    """Reporting, which hears all, connected."""
    end = End(consortium, "reporting", database, Notes())
    await end.connect()
    yield end
    await end.halt()


@pytest.fixture
async def operator(consortium: Consortium) -> AsyncIterator[Client]:
    connection = await consortium.connect(OPERATOR)
    yield connection
    await connection.close()


def wire(
    fact: Fact, id: UUID | None = None, *, key: UUID | None = None, programme: str = "network"
) -> tuple[str, dict[str, str], bytes]:
    """Subject, headers and body of a fact in its owner's name."""
    envelope = Envelope(
        id=str(id or new_id()),
        type=fact.type,
        source=f"/{programme}/{fact.owner}",
        key=str(key or fact.key),
        time=NOW,
        correlation_id="test",
    )
    headers = to_headers(envelope)
    del headers["Nats-Msg-Id"]
    return envelope.nats_subject, headers, fact.model_dump_json().encode()


async def say(
    connection: Client,
    fact: Fact,
    id: UUID | None = None,
    *,
    key: UUID | None = None,
    programme: str = "network",
) -> None:
    """Say a fact in its owner's name."""
    await publish_raw(connection, *wire(fact, id, key=key, programme=programme))


def forgotten(owner: str, person: UUID) -> Fact:
    said = {"person_id": str(person), "forgotten_at": NOW.isoformat()}
    return FORGOTTEN[owner].model_validate(said)


def heard_by(end: End) -> list[tuple[str, UUID]]:
    assert isinstance(end.hearing, Notes)
    return end.hearing.heard


def fail_on(end: End, type: str) -> None:
    assert isinstance(end.hearing, Notes)
    end.hearing.fails_on.add(type)


async def test_two_owners_may_use_one_id_and_both_are_heard(
    listener: End, operator: Client
) -> None:
    id, person = new_id(), new_id()
    for owner in FORGOTTEN:
        await say(operator, forgotten(owner, person), id)
        await say(operator, forgotten(owner, person), id)
    listener.start()
    await until(lambda: listener.inbox.counts.duplicates == 2)
    assert heard_by(listener) == [(kind.type, person) for kind in FORGOTTEN.values()]


async def test_one_id_in_two_programmes_is_answered_in_both(hearer: End, operator: Client) -> None:
    """An answer under an id that is taken stopped the inbox for good."""
    id, held = new_id(), a_session_held(project_ids=(new_id(),))
    for programme in ("network", "premices"):
        await say(operator, held, id, programme=programme)
    hearer.start(hearer.inbox.run)
    answers = sa.select(outbox.c.subject).order_by(outbox.c.position)
    subject = f"essaim.%s.scheduling.project.progressed.v1.{held.project_ids[0]}"
    said = [(subject % programme,) for programme in ("network", "premices")]
    await until(lambda: hearer.rows(answers) == said)


async def test_a_failing_fact_holds_back_no_other_owners_facts_of_its_key(
    listener: End, operator: Client
) -> None:
    person = new_id()
    fail_on(listener, FORGOTTEN["scheduling"].type)
    await say(operator, forgotten("scheduling", person))
    await say(operator, forgotten("notifications", person))
    listener.start()
    await until(lambda: listener.inbox.counts.failed == 1)
    await say(operator, forgotten("notifications", person))
    await until(lambda: len(heard_by(listener)) == 2)
    assert set(heard_by(listener)) == {(FORGOTTEN["notifications"].type, person)}


async def test_nothing_said_of_a_person_holds_back_her_erasure(
    listener: End, operator: Client
) -> None:
    person = new_id()
    fail_on(listener, PartnerJoined.type)
    joined = PartnerJoined(
        organisation_id=person,
        name="Le Fournil",
        person_id=person,
        legal_form=None,
        commitments=(),
        joined_on=NOW.date(),
    )
    await say(operator, joined)
    listener.start()
    await until(lambda: listener.inbox.counts.failed == 1)
    await say(operator, PersonErased(person_id=person, erased_at=NOW))
    await until(lambda: heard_by(listener) == [(PersonErased.type, person)])


async def test_a_fact_parked_at_home_holds_back_no_erasure(
    consortium: Consortium, database: Database
) -> None:
    keeper = End(consortium, "candidatures", database, FactRouter("candidatures"))
    await keeper.connect()
    person = new_id()
    joined = PartnerJoined(
        organisation_id=person,
        name="Le Fournil",
        person_id=person,
        legal_form=None,
        commitments=(),
        joined_on=NOW.date(),
    )
    keeper.tell(joined, joined, PersonErased(person_id=person, erased_at=NOW))
    park(database, 1, "the server will never take it")
    keeper.start(keeper.relay.run)
    places = sa.select(outbox.c.position).where(outbox.c.stream_seq.is_not(None))
    await until(lambda: keeper.rows(places) == [(3,)])
    await keeper.halt()


async def test_a_key_that_is_not_the_entity_of_the_payload_is_put_aside(
    listener: End, operator: Client
) -> None:
    victim = new_id()
    await say(operator, forgotten("scheduling", new_id()), key=victim)
    listener.start()

    def letters() -> list[dead.DeadLetter]:
        with listener.database.read() as db:
            return dead.list_dead(db)

    (letter,) = await until(letters)
    assert f"'{victim}': expected the person_id of the payload" in letter.reason
    assert heard_by(listener) == []


async def test_a_subject_longer_than_any_column_stops_nobody(
    listener: End, operator: Client
) -> None:
    person = new_id()
    fact = forgotten("scheduling", person)
    body = fact.model_dump_json().encode()
    programme = "p" * 900
    await publish_raw(
        operator,
        f"essaim.{programme}.scheduling.person.forgotten.v1.{person}",
        {"ce-id": str(new_id())},
        body,
    )
    await say(operator, fact)
    listener.start()
    await until(lambda: heard_by(listener) == [(fact.type, person)])
    await until(lambda: listener.inbox.counts.failed == 1)


async def test_an_id_that_another_used_before_keeps_no_fact_out_of_the_stream(
    teller: End, operator: Client
) -> None:
    """The server drops a second Nats-Msg-Id, whoever sent the first."""
    teller.tell(a_session_held(), a_session_held())
    theirs = load_raw(teller)
    await publish_raw(
        operator,
        f"essaim.network.notifications.person.forgotten.v1.{new_id()}",
        {"Nats-Msg-Id": theirs.id, "ce-id": theirs.id},
        b"{}",
    )
    teller.start(teller.relay.run)

    def all_out() -> bool:
        with teller.database.read() as db:
            return backlog(db).waiting == 0

    await until(all_out)
    places = sa.select(outbox.c.stream_seq).order_by(outbox.c.position)
    assert teller.rows(places) == [(2,), (3,)]
    (found,) = await verify(operator, {"scheduling": teller.database})
    assert (found.sound, found.in_stream) == (True, 2)


async def test_a_fact_purged_while_the_server_remembers_its_id_is_restored(
    teller: End, operator: Client
) -> None:
    teller.tell(a_session_held())
    teller.start(teller.relay.run)
    places = sa.select(outbox.c.stream_seq)
    await until(lambda: teller.rows(places) == [(1,)])
    await teller.halt()
    await operator.jetstream().purge_stream("ESSAIM")
    assert await restore(operator, {"scheduling": teller.database}) == 1
    (found,) = await verify(operator, {"scheduling": teller.database})
    assert found.sound, found


async def test_after_a_kill_what_is_in_the_stream_already_is_not_put_there_again(
    teller: End, operator: Client
) -> None:
    """The relay had sent three facts of one key and was killed before it noted so."""
    session = a_session_held()
    teller.tell(*(a_session_held(session.session_id, minutes=n) for n in (20, 30, 40)))
    teller.start(teller.relay.run)
    places = sa.select(outbox.c.stream_seq).order_by(outbox.c.position)
    await until(lambda: teller.rows(places) == [(1,), (2,), (3,)])
    await teller.halt()
    with teller.database.write() as db:
        db.execute(sa.update(outbox).values(stream_seq=None, published_at=None))
    await teller.connect()
    teller.start(teller.relay.run)
    await until(lambda: teller.rows(places) == [(1,), (2,), (3,)])
    assert (await operator.jetstream().stream_info("ESSAIM")).state.messages == 3


def dead_of(end: End) -> list[dead.DeadLetter]:
    with end.database.read() as db:
        return dead.list_dead(db)


ON = "essaim.network.scheduling"
A_PERSON = "01a2018a-0000-7000-8000-000000000001"
DISAGREEING = {
    "its programme": {"subject": f"essaim.other.scheduling.person.forgotten.v1.{A_PERSON}"},
    "its owner": {"subject": f"essaim.network.reporting.person.forgotten.v1.{A_PERSON}"},
    "its type": {"subject": f"{ON}.session.held.v1.{A_PERSON}"},
    "its version": {"subject": f"{ON}.person.forgotten.v2.{A_PERSON}"},
    "its key": {"subject": f"{ON}.person.forgotten.v1.01a2018a-0000-7000-8000-000000000002"},
    "another's type": {"ce-type": "essaim.notifications.person.forgotten.v1"},
    "another type": {"ce-type": "essaim.scheduling.session.held.v1"},
    "another source": {"ce-source": "/network/notifications"},
    "another programme": {"ce-source": "/other/scheduling"},
    "another's type and source": {
        "ce-type": "essaim.notifications.person.forgotten.v1",
        "ce-source": "/network/notifications",
    },
    "another key": {"ce-subject": "01a2018a-0000-7000-8000-000000000002"},
}


@pytest.mark.parametrize("otherwise", DISAGREEING.values(), ids=DISAGREEING)
async def test_a_fact_is_put_aside_and_shown_where_subject_type_or_source_disagree(
    listener: End, operator: Client, otherwise: dict[str, str]
) -> None:
    fact = forgotten("scheduling", UUID(A_PERSON))
    subject, headers, body = wire(fact)
    headers |= {name: value for name, value in otherwise.items() if name != "subject"}
    await publish_raw(operator, otherwise.get("subject", subject), headers, body)
    await say(operator, fact)
    listener.start()
    await until(lambda: heard_by(listener))
    assert heard_by(listener) == [(fact.type, fact.key)]
    (letter,) = await until(lambda: dead_of(listener))
    assert (letter.subject, letter.attempts) == (otherwise.get("subject", subject), 1)
    assert letter.reason


async def test_a_fact_its_publisher_may_not_say_is_put_aside_shown_and_heard_once_it_may(
    listener: End, operator: Client
) -> None:
    person, may = new_id(), {FORGOTTEN["notifications"].type}
    listener.inbox.chunks._said = lambda: may
    await say(operator, forgotten("scheduling", person))
    await say(operator, forgotten("notifications", person))
    listener.start()
    await until(lambda: heard_by(listener))
    assert heard_by(listener) == [(FORGOTTEN["notifications"].type, person)]
    (letter,) = await until(lambda: dead_of(listener))
    assert "scheduling may not say essaim.scheduling.person.forgotten.v1" in letter.reason

    may.add(FORGOTTEN["scheduling"].type)
    with listener.database.write() as db:
        dead.retry(db, letter.number)
    await until(lambda: len(heard_by(listener)) == 2)
