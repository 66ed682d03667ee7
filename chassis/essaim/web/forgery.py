"""Forged requests: what a browser sends must come from a page we gave to that same browser."""

import hashlib
import hmac
import secrets

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from itsdangerous import Signer
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile

from essaim.refusal import Refusal
from essaim.web import cookies
from essaim.web.expired import form_expired, may_do_without_token
from essaim.web.site import is_api, runtime_of, secret_of
from essaim.web.visitors import bearer_token

BROWSER_COOKIE = "essaim_browser"
_FIELD = "csrf_token"
_HEADER = "x-csrf-token"
_MOST_FIELDS = 20_000
"""Of one form: a table to tick has one for each reader of each of its rows."""
_LONGEST_FIELD = 12_000_000
"""Bytes of one of them as it is sent: a file of a million signs, each of them written as %C3%A9."""
_SAFE = {"GET", "HEAD", "OPTIONS"}
_FORM = ("application/x-www-form-urlencoded", "multipart/form-data")
_CHARSETS = {b"utf-8", b"utf8", b"us-ascii"}


def browser_id(request: Request) -> str:
    """A random name of this browser; a new one is set as a cookie by the page being rendered."""
    known = cookies.get(request, BROWSER_COOKIE)
    if known:
        return known
    if not hasattr(request.state, "new_browser"):
        request.state.new_browser = secrets.token_urlsafe(16)
    new: str = request.state.new_browser
    return new


def csrf_token(request: Request) -> str:
    """What a form must bring back: bound to the browser and to who is signed in."""
    sign_in = cookies.get(request, cookies.SIGN_IN, own=True)
    bound_to = f"{browser_id(request)}|{hashlib.sha256(sign_in.encode()).hexdigest()}"
    return Signer(secret_of(request), salt="essaim.csrf").get_signature(bound_to).decode()


async def guard(request: Request) -> None:
    """Runs before every endpoint: refuses forged requests, keeps a digest and the time of arrival.

    Raises:
        FormExpired: (403) a browser's request without the token of its form.
        Refusal: (415) a form in an
            encoding that no browser uses, and that decodes to what is no text.
    """
    # Here and not in the endpoint, which may wait for a thread while a call closes.
    request.state.arrived_at = runtime_of(request).clock.now()
    if request.method in _SAFE:
        return
    kind = request.headers.get("content-type", "")
    is_form = kind.startswith(_FORM)
    if is_form and _charset(kind) not in _CHARSETS:
        raise form_not_in_utf8()
    form = await _form_of(request) if is_form else FormData()
    if _needs_token(request):
        given = str(form.get(_FIELD) or request.headers.get(_HEADER, ""))
        is_ours = hmac.compare_digest(given.encode(), csrf_token(request).encode())
        if not is_ours and not may_do_without_token(request):
            await form.close()
            raise form_expired(request, form)
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}".encode())
    if is_form:
        await run_in_threadpool(_digest_form, digest, form)
    else:
        digest.update(await request.body())
    request.state.fingerprint = digest.hexdigest()


async def _form_of(request: Request) -> FormData:
    """The form, kept for whoever reads it next; how large a whole body may be is said before."""
    return await request.form(max_fields=_MOST_FIELDS, max_part_size=_LONGEST_FIELD)


def _charset(kind: str) -> bytes:
    _, options = parse_options_header(kind)
    return options.get(b"charset", b"utf-8").lower()


def form_not_in_utf8() -> Refusal:
    return Refusal(
        "form_not_in_utf8",
        "Ce formulaire n’est pas en UTF-8. Envoyez-le en UTF-8.",
        status=415,
    )


def _needs_token(request: Request) -> bool:
    if bearer_token(request) is not None:
        return False
    # An API call without a cookie carries nobody's rights, so there is nothing to forge.
    return not is_api(request) or bool(cookies.get(request, cookies.SIGN_IN, own=True))


def _digest_form(digest: "hashlib._Hash", form: FormData) -> None:
    for name, value in form.multi_items():
        if name in (_FIELD, "command_key"):
            continue
        digest.update(f"\0{name}\0".encode())
        if isinstance(value, UploadFile):
            digest.update(f"{value.filename}\0".encode())
            while chunk := value.file.read(65_536):
                digest.update(chunk)
            value.file.seek(0)
        else:
            digest.update(value.encode())
