"""The database as migrated is the database as declared."""

from essaim.keeping.migration import differences


def test_the_migrated_database_has_the_tables_that_the_code_declares(database, service) -> None:
    assert differences(database, service) == []
