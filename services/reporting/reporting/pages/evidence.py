"""The page of the facts behind a figure."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.text.languages import Tongue
from essaim.text.spreadsheet import csv_pieces
from essaim.web import SignedIn, gettext_of, render, runtime_of
from essaim.web.exports import CSV, send_file
from essaim_contracts.words import FACT_TYPES
from fastapi import APIRouter, Request, Response

from reporting.access import Asked, ask
from reporting.exports.sheet import Cell
from reporting.facts.catalogue import sentence
from reporting.figures import figure_of, last_sequence
from reporting.heading import as_known, edition_name
from reporting.indicators.catalogue import find_indicator
from reporting.indicators.indicator import Indicator
from reporting.lists.evidence import Evidence, evidence_list, load_evidence
from reporting.pages.addresses import evidence_addresses
from reporting.pages.words import template_words
from reporting.written_figure import part_label, write_parts, write_value

router = APIRouter()


@router.get("/editions/{edition_id}/evidence/{indicator}", name="evidence")
def evidence(
    request: Request,
    _: SignedIn,
    edition_id: UUID,
    indicator: str,
    as_of: str = "",
    part: str | None = None,
    format: str = "",
) -> Response:
    """The facts behind a figure: their amounts add up to it."""
    tongue = gettext_of(request)
    with runtime_of(request).read() as db:
        asked = ask(request, db, edition_id, as_of, sentences=True)
        one = find_indicator(indicator)
        figure, stream_seq = figure_of(db, one, asked.scope), last_sequence(db, asked.scope)
        parts = write_parts(figure, tongue, asked.names)
        chosen = next((known for known in parts if known.code == part), None)
        facts = evidence_list(one, asked.scope, chosen.code if chosen else None, asked.reader)

        def written(db: sa.Connection) -> Iterator[str]:
            last = last_sequence(db, asked.scope)
            with closing(facts.listing.rows(request, db, facts.query)) as found:
                rows = (row for some in found.partitions() for row in load_evidence(db, some))
                yield from _evidence_csv(one, rows, asked, last, tongue)

        if format == "csv":
            return send_file(request, _file_name(asked, one), CSV, written)
        counted = chosen.rows if chosen else figure.rows
        page = facts.listing.page(request, db, facts.query, unfiltered=counted)
        rows: Any = load_evidence(db, page.rows)
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
        fact_types=FACT_TYPES,
        amount=lambda row: write_value(row.amount, one.unit, tongue.language),
        part_of=lambda row: part_label(one, row.part, tongue, asked.names),
        evidence=evidence_addresses(request, asked),
        **template_words(tongue, asked),
    )


def _file_name(asked: Asked, indicator: Indicator) -> str:
    return f"{asked.edition.programme}-{asked.edition.year}-{indicator.code}.csv"


def _evidence_csv(
    indicator: Indicator, rows: Iterable[Evidence], asked: Asked, stream_seq: int, _: Tongue
) -> Iterator[str]:
    heads = (
        _("Date"),
        _("Fait"),
        _("Ce qui s’est passé"),
        _("Projet"),
        _("Part"),
        _("Compte pour"),
        _("N° du fait"),
        _("Identifiant du fait"),
        _("Connus au"),
        _("Dernier fait du flux"),
    )
    cells: Iterable[tuple[Cell, ...]] = (
        (
            row.at,
            _(FACT_TYPES.get(row.type, row.type)),
            sentence(row.type, row.body, _, asked.names),
            row.project,
            part_label(indicator, row.part, _, asked.names) if indicator.parts else "",
            row.amount,
            row.seq,
            row.fact_id,
            asked.scope.day,
            stream_seq,
        )
        for row in rows
    )
    return csv_pieces(heads, cells, _.language)
