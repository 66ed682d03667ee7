"""What is said in a programme is posted to who asked for it: signed, again until it is taken."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from backbone import until
from essaim.clock import SimulatedClock
from essaim.ids import new_id
from essaim.people.directory import save_person
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from notifications import store, webhook_worker
from notifications.commands import webhook as webhooks
from notifications.commands import webhook_delivery as deliveries
from notifications.commands.message import REAL_TIME
from notifications.settings import NotificationsSettings
from notifications.store.figures import figures
from notifications.store.message import message as messages
from notifications.store.webhook_delivery import delivery
from notifications.webhook import DisableReason, WebhookState
from notifications.webhook_delivery import SCHEDULE, Trouble
from notifications.webhook_secret import Box
from notifications.webhook_target import Address, read_address, read_target
from pydantic import SecretStr
from standardwebhooks.webhooks import WebhookVerificationError

from tests.contracts.node import NODE, lend_modules, run
from tests.notifications.receiver import (
    RECEIVED,
    RESET,
    Office,
    Receiver,
    answer,
    certified,
    delivering,
    receiving,
)

HELD = "essaim.scheduling.session.held.v1"


@pytest.fixture
def settings(settings: NotificationsSettings) -> NotificationsSettings:
    return settings.model_copy(update={"webhook_networks": "127.0.0.0/8"})


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_worker, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(webhook_worker, "PAUSE", 0.02)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
def office(runtime: Runtime, clock: SimulatedClock) -> Office:
    return Office(runtime, clock)


async def test_a_fact_is_posted_thin_and_signed(office: Office, receiver: Receiver) -> None:
    made = office.add(receiver.url)
    told = office.passes()

    async with delivering(office.runtime):
        await until(lambda: office.states() == ["delivered"])

    (posted,) = receiver.posted
    (row,) = office.deliveries()
    assert posted.line == "POST /hook?of=us HTTP/1.1"
    assert posted.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert posted.headers["content-type"] == "application/json"
    assert posted.id == str(row.id)
    assert posted.read_with(made.secret) == {
        "type": RECEIVED,
        "timestamp": "2019-11-01T08:00:00Z",
        "data": {
            "id": told.id,
            "source": "/premices/candidatures",
            "programme": "premices",
            "key": told.key,
            "sequence": 2,
        },
    }
    assert (row.status, row.attempts, row.answer) == (204, 1, "")
    assert row.milliseconds >= 0
    with pytest.raises(WebhookVerificationError):
        posted.read_with("whsec_" + "A" * 43)


_IN_JAVASCRIPT = """
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";
const { secret, headers, body } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(new Webhook(secret).verify(body, headers)));
"""


async def test_the_official_library_for_javascript_verifies_it_too(
    office: Office, receiver: Receiver, tmp_path: Path
) -> None:
    made = office.add(receiver.url)
    office.passes()
    async with delivering(office.runtime):
        await until(lambda: office.states() == ["delivered"])
    (posted,) = receiver.posted
    came = {"secret": made.secret, "headers": posted.headers, "body": posted.body.decode()}
    lend_modules(tmp_path)
    (tmp_path / "verify.mjs").write_text(_IN_JAVASCRIPT)

    read = run(NODE, "verify.mjs", cwd=tmp_path, input=json.dumps(came))

    assert json.loads(read) == json.loads(posted.body)


async def test_a_webhook_is_told_of_its_programme_and_of_what_it_asked_for(
    office: Office, receiver: Receiver
) -> None:
    office.add(receiver.url, types=[HELD, "essaim.candidatures.person.erased.v1"])
    wanted = office.passes(HELD)
    office.passes(HELD, programme="mpess")
    office.passes(RECEIVED)
    office.passes("essaim.press.article.published.v2")
    erased = office.passes("essaim.candidatures.person.erased.v1", programme="network")

    async with delivering(office.runtime):
        await until(lambda: office.states() == ["delivered"] * 2)

    said = [json.loads(one.body)["data"]["id"] for one in receiver.posted]
    assert said == [wanted.id, erased.id], "that a person was erased concerns each programme"


async def test_a_webhook_of_all_is_told_of_types_nobody_here_knows(
    office: Office, receiver: Receiver
) -> None:
    office.add(receiver.url, programme=None)
    office.passes("essaim.press.article.published.v2", programme="mpess")

    async with delivering(office.runtime):
        await until(lambda: office.states() == ["delivered"])

    assert json.loads(receiver.posted[0].body)["type"] == "essaim.press.article.published.v2"


async def test_a_fact_that_passes_again_is_not_posted_again(
    office: Office, receiver: Receiver
) -> None:
    office.add(receiver.url)
    told = office.passes()
    async with delivering(office.runtime):
        await until(lambda: office.states() == ["delivered"])

        office.pass_again(told, 99)
        office.passes()
        await until(lambda: office.states() == ["delivered"] * 2)

    assert len(receiver.posted) == 2


async def test_deliveries_go_to_one_webhook_in_the_order_of_the_stream(
    office: Office, receiver: Receiver
) -> None:
    office.add(receiver.url)
    told = [office.passes().id for _ in range(5)]

    async with delivering(office.runtime):
        await until(lambda: office.states() == ["delivered"] * 5)

    assert [json.loads(one.body)["data"]["id"] for one in receiver.posted] == told
    assert receiver.connections == 1, "over one connection"


async def test_what_is_refused_is_tried_again_under_the_same_id_and_holds_up_nothing(
    office: Office, receiver: Receiver
) -> None:
    made = office.add(receiver.url)
    receiver.answers = [answer(500, "au secours \x00"), answer(200)]
    first, second = office.passes(), office.passes()

    async with delivering(office.runtime):
        await until(lambda: office.states() == ["queued", "delivered"])
        (waiting, _) = office.deliveries()
        office.waits_no_more()
        await until(lambda: office.states() == ["delivered"] * 2)

    assert (waiting.status, waiting.trouble) == (500, Trouble.REFUSED)
    assert waiting.answer == "au secours \ufffd"
    assert waiting.next_attempt_at >= waiting.tried_at + SCHEDULE[0]
    said = [posted.read_with(made.secret)["data"]["id"] for posted in receiver.posted]
    assert said == [first.id, second.id, first.id]
    assert receiver.ids[0] == receiver.ids[2] != receiver.ids[1]
    assert receiver.posted[0].body == receiver.posted[2].body


async def test_a_redirection_is_no_success_and_is_not_followed(
    office: Office, receiver: Receiver
) -> None:
    office.add(receiver.url)
    async with receiving() as elsewhere:
        receiver.answers = [answer(307, Location=elsewhere.url)]
        office.passes()
        async with delivering(office.runtime):
            await until(lambda: [one.status for one in office.deliveries()] == [307])

    assert office.states() == ["queued"]
    assert elsewhere.connections == 0


async def test_a_webhook_that_answers_410_is_disabled(office: Office, receiver: Receiver) -> None:
    made = office.add(receiver.url)
    receiver.answers = [answer(410)]
    office.passes()
    office.passes()

    async with delivering(office.runtime):
        await until(lambda: office.states() == ["failed", "failed"])

    known = office.webhook(made.id)
    assert (known.state, known.reason) == (WebhookState.DISABLED, DisableReason.GONE)
    assert [one.trouble for one in office.deliveries()] == ["refused", "webhook_disabled"]
    assert len(receiver.posted) == 1
    office.passes()
    assert office.states() == ["failed", "failed"], "what is said meanwhile is not queued"


@pytest.mark.parametrize("as_date", [False, True])
async def test_a_busy_webhook_is_left_in_peace_as_long_as_it_asks(
    office: Office, receiver: Receiver, as_date: bool
) -> None:
    made = office.add(receiver.url)
    in_an_hour = format_datetime(REAL_TIME.now() + timedelta(hours=1), usegmt=True)
    asked = in_an_hour if as_date else "3600"
    receiver.answers = [answer(429, Retry_After=asked), answer(200)]
    office.passes()
    office.passes()

    async with delivering(office.runtime):
        await until(lambda: any(one.status == 429 for one in office.deliveries()))
        paused_until = office.webhook(made.id).paused_until
        assert len(receiver.posted) == 1
        office.waits_no_more()
        await until(lambda: office.states() == ["delivered"] * 2)

    assert paused_until is not None
    wished = paused_until - REAL_TIME.now()
    assert timedelta(minutes=59) < wished <= timedelta(hours=1)


async def test_a_slow_webhook_holds_up_no_other(office: Office, receiver: Receiver) -> None:
    async with receiving() as silent:
        silent.answers = [None]
        slow = [office.add(silent.url) for _ in range(5)]
        quick = office.add(receiver.url)
        office.passes()

        async with delivering(office.runtime):
            await until(lambda: len(silent.posted) == 5)
            for _ in range(3):
                office.passes()
            await until(
                lambda: (
                    [one.state for one in office.deliveries(webhook_id=quick.id)]
                    == ["delivered"] * 4
                )
            )
            assert [one.state for one in office.deliveries(webhook_id=slow[0].id)] == [
                "sending",
                *["queued"] * 3,
            ]


async def test_a_webhook_that_does_not_answer_is_given_up_in_time_and_left_in_peace(
    office: Office, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.http_post.TIMEOUT", 0.2)
    made = office.add(receiver.url)
    receiver.answers = [None]
    office.passes()

    async with delivering(office.runtime):
        await until(lambda: [one.trouble for one in office.deliveries()] == [Trouble.TOO_SLOW])

    known = office.webhook(made.id)
    assert known.misses == 1
    assert known.paused_until is not None
    assert known.failing_since is not None


async def test_what_waited_for_a_webhook_that_was_away_leaves_when_it_is_back(
    office: Office, receiver: Receiver
) -> None:
    made = office.add("http://127.0.0.1:1024/away")
    office.passes()
    office.passes()
    async with delivering(office.runtime):
        await until(lambda: office.webhook(made.id).misses)
        office.does(webhooks.change, made.id, "Carte", read_target(receiver.url), types=None)
        await until(lambda: office.states() == ["delivered"] * 2)

    known = office.webhook(made.id)
    assert (known.misses, known.failing_since, known.paused_until) == (0, None, None)


async def test_an_endless_answer_is_not_read_to_its_end(office: Office, receiver: Receiver) -> None:
    office.add(receiver.url)
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"a" * 500_000
    receiver.answers = [endless, answer(200)]
    office.passes()
    office.passes()

    async with delivering(office.runtime):
        await until(lambda: office.states() == ["delivered"] * 2)

    assert [len(one.answer) for one in office.deliveries()] == [500, 0]


async def test_what_does_not_speak_http_is_a_failed_try(office: Office, receiver: Receiver) -> None:
    office.add(receiver.url)
    receiver.answers = [b"220 smtp.example ESMTP\r\n\r\n"]
    office.passes()

    async with delivering(office.runtime):
        await until(lambda: [one.trouble for one in office.deliveries()] == [Trouble.NOT_HTTP])


async def test_a_connection_that_is_broken_off_is_a_failed_try(
    office: Office, receiver: Receiver
) -> None:
    made = office.add(receiver.url)
    receiver.answers = [RESET, answer(200)]
    office.passes()

    async with delivering(office.runtime):
        await until(lambda: office.deliveries()[0].trouble == Trouble.UNREACHABLE)
        assert office.webhook(made.id).state == WebhookState.ENABLED
        office.waits_no_more()
        await until(lambda: office.states() == ["delivered"])

    assert len(set(receiver.ids)) == 1


async def test_a_name_that_leads_elsewhere_after_it_was_checked_leads_nowhere(
    office: Office, receiver: Receiver, runtime: Runtime
) -> None:
    """DNS rebinding: the address that is checked is the one that is connected to."""
    runtime.settings = runtime.settings.model_copy(update={"webhook_networks": ""})
    office.add(f"https://rebinding.example:{receiver.port}/")
    office.passes()
    asked = []

    async def rebound(host: str, port: int) -> list[Address]:
        asked.append(host)
        return [read_address("93.184.215.14"), read_address("::ffff:127.0.0.1")]

    async with delivering(office.runtime, resolve=rebound):
        await until(
            lambda: [one.trouble for one in office.deliveries()] == [Trouble.FORBIDDEN_ADDRESS]
        )

    assert asked == ["rebinding.example"]
    assert receiver.connections == 0
    (row,) = office.deliveries()
    assert "::ffff:7f00:1" in row.answer


@pytest.mark.parametrize(
    ("trusts", "name", "state", "trouble"),
    [
        (True, "hook.example", "delivered", None),
        (True, "other.example", "queued", Trouble.INSECURE),
        (False, "hook.example", "queued", Trouble.INSECURE),
    ],
)
async def test_https_is_verified_for_the_name_and_goes_to_the_address_that_was_checked(
    office: Office,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trusts: bool,
    name: str,
    state: str,
    trouble: Trouble | None,
) -> None:
    serving, known = certified(tmp_path, "hook.example")
    if trusts:
        monkeypatch.setattr("notifications.http_post._trusted", lambda: known)

    async def here(host: str, port: int) -> list[Address]:
        return [read_address("127.0.0.1")]

    async with receiving(serving) as receiver:
        office.add(f"https://{name}:{receiver.port}/")
        office.passes()
        async with delivering(office.runtime, resolve=here):
            await until(lambda: office.deliveries()[0].milliseconds is not None)

    (row,) = office.deliveries()
    assert (row.state, row.trouble) == (state, trouble), row.answer


async def test_plain_http_leads_to_allowed_networks_only(
    office: Office, receiver: Receiver
) -> None:
    office.add(f"http://plain.example:{receiver.port}/")
    office.passes()

    async def public(host: str, port: int) -> list[Address]:
        return [read_address("93.184.215.14")]

    async with delivering(office.runtime, resolve=public):
        await until(
            lambda: [one.trouble for one in office.deliveries()] == [Trouble.FORBIDDEN_ADDRESS]
        )


async def test_both_secrets_sign_until_the_old_one_ends(office: Office, receiver: Receiver) -> None:
    made = office.add(receiver.url)
    newer = office.rotate(made.id)
    office.passes()
    async with delivering(office.runtime):
        await until(lambda: office.states() == ["delivered"])
        newest = office.rotate(made.id, overlap_hours=0)
        office.passes()
        await until(lambda: office.states() == ["delivered"] * 2)

    first, second = receiver.posted
    assert len(first.headers["webhook-signature"].split()) == 2
    assert first.read_with(made.secret) == first.read_with(newer.secret)
    assert len(second.headers["webhook-signature"].split()) == 1
    assert second.read_with(newest.secret)
    with pytest.raises(WebhookVerificationError):
        second.read_with(newer.secret)


async def test_nothing_taken_for_three_days_disables_a_webhook(
    office: Office, receiver: Receiver
) -> None:
    made = office.add(receiver.url)
    receiver.answers = [answer(500)]
    long_ago = REAL_TIME.now() - timedelta(days=3)
    with office.runtime.work() as work:
        store.webhook.update(work.db, made.id, failing_since=long_ago)
    office.passes()

    async with delivering(office.runtime):
        await until(lambda: not office.webhook(made.id).is_enabled)

    assert office.webhook(made.id).reason == DisableReason.FAILING


@pytest.mark.parametrize(
    ("status", "since", "told", "words"),
    [
        (410, None, "webhook-stopped", "ne veut plus rien recevoir (410)"),
        (500, timedelta(days=3), "webhook-stopped", "Depuis trois jours"),
        (500, timedelta(days=2), "webhook-failing", "sera désactivé après le"),
        (500, timedelta(days=1), None, ""),
    ],
)
async def test_whoever_made_it_and_the_operators_read_that_a_webhook_takes_nothing(
    office: Office,
    receiver: Receiver,
    status: int,
    since: timedelta | None,
    told: str | None,
    words: str,
) -> None:
    maker, other, operator = (
        Person(new_id(), name, f"{name}@exemple.fr", roles=roles)
        for name, roles in (
            ("ada", (RoleHeld(Role.COORDINATOR, "premices"),)),
            ("zoe", (RoleHeld(Role.COORDINATOR, "premices"),)),
            ("noe", (RoleHeld(Role.OPERATOR, "network"),)),
        )
    )
    with office.runtime.work() as work:
        for person in (maker, other, operator):
            save_person(work.db, person, share=False)
    made = office.add(receiver.url)
    receiver.answers = [answer(status)]
    with office.runtime.work() as work:
        failing = {"failing_since": since and REAL_TIME.now() - since}
        store.webhook.update(work.db, made.id, made_by=maker.id, **failing)
    for _ in range(2):
        office.passes()

    async with delivering(office.runtime):
        await until(lambda: all(one.trouble is not None for one in office.deliveries()))

    with office.runtime.read() as db:
        found = [store.message.read(row) for row in db.execute(sa.select(messages))]
    assert {(one.template, one.recipient_id) for one in found} == (
        {(told, maker.id), (told, operator.id)} if told else set()
    )
    assert len(found) == (2 if told else 0), "once, however many deliveries fail"
    for one in found:
        assert one.text is not None
        assert words in one.text.body
        assert "127.0.0.1" in one.text.body
        assert receiver.url not in one.text.body


async def test_who_made_it_and_coordinates_no_more_is_written_to_no_more(
    office: Office, receiver: Receiver
) -> None:
    """Those who coordinate now are: it is theirs to mend."""
    ended = RoleHeld(
        Role.COORDINATOR, "premices", until=office.clock.now().date() - timedelta(days=2)
    )
    now = RoleHeld(Role.COORDINATOR, "premices")
    maker, other = (
        Person(new_id(), name, f"{name}@exemple.fr", roles=(role,))
        for name, role in (("ada", ended), ("zoe", now))
    )
    made = office.add(receiver.url)
    receiver.answers = [answer(410)]
    with office.runtime.work() as work:
        for person in (maker, other):
            save_person(work.db, person, share=False)
        store.webhook.update(work.db, made.id, made_by=maker.id)
    office.passes()

    async with delivering(office.runtime):
        await until(lambda: all(one.trouble is not None for one in office.deliveries()))

    with office.runtime.read() as db:
        readers = [row.recipient_id for row in db.execute(sa.select(messages))]
    assert readers == [other.id]


async def test_no_secret_lies_in_clear_in_the_database(office: Office, receiver: Receiver) -> None:
    made = office.add(receiver.url)
    newer = office.rotate(made.id)
    with office.runtime.read() as db:
        kept = [one.closed for one in store.webhook.all_secrets(db)]
    assert len(kept) == 2
    for secret in (made.secret, newer.secret):
        assert not [one for one in kept if secret.removeprefix("whsec_") in one]


async def test_a_secret_closed_by_a_former_key_signs_and_is_closed_again(
    office: Office, receiver: Receiver
) -> None:
    made = office.add(receiver.url)
    before = office.box
    settings = office.runtime.settings
    office.runtime.settings = settings.model_copy(
        update={"secret": SecretStr("another"), "former_secret": settings.secret}
    )
    office.passes()

    async with delivering(office.runtime):
        await until(lambda: office.states() == ["delivered"])

    assert receiver.posted[0].read_with(made.secret)
    with office.runtime.read() as db:
        (kept,) = store.webhook.all_secrets(db)
    assert before.open(kept.closed) is None
    assert Box(["another"]).open(kept.closed) == made.secret


async def test_a_secret_that_does_not_open_is_said_and_nothing_leaves_unsigned(
    office: Office, receiver: Receiver
) -> None:
    office.add(receiver.url)
    office.runtime.settings = office.runtime.settings.model_copy(
        update={"secret": SecretStr("another")}
    )
    office.passes()

    async with delivering(office.runtime):
        await until(lambda: office.deliveries()[0].trouble == Trouble.UNSIGNABLE)

    assert (receiver.connections, office.states()) == (0, ["queued"])


async def test_a_secret_kept_in_clear_by_an_earlier_version_signs_and_is_closed(
    office: Office, receiver: Receiver
) -> None:
    made = office.add(receiver.url)
    with office.runtime.work() as work:
        (kept,) = store.webhook.all_secrets(work.db)
        store.webhook.close_again(work.db, kept.id, made.secret)
    office.passes()

    async with delivering(office.runtime):
        await until(lambda: office.states() == ["delivered"])

    assert receiver.posted[0].read_with(made.secret)
    with office.runtime.read() as db:
        assert [office.box.open(one.closed) for one in store.webhook.all_secrets(db)] == [
            made.secret
        ]
        assert made.secret not in [one.closed for one in store.webhook.all_secrets(db)]


async def test_a_delivery_in_hand_when_the_service_died_is_posted_again_under_its_id(
    office: Office, receiver: Receiver
) -> None:
    made = office.add(receiver.url)
    office.passes()
    claimed = office.does(deliveries.claim, made.id, office.box)

    async with delivering(office.runtime):
        await until(lambda: office.states() == ["delivered"])

    assert receiver.ids == [str(claimed.delivery.id)]
    assert office.deliveries()[0].attempts == 2


async def test_the_service_ends_though_a_webhook_is_silent_and_posts_again_when_it_begins(
    office: Office, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_worker, "LAST_MOMENT", 0.0)
    office.add(receiver.url)
    receiver.answers = [None, answer(200)]
    office.passes()
    running = asyncio.create_task(webhook_worker.deliver_webhooks(office.runtime))
    await until(lambda: receiver.posted)

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert office.states() == ["sending"]

    async with delivering(office.runtime):
        await until(lambda: office.states() == ["delivered"])
    assert len(set(receiver.ids)) == 1


async def test_a_test_is_sent_once_before_all_that_waits(
    office: Office, receiver: Receiver
) -> None:
    made = office.add(receiver.url)
    receiver.answers = [answer(503), answer(200)]
    office.passes()
    test = office.does(webhooks.send_test, made.id)

    async with delivering(office.runtime):
        await until(lambda: office.states() == ["failed", "delivered"])

    first = receiver.posted[0]
    assert first.id == str(test)
    body = first.read_with(made.secret)
    assert (body["type"], body["data"]) == ("webhook.test", {})


async def test_one_delivery_several_and_all_since_a_date_are_sent_again_under_their_ids(
    office: Office, receiver: Receiver
) -> None:
    early = office.clock.now() - timedelta(days=9)
    office.passes(said=early)
    office.passes()
    made = office.add(receiver.url)
    told = [office.passes() for _ in range(3)]
    async with delivering(office.runtime):
        await until(lambda: office.states() == ["delivered"] * 3)
        ids = receiver.ids[:]

        assert office.does(deliveries.retry, [UUID(one) for one in ids[:2]], made.id) == 2
        await until(lambda: len(receiver.posted) == 5 and set(office.states()) == {"delivered"})
        assert receiver.ids[3:] == ids[:2]

        since = told[0].time
        missed = office.does(deliveries.replay, made.id, since, only_missed=True)
        await until(lambda: set(office.states()) == {"delivered"})
        assert missed == 1, "the fact that was told before the webhook was added, on that day"
        again = office.does(deliveries.replay, made.id, early, only_missed=False)
        await until(lambda: set(office.states()) == {"delivered"})

    assert again == 5
    assert len(receiver.posted) == 5 + 1 + 5
    assert set(ids) < set(receiver.ids[6:])


async def test_what_was_missed_while_disabled_comes_by_its_date(
    office: Office, receiver: Receiver
) -> None:
    made = office.add(receiver.url)
    office.does(webhooks.disable, made.id)
    missed = office.passes()
    office.does(webhooks.enable, made.id)
    assert office.does(deliveries.replay, made.id, missed.time, only_missed=True) == 2

    async with delivering(office.runtime):
        await until(lambda: office.states() == ["delivered"] * 2)


async def test_a_deleted_webhook_leaves_nothing(office: Office, receiver: Receiver) -> None:
    made = office.add(receiver.url)
    office.passes()

    office.does(webhooks.delete, made.id)

    assert office.deliveries() == []
    with office.runtime.read() as db:
        assert store.webhook.secrets(db, made.id, datetime.now(UTC)) == []
    async with delivering(office.runtime):
        await asyncio.sleep(0)
    assert receiver.posted == []


async def test_how_a_delivery_ended_is_forgotten_after_three_months(
    office: Office, receiver: Receiver
) -> None:
    office.add(receiver.url)
    office.passes()
    async with delivering(office.runtime):
        await until(lambda: office.states() == ["delivered"])
    old = REAL_TIME.now() - timedelta(days=91)
    with office.runtime.work() as work:
        work.db.execute(sa.update(delivery).values(ended_at=old))

    assert office.does(deliveries.forget_old_deliveries) is False

    assert office.deliveries() == []


def test_prometheus_is_told_how_many_deliveries_wait(office: Office, runtime: Runtime) -> None:
    office.add("http://127.0.0.1:8080/")
    office.passes()

    with runtime.read() as db:
        *_, waiting = figures(db)

    found = {one.labels["state"]: one.value for one in waiting.samples}
    assert found == {"queued": 1, "sending": 0, "failed": 0}
