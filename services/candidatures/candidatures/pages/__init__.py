"""The pages, a module for each concept."""

from candidatures.pages import (
    application,
    application_form,
    call,
    committee,
    draft_link,
    erasure,
    home,
    new_programme,
    next_edition,
    person,
    programme,
    project,
    ranking,
    retention,
    scoring,
    set_up,
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
    set_up.router,
    next_edition.router,
    new_programme.router,
    project.router,
    application_form.router,
    draft_link.router,
    application.router,
)
