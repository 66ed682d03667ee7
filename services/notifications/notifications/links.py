"""Questions of the other services: send somebody a secret link, at once.

The address of a link opens what it leads to, so it is never logged, never told in a fact, and its
row goes when the letter has left.
"""

from datetime import timedelta
from typing import Any

from essaim.ids import new_id
from essaim.running.runtime import Here, Runtime
from essaim.work import Work
from essaim_contracts.questions import Queued, SendDraftLink, SendSignInLink
from faststream.nats import NatsRouter

from notifications import store
from notifications.messages import MessageState, Template
from notifications.queue import REAL_TIME

LINK_LIFE = timedelta(minutes=20)
"""How long a sign-in link opens anything; sending it later would only annoy."""

DRAFT_PATIENCE = timedelta(days=1)


questions = NatsRouter()


@questions.subscriber(SendSignInLink.subject, queue="notifications")
def send_sign_in_link(asked: SendSignInLink, runtime: Here) -> Queued:
    """Also for a person nobody knows, so that both look alike."""
    return _queue(
        runtime,
        Template.SIGN_IN_LINK,
        LINK_LIFE,
        asked.language,
        {"url": asked.url},
        person_id=asked.person_id,
    )


@questions.subscriber(SendDraftLink.subject, queue="notifications")
def send_draft_link(asked: SendDraftLink, runtime: Here) -> Queued:
    return _queue(
        runtime,
        Template.DRAFT_LINK,
        DRAFT_PATIENCE,
        asked.language,
        {"url": asked.url, "call_title": asked.call_title},
        email=asked.email,
        name=asked.name,
    )


def _queue(
    runtime: Runtime,
    template: Template,
    patience: timedelta,
    language: str,
    details: dict[str, Any],
    **reader: Any,
) -> Queued:
    now = REAL_TIME.now()
    row = {
        "id": new_id(),
        "template": template,
        "language": language,
        "details": details,
        "state": MessageState.QUEUED,
        "attempts": 0,
        "uncertain": False,
        "next_attempt_at": now,
        "give_up_at": now + patience,
        **reader,
    }
    with runtime.work() as work:
        store.insert_link(work.db, row)
    return Queued()


def delete_spent(work: Work) -> bool:
    """Drop the links past their time: for nobody we know, or taken by no server. A timer."""
    store.delete_spent_links(work.db, REAL_TIME.now())
    return False
