"""What a meeting reads: the pack of its files, one sheet each, and some of them side by side."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.people.directory import names_of
from essaim.text.departments import DEPARTMENTS
from essaim.web import require, runtime_of
from essaim.web.site import language_of
from essaim_contracts.words import APPLICANT_KINDS
from fastapi import APIRouter, Request, Response

from candidatures import lists, store
from candidatures.access import READERS, kept_away, marks_in_list, sheets_of
from candidatures.call import Call
from candidatures.pages.steering import id_in, show
from candidatures.ranking import MOST_COMPARED
from candidatures.scoring import weigh

router = APIRouter(include_in_schema=False)


@router.get("/calls/{slug}/pack", name="decision-pack")
def pack(request: Request, slug: str) -> Response:
    """One sheet a file, in the order of the meeting: to print for it."""
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
        require(request, *READERS, programme=call.programme)
        seen = marks_in_list(request, db, call)
        listing = lists.meeting_listing(call, language_of(request), seen)
        shown = marks_in_list(request, db, call, beside=True)
        away = kept_away(request, db, call)
        page = listing.page(request, db, lists.ranking(call.id, shown, away))
        files = _files(request, db, call, page.rows)
    return show(request, "pack.html", call, page=page, orders=lists.MEETING_ORDERS, **files)


@router.get("/calls/{slug}/compare", name="compare")
def compare(request: Request, slug: str) -> Response:
    """A few files side by side, question by question."""
    asked = dict.fromkeys(id_in(one) for one in request.query_params.getlist("file"))
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
        require(request, *READERS, programme=call.programme)
        shown = marks_in_list(request, db, call, beside=True)
        query = lists.ranking(call.id, shown, kept_away(request, db, call))
        found = {row.id: row for row in db.execute(lists.compared(query, asked))}
        rows = [found[id] for id in asked if id in found][:MOST_COMPARED]
        files = _files(request, db, call, rows)
    left = len(asked) - len(rows)
    return show(request, "compare.html", call, rows=rows, left=left, most=MOST_COMPARED, **files)


def _files(
    request: Request, db: sa.Connection, call: Call, rows: Sequence[Any]
) -> Mapping[str, Any]:
    """What their reader reads of these files: answers, marks and comments, by application."""
    marked: list[UUID] = [row.id for row in rows if row.seen]
    scores = store.committee.scores_of_each(db, marked)
    comments = store.review_comment.shared_of_each(db, marked)
    spoke = {one.evaluator_id for given in scores.values() for one in given}
    spoke |= {one.evaluator_id for told in comments.values() for one in told}
    return {
        "sheets": sheets_of(request, db, call, [row.id for row in rows]),
        "weighed": {id: weigh(call.criteria, scores.get(id, [])) for id in marked},
        "scores": {
            id: {(one.evaluator_id, one.criterion): one.points for one in given}
            for id, given in scores.items()
        },
        "comments": comments,
        "prepared": {row.id: store.committee.verdict_in(row, "") for row in rows},
        "names": names_of(db, spoke),
        "departments": DEPARTMENTS,
        "applicant_kinds": APPLICANT_KINDS,
    }
