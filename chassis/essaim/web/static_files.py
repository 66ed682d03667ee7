"""Static files of the chassis, at one address for all services of a host.

The address names what all of them hold together, so that a browser keeps them for long and brings
them once for every service of one version; those of another version have another address.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from essaim.web.site import site_of

router = APIRouter(include_in_schema=False)
FOLDER = Path(__file__).parent / "static"


@cache
def shared_path() -> str:
    """Where the root application serves them: `/static/<digest>`."""
    whole = sha256()
    for file in sorted(one for one in FOLDER.rglob("*") if one.is_file()):
        whole.update(str(file.relative_to(FOLDER)).encode() + b"\0" + file.read_bytes())
    return f"/static/{whole.hexdigest()[:16]}"


@router.get("/static/{digest}/{path:path}")
def of_another_version(request: Request, digest: str, path: str) -> RedirectResponse:
    """During an upgrade: the page that asks is of a service with other files, which has them."""
    runtime = site_of(request).runtime
    asking = urlsplit(request.headers.get("referer", "")).path.lstrip("/").partition("/")[0]
    if asking not in (runtime.service.name, *runtime.consortium.services):
        raise HTTPException(404)
    return RedirectResponse(f"/{asking}/static/{path}", 302)


@cache
def version_of(file: Path) -> str:
    """What changes with the file, for the address of a service's own."""
    return sha256(file.read_bytes()).hexdigest()[:12] if file.exists() else "missing"
