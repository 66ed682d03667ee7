"""Applications and their documents, as an applicant writes them and all read them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import sqlalchemy as sa
from essaim.text.bounded import Count
from essaim.text.written import ONE_LINE
from essaim_contracts.candidatures import ApplicantKind, WithdrawalReason
from essaim_contracts.fact import Slug
from pydantic import BaseModel, Field, StringConstraints

from candidatures import store
from candidatures.anonymity import unnamed_content, unnamed_documents
from candidatures.answer import answer_field
from candidatures.application import Application
from candidatures.call import Call
from candidatures.charter import Acceptance, Side
from candidatures.committee import Verdict
from candidatures.conflict import Conflict
from candidatures.document import Document
from candidatures.eligibility import eligibility_field
from candidatures.party import MOST_PARTIES, fields_of_parties
from candidatures.schemas.body import Body, LongText, ShortText
from candidatures.scoring import weighted_mean
from candidatures.sight import Reading

Jobs = Annotated[Count, Field(ge=-(10**9), le=10**9)]
Figure = Annotated[Decimal, Field(ge=-(10**15), le=10**15)]
"""What a question takes, it says itself; these are the bounds of any."""


_YES_NO: dict[str | bool, str] = {True: "yes", False: "no"}


class RangeBody(Body):
    """Both ends of an answer of kind range."""

    start: Figure | ShortText = Field(alias="from")
    end: Figure | ShortText = Field(alias="to")


class PartyBody(Body):
    name: ShortText = ""
    email: ShortText = ""
    role: ShortText = ""
    """What it does in the project."""


class SubmitBody(Body):
    charter: Annotated[str, StringConstraints(max_length=64), ONE_LINE] | None = None
    """The mark of the charter that is accepted: `charter.mark` of the call, where it has one."""


class ApplicationBody(Body):
    """All that is written so far; what is absent is empty. It may be wrong: it is a draft."""

    version: Annotated[Count, Field(ge=0, le=2**31 - 1)]
    """The version this was written over; a newer one in between is never overwritten."""
    project_title: ShortText | None = None
    sector: ShortText | None = None
    department: ShortText | None = None
    jobs_min: Jobs | None = None
    jobs_max: Jobs | None = None
    bearer_name: ShortText | None = None
    bearer_email: ShortText | None = None
    bearer_phone: ShortText | None = None
    applicant_kind: ApplicantKind | None = None
    organisation: ShortText | None = None
    heard_from: ShortText | None = None
    parties: list[PartyBody] = Field(default=[], max_length=MOST_PARTIES)
    """Of a group, beside its lead, the bearer."""
    answers: dict[Slug, LongText | Figure | bool | RangeBody | list[ShortText]] = Field(default={})
    """Question code -> answer: true or false to a question of kind yes_no, a list of codes to one
    of kind choices, both ends to a range. A file is sent as a document is, under its code."""

    eligibility: dict[Slug, ShortText | bool] = Field(default={})
    """What is answered to the questions before the form: a choice's code, true or false."""

    def written(self) -> dict[str, object]:
        """What is given here, by the fields of the form."""
        fields: dict[str, object] = self.model_dump(
            exclude={"version", "answers", "eligibility", "parties"}, exclude_none=True
        )
        fields |= dict(fields_of_parties(party.model_dump() for party in self.parties))
        for code, given in self.eligibility.items():
            fields[eligibility_field(code)] = _YES_NO.get(given, given)
        return fields | {
            answer_field(code): answer.model_dump(by_alias=True)
            if isinstance(answer, RangeBody)
            else answer
            for code, answer in self.answers.items()
        }


class StartBody(Body):
    language: Literal["fr", "en"] = "fr"


class WithdrawBody(Body):
    reason: WithdrawalReason = WithdrawalReason.BEARER_CHOICE


class DraftAnswer(BaseModel):
    id: UUID
    project_id: UUID
    version: int
    token: str | None = None
    """Opens the draft: send it as X-Draft-Token. Shown once, when the draft is made."""


class SavedAnswer(BaseModel):
    id: UUID
    version: int


class DocumentAnswer(BaseModel):
    code: str
    filename: str
    media_type: str
    size: int
    sha256: str


class Receipt(BaseModel):
    id: UUID
    number: str


class DecisionAnswer(BaseModel):
    decision: str
    reason: str
    rank: int | None
    track_code: str | None


class ScoreAnswer(BaseModel):
    """`points` is null for what could not be judged."""

    evaluator_id: UUID
    criterion: str
    points: int | None


class ChangedScoreAnswer(ScoreAnswer):
    """Points that an evaluator took back at `replaced_at`, by giving others."""

    replaced_at: datetime


class CommentAnswer(BaseModel):
    """`criterion` is empty for a comment on the whole application."""

    evaluator_id: UUID
    criterion: str
    text: str
    private: bool


class OwnCommentAnswer(BaseModel):
    criterion: str
    text: str
    private: bool


