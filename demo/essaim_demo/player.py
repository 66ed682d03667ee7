"""Plays an edition: its moments in the order of the calendar, each with the clock set to it.

Business time goes on only when everything said so far was heard and every letter has left, so
that each run ends with the same figures.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

import httpx
from essaim.clock import PARIS

from essaim_demo import following, lending, selection, year
from essaim_demo.client import NeverSo, RequestRefused
from essaim_demo.stage import Moment, NobodyIs, Stage

START = datetime(2019, 11, 1, 8, 0, tzinfo=PARIS)
"""Before the first call of Prémices.coop opens."""

Say = Callable[[datetime, str], None]


class PlayFailed(Exception):
    """The play stopped: at which moment, and what went wrong."""

    def __init__(self, words: str, error: Exception) -> None:
        super().__init__(f"{words}\n{error or type(error).__name__}")


def play(stage: Stage, say: Say) -> None:
    """Play the whole edition; `say` is told of each moment before it is acted.

    Raises:
        PlayFailed: a request was refused, or the services did not follow.
    """
    first = Moment(
        START,
        stage._("le programme et ses parcours sont importés"),
        lambda: selection.bring_in(stage),
    )
    _run(stage, [first], say)
    moments = [*selection.moments(stage), *_after_the_call(stage)]
    _run(stage, sorted(moments, key=lambda moment: moment.at), say)
    with _told(stage._("chaque service finit d’entendre")):
        stage.settle()


def end_of(stage: Stage) -> datetime:
    """The last instant of the edition, for a bar that shows how far we are."""
    return max(moment.at for moment in _after_the_call(stage))


def _after_the_call(stage: Stage) -> list[Moment]:
    return [*year.moments(stage), *lending.moments(stage), *following.moments(stage)]


def _run(stage: Stage, moments: Iterable[Moment], say: Say) -> None:
    now = None
    for moment in moments:
        say(moment.at, moment.words)
        with _told(f"{stage.day(moment.at)} — {moment.words}"):
            if moment.at != now:
                _go_to(stage, moment.at)
                now = moment.at
            moment.act()


@contextmanager
def _told(words: str) -> Iterator[None]:
    """What goes wrong in this block is told with the moment it happened at."""
    try:
        yield
    except (RequestRefused, NeverSo, NobodyIs, httpx.HTTPError) as error:
        raise PlayFailed(words, error) from error


def _go_to(stage: Stage, instant: datetime) -> None:
    """Let everything come to rest, then set the clock of every service."""
    stage.wait_until_known(stage.settle)
    stage.set_clock(instant)
