"""Questions of the other services: send somebody a secret link, at once.

The address of a link opens what it leads to, so it is never logged, never told in a fact, and its
row goes when the letter has left.
"""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from essaim.ids import new_id
from essaim.running.runtime import Runtime
from essaim.work import Work
from pydantic import BaseModel, ConfigDict, Field

from notifications import store
from notifications.messages import MessageState, Template
from notifications.queue import REAL_TIME

LINK_LIFE = timedelta(minutes=20)
"""How long a sign-in link opens anything; sending it later would only annoy."""

DRAFT_PATIENCE = timedelta(days=1)


# An error must not show what was asked: it would bring the link into the log.
_STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SignInLink(BaseModel):
    model_config = _STRICT

    person_id: UUID
    url: str
    language: str


class DraftLink(BaseModel):
    model_config = _STRICT

    email: Annotated[str, Field(max_length=254)]
    name: Annotated[str, Field(max_length=200)]
    url: str
    call_title: str
    language: str


def send_sign_in_link(runtime: Runtime, question: dict[str, Any]) -> dict[str, Any]:
    """{person_id, url, language} -> {"queued": true}, also for a person nobody knows."""
    asked = SignInLink.model_validate(question)
    return _queue(
        runtime,
        Template.SIGN_IN_LINK,
        LINK_LIFE,
        asked.language,
        {"url": asked.url},
        person_id=asked.person_id,
    )


def send_draft_link(runtime: Runtime, question: dict[str, Any]) -> dict[str, Any]:
    """{email, name, url, call_title, language} -> {"queued": true}."""
    asked = DraftLink.model_validate(question)
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
) -> dict[str, Any]:
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
    return {"queued": True}


def delete_spent(work: Work) -> bool:
    """Drop the links past their time: for nobody we know, or taken by no server. A timer."""
    store.delete_spent_links(work.db, REAL_TIME.now())
    return False
