"""Words of what only reporting says: states made of several facts, and their colours.

The words of the contracts' values are in `essaim_contracts.words`.
"""

from collections.abc import Mapping

from essaim.text.languages import N_
from essaim_contracts import words
from essaim_contracts.words import Words

Labels = Mapping[str, str | Words]
"""Of the codes of a column, in the order in which people read them; texts are French msgids."""

APPLICATION_STATES: Labels = {
    **words.DECISIONS,
    "withdrawn": N_("Retirée par le porteur"),
    "pending": N_("En attente de réponse"),
}

PROJECT_STATUSES: Labels = {**words.PROJECT_STATUSES, "not_reported": N_("Sans nouvelle")}

PROJECT_STATUS_TONES = {
    "structure_created": "success",
    "association_progressing": "success",
    "scop_or_scic_in_creation": "success",
    "halted": "warning",
    "abandoned": "danger",
}
"""The colour under the words of a status; neutral for the others."""

SESSION_STATES: Labels = {
    "held": N_("tenue"),
    "planned": N_("prévue"),
    "cancelled": N_("annulée"),
}
