"""The pages of editions: the list, the figures of one, and the same figures as files."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from essaim.person import Person
from essaim.text.languages import Tongue
from essaim.web import allowed, gettext_of, render, runtime_of
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from reporting import attendance, cohort, funnel, hours, jobs, pairings, sessions, trophies
from reporting.addresses import evidence_addresses
from reporting.asking import Asked, ask, readable_editions
from reporting.catalogue import Figures
from reporting.drawing import drawings, undrawn
from reporting.export import as_known, csv_file, edition_name, figures_document, xlsx_file
from reporting.hours import APPOINTMENTS_BY_PARTNER, USED_BY_PARTNER
from reporting.indicator import Indicator
from reporting.partners import committed_partners
from reporting.projects import supported_projects, titles_of
from reporting.remembering import current_figures
from reporting.sessions import group_sessions
from reporting.sheets import figures_sheet, lists_of_edition
from reporting.trophies import VALUE_BY_CONTRIBUTOR, awarded_trophies
from reporting.writing import WrittenFigure, template_words, write_figure, write_figures

router = APIRouter()

HEADLINES: tuple[Indicator, ...] = (
    funnel.RECEIVED,
    cohort.PROJECTS,
    sessions.HELD,
    attendance.PARTICIPANTS,
    hours.USED,
    pairings.GODPARENTS,
    trophies.PRIZES_VALUE,
)
"""What stands at the top of the edition page, beside the jobs, and on the home page."""

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Headlines:
    """The main figures of an edition. `jobs` is a range, written."""

    asked: Asked
    name: str
    figures: list[WrittenFigure]
    jobs: str
    has_jobs: bool


@router.get("/", name="home")
def home(request: Request, _: Person = Depends(allowed())) -> Response:
    """The editions whose figures the visitor may read."""
    with runtime_of(request).read() as db:
        found = [_headlines_now(request, db, one.id) for one in readable_editions(request, db)]
    return render(request, "home.html", editions=found)


@router.get("/editions/{edition_id}", name="edition")
def edition(
    request: Request, edition_id: UUID, as_of: str = "", _: Person = Depends(allowed())
) -> Response:
    """Every figure of an edition, each opening the facts behind it."""
    tongue = gettext_of(request)
    with runtime_of(request).read() as db:
        asked = ask(request, db, edition_id, as_of)
        figures = current_figures(db, asked.scope)
        trophies_given = awarded_trophies(db, asked.scope)
        lists: dict[str, Any] = {
            "projects": supported_projects(db, asked.scope),
            "sessions": group_sessions(db, asked.scope),
            "trophies": trophies_given,
            "titles": titles_of(db, {trophy.project_id for trophy in trophies_given}),
            "partners_held": committed_partners(db, asked.scope),
        }
    sections = write_figures(figures, tongue, asked.names)
    drawn = drawings(sections, tongue.language)
    return render(
        request,
        "edition.html",
        **lists,
        headlines=_headlines(asked, figures, tongue),
        known=as_known(asked.scope, figures.stream_seq, tongue),
        sections=sections,
        drawings=drawn,
        undrawn=undrawn(sections, drawn),
        value=lambda code, part=None: figures.by_code[code].of(part),
        evidence=evidence_addresses(request, asked),
        given={
            "hours": figures[USED_BY_PARTNER],
            "appointments": figures[APPOINTMENTS_BY_PARTNER],
            "prizes": figures[VALUE_BY_CONTRIBUTOR],
        },
        **template_words(tongue, asked.names),
    )


@router.get("/editions/{edition_id}/export.{kind}", name="export")
def export(
    request: Request,
    edition_id: UUID,
    kind: Literal["csv", "xlsx", "json"],
    as_of: str = "",
    _: Person = Depends(allowed()),
) -> Response:
    """The figures of the page as a file; the workbook also holds the lists behind them."""
    tongue = gettext_of(request)
    with runtime_of(request).read() as db:
        asked = ask(request, db, edition_id, as_of)
        figures = current_figures(db, asked.scope)
        lists = lists_of_edition(db, asked, figures, tongue) if kind == "xlsx" else []
    response: Response
    if kind == "json":
        response = JSONResponse(figures_document(asked, figures, tongue))
    elif kind == "csv":
        sheet = figures_sheet(asked, figures, tongue)
        text = csv_file(sheet.heads, sheet.rows, tongue.language)
        response = Response(text, media_type="text/csv; charset=utf-8")
    else:
        sheets = [figures_sheet(asked, figures, tongue), *lists]
        known = as_known(asked.scope, figures.stream_seq, tongue)
        response = Response(xlsx_file(edition_name(asked, tongue), known, sheets), media_type=_XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(asked, kind)}"'
    return response


def _headlines_now(request: Request, db: sa.Connection, edition_id: UUID) -> Headlines:
    asked = ask(request, db, edition_id)
    return _headlines(asked, current_figures(db, asked.scope), gettext_of(request))


def _headlines(asked: Asked, figures: Figures, _: Tongue) -> Headlines:
    low, high = figures[jobs.EXPECTED_MIN].value, figures[jobs.EXPECTED_MAX].value
    return Headlines(
        asked,
        edition_name(asked, _),
        [write_figure(figures, one, _, asked.names) for one in HEADLINES],
        _("{low} à {high}", low=low, high=high) if high else "–",
        high > 0,
    )


def _file_name(asked: Asked, kind: str) -> str:
    """premices-2020-2020-06-30.xlsx; without the day when the figures are as known now."""
    day = f"-{asked.scope.as_of.isoformat()}" if asked.scope.as_of else ""
    return f"{asked.edition.programme}-{asked.edition.year}{day}.{kind}"
