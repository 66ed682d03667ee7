"""The pages, a module for each concept."""

from candidatures.pages import (
    application,
    application_form,
    call,
    cohort,
    committee,
    draft_link,
    erasure,
    home,
    person,
    programme,
    project,
    ranking,
    retention,
    scoring,
    selection,
)

ROUTERS = (
    home.router,
    call.router,
    programme.router,
    erasure.router,
    person.router,
    retention.router,
    committee.router,
    scoring.router,
    ranking.router,
    project.router,
    cohort.router,
    selection.router,
    application_form.router,
    draft_link.router,
    application.router,
)
