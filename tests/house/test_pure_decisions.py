"""The contract on decisions holds a file that was written after it, and reads folders whole."""

from grimp import ImportGraph
from importlinter import ContractCheck

from tests.house.pure_decisions import PureDecisions


def check(*imports: tuple[str, str]) -> ContractCheck:
    """Check a service `fair` with these imports, as (importer, imported)."""
    graph = ImportGraph()
    for folder in ("fair", "fair.stall", "fair.store"):
        graph.add_module(folder)
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported)
    options = {
        "services": ["fair"],
        "rooms": ["store", "commands"],
        "shared": ["labels"],
        "outside": ["sqlalchemy", "essaim.web"],
    }
    return PureDecisions("decisions", {}, options).check(graph, verbose=False)


def test_a_decision_may_read_other_decisions_and_words() -> None:
    kept = check(("fair.stall", "fair.booking"), ("fair.stall", "fair.labels"))

    assert (kept.kept, kept.metadata) == (True, {})


def test_rooms_do_what_they_are_there_for() -> None:
    assert check(("fair.store.stall", "sqlalchemy"), ("fair.commands", "fair.store.stall")).kept


def test_a_new_concept_that_reaches_for_the_database_or_a_room_is_named() -> None:
    broken = check(("fair.stall", "sqlalchemy"), ("fair.stall", "fair.store"))

    assert (broken.kept, broken.metadata) == (False, {"fair.stall": ["fair.store", "sqlalchemy"]})


def test_a_folder_is_one_concept() -> None:
    broken = check(("fair.stall.price", "essaim.web.pages"))

    assert (broken.kept, broken.metadata) == (False, {"fair.stall": ["essaim.web.pages"]})
