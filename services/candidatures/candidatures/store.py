"""Every SQL statement of candidatures."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import insert, upsert
from essaim.keeping.tables import person
from essaim.web import N_, Column, Filter, Listing, Search
from essaim_contracts.candidatures import (
    ApplicationDecided,
    ApplicationReceived,
    CallKind,
    CohortChanged,
    CohortFormed,
    Decision,
    DecisionReason,
    DeliverableHandedIn,
    DeliverableKind,
    PrizeKind,
    TrophyAwarded,
)
from essaim_contracts.scheduling import ProjectProgressed, SessionHeld
from essaim_contracts.words import Words
from pydantic import TypeAdapter

from candidatures.application import Application, ApplicationState
from candidatures.call import Call
from candidatures.cohort import Cohort, Project
from candidatures.committee import Considered, Verdict
from candidatures.deliverable import Deliverable, HandedIn
from candidatures.erasure import Confirmation
from candidatures.form import Choice, Criterion, DocumentAsked, Question, Text
from candidatures.scoring import Score, weighted_mean
from candidatures.tables import (
    application,
    call,
    cohort,
    cohort_project,
    conflict,
    decision,
    decision_round,
    deliverable,
    document,
    edition,
    erasure,
    handed_in,
    held_session,
    organisation,
    prize,
    programme,
    programme_person,
    progress,
    project,
    removed_document,
    score,
    trophy,
)
from candidatures.trophy import PledgedPrize

_QUESTIONS = TypeAdapter(tuple[Question, ...])
_DOCUMENTS = TypeAdapter(tuple[DocumentAsked, ...])
_CRITERIA = TypeAdapter(tuple[Criterion, ...])
_CHOICES = TypeAdapter(tuple[Choice, ...])


# --- what a programme file defines


def stored(db: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the table holds under the row's primary key, in the row's columns."""
    columns = [table.c[name] for name in row]
    query = sa.select(*columns).where(*(column == row[column.name] for column in table.primary_key))
    found = db.execute(query).mappings().one_or_none()
    return dict(found) if found else None


def save_definition(db: sa.Connection, table: sa.Table, row: dict[str, Any]) -> None:
    upsert(db, table, [row])


def people_of_file(db: sa.Connection, slug: str) -> dict[str, Any]:
    """person_id and entry of the persons the programme's file named, by code."""
    query = sa.select(programme_person).where(programme_person.c.programme == slug)
    return {row.code: row for row in db.execute(query)}


def call_taken(db: sa.Connection, call_id: UUID, slug: str, prefix: str) -> str | None:
    """The slug of another call that has this slug or this receipt prefix."""
    query = sa.select(call.c.slug).where(
        call.c.id != call_id, sa.or_(call.c.slug == slug, call.c.receipt_prefix == prefix)
    )
    return db.scalars(query.limit(1)).one_or_none()


# --- calls


def _calls() -> sa.Select[Any]:
    return sa.select(
        call,
        edition.c.programme,
        edition.c.number,
        edition.c.year,
        programme.c.name.label("programme_name"),
        programme.c.sectors,
        programme.c.heard_from,
        programme.c.tracks,
        programme.c.departments,
    ).select_from(
        call.join(edition, edition.c.id == call.c.edition_id).join(
            programme, programme.c.slug == edition.c.programme
        )
    )


def _call(row: Any) -> Call:
    return Call(
        id=row.id,
        programme=row.programme,
        programme_name=row.programme_name,
        edition_id=row.edition_id,
        edition_number=row.number,
        edition_year=row.year,
        slug=row.slug,
        receipt_prefix=row.receipt_prefix,
        title=Text(**row.title),
        kind=CallKind(row.kind),
        track_code=row.track_code,
        places=row.places,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        received=row.received,
        summary=Text(**row.summary) if row.summary else None,
        questions=_QUESTIONS.validate_python(row.questions),
        documents=_DOCUMENTS.validate_python(row.documents),
        criteria=_CRITERIA.validate_python(row.criteria),
        sectors=_CHOICES.validate_python(row.sectors),
        heard_from=_CHOICES.validate_python(row.heard_from),
        tracks=_CHOICES.validate_python(row.tracks),
        departments=tuple(row.departments),
        invented=row.invented,
    )


def find_call(db: sa.Connection, slug: str) -> Call | None:
    row = db.execute(_calls().where(call.c.slug == slug)).one_or_none()
    return _call(row) if row else None


