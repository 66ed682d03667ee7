"""Everything partners exchange. Importing this package registers every fact."""

from essaim_contracts import (
    candidatures,
    cohort,
    contact,
    correspondence,
    erasure,
    handover,
    notifications,
    reporting,
    retention,
    scheduling,
    selection,
)
from essaim_contracts.fact import Fact, all_facts, fact_type

__version__ = "0.1.0"

__all__ = [
    "Fact",
    "all_facts",
    "candidatures",
    "cohort",
    "contact",
    "correspondence",
    "erasure",
    "fact_type",
    "handover",
    "notifications",
    "reporting",
    "retention",
    "scheduling",
    "selection",
]
