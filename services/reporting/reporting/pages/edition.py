"""The pages of editions: the list, and the figures of one."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.text.languages import Tongue
from essaim.web import SignedIn, gettext_of, render, runtime_of
from essaim.web.listing import ListPage
from fastapi import APIRouter, Request, Response

from reporting.access import Asked, ask, readable_editions
from reporting.figures import Figures, figures_of
from reporting.heading import as_known, edition_name
from reporting.indicators import (
    application,
    attendance,
    cohort,
    employment,
    hours,
    pairing,
    session,
    trophy,
)
from reporting.indicators.indicator import Indicator
from reporting.lists.partner import list_partners
from reporting.lists.project import list_projects, supported_list
from reporting.lists.session import list_group_sessions
from reporting.lists.trophy import list_trophies
from reporting.pages.addresses import evidence_addresses
from reporting.pages.plot import plots_of, undrawn
from reporting.pages.words import template_words
from reporting.written_figure import WrittenFigure, part_label, write_figure, write_figures

router = APIRouter()

HEADLINES: tuple[Indicator, ...] = (
    application.RECEIVED,
    cohort.PROJECTS,
    session.HELD,
    attendance.PARTICIPANTS,
    hours.USED,
    pairing.GODPARENTS,
    trophy.PRIZES_VALUE,
)
"""What stands at the top of the edition page, beside the jobs, and on the home page."""


@dataclass(frozen=True)
class Headlines:
    """The main figures of an edition. `jobs` is a range, written."""

    asked: Asked
    name: str
    figures: list[WrittenFigure]
    jobs: str
    has_jobs: bool


@router.get("/", name="home")
def home(request: Request, _: SignedIn) -> Response:
    """The editions whose figures the visitor may read."""
    with runtime_of(request).read() as db:
        found = [_headlines_now(request, db, one.id) for one in readable_editions(request, db)]
    return render(request, "home.html", editions=found)


@router.get("/editions/{edition_id}", name="edition")
def edition(request: Request, _: SignedIn, edition_id: UUID, as_of: str = "") -> Response:
    """Every figure of an edition, each opening the facts behind it."""
    tongue = gettext_of(request)
    with runtime_of(request).read() as db:
        asked = ask(request, db, edition_id, as_of)
        figures = figures_of(db, asked.scope)
        lists: dict[str, Any] = {
            "projects": _projects(request, db, asked, figures),
            "sessions": list_group_sessions(db, asked.scope),
            "trophies": list_trophies(db, asked.scope),
            "partners_held": list_partners(db, asked.scope),
        }
    sections = write_figures(figures, tongue, asked.names)
    plots = plots_of(sections, tongue.language)
    return render(
        request,
        "edition.html",
        **lists,
        headlines=_headlines(asked, figures, tongue),
        known=as_known(asked.scope, figures.stream_seq, tongue),
        sections=sections,
        plots=plots,
        undrawn=undrawn(sections, plots),
        value=lambda code, part=None: figures.by_code[code].of(part),
        evidence=evidence_addresses(request, asked),
        given={
            "hours": figures[hours.USED_BY_PARTNER],
            "appointments": figures[hours.APPOINTMENTS_BY_PARTNER],
            "prizes": figures[trophy.VALUE_BY_CONTRIBUTOR],
        },
        **template_words(tongue, asked),
    )


def _projects(request: Request, db: sa.Connection, asked: Asked, figures: Figures) -> ListPage:
    """The page of the projects supported that is asked for."""
    tongue = gettext_of(request)
    parts = {
        "sector": cohort.PROJECTS,
        "department": cohort.BY_DEPARTMENT,
        "status": cohort.BY_STATUS,
    }
    choices = {
        name: [
            (code, part_label(one, code, tongue, asked.names))
            for code in figures[one].parts
            if code
        ]
        for name, one in parts.items()
    }
    query, listing = supported_list(asked.scope, choices)
    page = listing.page(request, db, query, unfiltered=figures[cohort.PROJECTS].value)
    projects: Any = list_projects(db, asked.scope, [row.project_id for row in page.rows])
    return replace(page, rows=projects)


def _headlines_now(request: Request, db: sa.Connection, edition_id: UUID) -> Headlines:
    asked = ask(request, db, edition_id)
    return _headlines(asked, figures_of(db, asked.scope), gettext_of(request))


def _headlines(asked: Asked, figures: Figures, _: Tongue) -> Headlines:
    low, high = figures[employment.EXPECTED_MIN].value, figures[employment.EXPECTED_MAX].value
    return Headlines(
        asked,
        edition_name(asked, _),
        [write_figure(figures, one, _, asked.names) for one in HEADLINES],
        _("{low} à {high}", low=low, high=high) if high else "–",
        high > 0,
    )
