"""A provider of OpenID Connect on a real port, strict with its clients, which lies on demand."""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwk, jwt

CLIENT, SECRET = "essaim", "a-client-secret-that-nobody-logs"


@dataclass
class Provider:
    """Who signs in there next is `account`; `lies` are put over the claims of its ID token."""

    issuer: str = ""
    account: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)
    signs_with: Any = None
    algorithm: str = "RS256"
    in_userinfo: str = ""
    """Where it tells of her beside the ID token: as "json" or as a signed "jwt"."""
    userinfo_lies: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    key: Any = field(default_factory=lambda: jwk.RSAKey.generate_key(2048, {"kid": "one"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, asked: dict[str, str]) -> Response:
        self.asked.append(asked)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        query = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return RedirectResponse(f"{asked['redirect_uri']}?{query}", 303)

    def token(self, authorization: str, form: dict[str, str]) -> Response:
        asked = self.codes.pop(form.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        is_right = (
            asked is not None
            and authorization == f"Basic {basic}"
            and form["redirect_uri"] == asked["redirect_uri"]
            and challenge == asked["code_challenge"]
        )
        if asked is None or not is_right:
            return JSONResponse({"error": "invalid_grant"}, 400)
        told = {"sub": self.account["sub"]} if self.in_userinfo else self.account
        claims = self._about_us() | {"nonce": asked["nonce"]} | told | self.lies
        token = {"access_token": "x", "token_type": "Bearer", "id_token": self.sign(claims)}
        return JSONResponse(token)

    def userinfo(self) -> Response:
        told = self.account | self.userinfo_lies
        if self.in_userinfo == "json":
            return JSONResponse(told)
        told = self._about_us() | told
        return Response(self.sign(told), media_type="application/jwt")

    def sign(self, claims: dict[str, Any]) -> str:
        said = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": "one"}
        return jwt.encode(header, said, self.signs_with or self.key, algorithms=[self.algorithm])

    def _about_us(self) -> dict[str, Any]:
        now = int(time.time())
        return {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}


@contextmanager
def standing_provider() -> Iterator[Provider]:
    provider = Provider()
    server = uvicorn.Server(uvicorn.Config(_application(provider), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    provider.issuer = f"http://127.0.0.1:{port}"
    yield provider
    server.should_exit = True
    thread.join()


def _application(provider: Provider) -> FastAPI:
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    def describe() -> dict[str, Any]:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token",
                 "userinfo_endpoint": "userinfo", "jwks_uri": "keys",
                 "end_session_endpoint": "out"}  # fmt: skip
        addresses = {name: f"{provider.issuer}/{path}" for name, path in names.items()}
        return {"issuer": provider.issuer} | addresses | provider.described

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return {"keys": [provider.key.as_dict(private=False)]}

    @app.get("/authorize")
    def authorize(request: Request) -> Response:
        return provider.authorize(dict(request.query_params))

    @app.post("/token")
    async def token(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        return provider.token(request.headers.get("authorization", ""), form)

    @app.get("/userinfo")
    def userinfo() -> Response:
        return provider.userinfo()

    return app
