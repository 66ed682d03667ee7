"""Tracks: imported from their file, and listed."""

from typing import Annotated

from essaim.web import SignedIn, command, runtime_of
from essaim.work import Work
from essaim_contracts.fact import Slug
from fastapi import APIRouter, Body, Request, Response

from scheduling import commands, store
from scheduling.schemas.body import Listed, listed
from scheduling.schemas.track import TrackAnswer

router = APIRouter()


@router.post("/api/tracks", status_code=201, tags=["tracks"], response_model=TrackAnswer)
def import_track(
    request: Request,
    person: SignedIn,
    written: Annotated[bytes, Body(media_type="application/yaml")],
    programme: Slug | None = None,
) -> Response:
    """Import a track file (YAML). The same file again changes nothing.

    A track belongs to the `programme` that imports it first: its coordinators and operators add
    versions.
    """

    def bring_in(work: Work) -> TrackAnswer:
        track = commands.track.import_track(work, written, person, programme)
        return TrackAnswer.model_validate(track)

    return command(request, bring_in, status=201)


@router.get("/api/tracks", tags=["tracks"])
def tracks(request: Request, person: SignedIn) -> Listed[TrackAnswer]:
    """Every version of every track, by code, the latest first."""
    with runtime_of(request).read() as db:
        found = store.track.load_all(db)
    return listed(map(TrackAnswer.model_validate, found))
