"""Hours are granted to a project, and used by appointments held."""

from collections.abc import Iterator
from typing import Any

from essaim.hearing.projection import Row
from essaim.text import formats
from essaim.text.languages import Tongue
from essaim_contracts.scheduling import HoursGranted, HoursUsed
from essaim_contracts.words import words_of

from reporting.facts.kind import FactKind, Kinds, Values
from reporting.names import Names, organisation
from reporting.store.hours import hours


def _granted(fact: HoursGranted, _: Tongue, names: Names) -> str:
    return _(
        "Forfait accordé : {duration} ({kind}).",
        duration=formats.hours(fact.minutes, _.language),
        kind=words_of(fact.kind).say(_.language),
    )


def _rows_of_granted(fact: HoursGranted, said: Values, programme: str) -> Iterator[Row]:
    yield _row(fact, said, provider_id=None, granted=fact.minutes, used=0, over=0)


def _used(fact: HoursUsed, _: Tongue, names: Names) -> str:
    text = _(
        "{duration} consommées ({kind}) avec {partner} ; reste {left}.",
        duration=formats.hours(fact.minutes, _.language),
        kind=words_of(fact.kind).say(_.language),
        partner=organisation(fact.provider_id, _, names),
        left=formats.hours(fact.minutes_left, _.language),
    )
    if not fact.minutes_over:
        return text
    over = formats.hours(fact.minutes_over, _.language)
    return f"{text} " + _("Dépassement accordé : {over}.", over=over)


def _rows_of_used(fact: HoursUsed, said: Values, programme: str) -> Iterator[Row]:
    yield _row(
        fact,
        said,
        provider_id=fact.provider_id,
        granted=0,
        used=fact.minutes,
        over=fact.minutes_over,
    )


def _row(fact: HoursGranted | HoursUsed, said: Values, **minutes: Any) -> Row:
    values = {
        "package_id": fact.package_id,
        "project_id": fact.project_id,
        "kind": fact.kind.value,
    }
    return Row(hours, said | values | minutes)


KINDS: Kinds = (
    FactKind(HoursGranted, _granted, _rows_of_granted),
    FactKind(HoursUsed, _used, _rows_of_used),
)
