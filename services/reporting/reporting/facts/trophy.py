"""A trophy is awarded to a project, with its prizes."""

from collections.abc import Iterator

from essaim.hearing.projection import Row
from essaim.text import formats
from essaim.text.languages import Tongue
from essaim_contracts.candidatures import TrophyAwarded

from reporting.facts.kind import FactKind, Kinds, Values
from reporting.names import Names
from reporting.store.trophy import prize, trophy_awarded


def _awarded(fact: TrophyAwarded, _: Tongue, names: Names) -> str:
    if not fact.prizes:
        return _("Trophée « {title} ».", title=fact.title)
    return _(
        "Trophée « {title} », avec {prizes} d’une valeur de {value}.",
        title=fact.title,
        prizes=", ".join(prize.title for prize in fact.prizes),
        value=formats.euros(sum(prize.value_eur for prize in fact.prizes), _.language),
    )


def _rows_of_awarded(fact: TrophyAwarded, said: Values, programme: str) -> Iterator[Row]:
    values = {"trophy_id": fact.trophy_id, "project_id": fact.project_id, "title": fact.title}
    yield Row(trophy_awarded, said | values)
    for given in fact.prizes:
        of_prize = {
            "prize_id": given.prize_id,
            "project_id": fact.project_id,
            "contributor_id": given.contributor_id,
            "kind": given.kind.value,
            "title": given.title,
            "value_eur": given.value_eur,
        }
        yield Row(prize, said | of_prize)


KINDS: Kinds = (FactKind(TrophyAwarded, _awarded, _rows_of_awarded),)
