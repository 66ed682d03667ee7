"""The operator's desk as it answers the pages: what they ask is done here, or refused in words.

It also has the broker read its users anew where they were written by somebody else.
"""

from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import structlog
from faststream import Context
from faststream.nats import NatsRouter
from nats.errors import Error as NatsError

from essaim.broker.connection import Broker
from essaim.broker.topology import OPERATOR, TopologyRefused
from essaim.clock import PARIS
from essaim.consortium.file import UnreadableConsortium, as_yaml
from essaim.loops import goes_on, rest, waits
from essaim.operating.acts import Asked, acts_in
from essaim.operating.desk import USERS, Desk
from essaim.operating.handover import Hub, files_of, zipped
from essaim.operating.joining import (
    NotTold,
    add_reader,
    add_service,
    revoke,
    rotate,
    tell,
)
from essaim.operating.questions import Done, HandOver, LetJoin, LookAround, Looked, Refused, Revoke
from essaim.operating.seen import Seen, seen_at
from essaim.refusal import Refusal
from essaim.settings import Settings
from essaim.text.file_errors import WrongFile
from essaim.text.languages import CHASSIS, tongue_of
from essaim.threads import in_thread

log = structlog.get_logger()

_LOOK = 2.0
"""Seconds between two looks at whether the users were written."""


@dataclass(frozen=True)
class Open:
    """A desk and what whoever joins has to know, read anew for each question."""

    desk: Callable[[], Desk]
    hub: Callable[[Desk], Hub]


def answering(settings: Settings, here: Open) -> Broker:
    """The desk's own connection, the operator's; run its `stay`."""
    return Broker(settings, OPERATOR, (questions,), {"here": here})


async def follow_users(here: Open) -> None:
    """Tell the broker of users that changed on the disk: a service here that has a new key."""
    told = _written_at(here.desk())
    while True:
        await rest(_LOOK)
        desk = await in_thread(here.desk)
        if _written_at(desk) == told:
            continue
        try:
            await in_thread(tell, desk)
        except (NotTold, UnreadableConsortium) as error:
            waits(str(error))
        else:
            log.info("the broker was told of its users")
            told = _written_at(desk)
            goes_on()


def _written_at(desk: Desk) -> int:
    return (desk.folder / USERS).stat().st_mtime_ns


questions = NatsRouter()
Here = Annotated[Open, Context("here")]


@questions.subscriber(LookAround.subject, queue="desk")
def look_around(_: LookAround, here: Here) -> Looked:
    desk = here.desk()
    seen: dict[str, Seen] = {}
    silent = ""
    try:
        seen = seen_at(desk)
    except (OSError, NatsError) as error:
        silent = str(error) or type(error).__name__
    written = as_yaml(desk.consortium(), spelt_out=True)
    acts = tuple(acts_in(desk.folder))
    return Looked(consortium=written, seen=seen, silent=silent, acts=acts)


@questions.subscriber(LetJoin.subject, queue="desk")
def let_join(asked: LetJoin, here: Here) -> Done:
    def act() -> Done:
        add = add_service if asked.is_service else add_reader
        add(here.desk(), asked.name, asked.values, _who(asked))
        return Done()

    return _done(asked.language, act)


@questions.subscriber(HandOver.subject, queue="desk")
def hand_over(asked: HandOver, here: Here) -> Done:
    def act() -> Done:
        desk = here.desk()
        # First what may fail: a key that cannot be handed over would be lost.
        hub = here.hub(desk)
        joined = rotate(desk, asked.name, _who(asked))
        if asked.name in joined.consortium.here:
            return Done()
        folder = zipped(asked.name, files_of(joined, hub))
        return Done(folder=b64encode(folder).decode())

    return _done(asked.language, act)


@questions.subscriber(Revoke.subject, queue="desk")
def refuse_from_now_on(asked: Revoke, here: Here) -> Done:
    def act() -> Done:
        today = datetime.now(PARIS).date()
        revoke(here.desk(), asked.name, today, _who(asked))
        return Done()

    return _done(asked.language, act)


def _who(asked: LetJoin | HandOver | Revoke) -> Asked:
    return Asked(str(asked.by), asked.key)


def _done(language: str, act: Callable[[], Done]) -> Done:
    """What was done, or why it was not, in the words of the asker."""
    refusal: Refusal
    try:
        return act()
    except Refusal as refused:
        refusal = refused
    except NotTold as error:
        log.error("the broker could not be told", reason=str(error))
        refusal = _not_told()
    except (UnreadableConsortium, TopologyRefused, OSError, NatsError) as error:
        log.error("nothing has changed", reason=str(error) or type(error).__name__)
        refusal = _nothing_changed(str(error) or type(error).__name__)
    tongue = tongue_of(CHASSIS, language)
    sentences = [(field, tongue.refusal(one)) for field, one in _each(refusal)]
    return Done(
        refused=Refused(
            code=refusal.code, status=refusal.status, sentences=tuple(dict.fromkeys(sentences))
        )
    )


def _each(refusal: Refusal) -> list[tuple[str | None, Refusal]]:
    """What is wrong of an entry by its key: who filled a form in knows no line of the file."""
    if isinstance(refusal, WrongFile):
        return [(_key_in(one.path), one.why) for one in refusal.errors]
    return [(one.field, one) for one in refusal.all]


def _key_in(path: str) -> str | None:
    """`reads` of `readers.2.reads.0`."""
    with suppress(ValueError):
        _, _, key, *_ = path.split(".")
        return key
    return None


def _not_told() -> Refusal:
    return Refusal(
        "broker_not_told",
        "C’est noté, et le serveur d’échange n’a pas pu l’apprendre : il suit encore ce qui valait "
        "avant. Lancez « essaim topology apply » dès qu’il répond.",
        status=503,
    )


def _nothing_changed(reason: str) -> Refusal:
    return Refusal(
        "desk_failed",
        "Rien n’a changé : le bureau de l’exploitation n’a pas pu le faire ({reason}).",
        status=503,
        reason=reason,
    )
