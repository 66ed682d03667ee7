"""The files that projects hand in, on time or late."""

from essaim.text.languages import N_
from essaim_contracts.words import DELIVERABLE_KINDS

from reporting.indicators.indicator import Basis, Feed, Indicator
from reporting.indicators.rows import lasting
from reporting.store.deliverable import deliverable_handed_in

_FILES = lasting(deliverable_handed_in, "deliverable_id")

_VERSIONS = Basis(_FILES, ("deliverable_id",), (Feed(deliverable_handed_in, "deliverable_id"),))

HANDED_IN = Indicator(
    code="deliverables.handed_in",
    label=N_("Dossiers remis"),
    formula=N_("Livrables remis au moins une fois ; seule la dernière version compte."),
    of=_VERSIONS,
    part=_FILES.c.kind,
    parts=DELIVERABLE_KINDS,
)

LATE = Indicator(
    code="deliverables.late",
    label=N_("Dossiers remis en retard"),
    formula=N_("Livrables dont la dernière version a été remise après le jour prévu."),
    of=_VERSIONS,
    part=_FILES.c.kind,
    where=_FILES.c.late,
    parts=DELIVERABLE_KINDS,
)

SHOWN = (
    HANDED_IN,
    LATE,
)
