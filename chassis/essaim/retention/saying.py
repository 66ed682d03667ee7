"""What is told of retention: facts that name what is near its end, and what went, never a person.

Partners whose contracts have no such facts announce on their page alone.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from essaim_contracts.envelope import NETWORK
from essaim_contracts.retention import (
    EndingData,
    ForgottenData,
    RetentionAnnounced,
    RetentionApplied,
)

from essaim.ids import new_id
from essaim.retention.plan import Lot
from essaim.retention.rule import NOTICE, Rule
from essaim.text.languages import tongue_of
from essaim.work import Work


@dataclass(frozen=True)
class Says:
    """The facts by which a service tells of retention, each of its own name."""

    announced: type[RetentionAnnounced]
    applied: type[RetentionApplied]


Lots = Mapping[Lot, int]


def say_announced(work: Work, says: Says, lots: Lots, *, by_itself: bool) -> None:
    """Tell what is near its end, a fact for each programme."""
    for programme, matters in _by_programme(lots):
        days = [lot.ends_on or date.max for of_one in matters for lot in of_one]
        fact = says.announced(
            announcement_id=new_id(),
            ending=tuple(_ending(says.announced.owner, of_one, lots) for of_one in matters),
            by_itself=by_itself,
            not_before=max(min(days), work.today + NOTICE),
        )
        work.tell(fact, programme=programme)


def say_applied(work: Work, says: Says, lots: Lots) -> None:
    """Tell what went, a fact for each programme."""
    for programme, matters in _by_programme(lots):
        forgotten = tuple(
            ForgottenData(**_data(says.applied.owner, of_one, lots)) for of_one in matters
        )
        work.tell(says.applied(act_id=new_id(), forgotten=forgotten), programme=programme)


def _by_programme(lots: Lots) -> Iterator[tuple[str, list[list[Lot]]]]:
    """The lots of each programme, by rule and matter."""
    found: dict[str, dict[tuple[Rule, str], list[Lot]]] = defaultdict(lambda: defaultdict(list))
    for lot in lots:
        found[lot.programme or NETWORK][lot.rule, lot.of].append(lot)
    return ((programme, list(matters.values())) for programme, matters in found.items())


def _ending(service: str, of_one: list[Lot], lots: Lots) -> EndingData:
    days = [lot.ends_on for lot in of_one if lot.ends_on]
    return EndingData(**_data(service, of_one, lots), first_on=min(days), last_on=max(days))


def _data(service: str, of_one: list[Lot], lots: Lots) -> dict[str, Any]:
    """The longest list of programmes does not fit into a label: it is cut."""
    rule, of = of_one[0].rule, of_one[0].of
    return {
        "rule": rule.code,
        "what_fr": tongue_of(service, "fr")(rule.what),
        "what_en": tongue_of(service, "en")(rule.what),
        "of": of[:300],
        "number": sum(lots[lot] for lot in of_one),
    }