def call_of_id(db: sa.Connection, call_id: UUID, *, lock: bool = False) -> Call:
    """The call; with `lock`, nobody else changes it or takes a number until we commit."""
    if lock:
        # The locked row is read again below: on PostgreSQL the lock may have waited.
        db.execute(sa.select(call.c.id).where(call.c.id == call_id).with_for_update())
    return _call(db.execute(_calls().where(call.c.id == call_id)).one())


def all_calls(db: sa.Connection) -> list[Call]:
    """Every call, the last to open first."""
    return [_call(row) for row in db.execute(_calls().order_by(call.c.opens_at.desc()))]


def calls_to_open(db: sa.Connection, now: datetime) -> list[UUID]:
    query = sa.select(call.c.id).where(call.c.opened_at.is_(None), call.c.opens_at <= now)
    return list(db.scalars(query.order_by(call.c.opens_at)))


def calls_to_close(db: sa.Connection, now: datetime) -> list[UUID]:
    query = sa.select(call.c.id).where(call.c.closed_at.is_(None), call.c.closes_at <= now)
    return list(db.scalars(query.order_by(call.c.closes_at)))


def mark_opened(db: sa.Connection, call_id: UUID, at: datetime) -> None:
    db.execute(sa.update(call).where(call.c.id == call_id).values(opened_at=at))


def mark_closed(db: sa.Connection, call_id: UUID, at: datetime) -> None:
    db.execute(sa.update(call).where(call.c.id == call_id).values(closed_at=at))


def take_number(db: sa.Connection, locked: Call) -> int:
    """The next receipt number of a locked call. Rolled back with the rest: there are no gaps."""
    nth = locked.received + 1
    db.execute(sa.update(call).where(call.c.id == locked.id).values(received=nth))
    return nth


# --- applications


def digest(token: str) -> str:
    """What is kept of a draft's secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def _application(row: Any) -> Application:
    return Application(
        id=row.id,
        call_id=row.call_id,
        project_id=row.project_id,
        state=ApplicationState(row.state),
        language=row.language,
        content=dict(row.content),
        version=row.version,
        saved_by_form=row.saved_by_form,
        bearer_id=row.bearer_id,
        number=row.number,
        received_at=row.received_at,
        withdrawn_at=row.withdrawn_at,
        link_sent_to=row.link_sent_to,
    )


def add_application(
    db: sa.Connection, started: Application, token: str, now: datetime
) -> Application:
    """Save a new draft; the one that has this token already, when there is one."""
    row = {
        "id": started.id,
        "call_id": started.call_id,
        "project_id": started.project_id,
        "state": started.state.value,
        "language": started.language,
        "content": dict(started.content),
        "version": started.version,
        "saved_by_form": started.saved_by_form,
        "token_digest": digest(token),
        "started_at": now,
        "saved_at": now,
    }
    db.execute(insert(db, application).values(row).on_conflict_do_nothing())
    found = find_draft(db, started.call_id, token, lock=True)
    if found is None:
        raise LookupError(f"The token of draft {started.id} belongs to a draft of another call.")
    return found


def find_draft(
    db: sa.Connection, call_id: UUID, token: str, *, lock: bool = False
) -> Application | None:
    """The application to this call that a secret link opens, whatever its state."""
    query = sa.select(application).where(
        application.c.token_digest == digest(token), application.c.call_id == call_id
    )
    row = db.execute(query.with_for_update() if lock else query).one_or_none()
    return _application(row) if row else None


def find_by_token(db: sa.Connection, token: str) -> Application | None:
    query = sa.select(application).where(application.c.token_digest == digest(token))
    row = db.execute(query).one_or_none()
    return _application(row) if row else None


def token_opens(db: sa.Connection, application_id: UUID, token: str) -> bool:
    found = find_by_token(db, token)
    return found is not None and found.id == application_id


def find_application(
    db: sa.Connection, application_id: UUID, *, lock: bool = False
) -> Application | None:
    query = sa.select(application).where(application.c.id == application_id)
    row = db.execute(query.with_for_update() if lock else query).one_or_none()
    return _application(row) if row else None


def save_application(db: sa.Connection, saved: Application, now: datetime) -> None:
    db.execute(
        sa.update(application)
        .where(application.c.id == saved.id)
        .values(
            content=dict(saved.content),
            version=saved.version,
            saved_by_form=saved.saved_by_form,
            language=saved.language,
            saved_at=now,
        )
    )


def mark_link_sent(db: sa.Connection, application_id: UUID, email: str | None) -> None:
    db.execute(
        sa.update(application).where(application.c.id == application_id).values(link_sent_to=email)
    )


def save_received(
    db: sa.Connection,
    received: ApplicationReceived,
    now: datetime,
) -> None:
    """Save a submission and the project it brings."""
    db.execute(
        sa.update(application)
        .where(application.c.id == received.application_id)
        .values(
            state=ApplicationState.RECEIVED.value,
            bearer_id=received.bearer_id,
            number=received.number,
            received_at=received.received_at,
            applicant_kind=received.applicant_kind.value,
            heard_from=received.heard_from,
            saved_at=now,
        )
    )
    row = {
        "id": received.project_id,
        "edition_id": received.edition_id,
        "title": received.project_title,
        "sector": received.sector,
        "department": received.department,
        "jobs_min": received.jobs_min,
        "jobs_max": received.jobs_max,
        "bearer_ids": [str(received.bearer_id)],
    }
    upsert(db, project, [row])


def save_withdrawn(db: sa.Connection, application_id: UUID, reason: str, now: datetime) -> None:
    db.execute(
        sa.update(application)
        .where(application.c.id == application_id)
        .values(state=ApplicationState.WITHDRAWN.value, withdrawn_at=now, withdrawal_reason=reason)
    )


def applications_of_bearer(db: sa.Connection, person_id: UUID) -> list[Any]:
    """id, number, state, call slug and title of a person's applications, the newest first."""
    query = (
        sa.select(
            application.c.id,
            application.c.number,
            application.c.state,
            application.c.received_at,
            project.c.title.label("project"),
            call.c.slug,
        )
        .select_from(
            application.join(call, call.c.id == application.c.call_id).join(
                project, project.c.id == application.c.project_id
            )
        )
        .where(application.c.bearer_id == person_id)
        .order_by(application.c.received_at.desc())
    )
    return list(db.execute(query))


