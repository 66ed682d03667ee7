"""The JSON API of scheduling; every act and every reading goes through it."""

from scheduling.api import cohort, feed, pairing, project, session, track

routers = (
    track.router,
    cohort.router,
    session.router,
    project.router,
    pairing.router,
    feed.router,
)
