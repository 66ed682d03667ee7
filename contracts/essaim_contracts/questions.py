"""Questions that one service asks another: answered at once, kept nowhere.

A question is a request on its `subject` with itself as JSON; what comes back is its answer, or why
there is none. A question may hold a secret, such as the address of a link that opens something, so
no error shows what was asked.
"""

import json
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Queued(BaseModel):
    """The message will leave by itself, as soon as a mail server takes it."""

    model_config = ConfigDict(frozen=True)

    queued: Literal[True] = True


class Failed(BaseModel):
    """Who was asked could not answer."""

    model_config = ConfigDict(frozen=True)

    failure: str
    """Why, for the log of who asked: the name of an error, never what was asked."""


A = TypeVar("A", bound=BaseModel)
"""What a question is answered with."""


class Question(BaseModel, Generic[A]):
    """Base of every question. A subclass names its subject and its answer."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    subject: ClassVar[str]
    """`essaim.ask.<service that answers>.<question>`"""
    answer: ClassVar[type[BaseModel]]

    @classmethod
    def answered_by(cls) -> str:
        """The service that answers it."""
        return cls.subject.split(".")[2]

    def read_answer(self, body: bytes | str) -> A | Failed:
        """Read what came back; unknown fields, of a later version, are ignored.

        Raises:
            ValueError: it is neither the answer to this question nor a failure.
        """
        said = json.loads(body)
        if isinstance(said, dict) and "failure" in said:
            return Failed.model_validate(said)
        return cast(A, self.answer.model_validate(said))


SecretUrl = Annotated[str, Field(repr=False)]
"""The address of a link: it opens what it leads to, so it is not printed either."""


class SignInEnded(BaseModel):
    """Nothing that was signed under it is believed any more, as soon as each service has heard."""

    model_config = ConfigDict(frozen=True)

    ended: Literal[True] = True


LinkToken = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{20,128}$", repr=False)]
"""The secret of a link; its address is made by who writes the letter, so that it leads to us."""


class SendSignInLink(Question[Queued]):
    """Send a person the link that signs her in. Answered alike for a person nobody knows.

    The keeper of the directory asks it, and nobody else may.
    """

    subject = "essaim.ask.notifications.sign_in_link"
    answer = Queued

    person_id: UUID
    token: LinkToken
    language: str
    """Of the message: fr, en."""


class SendAddressLink(Question[Queued]):
    """Send an address the link that makes it a person's, and say so to her present address.

    Nothing that anybody typed goes with it: nobody proved yet whose address it is.
    """

    subject = "essaim.ask.notifications.address_link"
    answer = Queued

    person_id: UUID
    email: Annotated[str, Field(max_length=254)]
    token: LinkToken
    language: str
    """Of both messages: fr, en."""


class EndSignIn(Question[SignInEnded]):
    """Tell the directory's keeper that somebody signed out. Answered alike when it has ended."""

    subject = "essaim.ask.candidatures.end_sign_in"
    answer = SignInEnded

    sign_in_id: UUID


class SendDraftLink(Question[Queued]):
    """Send the link of a draft to an address that the directory need not know.

    Nothing of what was typed in the draft goes with it: nobody proved yet whose address it is.
    """

    subject = "essaim.ask.notifications.draft_link"
    answer = Queued
    page: ClassVar[str] = "applications/resume/{token}"
    """Where the link leads, below the pages of who asks."""

    email: Annotated[str, Field(max_length=254)]
    token: LinkToken
    call_title: Annotated[str, Field(max_length=5000)]
    """As the programme wrote it."""
    language: str
    """Of the message: fr, en."""


def all_questions() -> Iterator[type[Question[Any]]]:
    """Every question of the contracts, in the order of their subjects."""
    ours = (one for one in _subclasses(Question) if one.__module__ == __name__)
    return iter(sorted(ours, key=lambda question: question.subject))


def _subclasses(base: type[Question[Any]]) -> Iterator[type[Question[Any]]]:
    """Those that name a subject: a generic class has one for each answer in between."""
    for one in base.__subclasses__():
        if "subject" in vars(one):
            yield one
        yield from _subclasses(one)
