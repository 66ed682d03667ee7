"""Where a service ran until a partner took it over: old links lead to its pages of today."""

from fastapi import Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.applications import Starlette
from starlette.routing import Route

from essaim.consortium.partners import Partner


def build_signpost(partner: Partner) -> Starlette:
    """Every page of this service is at its partner's now, under the same path."""

    def lead(request: Request) -> Response:
        asked = request.url
        # Kept as it was asked: a form that is sent there is refused there, with words.
        return RedirectResponse(
            f"{partner.host}{asked.path}{f'?{asked.query}' if asked.query else ''}", 307
        )

    def ready(_: Request) -> Response:
        return JSONResponse({"service": partner.service, "ready": True, "at": partner.pages})

    every = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    return Starlette(
        routes=[
            Route(f"/{partner.service}/health/{{what}}", ready),
            Route("/{path:path}", lead, methods=every),
        ]
    )
