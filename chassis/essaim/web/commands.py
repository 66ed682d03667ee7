"""Commands: one transaction each, and the same command twice changes nothing twice."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from fastapi import Request, Response
from fastapi.encoders import jsonable_encoder
from starlette.datastructures import FormData

from essaim.keeping.database import insert
from essaim.keeping.tables import command as table
from essaim.refusal import Refusal
from essaim.web.forgery import BROWSER_COOKIE
from essaim.web.site import runtime_of
from essaim.web.visitors import visitor
from essaim.work import Work

REMEMBERED_FOR = timedelta(hours=24)
_LONGEST_KEY = 120

Decide = Callable[[Work], Any]


@dataclass(frozen=True)
class _Done:
    """What a command answered: JSON text, HTTP status, and whether it was done earlier."""

    answer: str
    status: int
    earlier: bool = False


def command(
    request: Request, decide: Decide, status: int = 200, secret: str | None = None
) -> Response:
    """Run `decide` in one transaction and answer its result as JSON (None: 204, no body).

    With an `Idempotency-Key` header, the same request of the same person gets the same answer and
    nothing happens twice. Somebody without an account is known by the `secret` she brings; without
    one her key says nothing, for strangers choose the same keys.

    Raises:
        Refusal: (422) the key is too long, or was used for another request.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= _LONGEST_KEY - len("api "):
        raise Refusal(
            "idempotency_key_length",
            "La clé d'idempotence a {length} caractères. Donnez-en entre 1 et {longest}.",
            status=422,
            length=len(key),
            longest=_LONGEST_KEY - len("api "),
        )
    actor = _actor(request, secret)
    done = _once(request, f"api {key}" if key and actor else None, actor, decide, status)
    headers = {"Idempotent-Replay": "true"} if done.earlier else None
    if done.status == 204:
        return Response(status_code=204, headers=headers)
    return Response(done.answer, done.status, headers, media_type="application/json")


def act(request: Request, form: FormData, decide: Decide) -> Any:
    """Run `decide` in one transaction for a form; sending the same form twice acts once.

    Gives back what `decide` returned as plain JSON data. A form sent again with other answers (the
    visitor went back and corrected it) is a new act.
    """
    key = form.get("command_key")
    actor = _actor(request, None)
    done = _once(request, f"form {key}" if key and actor else None, actor, decide, 200, True)
    return json.loads(done.answer)


def forget_old_commands(work: Work) -> bool:
    """Drop the answers older than a day: nobody repeats those, and some name a person's things."""
    limit = datetime.now(UTC) - REMEMBERED_FOR
    work.db.execute(sa.delete(table).where(table.c.done_at < limit))
    return False


def _actor(request: Request, secret: str | None) -> str:
    """Whose keys these are; empty when nothing tells her from other strangers."""
    person = visitor(request)
    if person is not None:
        return str(person.id)
    if secret is not None:
        return sha256(secret.encode()).hexdigest()
    return request.cookies.get(BROWSER_COOKIE, "")


def _once(
    request: Request,
    key: str | None,
    actor: str,
    decide: Decide,
    status: int,
    may_change: bool = False,
) -> _Done:
    person = visitor(request)
    with runtime_of(request).work(actor=person.id if person else None) as work:
        if key is None:
            return _done(decide(work), status)
        mine = sa.and_(table.c.key == key[:_LONGEST_KEY], table.c.actor == actor[:120])
        earlier = _claim(work.db, key[:_LONGEST_KEY], actor[:120], mine)
        if earlier is not None and earlier.request == request.state.fingerprint:
            return _Done(earlier.answer, earlier.status, earlier=True)
        if earlier is not None and not may_change:
            raise Refusal(
                "idempotency_key_reused",
                "Cette clé d'idempotence a déjà servi à une autre requête. "
                "Donnez une nouvelle clé à chaque nouvelle requête.",
                status=422,
            )
        done = _done(decide(work), status)
        work.db.execute(
            sa.update(table)
            .where(mine)
            .values(
                request=request.state.fingerprint,
                status=done.status,
                answer=done.answer,
                done_at=datetime.now(UTC),
            )
        )
        return done


def _claim(
    db: sa.Connection, key: str, actor: str, mine: sa.ColumnElement[bool]
) -> sa.Row[Any] | None:
    """The earlier command of this key, or None and the key is now ours.

    Claiming first makes a simultaneous twin wait for our commit instead of acting beside us.
    """
    row: dict[str, Any] = {"key": key, "actor": actor, "request": "", "status": 0, "answer": ""}
    row |= {"done_at": datetime.now(UTC)}
    claim = insert(db, table).values(row).on_conflict_do_nothing().returning(table.c.key)
    if db.execute(claim).first() is not None:
        return None
    return db.execute(sa.select(table).where(mine)).one()


def _done(result: Any, status: int) -> _Done:
    if result is None:
        return _Done("null", 204)
    return _Done(json.dumps(jsonable_encoder(result), ensure_ascii=False), status)
