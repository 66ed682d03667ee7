"""Secret links: sent at once, and forgotten."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from backbone import until
from essaim.broker.asking import answer_on
from essaim.ids import new_id
from essaim.keeping.listed import shown
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim.service import Service
from essaim.text.languages import tongue_of
from essaim_contracts.questions import (
    Question,
    Queued,
    SendCallOpened,
    SendDraftLink,
    SendDraftReminder,
    SendHandoverLink,
    SendSignInLink,
    SendWatchLink,
)
from faststream import ContextRepo
from faststream.nats import NatsBroker, TestNatsBroker
from notifications import answers, store, worker
from notifications.answers import questions, send_draft_link, send_sign_in_link, what_waits
from notifications.commands.delivery import claim, give_up_late
from notifications.commands.message import REAL_TIME
from notifications.message import Message
from notifications.settings import NotificationsSettings, page_of
from notifications.store.mailbox import ReceivedLetter
from notifications.store.mailbox import mailbox as mailbox_table
from notifications.store.message import message
from notifications.worker import fill_mailbox, send_queued
from pydantic import ValidationError

from tests.notifications.correspondence import MailServer, Programme

TOKEN = "a-secret-token-of-a-link"
URL = f"http://127.0.0.1:8000/candidatures/sign-in/{TOKEN}"


def links(runtime: Runtime) -> list[Message]:
    with runtime.read() as db:
        return [store.message.read(row) for row in db.execute(sa.select(message))]


def mailbox(runtime: Runtime) -> list[ReceivedLetter]:
    with runtime.read() as db:
        return [
            ReceivedLetter(**row._mapping) for row in db.execute(sa.select(*shown(mailbox_table)))
        ]


def test_a_sign_in_link_goes_to_the_person_in_the_language_asked(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")

    answer = send_sign_in_link(
        SendSignInLink(person_id=ada.id, token=TOKEN, language="en"), runtime
    )
    fill_mailbox(runtime)

    assert answer == Queued()
    (letter,) = mailbox(runtime)
    assert (letter.name, letter.address) == ("Ada", "ada@exemple.fr")
    assert letter.subject == "Your sign-in link"
    assert URL in letter.text
    assert f'href="{URL}"' in letter.html
    assert links(runtime) == []
    assert programme.told() == []


def test_a_draft_link_goes_to_somebody_the_directory_does_not_know(runtime: Runtime) -> None:
    send_draft_link(
        SendDraftLink(
            email="new@exemple.fr",
            token=TOKEN,
            call_title="Prémices 2020",
            language="fr",
        ),
        runtime,
    )
    fill_mailbox(runtime)

    (letter,) = mailbox(runtime)
    assert (letter.address, letter.recipient_id) == ("new@exemple.fr", None)
    assert page_of(runtime, "candidatures", f"applications/resume/{TOKEN}") in letter.text
    assert "Prémices 2020" in letter.subject


_ADDRESS = {"email": "new@exemple.fr", "language": "fr"}
_CALL = {"call_title": "Prémices 2020", "closes_at": "2020-01-15T18:00:00+01:00"}


@pytest.mark.parametrize(
    ("send", "asked", "page"),
    [
        (
            answers.send_handover_link,
            SendHandoverLink(
                **_ADDRESS, token=TOKEN, programme_name="Prémices", answer_by=date(2020, 3, 1)
            ),
            f"handovers/from/{TOKEN}",
        ),
        (
            answers.send_draft_reminder,
            SendDraftReminder.model_validate(
                _ADDRESS | _CALL | {"token": TOKEN, "missing": ["CV"]}
            ),
            f"applications/resume/{TOKEN}",
        ),
        (
            answers.send_watch_link,
            SendWatchLink(**_ADDRESS, token=TOKEN, programme_name="Prémices"),
            f"next-call/{TOKEN}",
        ),
        (
            answers.send_call_opened,
            SendCallOpened.model_validate(
                _ADDRESS | _CALL | {"slug": "premices-2020", "programme_name": "Prémices"}
            ),
            "calls/premices-2020",
        ),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_letter_to_an_address_leads_to_one_page_and_is_forgotten_once_sent(
    runtime: Runtime, send: Callable[..., Queued], asked: Question[Any], page: str
) -> None:
    assert send(asked, runtime) == Queued()
    fill_mailbox(runtime)
    (letter,) = mailbox(runtime)
    assert (letter.name, letter.address) == ("", "new@exemple.fr")
    assert f"http://127.0.0.1:8000/candidatures/{page}" in letter.text
    assert links(runtime) == []


def test_a_draft_link_carries_no_word_that_a_stranger_typed_and_leads_to_our_pages_alone() -> None:
    """Whoever asks gives no name, no title of a project and no address of a page."""
    typed = {"call_title", "language", "email", "token"}
    assert set(SendDraftLink.model_fields) == typed

    for token in ("../../evil?x=12345678901", "https://evil.example/123456", "short", "a" * 129):
        with pytest.raises(ValidationError):
            SendDraftLink(email="a@exemple.fr", token=token, call_title="Prémices", language="fr")


def test_the_link_leads_to_the_pages_that_the_consortium_names(
    settings: NotificationsSettings, service: Service
) -> None:
    elsewhere = Runtime(service, settings)
    ours = elsewhere.consortium.find("candidatures")
    assert ours is not None
    moved = replace(ours, pages="https://appels.example/")
    elsewhere.consortium = replace(elsewhere.consortium, partners=(moved,))

    assert page_of(elsewhere, "candidatures", "x") == "https://appels.example/candidatures/x"


def test_a_sign_in_link_for_nobody_is_answered_alike_and_goes_nowhere(
    programme: Programme, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = SendSignInLink(person_id=new_id(), token=TOKEN, language="fr")

    assert send_sign_in_link(nobody, runtime) == Queued()
    with runtime.read() as db:
        assert not store.delivery.something_due(db, REAL_TIME.now())
    with runtime.work() as work:
        work.db.execute(sa.update(message).values(give_up_at=REAL_TIME.now()))
        give_up_late(work)

    assert links(runtime) == []
    assert mailbox(runtime) == []


async def test_a_link_survives_the_server_being_down_and_is_forgotten_once_sent(
    programme: Programme, runtime: Runtime, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(worker, "LONGEST_PAUSE", 0.05)
    runtime.settings = runtime.settings.model_copy(update={"smtp_url": mail_server.url})
    await mail_server.stop()
    ada = programme.knows("Ada", "ada@exemple.fr")
    send_sign_in_link(SendSignInLink(person_id=ada.id, token=TOKEN, language="fr"), runtime)

    with structlog.testing.capture_logs() as logs:
        sending = asyncio.create_task(send_queued(runtime))
        await until(lambda: logs)
        assert len(links(runtime)) == 1
        await mail_server.start()
        await until(lambda: not links(runtime))
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    assert len(mail_server.letters) == 1
    assert mailbox(runtime) == []
    assert TOKEN not in str(logs)


def test_a_link_leaves_before_what_was_queued_earlier(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.session(ada.id)
    programme.application(ada.id)
    send_sign_in_link(SendSignInLink(person_id=ada.id, token=TOKEN, language="fr"), runtime)

    with runtime.work() as work:
        claimed = [letter.template for letter in claim(work, limit=10)]

    assert claimed == ["sign-in-link", "session-convocation", "application-received"]


def test_a_secret_is_in_no_list_count_or_text_of_a_message(runtime: Runtime) -> None:
    asked = SendDraftLink(email="new@exemple.fr", token=TOKEN, call_title="Prémices", language="fr")
    send_draft_link(asked, runtime)

    with runtime.read() as db:
        (kept,) = db.execute(sa.select(message))
        assert store.message.find(db, kept.id) is None
        assert store.message.lock(db, kept.id) is None
        assert db.execute(store.message.listed(None)).all() == []
        assert set(store.message.counts_by_state(db).values()) == {0}
        due, *_ = store.delivery.due(db, REAL_TIME.now(), 1)
    assert (kept.subject, kept.body) == (None, None)
    assert TOKEN not in repr(due)
    assert "new@" not in repr(due.message)


@pytest.mark.parametrize("programme_slug", [None, "premices"])
def test_a_message_has_a_programme_or_a_secret_and_never_both(
    runtime: Runtime, programme_slug: str | None
) -> None:
    send_sign_in_link(SendSignInLink(person_id=new_id(), token=TOKEN, language="fr"), runtime)
    link = URL if programme_slug else None

    with pytest.raises(sa.exc.IntegrityError), runtime.work() as work:
        work.db.execute(sa.update(message).values(programme=programme_slug, link=link))


def test_a_malformed_question_does_not_bring_its_link_into_the_log(runtime: Runtime) -> None:
    with pytest.raises(ValidationError) as refused:
        SendSignInLink.model_validate({"person_id": "nobody", "token": TOKEN, "langage": "fr"})

    assert TOKEN not in str(refused.value)


async def test_a_malformed_question_on_the_wire_is_answered_and_not_logged(
    runtime: Runtime,
) -> None:
    """Also through FastStream: its own models show their input."""
    nats = NatsBroker(context=ContextRepo({"runtime": runtime}), logger=None)
    answer_on(nats, [questions])
    with structlog.testing.capture_logs() as logs:
        async with TestNatsBroker(nats) as broker:
            wrong = {"token": TOKEN, "language": "fr"}
            answer = await broker.request(wrong, SendSignInLink.subject)
            assert await answer.decode() == {"failure": "ValidationError"}
            right = SendSignInLink(person_id=new_id(), token=TOKEN, language="fr")
            answer = await broker.request(right, SendSignInLink.subject)
            assert await answer.decode() == {"queued": True}
    assert logs
    assert TOKEN not in str(logs)


def test_who_coordinates_is_told_what_could_not_leave(
    runtime: Runtime, programme: Programme
) -> None:
    programme.application(programme.knows("Ada Çelik", "ada@exemple.fr").id)
    (message,) = programme.messages()
    with runtime.work() as work:
        store.message.update(work.db, message.id, state="failed", reason="refused_by_server")
    tongue, now = tongue_of("notifications", "fr"), runtime.clock.now()
    coordinates = Person(new_id(), "Alix", roles=(RoleHeld(Role.COORDINATOR, "premices"),))
    elsewhere = Person(new_id(), "Luc", roles=(RoleHeld(Role.COORDINATOR, "another"),))

    with runtime.read() as db:
        (line,) = what_waits(db, coordinates, now, tongue).to_do
        assert what_waits(db, elsewhere, now, tongue).to_do == ()

    assert line.text == "1 message n’a pas pu partir"
    assert line.page == "/?state=failed"
