"""What waits is tried in the order in which it came, whatever its places in the stream."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from essaim.hearing import dead, retries
from essaim.hearing.message import Message
from essaim.keeping.database import Database
from essaim.keeping.tables import dead as dead_table
from essaim.keeping.tables import waiting


def a_letter(seq: int, key: str = "k") -> Message:
    return Message(seq, f"essaim.x.{key}", {"ce-id": f"fact-{seq}"}, b"{}")


class Tries:
    """What a handler is asked to do, in order; it fails for the places in `failing`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.failing: set[int] = set()
        self.seen: list[int] = []

    def run(self) -> list[int]:
        self.seen.clear()
        with self._database.write() as db:
            retries.retry_due(db, self._attempt)
        return self.seen

    def _attempt(self, letter: Message) -> str | None:
        self.seen.append(letter.seq)
        return "no" if letter.seq in self.failing else None


@pytest.fixture
def tries(database: Database) -> Tries:
    return Tries(database)


@pytest.fixture
def later(database: Database) -> Callable[..., None]:
    """Sets when the failed facts at these places are tried again, in minutes from now."""

    def set_time(minutes: int, *seqs: int) -> None:
        at = datetime.now(UTC) + timedelta(minutes=minutes)
        with database.write() as db:
            db.execute(sa.update(waiting).where(waiting.c.stream_seq.in_(seqs)).values(retry_at=at))

    return set_time


def kept(database: Database, letter: Message, *, failed: bool) -> None:
    with database.write() as db:
        if failed:
            retries.retry_later(db, letter, attempts=1, reason="no")
        else:
            retries.wait_behind(db, letter)


def buried(database: Database, letter: Message) -> int:
    with database.write() as db:
        dead.bury(db, letter, attempts=6, reason="no")
        return int(db.execute(sa.select(sa.func.max(dead_table.c.number))).scalar_one())


def test_what_comes_after_a_failed_fact_follows_when_it_succeeds(
    database: Database, tries: Tries, later: Callable[..., None]
) -> None:
    kept(database, a_letter(5), failed=True)
    kept(database, a_letter(6, "another"), failed=True)
    for seq in (7, 8):
        kept(database, a_letter(seq), failed=False)
    later(-1, 5)
    tries.failing = {7}
    assert tries.run() == [5, 7]
    tries.failing.clear()
    later(-1, 7)
    assert tries.run() == [7, 8]


def test_a_dead_letter_tried_again_does_not_let_later_facts_of_its_key_overtake(
    database: Database, tries: Tries, later: Callable[..., None]
) -> None:
    number = buried(database, a_letter(5))
    kept(database, a_letter(7), failed=True)
    kept(database, a_letter(8), failed=False)
    later(10, 7)
    with database.write() as db:
        dead.retry(db, number)
    kept(database, a_letter(9), failed=False)
    assert tries.run() == [5], "7 waits for its time, 8 and 9 for 7"
    later(-1, 7)
    assert tries.run() == [7, 8, 9]


def test_a_restored_stream_gives_the_place_of_a_waiting_fact_to_another(
    database: Database, tries: Tries, later: Callable[..., None]
) -> None:
    kept(database, a_letter(500), failed=True)
    kept(database, a_letter(3), failed=False)
    kept(database, a_letter(500, "another"), failed=True)
    later(-1, 500)
    assert tries.run() == [500, 3, 500]


def test_a_long_queue_behind_a_fact_is_handled_in_several_transactions(
    database: Database, tries: Tries, later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "MOST", 3)
    kept(database, a_letter(1), failed=True)
    for seq in range(2, 10):
        kept(database, a_letter(seq), failed=False)
    later(-1, 1)
    assert tries.run() == [1, 2, 3, 4]
    assert tries.run() == [5, 6, 7, 8]
    assert tries.run() == [9]


def test_after_its_last_try_a_fact_is_dead_and_its_key_goes_on(
    database: Database, tries: Tries, later: Callable[..., None]
) -> None:
    kept(database, a_letter(1), failed=True)
    kept(database, a_letter(2), failed=False)
    tries.failing = {1}
    for _ in retries.PAUSES[1:]:
        later(-1, 1)
        assert tries.run() == [1]
    later(-1, 1)
    assert tries.run() == [1, 2]
    with database.read() as db:
        assert [letter.stream_seq for letter in dead.list_dead(db)] == [1]
        assert retries.count_waiting(db) == 0


def test_many_facts_due_at_once_are_tried_in_several_transactions(
    database: Database, tries: Tries, later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a handler failed for all: others wait for the transaction to end."""
    monkeypatch.setattr(retries, "MOST", 3)
    for seq in range(1, 6):
        kept(database, a_letter(seq, f"k{seq}"), failed=True)
    later(-1, *range(1, 6))
    assert tries.run() == [1, 2, 3]
    assert tries.run() == [4, 5]


def test_a_clock_that_goes_back_does_not_keep_a_fact_waiting_longer_than_the_longest_pause(
    database: Database, tries: Tries, later: Callable[..., None]
) -> None:
    kept(database, a_letter(1), failed=True)
    kept(database, a_letter(2, "another"), failed=True)
    later(9, 1)
    later(60 * 24, 2)
    assert tries.run() == [2]


def test_an_operator_who_mended_the_cause_has_it_tried_at_once(
    database: Database, tries: Tries, later: Callable[..., None]
) -> None:
    kept(database, a_letter(5), failed=True)
    kept(database, a_letter(6), failed=False)
    later(9, 5)
    assert tries.run() == []
    with database.write() as db:
        assert retries.make_due(db) == 1
    assert tries.run() == [5, 6]
