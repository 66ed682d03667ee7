"""Tracks: imported from their file, and listed."""

from typing import Annotated

from essaim.web import SignedIn, command, runtime_of, today_of
from fastapi import APIRouter, Body, Request, Response

from scheduling import access, commands, store
from scheduling.schemas.body import Listed, listed
from scheduling.schemas.track import TrackAnswer

router = APIRouter()


@router.post("/api/tracks", status_code=201, tags=["tracks"], response_model=TrackAnswer)
def import_track(
    request: Request,
    person: SignedIn,
    written: Annotated[bytes, Body(media_type="application/yaml")],
) -> Response:
    """Import a track file (YAML). The same file again changes nothing."""
    access.check_manages_any(person, today_of(request))
    return command(
        request,
        lambda work: TrackAnswer.model_validate(commands.track.import_track(work, written)),
        status=201,
    )


@router.get("/api/tracks", tags=["tracks"])
def tracks(request: Request, person: SignedIn) -> Listed[TrackAnswer]:
    """Every version of every track, by code, the latest first."""
    with runtime_of(request).read() as db:
        found = store.track.load_all(db)
    return listed(map(TrackAnswer.model_validate, found))
