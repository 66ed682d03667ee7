"""What every template calls to write in the reader's language."""

import json
from functools import cache
from typing import Any

from essaim.text.languages import Tongue
from essaim.web import said
from essaim_contracts import words

from reporting import labels
from reporting.access import Asked
from reporting.facts.catalogue import sentence
from reporting.names import Names, department, organisation, sector


def template_words(_: Tongue, asked: Asked) -> dict[str, Any]:
    """`words` are those of the contracts, `labels` our own; the others are functions.

    A fact that stands behind many rows of a page is read once.
    """
    names = asked.names

    @cache
    def told(type: str, body: str) -> str:
        return sentence(type, body, _, names)

    return {
        "words": words,
        "labels": labels,
        "sentence": lambda row: told(row.type, row.body),
        "organisation": lambda id: organisation(id, _, names),
        "sector": lambda code: _sector(code, _, names),
        "department": department,
        "pretty": lambda row: json.dumps(
            asked.reader.body_of(row.body), indent=2, ensure_ascii=False
        ),
    }


def _sector(code: str | None, _: Tongue, names: Names) -> str:
    """A sector, marked as French where its call gave it no name in the reader's language."""
    known = names.sectors.get(code) if code else None
    is_french = known is not None and not known.en
    return said(sector(code, _, names), _.language, "fr" if is_french else _.language)
