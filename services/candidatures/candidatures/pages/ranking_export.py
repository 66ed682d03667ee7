"""The ranking as a spreadsheet: what each criterion got, the mean, and what is prepared."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from essaim.text.departments import department_name
from essaim.text.languages import Tongue
from essaim.text.spreadsheet import csv_pieces
from essaim.web import gettext_of
from essaim.web.exports import CSV, send_file
from essaim.web.listing import Listing
from essaim_contracts.words import DECISION_REASONS, DECISIONS
from fastapi import Request, Response

from candidatures import store
from candidatures.call import Call
from candidatures.form import choice_name
from candidatures.scoring import weigh

AT_ONCE = 500


def export_ranking(
    request: Request, call: Call, listing: Listing, query: sa.Select[Any]
) -> Response:
    """The filtered ranking, whole, in its order; empty where its reader sees no marks."""
    _ = gettext_of(request)
    heads = [
        *(_("Numéro"), _("Projet"), _("Département"), _("Secteur")),
        *(one.label.say(_.language) for one in call.criteria),
        *(_("Sur 100"), _("Médiane"), _("Écart"), _("Décision préparée"), _("Motif"), _("Rang")),
    ]

    def pieces(db: sa.Connection) -> Iterator[str]:
        found = listing.rows(request, db, query).partitions(AT_ONCE)
        rows = (one for part in found for one in _written(db, call, part, _))
        yield from csv_pieces(heads, rows, _.language)

    return send_file(request, f"{call.slug}-classement.csv", CSV, pieces)


def _written(db: sa.Connection, call: Call, rows: Sequence[Any], _: Tongue) -> Iterator[list[Any]]:
    scores = store.committee.scores_of_each(db, [row.id for row in rows if row.seen])
    for row in rows:
        weighing = weigh(call.criteria, scores.get(row.id, []))
        yield [
            *(row.number, row.project),
            department_name(row.department) if row.department else None,
            choice_name(call.sectors, row.sector),
            *weighing.points.values(),
            *(row.mean, weighing.median, weighing.gap),
            _(DECISIONS[row.decision]) if row.decision else None,
            DECISION_REASONS[row.reason].say(_.language) if row.reason else None,
            row.rank,
        ]
