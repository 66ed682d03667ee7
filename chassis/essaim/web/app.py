"""The web application of one process: each service mounted under its name, and a home page."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

import structlog
from anyio.to_thread import current_default_thread_limiter
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRouter
from fastapi.staticfiles import StaticFiles

from essaim.observing.tracing import Tracing
from essaim.people.signing import public_key_in, public_key_of
from essaim.text.languages import CHASSIS, package_folder
from essaim.web import (
    chassis_pages,
    health,
    keeper,
    keeper_logout,
    keeper_openid,
    partners,
    retention,
    sign_in,
    simulation,
    static_files,
)
from essaim.web.correlation import Correlated, telemetry_of
from essaim.web.elsewhere import build_signpost
from essaim.web.forgery import guard
from essaim.web.headers_only import HeadersOnly
from essaim.web.integrators import pages as integrators
from essaim.web.pages import WEB, environment
from essaim.web.problems import Problem, add_handlers
from essaim.web.security import LimitedBody, SecurityHeaders
from essaim.web.site import Site
from essaim.web.timed import Timed
from essaim.web.written import CleanQuery

if TYPE_CHECKING:
    from essaim.running.runtime import Runtime

log = structlog.get_logger()

PAGE_THREADS = 8
"""Pages that are made at once in a process. They share one core, and more are slower: of 40 it
made a third fewer than of one. Some wait for the database, hence not one."""
LARGEST_REQUEST = 32 * 1024 * 1024

_PROBLEM = {"model": Problem, "content": {"application/problem+json": {}}}


def build_app(runtimes: "list[Runtime]") -> FastAPI:
    """The application that serves these services; its life starts and stops them.

    Raises:
        ValueError: there is no service, or one has no secret of its own.
        UnusableKey: one cannot read who signed in, or the directory's keeper cannot sign it.
    """
    if not runtimes:
        raise ValueError("No service to serve. Install one of the essaim-… distributions.")
    for runtime in runtimes:
        _check_secrets(runtime)
    first = runtimes[0]
    root = _application("Essaim", first, CHASSIS, lifespan=_lifespan(runtimes))
    root.include_router(chassis_pages.home)
    root.include_router(integrators.router)
    root.include_router(_health_of_all(runtimes))
    root.add_middleware(HeadersOnly)
    root.add_middleware(CleanQuery)
    root.add_middleware(LimitedBody, most=LARGEST_REQUEST)
    root.add_middleware(Correlated)
    root.add_middleware(
        SecurityHeaders,
        is_https=first.settings.public_url.startswith("https:"),
        others=first.consortium.hosts,
    )
    root.mount(static_files.shared_path(), StaticFiles(directory=static_files.FOLDER))
    root.include_router(static_files.router)
    for runtime in runtimes:
        root.mount(f"/{runtime.service.name}", _service_application(runtime))
    here = {runtime.service.name for runtime in runtimes}
    for partner in first.consortium.partners:
        # Where its pages lie under the same path: links of when it ran here lead there.
        if partner.host and partner.pages == f"{partner.root}/" and partner.service not in here:
            root.mount(f"/{partner.service}", build_signpost(partner))
    return root


def _check_secrets(runtime: "Runtime") -> None:
    settings, service = runtime.settings, runtime.service
    if not settings.secret.get_secret_value():
        raise ValueError(
            f"{service.name} has no secret of its own to prove its forms with. Set ESSAIM_SECRET "
            'to a long random text, for instance from: python -c "import secrets; '
            'print(secrets.token_urlsafe(32))"'
        )
    if service.keeps_directory:
        public_key_of(settings.sign_in_key.get_secret_value())
    else:
        public_key_in(settings)


def _service_application(runtime: "Runtime") -> FastAPI:
    service = runtime.service
    app = _application(f"Essaim {service.name}", runtime, service.name)
    keeping = (keeper.router, keeper_openid.router, keeper_logout.router, partners.router)
    signing_in = keeping if service.keeps_directory else (sign_in.here,)
    everywhere = (chassis_pages.router, retention.router)
    for router in (health.router, *signing_in, sign_in.everywhere, *everywhere):
        app.include_router(router)
    if runtime.settings.clock == "simulated":
        app.include_router(simulation.router)
    own_static = (package_folder(service.name) or WEB) / "static"
    if own_static.is_dir():
        app.mount("/static/service", StaticFiles(directory=own_static))
    app.mount("/static", StaticFiles(directory=static_files.FOLDER))
    # Last: a service's own `/{slug}` must not hide the pages above.
    for own in service.routers:
        app.include_router(own)
    _describe_only_the_api(app)
    app.add_middleware(Timed, measures=runtime.measures)
    return app


def _application(
    title: str,
    runtime: "Runtime",
    package: str,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
) -> FastAPI:
    app = FastAPI(
        title=title,
        openapi_url=None if package == CHASSIS else "/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(guard), Depends(sign_in.seek_sign_in)],
        responses={"4XX": _PROBLEM, 422: _PROBLEM},
        lifespan=lifespan,
        telemetry=telemetry_of(runtime.tracing if package != CHASSIS else Tracing()),
    )
    path = f"/{runtime.service.name}"
    app.state.site = Site(runtime, package, path, environment(package))
    app.state.runtime = runtime
    add_handlers(app)
    return app


def _describe_only_the_api(app: FastAPI) -> None:
    """Leave the pages out of the OpenAPI document: programs have no use for them."""
    whole = app.openapi

    def openapi() -> dict[str, Any]:
        schema = whole()
        schema["paths"] = {
            path: operations
            for path, operations in schema["paths"].items()
            if path.startswith("/api/")
        }
        return schema

    app.openapi = openapi  # type: ignore[method-assign]


def _lifespan(
    runtimes: "list[Runtime]",
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = PAGE_THREADS
        started: list[Runtime] = []
        try:
            for runtime in runtimes:
                await runtime.start()
                started.append(runtime)
            yield
        finally:
            # At once: what one waits for is no reason for the others to end late.
            await asyncio.gather(*map(_stop, started))

    return lifespan


async def _stop(runtime: "Runtime") -> None:
    try:
        await runtime.stop()
    except Exception:
        # Whatever keeps one from ending well, the others still end.
        log.exception("not ended well", service=runtime.service.name)


def _health_of_all(runtimes: "list[Runtime]") -> APIRouter:
    router = APIRouter(include_in_schema=False)
    router.get("/health/live")(health.live)

    @router.get("/health/ready")
    def ready(request: Request) -> Response:
        states = [health.told(request, health.state_of(runtime)) for runtime in runtimes]
        all_ready = all(state["ready"] for state in states)
        return JSONResponse({"ready": all_ready, "services": states}, 200 if all_ready else 503)

    @router.get("/metrics")
    def metrics(request: Request) -> Response:
        return health.exposition(request, runtimes)

    return router
