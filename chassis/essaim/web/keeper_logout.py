"""A provider of OpenID Connect tells that somebody signed out there: what it opened here ends too.

Its server posts what it signed, without a browser (Back-Channel Logout 1.0).
"""

from datetime import timedelta
from typing import Annotated

import sqlalchemy as sa
import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData

from essaim.keeping.limits import Limit, admit
from essaim.people import openid, sign_ins
from essaim.refusal import Refusal
from essaim.web.forms import submitted
from essaim.web.keeper_openid import provider_at, provider_named
from essaim.web.openid import ProviderRefused, ProviderUnreachable, SignedOut, signed_out
from essaim.web.site import runtime_of, secret_of
from essaim.web.source import source_of

log = structlog.get_logger()
router = APIRouter(include_in_schema=False)

PER_SOURCE = Limit("sign-outs by a provider from a source", most=300, within=timedelta(minutes=15))
ONCE = Limit("a sign-out that a provider signed", most=1, within=timedelta(hours=1))


@router.post("/api/sign-out/from/{name}", name="sign-out-from")
def hear_sign_out(
    request: Request, name: str, form: Annotated[FormData, Depends(submitted)]
) -> JSONResponse:
    """What was signed in under the session that ended there, or by that account, ends here."""
    provider = provider_named(request, name)
    runtime, secret = runtime_of(request), secret_of(request)
    with runtime.work() as work:
        if not admit(work.db, PER_SOURCE, source_of(request), secret):
            raise _too_many()
    try:
        told = signed_out(provider_at(request, provider), str(form.get("logout_token", "")))
        with runtime.work() as work:
            if not admit(work.db, ONCE, f"{provider.issuer} {told.id}", secret):
                raise ProviderRefused("the same logout token came before")
            ended = _end(work.db, provider.name, told)
    except (ProviderRefused, ProviderUnreachable) as error:
        log.warning("a provider's sign-out was refused", provider=name, reason=str(error))
        return _answer(400, error="invalid_request", error_description=str(error))
    log.info("signed out by a provider", provider=name, ended=ended)
    return _answer(200)


def _end(db: sa.Connection, provider: str, told: SignedOut) -> int:
    """How many sign-ins ended by it."""
    ids = openid.take_ended(db, provider, told.subject, told.session)
    found = [one for id in ids if (one := sign_ins.find(db, id)) is not None]
    for one in found:
        sign_ins.end(db, one)
    return len(found)


def _answer(status: int, **said: str) -> JSONResponse:
    return JSONResponse(said, status, headers={"Cache-Control": "no-store"})


def _too_many() -> Refusal:
    return Refusal(
        "too_many_sign_outs",
        "Trop de déconnexions ont été annoncées depuis ce réseau. Attendez un quart d’heure.",
        status=429,
    )
