"""The files of a cohort at a glance: who handed in what, what waits, and who is late."""

from uuid import UUID

from essaim import Refusal, Role, Work
from essaim.web import (
    SignedIn,
    act,
    export_csv,
    gettext_of,
    may,
    path_for,
    redirect,
    render,
    runtime_of,
    submitted,
    today_of,
)
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, lists, store
from candidatures.access.project import coordinated_cohort, readable_cohort
from candidatures.deliverable_review import is_to_remind
from candidatures.labels import FILE_STATES

router = APIRouter(include_in_schema=False)


@router.get("/cohorts/{cohort_id}/files", name="cohort-files")
def cohort_files(request: Request, cohort_id: UUID, person: SignedIn) -> Response:
    """What each project owes, to filter and export; the late ones may be reminded from here."""
    return _files_page(request, cohort_id)


def _files_page(request: Request, cohort_id: UUID, refusal: Refusal | None = None) -> Response:
    today = today_of(request)
    with runtime_of(request).read() as db:
        cohort, _named = readable_cohort(request, db, cohort_id)
        query = lists.cohort_files(cohort_id, today)
        listing = lists.cohort_file_listing(today)
        if request.query_params.get("format") == "csv":
            return export_csv(request, listing, query, f"{cohort_id}.csv")
        page = listing.page(request, db, query)
        files = store.owed.of_cohorts(db, [cohort_id], today)
    return render(
        request,
        "cohort_files.html",
        refusal=refusal,
        cohort=cohort,
        page=page,
        owed_file=store.owed.owed_file,
        late=[one for one in files if one.standing.is_late],
        to_remind=[one for one in files if is_to_remind(one, today)],
        coordinates=may(request, Role.COORDINATOR, programme=cohort.programme),
        file_states=FILE_STATES,
    )


@router.get("/cohorts/{cohort_id}/reminders", name="remind-late")
def ask_to_remind(request: Request, cohort_id: UUID, person: SignedIn) -> Response:
    """Who would be reminded, before anybody is."""
    _ = gettext_of(request)
    today = today_of(request)
    with runtime_of(request).read() as db:
        coordinated_cohort(request, db, cohort_id)
        files = store.owed.of_cohorts(db, [cohort_id], today)
    late = [one for one in files if is_to_remind(one, today)]
    names = ", ".join(one.project for one in late)
    return render(
        request,
        "confirmation.html",
        question=_("Relancer les projets en retard ?"),
        consequences=[
            _.counted(
                "{number} projet en retard reçoit un courriel : {names}.",
                "{number} projets en retard reçoivent un courriel : {names}.",
                len(late),
                names=names or "–",
            ),
            _("Les autres n’en reçoivent pas."),
        ],
        action=path_for(request, "remind-late", cohort_id=cohort_id),
        button=_("Relancer"),
        back=path_for(request, "cohort-files", cohort_id=cohort_id),
    )


@router.post("/cohorts/{cohort_id}/reminders")
def remind(
    request: Request, cohort_id: UUID, person: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    with runtime_of(request).read() as db:
        coordinated_cohort(request, db, cohort_id)

    def reminding(work: Work) -> int:
        return commands.deliverable.remind_late(work, cohort_id)

    try:
        count = act(request, form, reminding)
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        return _files_page(request, cohort_id, refusal)
    _ = gettext_of(request)
    said = _.counted("{number} projet relancé.", "{number} projets relancés.", count)
    return redirect(request, "cohort-files", cohort_id=cohort_id, flash=said)
