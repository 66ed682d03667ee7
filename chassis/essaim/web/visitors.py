"""Who asks, and whether she may. Rights come from the local directory, at every request.

What proves who she is holds no right: a role that ends, ends at once.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from essaim.people import browsers, ended, signing
from essaim.people.browsers import SignedIn as SignedInBrowser
from essaim.people.directory import find_person
from essaim.person import Person, Role
from essaim.refusal import Refusal
from essaim.web import cookies
from essaim.web.site import runtime_of, today_of

# For the OpenAPI document; the token itself is read below, also where nobody is asked for one.
_bearer = HTTPBearer(auto_error=False, description="essaim token --for SERVICE")


class SignInNeeded(Exception):
    """A visitor nobody knows asked for something that is not for everybody.

    `quietly`: it is for everybody, and the keeper of the directory may know her.
    """

    def __init__(self, *, quietly: bool = False) -> None:
        super().__init__()
        self.quietly = quietly


def signed_in(request: Request) -> SignedInBrowser | None:
    """Who this request proves to come from; a bearer token wins over the cookie.

    Call it from a worker thread: it reads the database.
    """
    if not hasattr(request.state, "signed_in"):
        request.state.signed_in = _proved(request)
    known: SignedInBrowser | None = request.state.signed_in
    return known


def bearer_token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def visitor(request: Request) -> Person | None:
    """The person signed in, as the directory knows her now; None for anybody else."""
    if not hasattr(request.state, "visitor"):
        request.state.visitor = None
        if (known := signed_in(request)) is not None:
            with runtime_of(request).read() as db:
                request.state.visitor = find_person(db, known.person_id)
    person: Person | None = request.state.visitor
    return person


def _proved(request: Request) -> SignedInBrowser | None:
    token, cookie = bearer_token(request), cookies.get(request, cookies.SIGN_IN, own=True)
    if token is None and not cookie:
        return None
    runtime = runtime_of(request)
    with runtime.read() as db:
        if token is None:
            return browsers.find(db, cookie)
        public_key = signing.public_key_in(runtime.settings)
        proof = signing.read(public_key, token, signing.Kind.BEARER, runtime.service.name)
        if proof is None or ended.is_ended(db, proof.sign_in_id):
            return None
        return SignedInBrowser(proof.person_id, proof.sign_in_id, proof.until)


def may(request: Request, *roles: Role | str, programme: str | None = None) -> bool:
    """Whether the visitor holds one of these roles today, in this programme when one is named.

    An operator may everything; no role at all asks only for somebody signed in.
    """
    person = visitor(request)
    if person is None:
        return False
    if not roles:
        return True
    wanted = {Role(role) for role in roles} | {Role.OPERATOR}
    return person.holds(wanted, today_of(request), programme)


def require(request: Request, *roles: Role, programme: str | None = None) -> Person:
    """The visitor, who may.

    Raises:
        SignInNeeded: nobody is signed in.
        Refusal: (403) she holds none of these roles.
    """
    person = visitor(request)
    if person is None:
        raise SignInNeeded
    if not may(request, *roles, programme=programme):
        raise Refusal(
            "not_allowed",
            "Votre rôle ne donne pas accès à cette page ou à cet acte. Si vous pensez y avoir "
            "droit, demandez à la coordination du programme de vérifier vos rôles.",
            status=403,
        )
    return person


def allowed(*roles: Role, programme: str | None = None) -> Callable[..., Person]:
    """A dependency that gives the person who may: `Depends(allowed(Role.COORDINATOR))`.

    `programme` names the path parameter that holds the programme's slug.
    """

    def check(
        request: Request,
        _: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None,
    ) -> Person:
        slug = request.path_params[programme] if programme else None
        return require(request, *roles, programme=slug)

    return check


SignedIn = Annotated[Person, Depends(allowed())]
"""Whoever is signed in, as a parameter: `person: SignedIn`."""
