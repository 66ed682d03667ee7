"""A member of the committee is given applications to score."""

from essaim.text import formats
from essaim.text.languages import Tongue
from essaim_contracts.selection import ReviewsAssigned

from reporting.facts.kind import FactKind, Kinds
from reporting.names import Names


def _assigned(fact: ReviewsAssigned, _: Tongue, names: Names) -> str:
    return _(
        "Dossiers confiés à un membre du comité : {count}, dont à noter : {left}.",
        count=formats.number(fact.applications, _.language),
        left=formats.number(fact.to_review, _.language),
    )


KINDS: Kinds = (FactKind(ReviewsAssigned, _assigned),)
