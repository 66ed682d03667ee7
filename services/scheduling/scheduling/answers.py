"""What waits for somebody here, as the first page of whoever comes in asks it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.person import Person
from essaim.text.languages import Tongue
from essaim_contracts.questions import ComesNext, ToDo, Waits
from essaim_contracts.scheduling import SessionMode

from scheduling import store
from scheduling.pairing import Pair
from scheduling.reach import Reach

NAMED = 3
"""Sheets named one by one; more are one line that leads to their list."""
COMING = 5


@dataclass(frozen=True)
class _Asked:
    """Who asks, what she reaches, when, and in which language (`say`)."""

    db: sa.Connection
    reach: Reach
    now: datetime
    say: Tongue

    @property
    def today(self) -> date:
        return self.now.astimezone(PARIS).date()


def what_waits(db: sa.Connection, person: Person, now: datetime, tongue: Tongue) -> Waits:
    """Sheets to close, pairs that fell silent, cohorts without a track; her next sessions."""
    today = now.astimezone(PARIS).date()
    asked = _Asked(db, store.reach.of(db, person, today), now, tongue)
    to_do = (*_sheets(asked), *_tracks(asked), *_proposals(asked), *_silent_pairs(asked))
    return Waits(to_do=to_do, next=tuple(_sessions(asked)))


def _sheets(asked: _Asked) -> Iterator[ToDo]:
    _ = asked.say
    within = store.reach.sessions_to_hold(asked.reach)
    to_close = store.session.to_close(asked.db, within, asked.now)
    for one in to_close[: NAMED if len(to_close) > NAMED else None]:
        text = _("Feuille à clore : {title}, {day}", title=one.title, day=one.starts_at.date())
        page = f"/sessions/{one.id}"
        yield ToDo(text=text, button=_("Ouvrir la feuille"), page=page, by=one.ends_at)
    if (more := len(to_close) - NAMED) > 0:
        text = _.counted(
            "et {number} autre feuille à clore", "et {number} autres feuilles à clore", more
        )
        page = "/sessions?when=past&state=planned"
        yield ToDo(text=text, button=_("Voir la liste"), page=page, by=to_close[NAMED].ends_at)


def _tracks(asked: _Asked) -> Iterator[ToDo]:
    _ = asked.say
    for one in store.cohort.waiting_for_track(asked.db):
        if asked.reach.manages(one.programme):
            text = _(
                "« {cohort} » attend son parcours « {track} » : sans lui, aucune heure n’est "
                "accordée",
                cohort=one.label,
                track=one.track_code,
            )
            yield ToDo(text=text, button=_("Voir les parcours"), page="/tracks")


def _proposals(asked: _Asked) -> Iterator[ToDo]:
    """Pairings proposed to who coordinates, which nobody made or refused."""
    _ = asked.say
    if waiting := store.pairing.count_proposed(asked.db, asked.reach.managed):
        text = _.counted(
            "{number} mise en relation proposée attend votre accord",
            "{number} mises en relation proposées attendent votre accord",
            waiting,
        )
        yield ToDo(text=text, button=_("Voir"), page="/pairings?state=proposed")


def _silent_pairs(asked: _Asked) -> Iterator[ToDo]:
    """Of those she is in, each by itself; of those she coordinates, how many."""
    _ = asked.say
    pairs = store.silence.pairs(asked.db, asked.reach, asked.today)
    quiet = [one for one in pairs if one.is_silent(asked.today)]
    hers = [one for one in quiet if one.is_hers]
    for one in hers[:COMING]:
        yield ToDo(
            text=_silence(_, one),
            button=_("Noter un échange"),
            page=f"/projects/{one.project_id}#echanges",
        )
    others = [one for one in quiet if not one.is_hers]
    if others:
        text = _.counted(
            "{number} accompagnement sans échange ni séance depuis deux mois",
            "{number} accompagnements sans échange ni séance depuis deux mois",
            len(others),
        )
        yield ToDo(text=text, button=_("Voir"), page="/pairings?state=active")


def _silence(_: Tongue, one: Pair) -> str:
    if one.last is None:
        return _("Ni échange ni rendez-vous avec « {project} »", project=one.project)
    return _(
        "Ni échange ni rendez-vous avec « {project} » depuis le {day}",
        project=one.project,
        day=one.last,
    )


def _sessions(asked: _Asked) -> Iterator[ComesNext]:
    """The next sessions she is convened to or gives; of her programmes, for who runs them."""
    _ = asked.say
    within = store.reach.readable_sessions(asked.reach)
    for one in store.session.coming_to(asked.db, within, asked.now, COMING):
        online = one.mode == SessionMode.ONLINE
        place = one.place or (_("en ligne") if online else _("lieu à préciser"))
        text = _("{title}, {at}, {place}", title=one.title, at=one.starts_at, place=place)
        yield ComesNext(text=text, page=f"/sessions/{one.id}", at=one.starts_at)
