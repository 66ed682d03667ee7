"""One instance of a service is active; another takes over, at once when the first is gone."""

import socket
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from essaim.keeping import lease
from essaim.keeping.database import Database
from essaim.keeping.tables import lease as table


def _held_by(database: Database, holder: str, seconds: float) -> None:
    with database.write() as db:
        db.execute(
            sa.insert(table),
            {
                "name": "ledger",
                "holder": holder,
                "expires_at": datetime.now(UTC) + timedelta(seconds=seconds),
            },
        )


def test_the_first_instance_takes_the_lease_and_renews_it(database: Database) -> None:
    assert lease.take(database, "ledger")
    assert lease.take(database, "ledger")


def test_a_second_instance_stands_by_while_the_first_holds_the_lease(database: Database) -> None:
    _held_by(database, "another-host:7:aaaa", seconds=5)
    assert not lease.take(database, "ledger")


def test_a_lease_that_ran_out_is_taken_over(database: Database) -> None:
    _held_by(database, "another-host:7:aaaa", seconds=-1)
    assert lease.take(database, "ledger")


def test_a_holder_of_this_host_that_is_gone_is_replaced_at_once(database: Database) -> None:
    _held_by(database, f"{socket.gethostname()}:4194305:aaaa", seconds=60)
    assert lease.take(database, "ledger")


def test_a_lease_taken_by_a_clock_that_went_back_since_is_not_waited_for(
    database: Database,
) -> None:
    _held_by(database, "another-host:7:aaaa", seconds=3600)
    assert lease.take(database, "ledger")


def test_a_released_lease_is_free(database: Database) -> None:
    assert lease.take(database, "ledger")
    lease.release(database, "ledger")
    with database.read() as db:
        assert lease.current_holder(db, "ledger") is None


def test_two_instances_cannot_both_take_a_free_lease(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "holder_name", lambda: "one-host:7:aaaa")
    assert lease.take(database, "ledger")
    monkeypatch.setattr(lease, "holder_name", lambda: "another-host:7:bbbb")
    assert not lease.take(database, "ledger")
