"""Two services tell and hear while one thing after the other is killed or frozen."""

import random
import time
from collections.abc import Callable
from pathlib import Path

from backbone import Consortium
from essaim.keeping.database import Database
from killable import Killable, Party, paused
from reckoning import check, rest
from waiting import wait_until


def play(
    hub: Consortium,
    chance: random.Random,
    rounds: int,
    tmp_path: Path,
    urls: tuple[str, str],
    parties: Callable[[str, str], Party],
    others: dict[str, Killable],
) -> None:
    """Two services tell and hear while one thing after the other is killed; then all is checked."""
    teller, hearer = parties("scheduling", urls[0]), parties("candidatures", urls[1])
    victims: dict[str, Killable] = {"teller": teller, "hearer": hearer} | others
    wait_until(teller.said.read_text, lambda: "the teller says nothing")
    for number in range(rounds):
        name = chance.choice(sorted(victims))
        print(f"round {number}: {name}")
        hurt(victims[name], chance)
        time.sleep(chance.uniform(0, 1.5))
    (tmp_path / "enough").touch()
    databases = Database(urls[0]), Database(urls[1])
    try:
        rest(*databases)
        assert [teller.stop(), hearer.stop()] == [0, 0]
        check(hub, *databases, teller.said.read_text().split())
    finally:
        for database in databases:
            database.close()


def hurt(victim: Killable, chance: random.Random) -> None:
    if chance.random() < 0.2:
        with paused(victim):
            time.sleep(chance.uniform(0, 1))
        return
    victim.kill()
    time.sleep(chance.uniform(0, 0.5))
    victim.start()
