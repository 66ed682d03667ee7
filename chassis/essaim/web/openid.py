"""What a provider of OpenID Connect is asked, and whether its answer is to be believed.

Its addresses and keys are asked for each time: people sign in seldom, and keys change.
"""

import time
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from essaim.consortium.partners import Provider
from essaim.people.openid import Attempt, Session

PATIENCE = 5.0
"""Seconds a provider has for each answer."""
LEEWAY = 60
"""Seconds its clock may differ from ours."""
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
                        "ES512", "Ed25519", "EdDSA"})  # fmt: skip
"""With its private key: a secret that we share would let us sign as it does."""
_LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
_AGE = 600
"""Seconds after which what it signed of a sign-out is not believed any more."""


class ProviderUnreachable(Exception):
    """It did not answer, or not as OpenID Connect has it: later it may."""


class ProviderRefused(Exception):
    """Its answer is not to be believed, or it says no."""


@dataclass(frozen=True)
class Claims:
    """Who it says signed in. `email` is as it writes it; `verified` whether it says it is hers."""

    subject: str
    email: str
    verified: bool
    session: Session


@dataclass(frozen=True)
class SignedOut:
    """Whose session ended there: one of them, or all of a subject's. `id` names this telling."""

    id: str
    subject: str | None
    session: str | None


@dataclass(frozen=True)
class At:
    """A provider as it describes itself, and what we are to it."""

    provider: Provider
    secret: str
    back_at: str
    """Where it sends people back to: registered there."""
    described: dict[str, Any]

    def address(self, name: str) -> str:
        """
        Raises:
            ProviderUnreachable: it names none, or one that others may read.
        """
        url = str(self.described.get(name, ""))
        if not _is_kept_from_others(url):
            raise ProviderUnreachable(f"{self.provider.issuer} says {name} is {url!r}")
        return url


def _is_kept_from_others(url: str) -> bool:
    """Encrypted on its way, or never off this machine."""
    try:
        read = urlsplit(url)
    except ValueError:
        return False
    return read.scheme == "https" or (
        read.scheme == "http" and read.hostname in ("127.0.0.1", "localhost")
    )


def describe(provider: Provider, secret: str, back_at: str) -> At:
    """
    Raises:
        ProviderUnreachable: it does not answer, or describes another issuer.
    """
    address = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    described = _json(_get(address))
    if described.get("issuer") != provider.issuer:
        raise ProviderUnreachable(f"{address} describes {described.get('issuer')!r}")
    return At(provider, secret, back_at, described)


def way_there(at: At, state: str, attempt: Attempt) -> str:
    """The address that asks who she is."""
    more = {"acr_values": at.provider.acr_values} if at.provider.acr_values else {}
    with _client(at) as client:
        url, _ = client.create_authorization_url(
            at.address("authorization_endpoint"),
            state=state,
            nonce=attempt.nonce,
            code_verifier=attempt.verifier,
            **more,
        )
    return str(url)


def way_out(at: At, session: Session, back_at: str) -> str | None:
    """The address that ends her session there; None where none is offered."""
    if not at.described.get("end_session_endpoint"):
        return None
    query = {"id_token_hint": session.id_token, "post_logout_redirect_uri": back_at}
    # Some, ProConnect among them, want one; who comes back signed out is told nothing by it.
    query["state"] = token_urlsafe(24)
    url = httpx2.URL(at.address("end_session_endpoint"))
    return str(url.copy_merge_params(query | {"client_id": at.provider.client_id}))


def claims_of(at: At, code: str, attempt: Attempt) -> Claims:
    """Change the code for what the provider signs, and read it.

    Raises:
        ProviderUnreachable: it does not answer.
        ProviderRefused: it refuses the code, or what it signs is not for us, now, from here.
    """
    keys = _keys(at)
    with _client(at) as client:
        try:
            token = client.fetch_token(
                at.address("token_endpoint"), code=code, code_verifier=attempt.verifier
            )
        except OAuthError as error:
            raise ProviderRefused(f"no token: {error.error}") from None
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderUnreachable(f"no token: {type(error).__name__}") from None
    id_token = str(token.get("id_token", ""))
    said = _signed(id_token, keys, at, nonce={"essential": True, "value": attempt.nonce})
    if said.get("azp", at.provider.client_id) != at.provider.client_id:
        raise ProviderRefused("the ID token was made for another client")
    if "email" not in said and at.described.get("userinfo_endpoint"):
        said = _more(at, str(token.get("access_token", "")), keys, said)
    session = Session(at.provider.name, id_token)
    return Claims(str(said["sub"]), str(said.get("email") or ""), _verified(at, said), session)


