"""The database as migrated is the database as declared."""

from essaim.keeping.database import Database
from essaim.keeping.migration import differences
from essaim.service import Service


def test_the_migrated_database_has_the_tables_that_the_code_declares(
    database: Database, service: Service
) -> None:
    assert differences(database, service) == []