# --- documents


def documents_of(db: sa.Connection, application_id: UUID) -> dict[str, Any]:
    """Rows of the documents uploaded, by code."""
    query = sa.select(document).where(document.c.application_id == application_id)
    return {row.code: row for row in db.execute(query)}


def save_document(db: sa.Connection, row: dict[str, Any]) -> None:
    """Save an uploaded document in place of the one of the same code."""
    before = documents_of(db, row["application_id"]).get(row["code"])
    if before is not None and before.sha256 != row["sha256"]:
        note_removed_documents(db, [before.sha256])
    upsert(db, document, [row])


def delete_document(db: sa.Connection, application_id: UUID, code: str) -> None:
    mine = sa.and_(document.c.application_id == application_id, document.c.code == code)
    hashes = list(db.scalars(sa.delete(document).where(mine).returning(document.c.sha256)))
    note_removed_documents(db, hashes)


def note_removed_documents(db: sa.Connection, hashes: Sequence[str]) -> None:
    upsert(db, removed_document, [{"sha256": sha256} for sha256 in dict.fromkeys(hashes)])


def unnamed_documents(db: sa.Connection) -> list[str]:
    """The files to remove: they lost a row, and no other row names them."""
    named = sa.union_all(sa.select(document.c.sha256), sa.select(handed_in.c.sha256))
    query = sa.select(removed_document.c.sha256)
    return list(db.scalars(query.where(removed_document.c.sha256.not_in(named))))


def forget_removed_documents(db: sa.Connection, hashes: Sequence[str]) -> None:
    db.execute(sa.delete(removed_document).where(removed_document.c.sha256.in_(hashes)))


# --- scores and decisions


def _counting_scores() -> sa.Select[Any]:
    """The scores that count: those of evaluators without a conflict of interest."""
    conflicted = sa.exists().where(
        conflict.c.application_id == score.c.application_id,
        conflict.c.evaluator_id == score.c.evaluator_id,
    )
    return sa.select(score).where(~conflicted).order_by(score.c.evaluator_id, score.c.criterion)


def scores_of(db: sa.Connection, application_id: UUID) -> list[Score]:
    """The scores of an application that count, by evaluator."""
    rows = db.execute(_counting_scores().where(score.c.application_id == application_id))
    return [Score(row.evaluator_id, row.criterion, row.points) for row in rows]


