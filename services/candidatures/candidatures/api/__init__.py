"""The JSON API, a module for each concept."""

from candidatures.api import (
    application,
    assignment,
    call,
    cohort,
    committee,
    correspondence,
    handover,
    minutes,
    person,
    programme,
    project,
    resource,
    retention,
    trophy,
    waiting_list,
)

ROUTERS = (
    call.router,
    application.router,
    committee.router,
    assignment.router,
    minutes.router,
    waiting_list.router,
    correspondence.router,
    handover.router,
    programme.router,
    cohort.router,
    project.router,
    trophy.router,
    resource.router,
    person.router,
    retention.router,
)
