"""One webhook is posted: to the address that was checked, in bounded time, reading a bounded part.

The name is resolved once for each connection, each address it has is checked, and one of these is
connected to: a name that leads elsewhere a moment later leads us nowhere. Redirections are an
answer like any other, and nothing of the environment names a proxy.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpcore
from essaim.hearing.message import storable

from notifications.webhook_delivery import Tried, Trouble, retry_after
from notifications.webhook_target import (
    Address,
    Network,
    Target,
    forbidden_address,
    is_allowed,
    is_in,
    not_secure,
    read_address,
    read_target,
    unknown_host,
)

TIMEOUT = 15.0
"""Seconds for a whole try, names, connection and answer."""
CONNECT_TIMEOUT = 10.0
READING = 3.0
LONGEST_ANSWER = 16_384
"""Bytes of an answer that are read; the connection ends where there are more."""
SHOWN = 500

Resolve = Callable[[str, int], Awaitable[list[Address]]]

_RESOLVING = ThreadPoolExecutor(16, thread_name_prefix="webhook-names")
# Threads of their own: a name server that is silent holds up nobody else's work.


class ForbiddenAddress(Exception):
    """A name leads to an address nothing is sent to."""

    def __init__(self, host: str, address: Address) -> None:
        super().__init__(
            f"{host} leads to {address}, of a network nothing is sent to. "
            "An operator allows one by ESSAIM_WEBHOOK_NETWORKS."
        )


async def resolve(host: str, port: int) -> list[Address]:
    """The addresses of a name; of an address, that one.

    Raises:
        OSError: it has none.
        UnicodeError: it can be no name.
    """
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_RESOLVING, _looked_up, host, port)
    return list(dict.fromkeys(found))


def _looked_up(host: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [read_address(str(address[0])) for *_, address in found]


def checked_target(url: str, networks: Iterable[Network]) -> Target:
    """An address, taken apart, when it leads where webhooks may; at each try it is looked at again.

    From a worker thread, with no transaction open: names may take seconds.

    Raises:
        Refusal: it is no address, its name is unknown, leads to a private network, or is not https.
    """
    target, networks = read_target(url), tuple(networks)
    try:
        found = _looked_up(target.host, target.port)
    except (OSError, UnicodeError) as error:
        raise unknown_host(target.host) from error
    if not all(is_allowed(address, networks) for address in found):
        raise forbidden_address(target.host)
    if not target.is_secure and not all(is_in(address, networks) for address in found):
        raise not_secure()
    return target


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, and to nothing else.

    `plain`: what leaves is not encrypted, and goes to the networks an operator allows only.
    """

    def __init__(
        self, networks: Iterable[Network], *, plain: bool, resolve: Resolve = resolve
    ) -> None:
        self._networks = tuple(networks)
        self._plain = plain
        self._resolve = resolve
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._resolve(host, port)
        for address in addresses:
            self._check(host, address)
        trouble: Exception = OSError(f"{host} has no address")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(str(address), port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble

    def _check(self, host: str, address: Address) -> None:
        is_ours = is_in(address, self._networks)
        if not is_allowed(address, self._networks) or (self._plain and not is_ours):
            raise ForbiddenAddress(host, address)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


@asynccontextmanager
async def connection_to(
    target: Target, networks: Iterable[Network], resolve: Resolve = resolve
) -> AsyncIterator[httpcore.AsyncConnectionPool]:
    """One connection for deliveries that follow each other."""
    backend = CheckedBackend(networks, plain=not target.is_secure, resolve=resolve)
    async with httpcore.AsyncConnectionPool(
        max_connections=1,
        ssl_context=_trusted() if target.is_secure else None,
        network_backend=backend,
    ) as pool:
        yield pool


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


async def post(
    pool: httpcore.AsyncConnectionPool, target: Target, headers: Mapping[str, str], body: bytes
) -> Tried:
    """Post it and read the beginning of what is answered. Whatever happens is in the answer."""
    began = time.monotonic()
    tried = await _in_time(_post(pool, target, headers, body))
    return Tried(
        tried.status,
        tried.trouble,
        storable(tried.answer, SHOWN),
        time.monotonic() - began,
        tried.retry_after,
    )


async def _in_time(posting: Awaitable[Tried]) -> Tried:
    try:
        async with asyncio.timeout(TIMEOUT):
            return await posting
    except (TimeoutError, httpcore.TimeoutException):
        return Tried(trouble=Trouble.TOO_SLOW)
    except ForbiddenAddress as error:
        return Tried(trouble=Trouble.FORBIDDEN_ADDRESS, answer=str(error))
    except (httpcore.ProtocolError, UnicodeError) as error:
        return Tried(trouble=Trouble.NOT_HTTP, answer=str(error))
    except (httpcore.NetworkError, OSError) as error:
        insecure = isinstance(_root_of(error), ssl.SSLError)
        trouble = Trouble.INSECURE if insecure else Trouble.UNREACHABLE
        return Tried(trouble=trouble, answer=str(error))


def _root_of(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        if isinstance(error, ssl.SSLError):
            break
        error = cause
    return error


async def _post(
    pool: httpcore.AsyncConnectionPool, target: Target, headers: Mapping[str, str], body: bytes
) -> Tried:
    url = httpcore.URL(
        scheme="https" if target.is_secure else "http",
        host=target.host,
        port=target.port,
        target=target.path,
    )
    sent = [("Host", target.names_host), *headers.items(), ("Content-Length", str(len(body)))]
    patience = {"connect": CONNECT_TIMEOUT, "pool": TIMEOUT, "read": TIMEOUT, "write": TIMEOUT}
    async with pool.stream(
        "POST", url, headers=sent, content=body, extensions={"timeout": patience}
    ) as response:
        text = await _beginning(response)
        return _answered(response, text)


async def _beginning(response: httpcore.Response) -> str:
    """What can be read of an answer soon; its status says all that counts."""
    read = b""
    with suppress(TimeoutError, httpcore.NetworkError, httpcore.ProtocolError):
        async with asyncio.timeout(READING):
            async for part in response.aiter_stream():
                read += part
                if len(read) >= LONGEST_ANSWER:
                    break
    return read[: 4 * SHOWN].decode(errors="replace")


def _answered(response: httpcore.Response, text: str) -> Tried:
    asked = {name.lower(): value for name, value in response.headers}.get(b"retry-after")
    is_taken = 200 <= response.status < 300
    wish: timedelta | None = None
    if asked is not None and not is_taken:
        wish = retry_after(asked.decode("latin-1"), datetime.now(UTC))
    return Tried(
        response.status,
        None if is_taken else Trouble.REFUSED,
        text,
        retry_after=wish,
    )