def scores_of_call(db: sa.Connection, call_id: UUID) -> dict[UUID, list[Score]]:
    """The same for every application of a call, by its id."""
    query = (
        _counting_scores()
        .join(application, application.c.id == score.c.application_id)
        .where(application.c.call_id == call_id)
    )
    found: dict[UUID, list[Score]] = {}
    for row in db.execute(query):
        given = Score(row.evaluator_id, row.criterion, row.points)
        found.setdefault(row.application_id, []).append(given)
    return found


def save_scores(
    db: sa.Connection,
    application_id: UUID,
    evaluator_id: UUID,
    points: Mapping[str, int | None],
    now: datetime,
) -> None:
    rows = [
        {
            "application_id": application_id,
            "evaluator_id": evaluator_id,
            "criterion": criterion,
            "points": given,
            "given_at": now,
        }
        for criterion, given in points.items()
    ]
    upsert(db, score, rows)


def save_mean(db: sa.Connection, application_id: UUID, mean: float | None) -> None:
    """Keep the weighted mean beside the application, for lists to sort by."""
    db.execute(sa.update(application).where(application.c.id == application_id).values(mean=mean))


def has_conflict(db: sa.Connection, application_id: UUID, evaluator_id: UUID) -> bool:
    query = sa.select(conflict).where(
        conflict.c.application_id == application_id, conflict.c.evaluator_id == evaluator_id
    )
    return db.execute(query).one_or_none() is not None


def save_conflict(
    db: sa.Connection, application_id: UUID, evaluator_id: UUID, declared: bool, now: datetime
) -> None:
    row = {"application_id": application_id, "evaluator_id": evaluator_id, "declared_at": now}
    if declared:
        db.execute(insert(db, conflict).values(row).on_conflict_do_nothing())
        return
    db.execute(
        sa.delete(conflict).where(
            conflict.c.application_id == application_id, conflict.c.evaluator_id == evaluator_id
        )
    )


def prepare_decision(
    db: sa.Connection,
    application_id: UUID,
    verdict: Verdict,
    note: str | None,
    actor: UUID | None,
    now: datetime,
) -> None:
    row = {
        "application_id": application_id,
        "decision": verdict.decision.value,
        "reason": verdict.reason.value,
        "rank": verdict.rank,
        "track_code": verdict.track_code,
        "note": note,
        "prepared_by": actor,
        "prepared_at": now,
    }
    upsert(db, decision, [row])


def considered_of(db: sa.Connection, of: Call) -> list[Considered]:
    """The received applications of a call, in the order of their numbers."""
    verdict = ("decision", "reason", "rank", "track_code")
    query = (
        sa.select(
            application.c.id,
            application.c.project_id,
            application.c.bearer_id,
            application.c.number,
            *(decision.c[name] for name in verdict),
            *(decision.c[f"applied_{name}"] for name in verdict),
        )
        .select_from(application.outerjoin(decision, decision.c.application_id == application.c.id))
        .where(
            application.c.call_id == of.id, application.c.state == ApplicationState.RECEIVED.value
        )
        .order_by(application.c.number)
    )
    rows = list(db.execute(query))
    scores = scores_of_call(db, of.id)
    return [
        Considered(
            application_id=row.id,
            project_id=row.project_id,
            bearer_id=row.bearer_id,
            number=row.number,
            score=weighted_mean(of.criteria, scores.get(row.id, [])),
            prepared=_verdict(row, ""),
            applied=_verdict(row, "applied_"),
        )
        for row in rows
    ]


def _verdict(row: Any, prefix: str) -> Verdict | None:
    decided, reason, rank, track_code = (
        getattr(row, f"{prefix}{name}") for name in ("decision", "reason", "rank", "track_code")
    )
    if decided is None:
        return None
    return Verdict(Decision(decided), DecisionReason(reason), rank, track_code)


def decision_of(db: sa.Connection, application_id: UUID) -> Any:
    """The row of the decision prepared or applied, or None."""
    query = sa.select(decision).where(decision.c.application_id == application_id)
    return db.execute(query).one_or_none()


def mark_applied(db: sa.Connection, decided: ApplicationDecided) -> None:
    db.execute(
        sa.update(decision)
        .where(decision.c.application_id == decided.application_id)
        .values(
            applied_decision=decided.decision.value,
            applied_reason=decided.reason.value,
            applied_rank=decided.rank,
            applied_track_code=decided.track_code,
            applied_score=decided.score,
            decided_on=decided.decided_on,
        )
    )


