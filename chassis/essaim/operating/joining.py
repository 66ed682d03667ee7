"""Who takes part is changed here, whatever the door: the file, the broker's users, its consumers.

Each act is whole before the broker is told, and disconnects nobody else.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import structlog
from nats.errors import Error as NatsError

from essaim.broker.server import ReloadRefused, reload
from essaim.broker.topology import OPERATOR, SYSTEM, apply, wanted
from essaim.broker.users import new_seed, public_key_of, write_secret
from essaim.consortium.editing import PARTNERS, READERS, with_entry, with_values
from essaim.consortium.file import parse
from essaim.consortium.partners import Consortium, Partner, Reader
from essaim.operating.acts import Act, Asked, What, acts_in, note
from essaim.operating.desk import Desk, alone, connection_of, keep_keys, write_users, write_whole
from essaim.refusal import Refusal

log = structlog.get_logger()

BY_A_COMMAND = Asked()


@dataclass(frozen=True)
class Joined:
    """Who was given a seed, which is kept nowhere else, and the consortium they are in."""

    who: Partner | Reader
    seed: str
    consortium: Consortium


def add_service(
    desk: Desk, service: str, values: Mapping[str, Any], asked: Asked = BY_A_COMMAND
) -> Joined:
    """Let a partner run a service from elsewhere; one that ran here so far is handed over.

    `values` are those of its entry, as the consortium file has them.

    Raises:
        Refusal: it signs on from elsewhere already; or, as for the acts that follow, this was
        `asked` and done before. WrongFile: the entry is wrong, or contradicts
        the others.
    """
    seed = new_seed()
    values = {**values, "key": public_key_of(seed)}

    def change(written: str, before: Consortium) -> str:
        there = before.find(service)
        if there is None:
            return with_entry(written, PARTNERS, {"service": service, **values})
        if there.key or there.revoked:
            raise _has_joined(service)
        return with_values(written, service, **values)

    return _joined(service, seed, _changed(desk, What.ADDED, service, asked, change))


def add_reader(
    desk: Desk, name: str, values: Mapping[str, Any], asked: Asked = BY_A_COMMAND
) -> Joined:
    """Let somebody read facts; `values` as in the consortium file.

    Raises:
        WrongFile: the entry is wrong, or contradicts the others.
    """
    seed = new_seed()
    entry = {"name": name, **values, "key": public_key_of(seed)}

    def change(written: str, _: Consortium) -> str:
        return with_entry(written, READERS, entry)

    return _joined(name, seed, _changed(desk, What.ADDED, name, asked, change))


def rotate(desk: Desk, name: str, asked: Asked = BY_A_COMMAND) -> Joined:
    """Give a new seed: the former one is refused from now on. Gives a revoked one its right back.

    Raises:
        Refusal: there is nobody of this name, or its seed is made elsewhere.
    """
    seed = new_seed()

    def change(written: str, before: Consortium) -> str:
        if name not in before.here:
            find(before, name)
            return with_values(written, name, key=public_key_of(seed), revoked=None)
        if desk.seeds is None:
            raise _made_at_setup(name)
        # Its service reads it when the former one is refused.
        write_secret(desk.seeds / name, seed)
        keep_keys(desk.folder, {name: public_key_of(seed)})
        return written

    return _joined(name, seed, _changed(desk, What.ROTATED, name, asked, change))


def revoke(desk: Desk, name: str, today: date, asked: Asked = BY_A_COMMAND) -> Consortium:
    """Refuse a partner or a reader from now on. What it said, and its consumer, stay.

    Raises:
        Refusal: there is nobody of this name, or it is revoked already.
    """

    def change(written: str, before: Consortium) -> str:
        since = find(before, name).revoked
        if since is not None:
            raise _is_revoked(name, since)
        # Its key stays, to know it again where it is refused.
        return with_values(written, name, revoked=today)

    return _changed(desk, What.REVOKED, name, asked, change)


def _joined(name: str, seed: str, consortium: Consortium) -> Joined:
    return Joined(find(consortium, name), seed, consortium)


def _changed(
    desk: Desk, what: What, name: str, asked: Asked, change: Callable[[str, Consortium], str]
) -> Consortium:
    with alone(desk.file):
        _refuse_twice(desk, asked)
        written = desk.file.read_text(encoding="utf-8")
        changed = change(written, parse(written, desk.services))
        consortium = parse(changed, desk.services)
        if desk.url:
            asyncio.run(_declare(desk, consortium))
        if changed != written:
            write_whole(desk.file, changed)
        write_users(desk.folder, consortium)
        act = Act(what, name, datetime.now(UTC), asked.by, asked.key)
        note(desk.folder, act)
        log.info("who takes part has changed", what=what.value, name=name, by=asked.by or "command")
        if desk.url:
            _reload(desk)
    return consortium


def _refuse_twice(desk: Desk, asked: Asked) -> None:
    earlier = [one for one in acts_in(desk.folder) if asked.key and one.key == asked.key]
    if earlier:
        raise _is_done(earlier[0])


def put(desk: Desk, written: str) -> Consortium:
    """Take another file, as somebody changed it by hand.

    Raises:
        WrongFile: it is wrong, and nothing has changed.
    """
    return _changed(desk, What.REWRITTEN, "", BY_A_COMMAND, lambda *_: written)


def tell(desk: Desk) -> None:
    """Have broker and services read the file as it is, as after a change by hand.

    Raises:
        UnreadableConsortium: the file is wrong. NotTold: the broker could not be told.
    """
    with alone(desk.file):
        write_users(desk.folder, desk.consortium())
        if desk.url:
            _reload(desk)


class NotTold(Exception):
    def __init__(self, desk: Desk, reason: Exception) -> None:
        super().__init__(
            f"{desk.file} has changed, and the broker at {desk.url} could not be told: "
            f"{reason or type(reason).__name__}. Run `essaim topology apply` once it answers."
        )


async def _declare(desk: Desk, consortium: Consortium) -> None:
    """Before its user may connect, its consumer is there."""
    async with connection_of(desk, OPERATOR) as connection:
        await apply(connection, wanted(consortium))


def _reload(desk: Desk) -> None:
    async def told() -> None:
        async with connection_of(desk, SYSTEM) as connection:
            await reload(connection)

    try:
        asyncio.run(told())
    except (OSError, NatsError, ReloadRefused) as error:
        raise NotTold(desk, error) from error


def find(consortium: Consortium, name: str) -> Partner | Reader:
    found = consortium.find_anybody(name)
    if found is None:
        raise _nobody(name, consortium)
    return found


def _nobody(name: str, consortium: Consortium) -> Refusal:
    there = [one.name for one in consortium.everybody]
    return Refusal(
        "nobody_of_this_name",
        "Personne ne s’appelle « {name} » dans ce consortium. Écrivez l’un de ces noms : {there}.",
        status=404,
        name=name,
        there=", ".join(there),
    )


def _has_joined(service: str) -> Refusal:
    return Refusal(
        "has_joined",
        "Le service « {service} » se connecte déjà d’ailleurs avec sa propre clé. Pour lui en "
        "donner une autre : « essaim partner rotate {service} ».",
        service=service,
    )


def _is_done(act: Act) -> Refusal:
    return Refusal(
        ALREADY_DONE,
        "C’est déjà fait, depuis le {at} : le même envoi ne sert qu’une fois. Un dossier ne se "
        "donne pas deux fois non plus ; s’il est perdu, faites-en un autre.",
        at=act.at,
    )


ALREADY_DONE = "act_done"


def _is_revoked(name: str, since: date) -> Refusal:
    return Refusal(
        "is_revoked",
        "« {name} » est révoqué depuis le {since}. Pour lui rendre l’accès : "
        "« essaim partner rotate {name} ».",
        name=name,
        since=since.isoformat(),
    )


def _made_at_setup(name: str) -> Refusal:
    return Refusal(
        "made_at_setup",
        "La clé de « {name} », qui tourne ici, est faite à côté du serveur d’échange, et se change "
        "là : voyez docs/operators.md, « Secrets ».",
        name=name,
    )
