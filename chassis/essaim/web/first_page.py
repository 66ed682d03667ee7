"""The first page of whoever signed in: what waits for her today, in every service.

It stands where people sign in. Each partner is asked at once, in her name; what has come after a
moment is shown, and who did not answer is named.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic

import structlog
from essaim_contracts.questions import A, Question, Waits, WhatWaits
from fastapi import Request, Response

from essaim.broker.asking import AskFailed
from essaim.consortium.partners import Partner
from essaim.people.sign_ins import question_for
from essaim.person import Person
from essaim.text.languages import tongue_of
from essaim.text.written import cleaned
from essaim.web.pages import render
from essaim.web.roles import ACTS, ROLES
from essaim.web.site import language_of, runtime_of, today_of
from essaim.web.visitors import signed_in

log = structlog.get_logger()

PATIENCE = 0.3
"""Seconds that a page waits for the partners: whoever comes in sees at once what is known."""
SOON = timedelta(days=7)
MOST = 40
"""Lines of each list: nobody does more in a day."""

_BLANKS = re.compile("[ \t\n]+")


@dataclass(frozen=True)
class Line:
    """`at` is by when it is to be done, or when it comes; `is_late` when that is past."""

    text: str
    address: str
    partner: Partner
    button: str = ""
    at: datetime | None = None
    is_late: bool = False


@dataclass(frozen=True)
class Silent:
    """A partner that did not answer, and when it was heard last, if we know."""

    partner: Partner
    heard_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """What waits for somebody, most urgent first; what comes next; who did not say."""

    to_do: tuple[Line, ...]
    next: tuple[Line, ...]
    silent: tuple[Silent, ...] = ()


def first_page(request: Request, person: Person) -> Response:
    today = today_of(request)
    held = {one.role for one in person.roles if one.is_held_on(today)}
    return render(
        request,
        "chassis/first_page.html",
        waiting=_waiting(request, person),
        roles=[(ROLES[role], ACTS[role]) for role in ROLES if role in held],
    )


def in_order(
    answers: Iterable[tuple[Partner, Waits]], now: datetime
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """What is to be done, most urgent first, and what comes next, the nearest first.

    Late comes before what is due within a week; then what has no hour; then what is due later.
    """
    answers = list(answers)
    to_do = [
        _line(partner, one.text, one.page, one.button, one.by, is_late=_is_past(one.by, now))
        for partner, waits in answers
        for one in waits.to_do
    ]
    coming = [
        _line(partner, one.text, one.page, at=one.at)
        for partner, waits in answers
        for one in waits.next
    ]
    to_do.sort(key=lambda line: _urgency(line, now))
    coming.sort(key=lambda line: (line.at is None, line.at or now))
    return tuple(to_do[:MOST]), tuple(coming[:MOST])


def _line(
    partner: Partner,
    text: str,
    page: str,
    button: str = "",
    at: datetime | None = None,
    *,
    is_late: bool = False,
) -> Line:
    """What a partner wrote is cleaned here: it stands on a page that is not its own."""
    return Line(_clean(text), partner.root + page, partner, _clean(button), at, is_late)


def _clean(text: str) -> str:
    """On one line; unlike `one_line`, with the no-break spaces of French: it is no typed text."""
    return _BLANKS.sub(" ", cleaned(text)).strip(" ")


def _is_past(at: datetime | None, now: datetime) -> bool:
    return at is not None and at < now


def _urgency(line: Line, now: datetime) -> tuple[int, datetime]:
    if line.at is None:
        return 2, now
    if line.is_late:
        return 0, line.at
    return (1 if line.at - now <= SOON else 3), line.at


def _waiting(request: Request, person: Person) -> Waiting:
    runtime = runtime_of(request)
    asked = _asked(request)
    came = runtime.ask_each(asked, PATIENCE)
    known = {one.service: one for one in runtime.consortium.partners}
    ours = known[runtime.service.name]
    answers = [(ours, _ours(request, person))]
    answers += [(known[name], one) for name, one in came.items() if isinstance(one, Waits)]
    to_do, coming = in_order(answers, runtime.clock.now())
    return Waiting(to_do, coming, _silent(request, known, came))


def _ours(request: Request, person: Person) -> Waits:
    runtime = runtime_of(request)
    tongue = tongue_of(runtime.service.name, language_of(request))
    with runtime.read() as db:
        return runtime.service.waits_for(db, person, runtime.clock.now(), tongue)


def _asked(request: Request) -> dict[str, Question[Waits]]:
    language = language_of(request)
    return in_her_name(request, lambda proof: WhatWaits(proof=proof, language=language))


def in_her_name(request: Request, ask: Callable[[str], Question[A]]) -> dict[str, Question[A]]:
    """The question for each other partner that knows people, in the name of whoever is here.

    `ask` makes it of the proof that the keeper of the directory signs for that partner.
    """
    runtime, who = runtime_of(request), signed_in(request)
    if who is None:
        return {}
    key = runtime.settings.sign_in_key.get_secret_value()
    return {
        one.service: ask(question_for(key, who, one.service))
        for one in runtime.consortium.partners
        if one.knows_people and one.revoked is None and one.service != runtime.service.name
    }


@dataclass(frozen=True)
class Asked(Generic[A]):
    """What each partner answered, by its service, and who did not."""

    answers: Mapping[str, A]
    silent: tuple[Partner, ...]


def ask_partners(request: Request, ask: Callable[[str], Question[A]], patience: float) -> Asked[A]:
    """Ask each other partner at once, in her name, and wait `patience` seconds at most."""
    runtime = runtime_of(request)
    came = runtime.ask_each(in_her_name(request, ask), patience)
    known = {one.service: one for one in runtime.consortium.partners}
    answers = {name: one for name, one in came.items() if not isinstance(one, AskFailed)}
    return Asked(answers, tuple(known[name] for name in came if name not in answers))


def _silent(
    request: Request, known: Mapping[str, Partner], came: Mapping[str, Waits | AskFailed]
) -> tuple[Silent, ...]:
    """Who did not answer, but those whose absence every page says, and ours."""
    runtime = runtime_of(request)
    absences = runtime.absences()
    if any(one.partner is None for one in absences):
        return ()  # we are cut off, and the page says so
    absent = {one.partner.service for one in absences if one.partner}
    failed = {name: one for name, one in came.items() if isinstance(one, AskFailed)}
    for name, why in failed.items():
        log.warning("a partner did not say what waits", service=name, reason=str(why))
    heard = runtime.presence.heard_last if runtime.presence else lambda _: None
    return tuple(Silent(known[one], heard(one)) for one in failed if one not in absent)