def add_decision_round(db: sa.Connection, row: dict[str, Any]) -> None:
    db.execute(sa.insert(decision_round), row)


# --- projects and cohorts


def _projects() -> sa.Select[Any]:
    sent = sa.and_(
        application.c.project_id == project.c.id,
        application.c.state != ApplicationState.DRAFT.value,
    )
    inside = sa.and_(
        cohort_project.c.project_id == project.c.id, cohort_project.c.left_on.is_(None)
    )
    return sa.select(
        project,
        application.c.id.label("application_id"),
        application.c.state.label("application_state"),
        decision.c.applied_decision,
        cohort_project.c.cohort_id,
    ).select_from(
        project.outerjoin(application, sent)
        .outerjoin(decision, decision.c.application_id == application.c.id)
        .outerjoin(cohort_project, inside)
    )


def _project(row: Any) -> Project:
    return Project(
        id=row.id,
        title=row.title,
        bearer_ids=tuple(UUID(bearer) for bearer in row.bearer_ids),
        application_id=row.application_id,
        selected=row.application_state == ApplicationState.RECEIVED.value
        and row.applied_decision == Decision.SELECTED.value,
        sector=row.sector,
        department=row.department,
        jobs_min=row.jobs_min,
        jobs_max=row.jobs_max,
        cohort_id=row.cohort_id,
    )


def find_project(db: sa.Connection, project_id: UUID) -> Project | None:
    row = db.execute(_projects().where(project.c.id == project_id)).one_or_none()
    return _project(row) if row else None


def lock_project(db: sa.Connection, project_id: UUID) -> None:
    """Nobody else hands in a file of this project until we commit."""
    db.execute(sa.select(project.c.id).where(project.c.id == project_id).with_for_update())


def selected_projects(db: sa.Connection, call_id: UUID) -> list[Project]:
    """The projects selected in a call, in the order of their receipt numbers."""
    query = _projects().where(application.c.call_id == call_id).order_by(application.c.number)
    return [found for row in db.execute(query) if (found := _project(row)).selected]


def projects_of_cohort(db: sa.Connection, cohort_id: UUID) -> list[Project]:
    """The projects in a cohort now, by title."""
    members = sa.select(cohort_project.c.project_id).where(
        cohort_project.c.cohort_id == cohort_id, cohort_project.c.left_on.is_(None)
    )
    query = _projects().where(project.c.id.in_(members)).order_by(project.c.title)
    return [_project(row) for row in db.execute(query)]


def _cohorts() -> sa.Select[Any]:
    return sa.select(cohort, edition.c.programme).join(edition, edition.c.id == cohort.c.edition_id)


def _cohort(row: Any) -> Cohort:
    return Cohort(
        id=row.id,
        call_id=row.call_id,
        edition_id=row.edition_id,
        programme=row.programme,
        label=row.label,
        track_code=row.track_code,
        starts_on=row.starts_on,
    )


def find_cohort(db: sa.Connection, cohort_id: UUID) -> Cohort | None:
    row = db.execute(_cohorts().where(cohort.c.id == cohort_id)).one_or_none()
    return _cohort(row) if row else None


def cohort_of_call(db: sa.Connection, call_id: UUID) -> Cohort | None:
    row = db.execute(_cohorts().where(cohort.c.call_id == call_id)).one_or_none()
    return _cohort(row) if row else None


def all_cohorts(db: sa.Connection) -> list[Cohort]:
    return [_cohort(row) for row in db.execute(_cohorts().order_by(cohort.c.starts_on.desc()))]


def add_cohort(db: sa.Connection, formed: CohortFormed) -> None:
    db.execute(
        sa.insert(cohort),
        {
            "id": formed.cohort_id,
            "call_id": formed.call_id,
            "edition_id": formed.edition_id,
            "label": formed.label,
            "track_code": formed.track_code,
            "starts_on": formed.starts_on,
        },
    )
    rows = [
        {
            "cohort_id": formed.cohort_id,
            "project_id": member.project_id,
            "joined_on": formed.starts_on,
            "left_on": None,
        }
        for member in formed.projects
    ]
    upsert(db, cohort_project, rows)


