"""The JSON API of programmes, cohorts, deliverables, prizes, trophies and people."""

from dataclasses import asdict, replace
from typing import Annotated, Any
from uuid import UUID

from essaim.ids import new_id
from essaim.people import directory
from essaim.person import Person, Role, RoleHeld
from essaim.refusal import Refusal
from essaim.web import allowed, command, gettext_of, may, require, runtime_of, visitor
from essaim.web.problems import TITLES, FieldError, Problem
from essaim.work import Work
from essaim_contracts.candidatures import DeliverableKind
from fastapi import APIRouter, Body, Depends, Request, Response, UploadFile
from fastapi.responses import JSONResponse

from candidatures import applying, steering, store, views
from candidatures.deliverable import FILE_ASKED, is_late
from candidatures.files import keep_upload, safe_name, send_file
from candidatures.messages import (
    CohortAnswer,
    CohortBody,
    CohortChangeBody,
    CohortList,
    ErasureList,
    HandedInAnswer,
    ImportAnswer,
    PersonAnswer,
    PersonBody,
    PersonIdAnswer,
    PersonList,
    PrizeAnswer,
    PrizeBody,
    ProgrammeAnswer,
    ProjectAnswer,
    RoleBody,
    TrophyAnswer,
    TrophyBody,
)
from candidatures.programme_file import read_programme
from candidatures.programme_import import ImportReport, import_programme

router = APIRouter()

Coordinator = Annotated[Person, Depends(allowed(Role.COORDINATOR))]
PROJECT_READERS = (Role.COORDINATOR, Role.COMMITTEE_MEMBER, Role.FUNDER)


# --- programmes


class PlacedError(FieldError):
    """`field` is the path in the file, as in editions.0.calls.1.slug."""

    line: int
    column: int


class FileProblem(Problem):
    """A programme file that was not imported, with every error in the order of lines."""

    errors: list[PlacedError]  # type: ignore[assignment]


@router.post(
    "/api/programmes",
    response_model=ImportAnswer,
    responses={422: {"model": FileProblem}},
    tags=["programmes"],
)
def post_programme(
    request: Request,
    person: Coordinator,
    text: Annotated[bytes, Body(media_type="application/yaml")],
    check: bool = False,
) -> Response:
    """Import a programme file (YAML), or only `check` it. Nothing is imported if anything is wrong.

    A new programme needs an operator; its coordinators may import it again.
    """
    read = read_programme(text)

    def bring_in(work: Work) -> dict[str, Any]:
        report = import_programme(work, read, importer=person, check=check)
        if report.errors:
            raise _WrongFile(report)
        return report.as_json()

    try:
        return command(request, bring_in)
    except _WrongFile as wrong:
        return _file_problem(request, wrong.report)


class _WrongFile(Exception):
    """Ends the transaction, so that its Idempotency-Key is not remembered as an import."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__(f"{len(report.errors)} errors")
        self.report = report


def _file_problem(request: Request, report: ImportReport) -> Response:
    _ = gettext_of(request)
    errors = [
        PlacedError(
            field=error.path,
            line=error.line,
            column=error.column,
            message=_.refusal(error.why),
        )
        for error in report.errors
    ]
    problem = FileProblem(
        title=_(TITLES[422]),
        status=422,
        detail=_(
            "Le fichier a {count} erreur(s), rien n'est importé. La première, ligne {line} : "
            "{message}",
            count=len(errors),
            line=errors[0].line,
            message=errors[0].message,
        ),
        code="wrong_programme_file",
        errors=errors,
    )
    return JSONResponse(problem.model_dump(), 422, media_type="application/problem+json")


@router.get("/api/programmes/{slug}", response_model=ProgrammeAnswer, tags=["programmes"])
def programme(request: Request, slug: str) -> Any:
    """A programme with its partners, editions, calls, prizes and trophies. Open to all."""
    with runtime_of(request).read() as db:
        answer = views.programme_answer(db, slug, runtime_of(request).clock.now())
    if answer is None:
        raise Refusal(
            "unknown_programme",
            "Aucun programme ne s'appelle « {programme} ». Vérifiez l'adresse.",
            status=404,
            programme=slug,
        )
    return answer


# --- cohorts and their projects


@router.post("/api/cohorts", status_code=201, response_model=CohortAnswer, tags=["cohorts"])
def post_cohort(request: Request, body: CohortBody, _: Coordinator) -> Response:
    """Form the cohort of the projects selected in a call. A call has one cohort."""

    def form(work: Work) -> CohortAnswer:
        call = applying.get_call(work, body.call)
        require(request, Role.COORDINATOR, programme=call.programme)
        formed = steering.form_cohort_of_call(work, body.call, body.label, body.starts_on)
        return views.cohort_answer(work.db, formed.cohort_id)

    return command(request, form, status=201)


@router.get("/api/cohorts", response_model=CohortList, tags=["cohorts"])
def cohorts(request: Request, person: Annotated[Person, Depends(allowed())]) -> Any:
    """The cohorts of one's programmes and projects as they are now, the last to start first."""

    def is_mine(cohort: CohortAnswer, programme: str) -> bool:
        bearers = {bearer for project in cohort.projects for bearer in project.bearer_ids}
        return person.id in bearers or may(request, *PROJECT_READERS, programme=programme)

    with runtime_of(request).read() as db:
        known = [(views.cohort_answer(db, one.id), one.programme) for one in store.all_cohorts(db)]
    items = [cohort for cohort, programme in known if is_mine(cohort, programme)]
    return {"items": items, "total": len(items)}


