"""A call opens, may close later than was said, and closes."""

from collections.abc import Iterator

from essaim.hearing.projection import Row
from essaim.text import formats
from essaim.text.languages import Tongue
from essaim_contracts.candidatures import CallClosed, CallExtended, CallOpened

from reporting.facts.kind import FactKind, Kinds, Values
from reporting.names import Names
from reporting.store.call import call_extended, call_opened


def _opened(fact: CallOpened, _: Tongue, names: Names) -> str:
    return _(
        "« {title} » : ouvert jusqu’au {closes_at}.",
        title=fact.title,
        closes_at=fact.closes_at,
    )


def _rows_of_opened(fact: CallOpened, said: Values, programme: str) -> Iterator[Row]:
    values = {
        "call_id": fact.call_id,
        "programme": programme,
        "programme_name": fact.programme_name,
        "edition_number": fact.edition_number,
        "edition_year": fact.edition_year,
        "title": fact.title,
        "kind": fact.kind.value,
        "track_code": fact.track_code,
        "places": fact.places,
        "opens_at": fact.opens_at,
        "closes_at": fact.closes_at,
    }
    yield Row(call_opened, said | values)


def _extended(fact: CallExtended, _: Tongue, names: Names) -> str:
    return _(
        "« {title} » prolongé jusqu’au {closes_at}, au lieu du {before}.",
        title=fact.title,
        closes_at=fact.closes_at,
        before=fact.closed_before,
    )


def _rows_of_extended(fact: CallExtended, said: Values, programme: str) -> Iterator[Row]:
    yield Row(call_extended, said | {"call_id": fact.call_id, "closes_at": fact.closes_at})


def _closed(fact: CallClosed, _: Tongue, names: Names) -> str:
    return _(
        "Appel clos ; candidatures reçues : {count}.",
        count=formats.number(fact.applications_received, _.language),
    )


KINDS: Kinds = (
    FactKind(CallOpened, _opened, _rows_of_opened),
    FactKind(CallExtended, _extended, _rows_of_extended),
    FactKind(CallClosed, _closed),
)
