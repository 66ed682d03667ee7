"""Pages: templates, redirects, and the one message that survives a redirect."""

from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from essaim_contracts.words import Words
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from itsdangerous import BadSignature, URLSafeSerializer
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.datastructures import URL

from essaim.ids import new_id
from essaim.refusal import Refusal
from essaim.text import formats
from essaim.text.languages import (
    CHASSIS,
    LANGUAGES,
    package_folder,
    speaking,
    spoken,
    texts_of,
)
from essaim.web import cookies, static_files
from essaim.web.forgery import BROWSER_COOKIE, browser_id, csrf_token
from essaim.web.navigation import menu_of
from essaim.web.said import CONTENT_LANGUAGE, Sayable, said
from essaim.web.site import (
    LANGUAGE_COOKIE,
    is_secure,
    keeper_of,
    language_of,
    path_for,
    rendered,
    secret_of,
    site_of,
)
from essaim.web.visitors import may, visitor

FLASH_COOKIE = "essaim_flash"
_SAID_SECONDS = 60
"""What no page has said by then is about something else."""
WEB = Path(__file__).parent


def environment(package: str) -> Environment:
    """Templates of a package over those of the chassis, in the language being spoken."""
    folders = [WEB / "templates"]
    if (own := package_folder(package)) is not None:
        folders.insert(0, own / "templates")
    env = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(  # type: ignore[attr-defined]
        _translating(package),
        lambda one, many, number: spoken().plural(one, many, number),
        newstyle=True,
    )
    for name in ("gettext", "ngettext"):
        env.globals[name] = _with_numbers_written(env.globals[name])
    env.filters.update({name: _following(write) for name, write in formats.FILTERS.items()})
    env.filters["said"] = _said
    env.globals.update(
        url_for=lambda name, /, **params: path_for(rendered.get(), name, **params),
        static=_static,
        csrf_token=lambda: csrf_token(rendered.get()),
        form_token=_form_token,
        menu=lambda: menu_of(rendered.get()),
        may=lambda *roles, programme=None: may(rendered.get(), *roles, programme=programme),
        flashes=_flashes,
        languages=LANGUAGES,
    )
    return env


def _with_numbers_written(fill: Any) -> Any:
    """What fills the places of a text: numbers as people write them, as in refusals."""

    @pass_context
    def filled(context: Context, /, *texts: Any, **values: Any) -> Any:
        if len(texts) > 1:
            values.setdefault("num", texts[-1])
        write = spoken().write
        return fill(context, *texts, **{name: write(one) for name, one in values.items()})

    return filled


def _translating(package: str) -> Callable[[str | Words], str]:
    @cache
    def ours() -> frozenset[str]:
        return texts_of(package)

    def translated(text: str | Words) -> str:
        """Ours may hold markup and places to fill; what somebody wrote is text and nothing else."""
        if isinstance(text, str) and text in ours():
            return spoken()(text)
        written = spoken()(text) if isinstance(text, Words) else text
        return escape(written.replace("%", "%%"))

    return translated


def render(
    request: Request,
    template: str,
    *,
    status_code: int = 200,
    refusal: Refusal | None = None,
    **context: Any,
) -> Response:
    """A page. `refusal` gives the template `errors` (field -> sentence) and sets the status.

    Call it from a worker thread: it reads who the visitor is from the database.
    """
    person = visitor(request)
    site = site_of(request)
    with speaking(site.package, language_of(request)) as tongue:
        errors: dict[str, str] = {}
        for one in refusal.all if refusal else ():
            errors.setdefault(one.field or "", tongue.refusal(one))
        token = rendered.set(request)
        try:
            html = site.environment.get_template(template).render(
                visitor=person,
                errors=errors,
                language=tongue.language,
                consortium=site.runtime.consortium,
                service=site.runtime.service,
                service_path=site.service_path,
                keeper=keeper_of(request),
                settings=site.runtime.settings,
                now=site.runtime.clock.now(),
                absences=site.runtime.absences(),
                request=request,
                here=_here(request),
                on_service=site.package != CHASSIS,
                version=_version(),
                **context,
            )
        finally:
            rendered.reset(token)
    response = HTMLResponse(html, refusal.status if refusal else status_code)
    response.headers["Content-Language"] = tongue.language
    _keep_cookies(request, response)
    return response


