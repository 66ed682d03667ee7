"""The migrations make the tables that the code declares, and many ids are looked up in parts."""

from essaim.keeping.database import Database
from essaim.keeping.migration import differences
from reporting.main import service
from reporting.store.table import in_chunks


def test_the_migrated_database_is_the_one_the_code_declares(shared_database: Database) -> None:
    assert differences(shared_database, service) == []


def test_more_ids_than_a_query_has_places_for_are_looked_up_in_parts_each_once() -> None:
    parts = list(in_chunks([*range(1200), 3]))

    assert [len(part) for part in parts] == [512, 512, 176]
    assert [one for part in parts for one in part] == list(range(1200))
