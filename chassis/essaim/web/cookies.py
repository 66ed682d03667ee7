"""Our cookies: kept from scripts, from other sites, and by https from anything else.

An `own` one goes to this service alone, any other to the whole host, which partners may share.
"""

from fastapi import Request, Response

from essaim.web.site import is_secure, site_of

SIGN_IN = "essaim_sign_in"
"""Own: the secret of a browser that somebody signed in with."""
HINT = "essaim_signed_in"
"""That somebody signed in at some service of this host; who, nobody learns from it."""
NEW = "new"
"""The hint's value, where the keeper is, until the page she wanted is to say that she signed in."""
TRIED = "essaim_sign_in_tried"
"""Own: that we asked the keeper in vain a moment ago."""


def get(request: Request, name: str, *, own: bool = False) -> str:
    """The value, or nothing."""
    return request.cookies.get(_full(request, name, own), "")


def put(
    request: Request,
    response: Response,
    name: str,
    value: str,
    seconds: int | None = None,
    *,
    own: bool = False,
) -> None:
    response.set_cookie(
        _full(request, name, own),
        value,
        max_age=seconds,
        path=_path(request, own),
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
    )


def drop(request: Request, response: Response, name: str, *, own: bool = False) -> None:
    response.delete_cookie(
        _full(request, name, own),
        path=_path(request, own),
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
    )


def _full(request: Request, name: str, own: bool) -> str:
    """Browsers take a name with a prefix by https only, and nobody else's on the whole host."""
    if not is_secure(request):
        return name
    return f"__Secure-{name}" if own else f"__Host-{name}"


def _path(request: Request, own: bool) -> str:
    return site_of(request).service_path if own else "/"
