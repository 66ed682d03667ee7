"""The page of persons who asked to be forgotten."""

from essaim import Role
from essaim.web import export_csv, render, require, runtime_of
from fastapi import APIRouter, Request, Response

from candidatures import store
from candidatures.erasure import Confirmation, overdue
from candidatures.labels import ANSWERS
from candidatures.lists import erasure_listing, erasures

router = APIRouter(include_in_schema=False)


@router.get("/erasures", name="erasures")
def erasures_page(request: Request) -> Response:
    """Who was erased, without her name, and which partners still have to confirm it."""
    require(request, Role.COORDINATOR)
    runtime = runtime_of(request)
    now, titles = runtime.clock.now(), runtime.consortium.titles
    listing = erasure_listing(titles)
    with runtime.read() as db:
        if request.query_params.get("format") == "csv":
            return export_csv(request, db, listing, erasures(), filename="erasures.csv")
        page = listing.page(request, db, erasures())
        late = overdue(store.erasure.unconfirmed(db), now)
    return render(
        request,
        "erasures.html",
        page=page,
        late=late,
        answers={row: Confirmation(**row._mapping).answer(now) for row in page.rows},
        answer_labels=ANSWERS,
        partner_titles=titles,
    )