class CharterAnswer(BaseModel):
    """What both sides accepted, as it stood; the programme's half is empty until it did."""

    text: str
    hours: int | None
    accepted_at: datetime
    programme_accepted_at: datetime | None = None
    programme_accepted_by: UUID | None = None


class ApplicationAnswer(BaseModel):
    """What follows `points` is for the coordination, and for the committee once hers are in.

    A conflict of interest hides it from either: `declared` by her, `pinned` by the coordination, or
    standing by itself because the application is her `own` or her `organisation`'s. To a member of
    the committee it hides `content` and `documents` too; an anonymous round hides who applies until
    the decision. `note` is for the coordination alone.
    """

    id: UUID
    call: str
    project_id: UUID
    bearer_id: UUID | None
    state: str
    version: int
    number: str | None
    received_at: datetime | None
    content: dict[str, str]
    documents: list[DocumentAnswer]
    decision: DecisionAnswer | None
    feedback: str | None = None
    """What the committee tells its bearer, with the decision that was applied."""
    charter: CharterAnswer | None = None
    conflict: Conflict | None = None
    points: dict[str, int | None] = Field(default={})
    """What the reader gave herself, by criterion."""
    comments: list[OwnCommentAnswer] = Field(default=[])
    """What the reader wrote herself, at `comments_version`."""
    comments_version: int = 0
    mean: float | None = None
    shared_comments: list[CommentAnswer] = Field(default=[])
    scores: list[ScoreAnswer] = Field(default=[])
    changed_scores: list[ChangedScoreAnswer] = Field(default=[])
    prepared: DecisionAnswer | None = None
    note: str | None = None
    prepared_feedback: str | None = None
    """What its bearer will be told; for the coordination alone until then."""


def application_answer(
    db: sa.Connection, application: Application, call: Call, reading: Reading
) -> ApplicationAnswer:
    """An application with as much of the committee's work as its reader sees."""
    prepared = store.committee.prepared_for(db, application.id)
    content, documents = _readable(db, application, call, reading)
    answer = ApplicationAnswer(
        id=application.id,
        call=call.slug,
        project_id=application.project_id,
        bearer_id=application.bearer_id if reading.file and reading.names else None,
        state=application.state.value,
        version=application.version,
        number=application.number,
        received_at=application.received_at,
        content=content,
        documents=[
            DocumentAnswer.model_validate(row, from_attributes=True) for row in documents.values()
        ],
        decision=_decision(prepared.applied if prepared else None),
        conflict=reading.conflict,
        points=dict(reading.points),
    )
    if reading.file:
        answer.charter = _charter(store.charter.of_application(db, application.id))
    if reading.scores:
        answer.comments = [
            OwnCommentAnswer(criterion=code, text=one.text, private=one.private)
            for code, one in reading.own.comments.items()
        ]
        answer.comments_version = reading.own.version
    if reading.sight.marks:
        _add_marks(db, answer, call)
        answer.prepared = _decision(prepared.verdict if prepared else None)
    if reading.file and prepared and prepared.applied:
        answer.feedback = prepared.applied_feedback
    if reading.sight.note and prepared:
        answer.note, answer.prepared_feedback = prepared.note, prepared.feedback
    return answer


def _charter(accepted: Mapping[Side, Acceptance]) -> CharterAnswer | None:
    mine, theirs = accepted.get(Side.APPLICANT), accepted.get(Side.PROGRAMME)
    if mine is None:
        return None
    return CharterAnswer(
        text=mine.charter.text.fr,
        hours=mine.charter.hours,
        accepted_at=mine.accepted_at,
        programme_accepted_at=theirs.accepted_at if theirs else None,
        programme_accepted_by=theirs.person_id if theirs else None,
    )


def _readable(
    db: sa.Connection, application: Application, call: Call, reading: Reading
) -> tuple[dict[str, str], Mapping[str, Document]]:
    """What was written and handed in, as far as its reader reads it."""
    if not reading.file:
        return {}, {}
    documents = store.document.of_application(db, application.id)
    if reading.names:
        return dict(application.content), documents
    content = unnamed_content(call, application.content)
    return content, unnamed_documents(call, documents)


def _add_marks(db: sa.Connection, answer: ApplicationAnswer, call: Call) -> None:
    shared = store.review_comment.shared(db, answer.id)
    answer.shared_comments = [CommentAnswer.model_validate(vars(one)) for one in shared]
    scores = store.committee.scores_of(db, answer.id)
    answer.mean = weighted_mean(call.criteria, scores)
    answer.scores = [ScoreAnswer.model_validate(vars(one)) for one in scores]
    changes = store.committee.changes_of(db, answer.id)
    answer.changed_scores = [ChangedScoreAnswer.model_validate(vars(one)) for one in changes]


def _decision(verdict: Verdict | None) -> DecisionAnswer | None:
    if verdict is None:
        return None
    return DecisionAnswer(
        decision=verdict.decision.value,
        reason=verdict.reason.value,
        rank=verdict.rank,
        track_code=verdict.track_code,
    )
