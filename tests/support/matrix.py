"""Every route of a service × every visitor, against the table of rights of the service."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from itertools import product
from typing import Any
from uuid import UUID

import signing
from essaim.clock import PARIS
from essaim.ids import new_id
from essaim.people.directory import find_person, save_person
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim.web.app import build_app
from essaim.web.forgery import BROWSER_COOKIE
from essaim.web.rights import (
    ANYBODY,
    CHASSIS,
    COORDINATES,
    FOLLOWER,
    HAS_ITS_LINK,
    KEEPER,
    READS,
    SIGNED_IN,
    Right,
    Rights,
)
from essaim.work import Work, open_work
from fastapi.testclient import TestClient
from itsdangerous import Signer
from starlette.routing import Mount, Route

REFUSED = {401, 403, 404, 410}
ELSEWHERE = "ailleurs"


@dataclass(frozen=True)
class Visitor:
    """Somebody who asks: what she is, in the words of the table, and what she sends with it."""

    name: str
    kinds: frozenset[str]
    headers: Mapping[str, str] = field(default_factory=dict)
    called: str = ""

    def __str__(self) -> str:
        return self.name

    def has(self, audience: frozenset[str]) -> bool:
        return bool(self.kinds & audience)


@dataclass(frozen=True)
class World:
    """An edition in one service, and how its routes are asked about what is in it.

    `places` fill the paths, `asked` stands in the place of some, `bodies` are what routes that
    change something are sent. `names` are of persons of the edition, whom only some may meet.
    `near` are the organisations that the mentor and the godparent of the edition act for, `people`
    who is somebody in it by herself. `secrets` are headers that prove a link; nothing here proves
    those of the routes of `dead_links`.
    """

    runtime: Runtime
    rights: Rights
    places: Mapping[str, object]
    bodies: Mapping[str, Mapping[str, Any]]
    names: tuple[str, ...]
    near: Mapping[Role, UUID] = field(default_factory=dict)
    people: Mapping[Role, UUID] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    dead_links: frozenset[str] = frozenset()
    secrets: Mapping[str, str] = field(default_factory=dict)
    programme: str = "premices"

    @property
    def declared(self) -> Rights:
        keeper = KEEPER if self.runtime.service.keeps_directory else FOLLOWER
        return {**CHASSIS, **keeper, **self.rights}


def routes_of(runtime: Runtime) -> set[str]:
    """Every route of a service as the table writes it, those of the chassis too."""
    (own,) = (
        route
        for route in build_app([runtime]).routes
        if isinstance(route, Mount) and route.path == f"/{runtime.service.name}"
    )
    return set(walk(own.routes))


def walk(routes: Any, prefix: str = "") -> Iterator[str]:
    """Routes as a table writes them, those of included routers and mounted applications too."""
    for route in routes:
        if hasattr(route, "original_router"):
            inside = route.original_router.routes
            yield from walk(inside, prefix + route.include_context.prefix)
        elif isinstance(route, Mount) and route.routes:
            yield from walk(route.routes, prefix + route.path)
        elif isinstance(route, Mount):
            # A service's own static files stand beside those of the chassis, or there are none.
            yield f"MOUNT {prefix}{route.path}".removesuffix("/service")
        elif isinstance(route, Route):
            for method in set(route.methods or ()) - {"HEAD"}:
                yield f"{method} {prefix}{route.path}"
        else:
            # A WebSocket, or a kind of route that nobody thought of yet.
            kind = type(route).__name__.removeprefix("API").removesuffix("Route").upper()
            yield f"{kind} {prefix}{getattr(route, 'path', '?')}"


def undeclared(runtime: Runtime, rights: Rights) -> set[str]:
    return routes_of(runtime) ^ set(rights)


def visitors(world: World) -> list[Visitor]:
    """Everybody: each role in the edition, elsewhere, ended; nobody, somebody erased, a secret."""
    found = [
        Visitor("anonymous", frozenset({ANYBODY})),
        Visitor("erased", frozenset({ANYBODY}), _speaks_as(world, new_id())),
        _somebody(world, "without a role"),
    ]
    if world.secrets:
        found.append(Visitor("holds the secret", frozenset({ANYBODY, HAS_ITS_LINK}), world.secrets))
    yesterday = world.runtime.clock.now().astimezone(PARIS).date() - timedelta(days=1)
    for role in Role:
        near = world.near.get(role)
        own = RoleHeld(role, world.programme, near)
        kinds = {role.value} if role not in _NEAR or role in _known(world) else set()
        anywhere = {word for word, roles in _ANYWHERE.items() if role in roles}
        id = world.people.get(role)
        found.append(_somebody(world, role.value, own, kinds=kinds | anywhere, id=id))
        ended = RoleHeld(role, world.programme, near, until=yesterday)
        found.append(_somebody(world, f"{role.value} that ended", ended))
        if role != Role.OPERATOR:
            there = RoleHeld(role, ELSEWHERE, near)
            found.append(_somebody(world, f"{role.value} elsewhere", there, kinds=anywhere))
        if role in _NEAR:
            other = RoleHeld(role, world.programme, new_id())
            found.append(_somebody(world, f"{role.value} of another project", other))
    return found


_OF_A_STARTED_SERVICE = ("GET /health/ready", "GET /metrics")
"""Open to all, as `tests/web/test_health.py` asks them; nothing is started here."""

_ANYWHERE = {
    COORDINATES: {Role.COORDINATOR, Role.OPERATOR},
    READS: {Role.COORDINATOR, Role.OPERATOR, Role.COMMITTEE_MEMBER, Role.FUNDER},
}

_NEAR = (Role.BEARER, Role.GODPARENT, Role.MENTOR, Role.SPEAKER)
"""Roles that open what is their own and nothing else."""


def _known(world: World) -> set[Role]:
    return {*world.near, *world.people}


def _somebody(
    world: World,
    name: str,
    *held: RoleHeld,
    kinds: set[str] = frozenset(),  # type: ignore[assignment]
    id: UUID | None = None,
) -> Visitor:
    with world.runtime.work() as work:
        known = find_person(work.db, id) if id else None
        person = known or Person(id or new_id(), "Visiteuse", roles=held)
        if known is None:
            save_person(work.db, person, share=False)
    kinds = {ANYBODY, SIGNED_IN, *kinds}
    return Visitor(name, frozenset(kinds), _speaks_as(world, person.id), person.name)


def _speaks_as(world: World, person_id: UUID) -> dict[str, str]:
    return signing.bearer(world.runtime.service.name, person_id)


def disagreements(world: World) -> list[str]:
    """Where what a route answers is not what the table says; nothing of it stays done."""
    client = TestClient(
        build_app([world.runtime]),
        base_url=world.runtime.settings.public_url,
        follow_redirects=False,
        raise_server_exceptions=False,
    )
    everybody = visitors(world)
    undo(world.runtime)
    asked = (one for one in sorted(world.declared.items()) if one[0] not in _OF_A_STARTED_SERVICE)
    return [
        f"{visitor}, {route}: {wrong}"
        for (route, right), visitor in product(asked, everybody)
        for wrong in _wrong(client, world, route, right, visitor)
    ]


def _wrong(
    client: TestClient, world: World, route: str, right: Right, visitor: Visitor
) -> Iterator[str]:
    method, path = route.split(" ", 1)
    others = [name for name in world.names if name != visitor.called]
    if method == "MOUNT":
        method, path = "GET", f"{path}/{world.places.get(route, 'essaim.css')}"
    address = f"/{world.runtime.service.name}{_filled(world.asked.get(route, path), world.places)}"
    sent = dict(world.bodies.get(route, {}))
    headers = {**visitor.headers, "Accept-Language": "fr", **sent.pop("headers", {})}
    answer = client.request(method, address, headers=headers | _of_a_page(world), **sent)
    client.cookies.clear()
    if answer.status_code >= 500:
        yield f"answers {answer.status_code}"
    elif _opens(world, route, right, visitor):
        if _is_refused(answer):
            yield f"is refused with {answer.status_code}: {answer.text[:200]}"
        elif not visitor.has(right.names):
            yield from (f"reads {name!r}" for name in others if name in answer.text)
    elif not _is_refused(answer):
        yield f"is answered {answer.status_code}: {answer.text[:200]}"


def _opens(world: World, route: str, right: Right, visitor: Visitor) -> bool:
    """An address that is itself the link opens to whoever asks for it."""
    if HAS_ITS_LINK in right.opens and "{token}" in route:
        return route not in world.dead_links
    return visitor.has(right.opens - ({HAS_ITS_LINK} if route in world.dead_links else set()))


def _is_refused(answer: Any) -> bool:
    """Whether it says no, or asks who she is; of the sign-in itself, that is what it is for."""
    leads_to_sign_in = re.search(r"/sign-in(\?|$)", answer.headers.get("location", ""))
    if answer.status_code == 303 and not answer.request.url.path.endswith("/sign-in"):
        return leads_to_sign_in is not None
    return answer.status_code in REFUSED


def _of_a_page(world: World) -> dict[str, str]:
    """What a browser sends with a form of ours: looked at before every right, and no right."""
    secret = world.runtime.settings.secret.get_secret_value()
    bound_to = f"a-browser|{sha256(b'').hexdigest()}"
    token = Signer(secret, salt="essaim.csrf").get_signature(bound_to).decode()
    is_https = world.runtime.settings.public_url.startswith("https:")
    cookie = f"__Host-{BROWSER_COOKIE}" if is_https else BROWSER_COOKIE
    return {"Cookie": f"{cookie}=a-browser", "X-CSRF-Token": token}


def _filled(path: str, places: Mapping[str, object]) -> str:
    for name, value in places.items():
        path = path.replace(f"{{{name}}}", str(value))
    return path


def undo(runtime: Runtime) -> None:
    """From now on what a request changes is undone as soon as it was answered."""

    class Undone(Exception):
        pass

    @contextmanager
    def work(*args: Any, **values: Any) -> Iterator[Work]:
        try:
            with open_work(runtime.database, runtime.clock, *args, **values) as work:
                yield work
                raise Undone
        except Undone:
            pass

    runtime.work = work  # type: ignore[method-assign]
