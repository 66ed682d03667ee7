"""The migrations make the tables that the code declares."""

from essaim.keeping.database import Database
from essaim.keeping.migration import differences
from reporting.main import service


def test_the_migrated_database_is_the_one_the_code_declares(shared_database: Database) -> None:
    assert differences(shared_database, service) == []
