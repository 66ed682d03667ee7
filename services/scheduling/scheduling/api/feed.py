"""Calendar feeds of the person who asks."""

from uuid import UUID

from essaim.web import SignedIn, command, public_url, runtime_of
from fastapi import APIRouter, Request, Response

from scheduling import commands, store
from scheduling.feed import token_of
from scheduling.schemas.body import Listed, listed
from scheduling.schemas.feed import FeedAnswer, NewFeed, OpenedAnswer, feed_answer

router = APIRouter()


@router.get("/api/feeds", tags=["feeds"])
def feeds(request: Request, person: SignedIn) -> Listed[FeedAnswer]:
    """One's own feeds with their secret addresses."""
    with runtime_of(request).read() as db:
        found = store.feed.of_owner(db, person.id)
    return listed(feed_answer(feed, feed_address(request, feed.id)) for feed in found)


@router.post("/api/feeds", status_code=201, tags=["feeds"], response_model=OpenedAnswer)
def open_feed(request: Request, feed: NewFeed, person: SignedIn) -> Response:
    """Open a feed. The list of feeds shows its address, which is kept nowhere."""
    return command(
        request,
        lambda work: OpenedAnswer(feed_id=commands.feed.open_feed(work, person, feed.cohort_id)),
        status=201,
    )


@router.delete("/api/feeds/{feed_id}", status_code=204, tags=["feeds"])
def revoke_feed(request: Request, feed_id: UUID, person: SignedIn) -> Response:
    """Revoke a feed: its address opens nothing any more."""
    return command(request, lambda work: commands.feed.close_feed(work, person, feed_id))


def feed_address(request: Request, feed_id: UUID) -> str:
    secret = runtime_of(request).settings.secret.get_secret_value()
    return public_url(request, "feed", token=token_of(secret, feed_id))
