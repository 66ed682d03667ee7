"""The JSON API of calls: open to all."""

from typing import Any

from essaim.web import runtime_of
from fastapi import APIRouter, Request

from candidatures import store
from candidatures.schemas.call import CallDetail, CallList, call_answer, call_in_detail

router = APIRouter()


@router.get("/api/calls", response_model=CallList, tags=["calls"])
def calls(request: Request) -> Any:
    """Every call, the last to open first. Open to all."""
    now = runtime_of(request).clock.now()
    with runtime_of(request).read() as db:
        items = [call_answer(call, now) for call in store.call.every(db)]
    return {"items": items, "total": len(items)}


@router.get("/api/calls/{slug}", response_model=CallDetail, tags=["calls"])
def call_detail(request: Request, slug: str) -> Any:
    """A call with its questions, documents and criteria. Open to all."""
    with runtime_of(request).read() as db:
        found = store.call.get(db, slug)
    return call_in_detail(found, runtime_of(request).clock.now())
