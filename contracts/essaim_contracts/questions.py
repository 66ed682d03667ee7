"""Questions that one service asks another: answered at once, kept nowhere.

A question is a request on its `subject` with itself as JSON; what comes back is its answer, or why
there is none. A question may hold a secret, such as the address of a link that opens something, so
no error shows what was asked.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar, cast
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from essaim_contracts.fact import Slug


class Queued(BaseModel):
    """The message will leave by itself, as soon as a mail server takes it."""

    model_config = ConfigDict(frozen=True)

    queued: Literal[True] = True


class Failed(BaseModel):
    """Who was asked could not answer."""

    model_config = ConfigDict(frozen=True)

    failure: str
    """Why, for the log of who asked: the name of an error, never what was asked."""


EACH = "*"
"""In a subject: in the place of the service, for what several are asked."""

A = TypeVar("A", bound=BaseModel)
"""What a question is answered with."""


class Question(BaseModel, Generic[A]):
    """Base of every question. A subclass names its subject and its answer."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    subject: ClassVar[str]
    """`essaim.ask.<service that answers>.<question>`; each service, where that is `*`."""
    answer: ClassVar[type[BaseModel]]

    @classmethod
    def answered_by(cls) -> str:
        """The service that answers it; `*` where each one does."""
        return cls.subject.split(".")[2]

    @classmethod
    def subject_at(cls, service: str) -> str:
        """Where one service is asked it."""
        return cls.subject.replace(EACH, service)

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


class SendHandoverLink(Question[Queued]):
    """Send a receiver outside of the consortium the link of what she is asked to take over.

    Nothing of the application, nor of who sent it, goes with it: the link shows that.
    """

    subject = "essaim.ask.notifications.handover_link"
    answer = Queued
    page: ClassVar[str] = "handovers/from/{token}"
    """Where the link leads, below the pages of who asks."""

    email: Annotated[str, Field(max_length=254)]
    token: LinkToken
    programme_name: Annotated[str, Field(max_length=300)]
    """Who hands over, as the programme is called."""
    answer_by: date
    """The last day on which the link opens anything."""
    language: str
    """Of the message: fr, en."""


class SendDraftReminder(Question[Queued]):
    """Say once, before a call closes, that a draft was not sent. To a proved address alone."""

    subject = "essaim.ask.notifications.draft_reminder"
    answer = Queued
    page: ClassVar[str] = SendDraftLink.page

    email: Annotated[str, Field(max_length=254)]
    token: LinkToken
    call_title: Annotated[str, Field(max_length=5000)]
    closes_at: AwareDatetime
    missing: Annotated[tuple[Annotated[str, Field(max_length=300)], ...], Field(max_length=50)] = ()
    """The documents that are asked and not there yet, as the programme calls them."""
    language: str
    """Of the message: fr, en."""


class SendWatchLink(Question[Queued]):
    """Send an address the link by which it is told when the next call of a programme opens.

    Nothing that anybody typed goes with it: nobody proved yet whose address it is.
    """

    subject = "essaim.ask.notifications.watch_link"
    answer = Queued
    page: ClassVar[str] = "next-call/{token}"

    email: Annotated[str, Field(max_length=254)]
    token: LinkToken
    programme_name: Annotated[str, Field(max_length=300)]
    language: str
    """Of the message: fr, en."""


class SendCallOpened(Question[Queued]):
    """Tell a proved address, which asked for it, that a call is open. Then it is forgotten."""

    subject = "essaim.ask.notifications.call_opened"
    answer = Queued
    page: ClassVar[str] = "calls/{slug}"

    email: Annotated[str, Field(max_length=254)]
    slug: Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9-]+$")]
    call_title: Annotated[str, Field(max_length=5000)]
    programme_name: Annotated[str, Field(max_length=300)]
    closes_at: AwareDatetime
    language: str
    """Of the message: fr, en."""


def _cut(text: object) -> object:
    long = isinstance(text, str) and len(text) > _LINE
    return f"{text[: _LINE - 1]}…" if long and isinstance(text, str) else text


_LINE = 300
Words = Annotated[str, BeforeValidator(_cut), Field(min_length=1, max_length=_LINE)]
"""Text in the language that was asked for, for one line: what is longer is cut."""

_STEP = r"([A-Za-z0-9_~?=&#:+-]|%([013-9A-Fa-f][0-9A-Fa-f]|2[0-9A-DFa-df]))[A-Za-z0-9_.~%?=&#:+-]*"
PagePath = Annotated[str, Field(max_length=300, pattern=rf"^/({_STEP}(/{_STEP})*/?)?$")]
"""A page of who answers, below where its service is: a button leads nowhere else.

No step begins with a dot, written as %2E neither: browsers would read `..` as the step above, and
another service's page. Nor is a step empty: `//example.org` is another site.
"""


class ToDo(BaseModel):
    """Something that waits for somebody, and the one button that does it."""

    model_config = ConfigDict(frozen=True)

    text: Words
    button: Annotated[str, Field(min_length=1, max_length=60)]
    page: PagePath
    by: AwareDatetime | None = None
    """When it is too late; what has no such hour waits behind what is late or due soon."""


class ComesNext(BaseModel):
    """Something that asks nothing of her yet."""

    model_config = ConfigDict(frozen=True)

    text: Words
    page: PagePath
    at: AwareDatetime | None = None


class Waits(BaseModel):
    """What waits for somebody in one service; nothing, where it does not know her."""

    model_config = ConfigDict(frozen=True)

    to_do: Annotated[tuple[ToDo, ...], Field(max_length=50)] = ()
    next: Annotated[tuple[ComesNext, ...], Field(max_length=50)] = ()


SignedProof = Annotated[str, Field(max_length=2000, repr=False)]
"""What the keeper of the directory signed for this service: who asks."""


class WhatWaits(Question[Waits]):
    """What waits for somebody: asked of each service that has pages, when she comes in.

    The keeper of the directory asks it, and nobody else may: it signs whose answer it wants.
    """

    subject = f"essaim.ask.{EACH}.what_waits"
    answer = Waits

    proof: SignedProof
    language: str
    """Of the answer: fr, en."""


class Moving(BaseModel):
    """Something open that somebody would take over: an appointment, a pairing, a task."""

    model_config = ConfigDict(frozen=True)

    text: Words
    page: PagePath


class Moves(BaseModel):
    """What would move in one service, the nearest first; `more` counts those not listed."""

    model_config = ConfigDict(frozen=True)

    moving: Annotated[tuple[Moving, ...], Field(max_length=50)] = ()
    more: Annotated[int, Field(ge=0)] = 0


class WhatMoves(Question[Moves]):
    """What a person would take over from another: asked of each service before she does.

    The keeper of the directory asks it for who coordinates the programme, and nobody else may.
    """

    subject = f"essaim.ask.{EACH}.what_moves"
    answer = Moves

    proof: SignedProof
    language: str
    """Of the answer: fr, en."""
    programme: Slug
    person_id: UUID
    """The person who would leave."""
    organisation_id: UUID | None = None
    """The organisation she acts for; None is all that she does."""
    from_on: date
    """The first day of the person who takes over."""


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
