"""The page of a project across partners, with its time line."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from uuid import UUID

import sqlalchemy as sa
from essaim.text.languages import Tongue
from essaim.text.spreadsheet import csv_pieces
from essaim.web import SignedIn, gettext_of, render, runtime_of
from essaim.web.exports import CSV, send_file
from essaim_contracts.candidatures import CohortFormed
from essaim_contracts.words import FACT_TYPES
from fastapi import APIRouter, Request, Response

from reporting.access import Asked, ask_project
from reporting.exports.sheet import Cell
from reporting.facts.catalogue import sentence
from reporting.heading import edition_name
from reporting.labels import Labels
from reporting.lists.project import list_projects
from reporting.lists.timeline import timeline_list
from reporting.pages.words import template_words
from reporting.store.timeline import Entry, entry_of

router = APIRouter()


@router.get("/projects/{project_id}", name="project")
def project(request: Request, _: SignedIn, project_id: UUID, format: str = "") -> Response:
    """A project across partners, and every fact about it in the order of the stream.

    For who reads its programme, bears it or accompanies it.
    """
    tongue, titles = gettext_of(request), runtime_of(request).consortium.titles
    with runtime_of(request).read() as db:
        asked = ask_project(request, db, project_id)
        (found,) = list_projects(db, asked.scope, [project_id])
        facts = timeline_list(project_id, titles)

        def written(db: sa.Connection) -> Iterator[str]:
            with closing(facts.listing.rows(request, db, facts.query)) as found:
                yield from _timeline_csv(map(entry_of, found), asked, titles, tongue)

        if format == "csv":
            return send_file(request, f"{asked.edition.programme}-projet.csv", CSV, written)
        page = facts.listing.page(request, db, facts.query)
    return render(
        request,
        "project.html",
        titles=titles,
        asked=asked,
        name=edition_name(asked, tongue),
        project=found,
        page=page,
        sheet=_sheet(request, project_id),
        **template_words(tongue, asked),
    )


def _sheet(request: Request, project_id: UUID) -> str | None:
    """The project's own page, where cohorts are formed."""
    partner = runtime_of(request).consortium.find(CohortFormed.owner)
    return f"{partner.root}/projects/{project_id}" if partner and partner.pages else None


def _timeline_csv(rows: Iterable[Entry], asked: Asked, titles: Labels, _: Tongue) -> Iterator[str]:
    heads = (
        _("Date"),
        _("Dit par"),
        _("Fait"),
        _("Ce qui s’est passé"),
        _("N° du fait"),
        _("Identifiant du fait"),
    )
    cells: Iterable[tuple[Cell, ...]] = (
        (
            row.at,
            _(titles.get(row.owner, row.owner)),
            _(FACT_TYPES.get(row.type, row.type)),
            sentence(row.type, row.body, _, asked.names),
            row.seq,
            row.fact_id,
        )
        for row in rows
    )
    return csv_pieces(heads, cells, _.language)