def signed_out(at: At, logout_token: str) -> SignedOut:
    """Who signed out there, as the provider tells us without a browser.

    Raises:
        ProviderUnreachable: its keys cannot be had now.
        ProviderRefused: what it signs is no sign-out, is not for us, or was signed a while ago.
    """
    said = _signed(
        logout_token,
        _keys(at),
        at,
        # Before its last draft the specification had no « exp »: the age counts in any case.
        exp={"essential": False},
        sub={"essential": False},
        jti={"essential": True},
    )
    events, subject, session = said.get("events"), said.get("sub"), said.get("sid")
    if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT), dict):
        raise ProviderRefused("what it signed is no logout token")
    if "nonce" in said:
        raise ProviderRefused("a logout token has no nonce")
    if subject is None and session is None:
        raise ProviderRefused("the logout token names nobody")
    if time.time() - said["iat"] > _AGE:
        raise ProviderRefused(f"the logout token was signed more than {_AGE} s ago")
    return SignedOut(str(said["jti"]), _text(subject), _text(session))


def _text(claim: Any) -> str | None:
    return None if claim is None else str(claim)


def _verified(at: At, said: dict[str, Any]) -> bool:
    return bool(said.get("email_verified", at.provider.vouches) is True)


def _more(at: At, access_token: str, keys: KeySet, said: dict[str, Any]) -> dict[str, Any]:
    """What it tells of her beside the ID token: signed, where it signs that (ProConnect does)."""
    answer = _get(at.address("userinfo_endpoint"), {"Authorization": f"Bearer {access_token}"})
    if answer.headers.get("content-type", "").startswith("application/jwt"):
        more = _signed(answer.text, keys, at, lasts=False)
    else:
        more = _json(answer)
    if more.get("sub") != said["sub"]:
        raise ProviderRefused("it tells of somebody else than it signed")
    return more | {"sub": said["sub"]}


def _signed(
    text: str, keys: KeySet, at: At, *, lasts: bool = True, **claims: Any
) -> dict[str, Any]:
    """What the provider signed for us, unless it is too old.

    Raises:
        ProviderRefused: somebody else signed it, or for somebody else, or it is over.
    """
    usual: dict[str, Any] = {
        "iss": {"essential": True, "value": at.provider.issuer},
        "aud": {"essential": True, "value": at.provider.client_id},
        "sub": {"essential": True},
        "exp": {"essential": lasts},
        "iat": {"essential": lasts},
    }
    rules = jwt.JWTClaimsRegistry(leeway=LEEWAY, **usual | claims)
    try:
        said = jwt.decode(text, keys, algorithms=sorted(ALGORITHMS)).claims
        rules.validate(said)
    except (JoseError, ValueError) as error:
        raise ProviderRefused(f"what it signed: {type(error).__name__}: {error}") from None
    return dict(said)


def _keys(at: At) -> KeySet:
    try:
        return KeySet.import_key_set(_json(_get(at.address("jwks_uri"))))  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError) as error:
        raise ProviderUnreachable(f"its keys cannot be read: {type(error).__name__}") from None


def _client(at: At) -> OAuth2Client:
    offered = at.described.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    by_basic = "client_secret_basic" in offered
    method = ("client_secret_basic" if by_basic else "client_secret_post") if at.secret else "none"
    return OAuth2Client(
        at.provider.client_id,
        at.secret or None,
        scope=" ".join(at.provider.scopes),
        redirect_uri=at.back_at,
        token_endpoint_auth_method=method,
        code_challenge_method="S256",
        timeout=PATIENCE,
    )


def _get(address: str, headers: dict[str, str] | None = None) -> httpx2.Response:
    try:
        answer = httpx2.get(address, headers=headers, timeout=PATIENCE)
        return answer.raise_for_status()
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ProviderUnreachable(f"{address}: {type(error).__name__}") from None


def _json(answer: httpx2.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ProviderUnreachable(f"{answer.url} gives no JSON object")
    return found
