"""A call: a dated window in which projects may apply. Instants are the server's, shown in Paris."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from essaim import Refusal
from essaim_contracts.candidatures import (
    ApplicantKind,
    CallClosed,
    CallKind,
    CallOpened,
    Coded,
)

from candidatures.answer import answer_field
from candidatures.charter import Charter
from candidatures.eligibility import EligibilityQuestion
from candidatures.form import Choice, Criterion, DocumentAsked, Round, Text
from candidatures.question import Question, QuestionKind, Section, asked_of, in_sections


class CallState(StrEnum):
    TO_COME = "to_come"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Call:
    """`opened_at` and `closed_at` are when the facts were said, None before.

    `received` counts the applications received, withdrawn ones included. `places` is None when
    there is no stated limit. `sectors`, `heard_from`, `tracks` and `departments` are the
    programme's. `round` is the one the committee is in, from 1; `quorum` is how many members must
    be there to decide, None when the call does not say.
    """

    id: UUID
    programme: str
    programme_name: str
    edition_id: UUID
    edition_number: int
    edition_year: int
    slug: str
    receipt_prefix: str
    title: Text
    kind: CallKind
    track_code: str
    places: int | None
    opens_at: datetime
    closes_at: datetime
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    received: int = 0
    summary: Text | None = None
    eligibility: tuple[EligibilityQuestion, ...] = ()
    applicants: tuple[ApplicantKind, ...] = tuple(ApplicantKind)
    charter: Charter | None = None
    sections: tuple[Section, ...] = ()
    questions: tuple[Question, ...] = ()
    documents: tuple[DocumentAsked, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    sectors: tuple[Choice, ...] = ()
    heard_from: tuple[Choice, ...] = ()
    tracks: tuple[Choice, ...] = ()
    departments: tuple[str, ...] = ()
    invented: bool = False
    rounds: tuple[Round, ...] = (Round(),)
    round: int = 1
    quorum: int | None = None

    def criteria_of(self, nth: int) -> tuple[Criterion, ...]:
        """What is scored in a round, the first being 1."""
        codes = self.rounds[min(nth, len(self.rounds)) - 1].criteria
        return tuple(one for one in self.criteria if not codes or one.code in codes)

    @property
    def anonymous_rounds(self) -> tuple[int, ...]:
        return tuple(nth for nth, one in enumerate(self.rounds, 1) if one.anonymous)

    def asked_in(self, content: Mapping[str, str]) -> list[Question]:
        """The questions that are asked of who writes this, by field."""
        answers = {one.code: content.get(answer_field(one.code), "") for one in self.questions}
        return asked_of(self.questions, answers)

    def question(self, code: str) -> Question | None:
        return next((one for one in self.questions if one.code == code), None)

    def under_titles(
        self, questions: Sequence[Question]
    ) -> list[tuple[Section | None, list[Question]]]:
        """Questions by the section they stand in, in order; None is that of no title."""
        return list(in_sections(questions, self.sections))

    @property
    def files(self) -> tuple[DocumentAsked, ...]:
        """All that may be handed in: files that answer a question, and documents."""
        answers = (one.as_document for one in self.questions if one.kind == QuestionKind.FILE)
        return (*answers, *self.documents)

    def state(self, now: datetime) -> CallState:
        """Open from `opens_at`, included, to `closes_at`, excluded; never again once closed."""
        if self.closed_at is not None or now >= self.closes_at:
            return CallState.CLOSED
        return CallState.OPEN if now >= self.opens_at else CallState.TO_COME

    def next_date(self, now: datetime) -> datetime | None:
        """What people wait for: the opening, then the closing, then nothing."""
        state = self.state(now)
        if state == CallState.TO_COME:
            return self.opens_at
        return self.closes_at if state == CallState.OPEN else None

    def receipt_number(self, nth: int) -> str:
        """The number of the nth application received, which people read to each other."""
        return f"{self.receipt_prefix}-{nth:04d}"


def open_call(call: Call) -> CallOpened:
    return CallOpened(
        call_id=call.id,
        edition_id=call.edition_id,
        programme_name=call.programme_name,
        edition_number=call.edition_number,
        edition_year=call.edition_year,
        slug=call.slug,
        title=call.title.fr,
        kind=call.kind,
        track_code=call.track_code,
        places=call.places,
        opens_at=call.opens_at,
        closes_at=call.closes_at,
        sectors=_coded(call.sectors),
        heard_from=_coded(call.heard_from),
    )


def _coded(choices: tuple[Choice, ...]) -> tuple[Coded, ...]:
    return tuple(Coded(code=one.code, fr=one.label.fr, en=one.label.en) for one in choices)


def close_call(call: Call) -> CallClosed:
    """It stopped at `closes_at`, however late the timer ran."""
    return CallClosed(
        call_id=call.id,
        edition_id=call.edition_id,
        closed_at=call.closes_at,
        applications_received=call.received,
    )


def asked_document(call: Call, code: str, field: str | None = None) -> DocumentAsked:
    """
    Raises:
        Refusal: (404) the call asks no document of this code.
    """
    for asked in call.files:
        if asked.code == code:
            return asked
    raise unknown_document(call, code, field)


# --- refusals


def unknown_call(slug: str) -> Refusal:
    return Refusal(
        "unknown_call",
        "Aucun appel ne s’appelle « {slug} ». Vérifiez l’adresse.",
        status=404,
        slug=slug,
    )


def unknown_document(call: Call, code: str, field: str | None) -> Refusal:
    return Refusal(
        "unknown_document",
        "« {title} » ne demande pas de document « {document} ».",
        field=field,
        status=404,
        title=call.title.fr,
        document=code,
    )
