"""What the directory says of the visitor, and what she may do about it."""

from essaim.web import render, require, runtime_of
from essaim.web.roles import ROLES
from fastapi import APIRouter, Request, Response

from candidatures import store

router = APIRouter(include_in_schema=False)


@router.get("/my-data", name="my-data")
def my_data(request: Request) -> Response:
    person = require(request)
    with runtime_of(request).read() as db:
        asked = store.erasure.find_asked(db, person.id)
        programmes = {one.slug: one.name for one in store.programme.every(db)}
    return render(
        request,
        "my_data.html",
        person=person,
        asked=asked,
        programmes=programmes,
        role_labels=ROLES,
    )