def save_cohort_change(db: sa.Connection, changed: CohortChanged) -> None:
    mine = {"cohort_id": changed.cohort_id, "project_id": changed.project.project_id}
    if changed.change == "joined":
        upsert(db, cohort_project, [mine | {"joined_on": changed.effective_on, "left_on": None}])
        return
    db.execute(
        sa.update(cohort_project)
        .where(*(cohort_project.c[name] == value for name, value in mine.items()))
        .values(left_on=changed.effective_on)
    )


def project_life(db: sa.Connection, project_id: UUID) -> tuple[Any, list[Any]]:
    """What scheduling said of a project: its last progress (or None) and its held sessions."""
    row = db.execute(sa.select(progress).where(progress.c.project_id == project_id)).one_or_none()
    query = sa.select(held_session).where(held_session.c.project_id == project_id)
    return row, list(db.execute(query.order_by(held_session.c.held_on)))


def save_progress(db: sa.Connection, reported: ProjectProgressed) -> None:
    row = reported.model_dump(mode="python", include={column.name for column in progress.columns})
    upsert(db, progress, [row | {"status": reported.status.value}])


def save_held_session(db: sa.Connection, held: SessionHeld) -> None:
    rows = [
        {
            "project_id": project_id,
            "session_id": held.session_id,
            "kind": held.kind.value,
            "held_on": held.held_on,
            "minutes": held.minutes,
        }
        for project_id in held.project_ids
    ]
    upsert(db, held_session, rows)


# --- deliverables, prizes and trophies


def find_deliverable(
    db: sa.Connection, edition_id: UUID, kind: DeliverableKind
) -> Deliverable | None:
    query = (
        sa.select(deliverable, edition.c.programme)
        .join(edition, edition.c.id == deliverable.c.edition_id)
        .where(deliverable.c.edition_id == edition_id, deliverable.c.kind == kind.value)
    )
    row = db.execute(query).one_or_none()
    if row is None:
        return None
    return Deliverable(row.edition_id, row.programme, kind, Text(**row.label), row.due_on)


def edition_of_project(db: sa.Connection, project_id: UUID) -> UUID:
    query = sa.select(project.c.edition_id).where(project.c.id == project_id)
    edition_id: UUID = db.scalars(query).one()
    return edition_id


def programme_of_project(db: sa.Connection, project_id: UUID) -> str:
    """The programme's slug; of a project nobody knows, none."""
    query = (
        sa.select(edition.c.programme)
        .join(project, project.c.edition_id == edition.c.id)
        .where(project.c.id == project_id)
    )
    return db.scalars(query).one_or_none() or ""


def versions_of(db: sa.Connection, project_id: UUID) -> list[Any]:
    """Every version of every deliverable a project handed in, the newest first."""
    query = sa.select(handed_in).where(handed_in.c.project_id == project_id)
    return list(db.execute(query.order_by(handed_in.c.handed_in_at.desc())))


def last_handed_in(
    db: sa.Connection, project_id: UUID, edition_id: UUID, kind: DeliverableKind
) -> HandedIn | None:
    query = (
        sa.select(handed_in.c.version, handed_in.c.sha256, handed_in.c.handed_in_at)
        .where(
            handed_in.c.project_id == project_id,
            handed_in.c.edition_id == edition_id,
            handed_in.c.kind == kind.value,
        )
        .order_by(handed_in.c.version.desc())
        .limit(1)
    )
    row = db.execute(query).one_or_none()
    return HandedIn(row.version, row.sha256, row.handed_in_at) if row else None


def add_handed_in(db: sa.Connection, handed: DeliverableHandedIn, row: dict[str, Any]) -> None:
    """Save a version; `row` has the file's name, media type and size, and who handed it in."""
    values = {
        "project_id": handed.project_id,
        "edition_id": handed.edition_id,
        "kind": handed.kind.value,
        "version": handed.version,
        "sha256": handed.document_sha256,
        "due_on": handed.due_on,
        "handed_in_at": handed.handed_in_at,
    }
    db.execute(sa.insert(handed_in), values | row)


def prizes_of(db: sa.Connection, edition_id: UUID, *, lock: bool = False) -> list[PledgedPrize]:
    """The prizes pledged for an edition, by code."""
    query = sa.select(prize).where(prize.c.edition_id == edition_id).order_by(prize.c.code)
    rows = list(db.execute(query.with_for_update() if lock else query))
    titles = {row.id: row.title for row in db.execute(sa.select(trophy.c.id, trophy.c.title))}
    return [
        PledgedPrize(
            id=row.id,
            edition_id=row.edition_id,
            code=row.code,
            contributor_id=row.contributor_id,
            kind=PrizeKind(row.kind),
            title=row.title,
            value_eur=row.value_eur,
            given_with=titles.get(row.trophy_id),
        )
        for row in rows
    ]