@router.post("/api/cohorts/{cohort_id}/changes", response_model=CohortAnswer, tags=["cohorts"])
def change_cohort(
    request: Request, cohort_id: UUID, body: CohortChangeBody, _: Coordinator
) -> Response:
    """A selected project joins the cohort, or a project leaves it."""

    def change(work: Work) -> CohortAnswer:
        programme = steering.get_cohort(work, cohort_id).programme
        require(request, Role.COORDINATOR, programme=programme)
        steering.change_cohort_member(
            work, cohort_id, body.project_id, body.change, body.effective_on
        )
        return views.cohort_answer(work.db, cohort_id)

    return command(request, change)


@router.get("/api/projects/{project_id}", response_model=ProjectAnswer, tags=["cohorts"])
def project(request: Request, project_id: UUID, _: Annotated[Person, Depends(allowed())]) -> Any:
    """A project: its cohort, what scheduling said of it, what it handed in."""
    with runtime_of(request).read() as db:
        _require_of_project(request, db, project_id)
        return views.project_answer(db, project_id)


def _require_of_project(request: Request, db: Any, project_id: UUID) -> None:
    """Its bearers, and those who work on its programme."""
    found = store.find_project(db, project_id)
    person = visitor(request)
    if found is None or person is None:
        raise steering.unknown_project()
    if person.id not in found.bearer_ids:
        require(request, *PROJECT_READERS, programme=store.programme_of_project(db, project_id))


@router.put(
    "/api/projects/{project_id}/deliverables/{kind}",
    response_model=HandedInAnswer,
    tags=["cohorts"],
)
def put_deliverable(
    request: Request,
    project_id: UUID,
    kind: DeliverableKind,
    file: UploadFile,
    person: Annotated[Person, Depends(allowed())],
) -> Response:
    """Hand in a version of what the project owes: its bearers, or a coordinator for them."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        found = store.find_project(db, project_id)
        if found is None:
            raise steering.unknown_project()
        if person.id not in found.bearer_ids:
            programme = store.programme_of_project(db, project_id)
            require(request, Role.COORDINATOR, programme=programme)
    type, kept = keep_upload(runtime.documents, FILE_ASKED, file)

    def hand_in(work: Work) -> HandedInAnswer:
        filename = safe_name(file.filename)
        handed = steering.hand_in_deliverable(work, project_id, kind, filename, type, kept)
        last = next(row for row in store.versions_of(work.db, project_id) if row.kind == kind)
        return HandedInAnswer(
            project_id=project_id,
            kind=kind,
            version=last.version,
            late=is_late(last.due_on, last.handed_in_at),
            unchanged=handed is None,
        )

    return command(request, hand_in)


@router.get("/api/projects/{project_id}/deliverables/{kind}", tags=["cohorts"])
def get_deliverable(
    request: Request,
    project_id: UUID,
    kind: DeliverableKind,
    _: Annotated[Person, Depends(allowed())],
) -> Response:
    """The last version handed in: the file itself."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        _require_of_project(request, db, project_id)
        rows = [row for row in store.versions_of(db, project_id) if row.kind == kind]
    if not rows:
        raise steering.unknown_project()
    return send_file(runtime.documents, rows[0].sha256, rows[0].filename, rows[0].media_type)


# --- prizes and trophies