@cache
def _version() -> str:
    """It is read from a file, each time it is asked."""
    return version("essaim")


def redirect(
    request: Request,
    name: str,
    /,
    *,
    flash: str | None = None,
    level: str = "success",
    query: dict[str, Any] | None = None,
    **path_params: object,
) -> Response:
    """Go to a page of this service by name, with a message there. `flash` is translated already."""
    address = str(URL(path_for(request, name, **path_params)).include_query_params(**query or {}))
    return redirect_to(request, address, flash_text=flash, level=level)


def redirect_to(
    request: Request, address: str, *, flash_text: str | None = None, level: str = "success"
) -> Response:
    """The same to an address of this host."""
    if flash_text:
        flash(request, flash_text, level)
    if request.headers.get("hx-request"):
        response = Response(status_code=204, headers={"HX-Redirect": address})
    else:
        response = RedirectResponse(address, status_code=303)
    if messages := getattr(request.state, "flashes", []):
        signed = _flash_signer(request).dumps(messages)
        cookies.put(request, response, FLASH_COOKIE, signed, _SAID_SECONDS, own=True)
    _keep_browser(request, response)
    return response


def flash(request: Request, text: str, level: str = "success") -> None:
    """Say something on the page redirected to. Levels: success, info, warning, danger."""
    if not hasattr(request.state, "flashes"):
        request.state.flashes = []
    request.state.flashes.append([level, text])


def set_cookie(
    request: Request, response: Response, name: str, value: str, seconds: int | None = None
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
    )


def keep_language(request: Request, response: Response, chosen: str) -> Response:
    """Pages speak this language to this browser from now on, where it is one of ours."""
    if chosen in LANGUAGES:
        set_cookie(request, response, LANGUAGE_COOKIE, chosen, 365 * 86_400)
    return response


def _here(request: Request) -> str:
    """Where the language switch and the sign-in come back to."""
    query = request.url.query
    return f"{request.url.path}?{query}" if query and request.method == "GET" else request.url.path


def _keep_cookies(request: Request, response: Response) -> None:
    _keep_browser(request, response)
    if getattr(request.state, "flashes_shown", False):
        cookies.drop(request, response, FLASH_COOKIE, own=True)


def _keep_browser(request: Request, response: Response) -> None:
    if hasattr(request.state, "new_browser"):
        cookies.put(request, response, BROWSER_COOKIE, browser_id(request), 365 * 86_400)


def _flash_signer(request: Request) -> URLSafeSerializer:
    return URLSafeSerializer(secret_of(request), salt="essaim.flash")


def _flashes() -> list[list[str]]:
    """What the page before wanted said here; the base template calls this once."""
    request = rendered.get()
    cookie = cookies.get(request, FLASH_COOKIE, own=True)
    if not cookie:
        return []
    request.state.flashes_shown = True
    try:
        messages: list[list[str]] = _flash_signer(request).loads(cookie)
    except BadSignature:
        return []
    return messages


def _form_token() -> Markup:
    """The hidden fields of a form: proof that it is ours, and a key that makes it act once."""
    return Markup(
        '<input type="hidden" name="csrf_token" value="{}">'
        '<input type="hidden" name="command_key" value="{}">'
    ).format(csrf_token(rendered.get()), new_id())


def _static(path: str) -> str:
    """The address of a static file; it changes with the file, so browsers may keep it for long."""
    own = path.removeprefix("service/")
    if own == path:
        return f"{static_files.shared_path()}/{path}"
    site = site_of(rendered.get())
    file = (package_folder(site.package) or WEB) / "static" / own
    return f"{site.service_path}/static/{path}?v={static_files.version_of(file)}"


@pass_context
def _said(_: Context, text: str | Sayable | None, language: str = CONTENT_LANGUAGE) -> str:
    """`{{ question.label|said }}`: in the language being spoken, or marked as in another one."""
    return said(text, spoken().language, language)


def _following(write: Any) -> Any:
    """A filter that writes in the language being spoken.

    It takes the context only to keep Jinja from computing it once at compile time.
    """

    @pass_context
    def written(_: Context, value: Any) -> Any:
        return write(value, spoken().language)

    return written