def add_prize(db: sa.Connection, pledged: PledgedPrize) -> None:
    row = asdict(pledged) | {"kind": pledged.kind.value, "invented": False}
    del row["given_with"]
    db.execute(sa.insert(prize), row)


def add_trophy(db: sa.Connection, awarded: TrophyAwarded, jury_ids: Iterable[UUID]) -> None:
    db.execute(
        sa.insert(trophy),
        {
            "id": awarded.trophy_id,
            "cohort_id": awarded.cohort_id,
            "project_id": awarded.project_id,
            "title": awarded.title,
            "awarded_on": awarded.awarded_on,
            "jury_ids": [str(member) for member in jury_ids],
        },
    )
    given = [one.prize_id for one in awarded.prizes]
    db.execute(sa.update(prize).where(prize.c.id.in_(given)).values(trophy_id=awarded.trophy_id))


def trophies_of(db: sa.Connection, edition_id: UUID) -> list[Any]:
    """The trophies of an edition with the titles of their projects, as they were awarded."""
    query = (
        sa.select(trophy, project.c.title.label("project_title"))
        .select_from(
            trophy.join(cohort, cohort.c.id == trophy.c.cohort_id).join(
                project, project.c.id == trophy.c.project_id
            )
        )
        .where(cohort.c.edition_id == edition_id)
    )
    return list(db.execute(query.order_by(trophy.c.awarded_on, trophy.c.title)))


# --- programmes, as read


def find_programme(db: sa.Connection, slug: str) -> Any:
    return db.execute(sa.select(programme).where(programme.c.slug == slug)).one_or_none()


def all_programmes(db: sa.Connection) -> list[Any]:
    return list(db.execute(sa.select(programme).order_by(programme.c.name)))


def editions_of(db: sa.Connection, slug: str) -> list[Any]:
    query = sa.select(edition).where(edition.c.programme == slug)
    return list(db.execute(query.order_by(edition.c.number.desc())))


def edition_by_number(db: sa.Connection, slug: str, number: int) -> Any:
    query = sa.select(edition).where(edition.c.programme == slug, edition.c.number == number)
    return db.execute(query).one_or_none()


def deliverables_of(db: sa.Connection, edition_id: UUID) -> list[Any]:
    query = sa.select(deliverable).where(deliverable.c.edition_id == edition_id)
    return list(db.execute(query.order_by(deliverable.c.due_on)))


def organisations_of(db: sa.Connection, slug: str) -> list[Any]:
    query = sa.select(organisation).where(organisation.c.programme == slug)
    return list(db.execute(query.order_by(organisation.c.code)))


def counts_of_call(db: sa.Connection, call_id: UUID) -> dict[str, int]:
    """How many applications are in each state."""
    query = (
        sa.select(application.c.state, sa.func.count().label("how_many"))
        .where(application.c.call_id == call_id)
        .group_by(application.c.state)
    )
    return {row.state: row.how_many for row in db.execute(query)}


# --- erasing a person


def erase_person(db: sa.Connection, person_id: UUID, email: str | None) -> None:
    """Erase what this service holds about a person: what she typed, sent, and notes about her.

    What says nothing of her stays: her projects' public titles, numbers, scores, decisions.
    """
    mine = application.c.bearer_id == person_id
    if email:
        typed = sa.func.lower(application.c.content["bearer_email"].as_string())
        mine = sa.or_(mine, typed == email.strip().lower())
    ids = list(db.scalars(sa.select(application.c.id).where(mine)))
    db.execute(
        sa.update(application)
        .where(application.c.id.in_(ids))
        .values(content={}, link_sent_to=None, saved_by_form=None)
    )
    db.execute(sa.update(decision).where(decision.c.application_id.in_(ids)).values(note=None))
    removed = sa.delete(document).where(document.c.application_id.in_(ids))
    note_removed_documents(db, list(db.scalars(removed.returning(document.c.sha256))))
    db.execute(sa.delete(programme_person).where(programme_person.c.person_id == person_id))


def await_confirmations(db: sa.Connection, expected: Iterable[Confirmation]) -> None:
    """Note what partners have to confirm; what is noted already stays as it is."""
    rows = [asdict(one) for one in expected]
    if rows:
        db.execute(insert(db, erasure).on_conflict_do_nothing(), rows)


