"""What stands above figures: which edition they are of, and what they rest on."""

from essaim.text.languages import Tongue

from reporting.access import Asked
from reporting.names import readable
from reporting.scope import Scope


def edition_name(asked: Asked, _: Tongue) -> str:
    """Prémices.coop, édition 1 (2020)."""
    edition = asked.edition
    return _(
        "{programme}, édition {number} ({year})",
        programme=edition.programme_name or readable(edition.programme),
        number=edition.number,
        year=str(edition.year),
    )


def as_known(scope: Scope, stream_seq: int, _: Tongue) -> str:
    """The sentence that says of which day and of which place in the stream the figures are."""
    if scope.as_of is None:
        return _("Chiffres connus à ce jour ; dernier fait : n° {seq}.", seq=stream_seq)
    return _(
        "Chiffres connus à la fin du {day} ; dernier fait : n° {seq}.",
        day=scope.as_of,
        seq=stream_seq,
    )
