"""The pages that list facts: those behind a figure, and those about a project."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from essaim.person import Person
from essaim.text.languages import Tongue
from essaim.web import allowed, gettext_of, render, runtime_of
from essaim_contracts.words import Words
from fastapi import APIRouter, Depends, Request, Response

from reporting import words
from reporting.addresses import evidence_addresses
from reporting.asking import Asked, ask
from reporting.catalogue import find_indicator
from reporting.evidence import details, evidence_list
from reporting.export import as_known, csv_file, edition_name
from reporting.indicator import Indicator
from reporting.projects import edition_of_project, projects, timeline_list
from reporting.remembering import current_figure
from reporting.sentences import sentence
from reporting.sheets import Cell
from reporting.writing import part_label, template_words, write_parts, write_value

router = APIRouter()


@router.get("/editions/{edition_id}/evidence/{indicator}", name="evidence")
def evidence(
    request: Request,
    edition_id: UUID,
    indicator: str,
    as_of: str = "",
    part: str | None = None,
    format: str = "",
    _: Person = Depends(allowed()),
) -> Response:
    """The facts behind a figure: their amounts add up to it."""
    tongue = gettext_of(request)
    with runtime_of(request).read() as db:
        asked = ask(request, db, edition_id, as_of, sentences=True)
        one = find_indicator(indicator)
        figure, stream_seq = current_figure(db, asked.scope, one)
        parts = write_parts(figure, tongue, asked.names)
        chosen = next((known for known in parts if known.code == part), None)
        facts = evidence_list(one, asked.scope, chosen.code if chosen else None)
        if format == "csv":
            all_rows = details(db, facts.listing.rows(request, db, facts.query).all())
            text = _evidence_csv(one, all_rows, asked, stream_seq, tongue)
            return _csv(text, f"{asked.edition.programme}-{asked.edition.year}-{one.code}.csv")
        counted = chosen.rows if chosen else figure.rows
        page = facts.listing.page(request, db, facts.query, unfiltered=counted)
        rows: Any = details(db, page.rows)
    return render(
        request,
        "evidence.html",
        asked=asked,
        name=edition_name(asked, tongue),
        known=as_known(asked.scope, stream_seq, tongue),
        indicator=one,
        chosen=chosen,
        parts=parts,
        text=chosen.text if chosen else write_value(figure.value, one.unit, tongue.language),
        page=replace(page, rows=rows),
        fact_types=words.FACT_TYPES,
        amount=lambda row: write_value(row.amount, one.unit, tongue.language),
        part_of=lambda row: part_label(one, row.part, tongue, asked.names),
        evidence=evidence_addresses(request, asked),
        **template_words(tongue, asked.names),
    )


@router.get("/projects/{project_id}", name="project")
def project(
    request: Request, project_id: UUID, format: str = "", _: Person = Depends(allowed())
) -> Response:
    """A project across partners, and every fact about it in the order of the stream."""
    tongue, titles = gettext_of(request), runtime_of(request).consortium.titles
    with runtime_of(request).read() as db:
        asked = ask(request, db, edition_of_project(db, project_id), sentences=True)
        (found,) = projects(db, asked.scope, [project_id])
        facts = timeline_list(project_id, titles)
        if format == "csv":
            rows = facts.listing.rows(request, db, facts.query).all()
            text = _timeline_csv(rows, asked, titles, tongue)
            return _csv(text, f"{asked.edition.programme}-projet.csv")
        page = facts.listing.page(request, db, facts.query)
    return render(
        request,
        "project.html",
        asked=asked,
        name=edition_name(asked, tongue),
        project=found,
        page=page,
        titles=titles,
        **template_words(tongue, asked.names),
    )


def _evidence_csv(indicator: Indicator, rows: Any, asked: Asked, stream_seq: int, _: Tongue) -> str:
    heads = (
        _("Date"),
        _("Fait"),
        _("Ce qui s'est passé"),
        _("Projet"),
        _("Part"),
        _("Compte pour"),
        _("N° du fait"),
        _("Identifiant du fait"),
        _("Connus au"),
        _("Dernier fait du flux"),
    )
    day = asked.scope.as_of.isoformat() if asked.scope.as_of else ""
    cells: list[tuple[Cell, ...]] = [
        (
            row.at,
            _(words.FACT_TYPES.get(row.type, row.type)),
            sentence(row.type, row.body, _, asked.names),
            row.project,
            part_label(indicator, row.part, _, asked.names) if indicator.parts else "",
            row.amount,
            row.seq,
            row.fact_id,
            day,
            stream_seq,
        )
        for row in rows
    ]
    return csv_file(heads, cells, _.language)


def _timeline_csv(rows: Any, asked: Asked, titles: Mapping[str, Words], _: Tongue) -> str:
    heads = (
        _("Date"),
        _("Dit par"),
        _("Fait"),
        _("Ce qui s'est passé"),
        _("N° du fait"),
        _("Identifiant du fait"),
    )
    cells: list[tuple[Cell, ...]] = [
        (
            row.at,
            _(titles.get(row.owner, row.owner)),
            _(words.FACT_TYPES.get(row.type, row.type)),
            sentence(row.type, row.body, _, asked.names),
            row.seq,
            row.fact_id,
        )
        for row in rows
    ]
    return csv_file(heads, cells, _.language)


def _csv(text: str, filename: str) -> Response:
    disposition = f'attachment; filename="{filename}"'
    return Response(
        text, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition}
    )
