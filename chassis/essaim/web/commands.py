"""Commands: one transaction each, and the same command twice changes nothing twice."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from fastapi import Request, Response
from fastapi.encoders import jsonable_encoder
from starlette.datastructures import FormData

from essaim.keeping.commands import Answer, Key, once
from essaim.refusal import Refusal
from essaim.web import cookies
from essaim.web.forgery import BROWSER_COOKIE
from essaim.web.site import runtime_of
from essaim.web.visitors import visitor
from essaim.work import Work

_LONGEST_KEY = 116

Decide = Callable[[Work], Any]


def command(
    request: Request, decide: Decide, status: int = 200, secret: str | None = None
) -> Response:
    """Run `decide` in one transaction and answer its result as JSON (None: 204, no body).

    With an `Idempotency-Key` header, the same request of the same person gets the same answer and
    nothing happens twice. Somebody without an account is known by the `secret` she brings; without
    one her key says nothing, for strangers choose the same keys.

    Raises:
        Refusal: (422) the key is too long, has accents or controls, or served another request.
    """
    given = request.headers.get("idempotency-key")
    if given is not None and not (given.isascii() and given.isprintable()):
        raise Refusal(
            "idempotency_key_signs",
            "La clé d’idempotence a d’autres signes que des lettres sans accent, des chiffres et "
            "de la ponctuation. Donnez par exemple un UUID.",
            status=422,
        )
    if given is not None and not 0 < len(given) <= _LONGEST_KEY:
        raise Refusal(
            "idempotency_key_length",
            "La clé d’idempotence a {length} caractères. Donnez-en entre 1 et {longest}.",
            status=422,
            length=len(given),
            longest=_LONGEST_KEY,
        )
    key = _key(request, "api", given, _actor(request, secret))
    done = _run(request, key, decide, status, may_change=False)
    headers = {"Idempotent-Replay": "true"} if done.earlier else None
    if done.status == 204:
        return Response(status_code=204, headers=headers)
    return Response(done.json, done.status, headers, media_type="application/json")


def act(request: Request, form: FormData, decide: Decide) -> Any:
    """Run `decide` in one transaction for a form; sending the same form twice acts once.

    Gives back what `decide` returned as plain JSON data. A form sent again with other answers (the
    visitor went back and corrected it) is a new act.
    """
    key = _key(request, "form", form.get("command_key"), _actor(request, None))
    return json.loads(_run(request, key, decide, 200, may_change=True).json)


def _actor(request: Request, secret: str | None) -> str:
    """Whose keys these are; empty when nothing tells her from other strangers."""
    person = visitor(request)
    if person is not None:
        return str(person.id)
    if secret is not None:
        return sha256(secret.encode()).hexdigest()
    return cookies.get(request, BROWSER_COOKIE)


def _key(request: Request, door: str, given: object, actor: str) -> Key | None:
    return Key(f"{door} {given}", actor, request.state.fingerprint) if given and actor else None


def _run(
    request: Request, key: Key | None, decide: Decide, status: int, *, may_change: bool
) -> Answer:
    person = visitor(request)
    with runtime_of(request).work(actor=person.id if person else None) as work:
        if key is None:
            return _answer(decide(work), status)
        return once(work.db, key, lambda: _answer(decide(work), status), may_change=may_change)


def _answer(result: Any, status: int) -> Answer:
    if result is None:
        return Answer("null", 204)
    return Answer(json.dumps(jsonable_encoder(result), ensure_ascii=False), status)
