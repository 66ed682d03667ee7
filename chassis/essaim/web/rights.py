"""Who may what on each route: declared in one table a service, held by a test of every route.

The table decides nothing: rights are checked where something is read or done. It says what they
come to, so that who adds a route says for whom it is, and the build fails where the code does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from essaim.person import Role

ANYBODY: Final = "anybody"
"""Also who is not signed in."""
SIGNED_IN: Final = "signed in"
"""Whoever is in the directory, with a role or none."""
COORDINATES: Final = "coordinates"
"""Who coordinates some programme, be it another one."""
READS: Final = "reads"
"""Who coordinates, selects or funds some programme, be it another one."""
HAS_ITS_LINK: Final = "has its link"
"""Who has the secret address or the token of the thing asked for, such as a draft."""


@dataclass(frozen=True)
class Right:
    """`opens` are those who get an answer, of what is theirs; `names` those who may read in it
    the name of somebody else of the programme.

    Both are roles in the programme the route is about, or one of the words above. A role that is
    near to a thing rather than over it counts for what is its own: the godparent of the project,
    the mentor who holds the session, the bearer of the application.
    """

    opens: frozenset[str]
    names: frozenset[str] = field(default=frozenset())


Rights = Mapping[str, Right]
"""By method and path of the route: `GET /api/projects/{project_id}`."""


def of(*opens: str, names: tuple[str, ...] = ()) -> Right:
    return Right(frozenset(opens), frozenset(names))


OPERATION: Final = (Role.OPERATOR,)
COORDINATION: Final = (Role.OPERATOR, Role.COORDINATOR)

CHASSIS: Rights = {
    "GET /health/live": of(ANYBODY),
    "GET /health/ready": of(ANYBODY),
    "GET /metrics": of(ANYBODY),
    "GET /api/openapi.json": of(ANYBODY),
    "GET /accessibility": of(ANYBODY),
    "GET /glossary": of(ANYBODY),
    "GET /home": of(ANYBODY),
    "GET /privacy": of(ANYBODY),
    "GET /retention": of(*COORDINATION, COORDINATES),
    "GET /sign-in": of(ANYBODY),
    "POST /sign-out": of(ANYBODY),
    "POST /language": of(ANYBODY),
    "POST /clock": of(*OPERATION),
    "MOUNT /static": of(ANYBODY),
}
"""The routes that every service has."""

FOLLOWER: Rights = {"GET /signed-in": of(ANYBODY)}
"""What comes beside these where the directory is followed."""

KEEPER: Rights = {
    "POST /sign-in": of(ANYBODY),
    "GET /sign-in/{token}": of(ANYBODY),
    "POST /sign-in/{token}": of(HAS_ITS_LINK),
    "POST /sign-in/with/{name}": of(HAS_ITS_LINK),
    "GET /sign-in/from/{name}": of(HAS_ITS_LINK),
    "GET /signed-out": of(ANYBODY),
    "POST /api/sign-out/from/{name}": of(HAS_ITS_LINK),
    "GET /sign-ins": of(SIGNED_IN),
    "POST /sign-ins/end": of(SIGNED_IN),
    "POST /sign-ins/unbind": of(SIGNED_IN),
    "GET /admin/partners": of(*OPERATION),
    "GET /admin/partners/new/{kind}": of(*OPERATION),
    "POST /admin/partners/new/{kind}": of(*OPERATION),
    "GET /admin/partners/{name}": of(*OPERATION),
    "GET /admin/partners/{name}/folder": of(*OPERATION),
    "POST /admin/partners/{name}/folder": of(*OPERATION),
    "GET /admin/partners/{name}/revoke": of(*OPERATION),
    "POST /admin/partners/{name}/revoke": of(*OPERATION),
}
"""What comes beside these where the directory is kept."""

ROOT: Rights = {
    "GET /": of(ANYBODY),
    "GET /integrators/": of(ANYBODY),
    "GET /integrators/live": of(ANYBODY),
    "GET /integrators/facts/{type}": of(ANYBODY),
    "GET /integrators/asyncapi.json": of(ANYBODY),
    "GET /integrators/schemas/{type}.json": of(ANYBODY),
    "GET /integrators/examples/{type}/{name}.json": of(ANYBODY),
    "GET /integrators/programs/{name}": of(ANYBODY),
    "GET /integrators/packages/{name}": of(ANYBODY),
    "GET /health/live": of(ANYBODY),
    "GET /health/ready": of(ANYBODY),
    "GET /metrics": of(ANYBODY),
    "GET /static/{digest}/{path:path}": of(ANYBODY),
}
"""Those beside all services."""