@router.post("/api/prizes", status_code=201, response_model=PrizeAnswer, tags=["trophies"])
def post_prize(request: Request, body: PrizeBody, _: Coordinator) -> Response:
    """A contributor pledges a prize for an edition."""

    def pledge(work: Work) -> PrizeAnswer:
        require(request, Role.COORDINATOR, programme=body.programme)
        prize = steering.pledge_prize(
            work,
            body.programme,
            body.edition,
            body.code,
            body.contributor,
            kind=body.kind,
            title=body.title,
            value_eur=body.value_eur,
        )
        return views.prize_answer(prize)

    return command(request, pledge, status=201)


@router.post("/api/trophies", status_code=201, response_model=TrophyAnswer, tags=["trophies"])
def post_trophy(request: Request, body: TrophyBody, _: Coordinator) -> Response:
    """Award a trophy to a project of a cohort, with prizes; each prize is given once."""

    def award(work: Work) -> TrophyAnswer:
        programme = store.programme_of_project(work.db, body.project_id)
        require(request, Role.COORDINATOR, programme=programme)
        awarded = steering.award(
            work, body.project_id, body.title, body.awarded_on, body.prizes, body.jury_ids
        )
        return TrophyAnswer(
            id=awarded.trophy_id,
            project_id=awarded.project_id,
            prizes_value_eur=sum(prize.value_eur for prize in awarded.prizes),
        )

    return command(request, award, status=201)


# --- people


@router.get("/api/people", response_model=PersonList, tags=["people"])
def people(request: Request, _: Coordinator, programme: str | None = None) -> Any:
    """Everybody who holds or held a role in a programme; without one, an operator sees all."""
    with runtime_of(request).read() as db:
        found = directory.all_people(db)
    if programme is None:
        require(request, Role.OPERATOR)
    else:
        require(request, Role.COORDINATOR, programme=programme)
        found = [one for one in found if any(held.programme == programme for held in one.roles)]
    items = [
        PersonAnswer.model_validate(directory.to_json(one), from_attributes=True) for one in found
    ]
    return {"items": items, "total": len(items)}


@router.post("/api/people", status_code=201, response_model=PersonIdAnswer, tags=["people"])
def post_person(request: Request, body: PersonBody, _: Coordinator) -> Response:
    """Enter somebody in the directory, with roles in programmes one coordinates."""
    person = Person(
        id=new_id(),
        name=body.name,
        email=steering.checked_email(body.email),
        phone=body.phone,
        language=body.language,
    )

    def enter(work: Work) -> PersonIdAnswer:
        roles = tuple(_role(request, work, held) for held in body.roles)
        steering.add_person(work, replace(person, roles=roles))
        return PersonIdAnswer(id=person.id)

    return command(request, enter, status=201)


def _role(request: Request, work: Work, body: RoleBody) -> RoleHeld:
    giver = Role.OPERATOR if body.role == Role.OPERATOR else Role.COORDINATOR
    require(request, giver, programme=body.programme)
    organisation_id = None
    if body.organisation is not None:
        organisation_id = steering.organisation_id(work, body.programme, body.organisation)
    return RoleHeld(body.role, body.programme, organisation_id, body.since, body.until)


@router.post("/api/people/{person_id}/erase", status_code=204, tags=["people"])
def erase_person(
    request: Request, person_id: UUID, _: Annotated[Person, Depends(allowed())]
) -> Response:
    """Forget a person, at every partner: herself, or a coordinator of a programme she is in."""

    def forget(work: Work) -> None:
        _refuse_eraser(request, steering.get_person(work, person_id))
        steering.erase(work, person_id, runtime_of(request).consortium.confirming_erasure)

    return command(request, forget)


@router.get("/api/erasures", response_model=ErasureList, tags=["people"])
def erasures(request: Request, _: Coordinator) -> Any:
    """Who was erased, by opaque id, and what each partner answered."""
    now = runtime_of(request).clock.now()
    with runtime_of(request).read() as db:
        confirmations = store.all_confirmations(db)
    items = [asdict(one) | {"answer": one.answer(now)} for one in confirmations]
    return {"items": items, "total": len(items)}


def _refuse_eraser(request: Request, person: Person) -> None:
    asker = visitor(request)
    if asker is not None and asker.id == person.id:
        return
    programmes = {held.programme for held in person.roles}
    if not any(may(request, Role.COORDINATOR, programme=slug) for slug in programmes):
        require(request, Role.OPERATOR)