def save_confirmation(db: sa.Connection, confirmation: Confirmation) -> None:
    """The first one counts: after a restored backup a partner may confirm again."""
    statement = insert(db, erasure).values(asdict(confirmation))
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["person_id", "service"],
            set_={"confirmed_at": confirmation.confirmed_at},
            where=erasure.c.confirmed_at.is_(None),
        )
    )


def all_confirmations(db: sa.Connection) -> list[Confirmation]:
    query = sa.select(erasure).order_by(erasure.c.erased_at, erasure.c.person_id, erasure.c.service)
    return [Confirmation(**row._mapping) for row in db.execute(query)]


def unconfirmed(db: sa.Connection) -> list[Confirmation]:
    query = sa.select(erasure).where(erasure.c.confirmed_at.is_(None))
    return [Confirmation(**row._mapping) for row in db.execute(query)]


def erasure_listing(titles: Mapping[str, Words]) -> Listing:
    """`titles` are those of the partners' services, by name."""
    return Listing(
        columns=(
            Column("erased_at", N_("Effacée le"), erasure.c.erased_at),
            Column("person_id", N_("Personne")),
            Column("service", N_("Partenaire"), erasure.c.service),
            Column("confirmed_at", N_("Confirmé le"), erasure.c.confirmed_at),
            Column("answer", N_("Réponse")),
        ),
        filters=(
            Filter(
                "service",
                N_("Partenaire"),
                erasure.c.service,
                tuple(titles.items()),
            ),
        ),
        sort="-erased_at",
        ties=(erasure.c.person_id, erasure.c.service),
    )


def erasures() -> sa.Select[Any]:
    """Who was erased, by opaque id, and what each partner answered."""
    return sa.select(erasure)


# --- lists


DECISIONS = (
    ("selected", N_("Retenue")),
    ("waiting_list", N_("Liste d'attente")),
    ("refused", N_("Refusée")),
    ("reoriented", N_("Réorientée")),
)
STATES = (("received", N_("Reçue")), ("withdrawn", N_("Retirée")))

_NUMBER = Column("number", N_("Numéro"), application.c.number)
_PROJECT = Column("project", N_("Projet"), project.c.title)
_REST = (
    Column("department", N_("Département"), project.c.department),
    Column("sector", N_("Secteur"), project.c.sector),
    Column("state", N_("État"), application.c.state),
    Column("decision", N_("Décision"), decision.c.applied_decision),
    Column("mean", N_("Note"), application.c.mean),
    Column("received_at", N_("Reçue le"), application.c.received_at),
)
_FILTERS = (
    Filter("state", N_("État"), application.c.state, choices=STATES),
    Filter("decision", N_("Décision"), decision.c.applied_decision, choices=DECISIONS),
)

APPLICATIONS = Listing(
    columns=(_NUMBER, _PROJECT, Column("bearer", N_("Porté par"), person.c.name), *_REST),
    filters=(
        Search("q", N_("Rechercher"), (project.c.title, application.c.number, person.c.name)),
        *_FILTERS,
    ),
    sort="number",
    size=50,
    key=application.c.id,
)

# What a funder sees: the same without the persons.
UNNAMED_APPLICATIONS = Listing(
    columns=(_NUMBER, _PROJECT, *_REST),
    filters=(Search("q", N_("Rechercher"), (project.c.title, application.c.number)), *_FILTERS),
    sort="number",
    size=50,
    key=application.c.id,
)


def applications(call_id: UUID, *, named: bool = True) -> sa.Select[Any]:
    """The applications received for a call, withdrawn ones included, drafts not."""
    bearer = [person.c.name.label("bearer")] if named else []
    return (
        sa.select(
            application.c.id,
            application.c.number,
            project.c.title.label("project"),
            *bearer,
            project.c.department,
            project.c.sector,
            application.c.state,
            decision.c.applied_decision.label("decision"),
            application.c.mean,
            application.c.received_at,
        )
        .select_from(
            # Outer joins alone: what is only counted then needs none of them.
            application.outerjoin(project, project.c.id == application.c.project_id)
            .outerjoin(person, person.c.id == application.c.bearer_id)
            .outerjoin(decision, decision.c.application_id == application.c.id)
        )
        .where(
            application.c.call_id == call_id, application.c.state != ApplicationState.DRAFT.value
        )
    )
