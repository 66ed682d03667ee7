"""The pages, a module for each concept."""

from candidatures.pages import (
    application,
    application_form,
    assignment,
    call,
    committee,
    draft_link,
    erasure,
    home,
    minutes,
    person,
    programme,
    project,
    ranking,
    retention,
    scoring,
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
    assignment.router,
    minutes.router,
    project.router,
    application_form.router,
    draft_link.router,
    application.router,
)
