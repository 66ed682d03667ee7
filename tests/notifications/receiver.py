"""Somebody's web server outside the house, to which webhooks are posted, and who posts them."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from essaim.clock import SimulatedClock
from essaim.hearing.message import Passing
from essaim.ids import new_id
from essaim.running.runtime import Runtime
from essaim_contracts.envelope import Envelope
from notifications import store
from notifications.commands import webhook as webhooks
from notifications.commands import webhook_delivery as deliveries
from notifications.commands.message import REAL_TIME
from notifications.settings import box_of
from notifications.store.webhook import webhook as hooks
from notifications.store.webhook_delivery import delivery
from notifications.webhook import Webhook as Known
from notifications.webhook_delivery import DeliveryState
from notifications.webhook_secret import Box
from notifications.webhook_target import read_target
from notifications.webhook_worker import Worker
from standardwebhooks.webhooks import Webhook

RESET = b"reset"
"""Among a receiver's answers: it breaks the connection off."""
RECEIVED = "essaim.candidatures.application.received.v1"


@dataclass(frozen=True)
class Posted:
    """One request as it came: header names in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def read_with(self, secret: str) -> Any:
        """The body, verified by the official library.

        Raises:
            WebhookVerificationError: it was not signed with this secret.
        """
        return Webhook(secret).verify(self.body, self.headers)


def answer(status: int = 204, body: str = "", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body.encode())}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


@dataclass
class Receiver:
    """Answers what `answers` says, the last one again and again; None is silence."""

    port: int = 0
    posted: list[Posted] = field(default_factory=list)
    answers: list[bytes | None] = field(default_factory=lambda: [answer()])
    connections: int = 0
    serving: set["asyncio.Task[None]"] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?of=us"

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.posted]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        try:
            await self._answer(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                self.posted.append(await _read(reader))
                said = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
                if said is None:
                    await reader.read()
                    break
                if said == RESET:
                    at_once = struct.pack("ii", 1, 0)
                    socket_ = writer.get_extra_info("socket")
                    socket_.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
                    writer.transport.abort()
                    break
                writer.write(said)
                await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Posted:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *lines = head.strip().split("\r\n")
    pairs = (one.split(": ", 1) for one in lines)
    headers = {name.lower(): value for name, value in pairs}
    return Posted(line, headers, await reader.readexactly(int(headers["content-length"])))


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side of TLS under this name, and that of a client who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    day = timedelta(days=1)
    now = REAL_TIME.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "public.pem", folder / "private.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(public, private)
    return server, ssl.create_default_context(cafile=str(public))


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in receiver.serving:
            task.cancel()
        await asyncio.gather(*receiver.serving, return_exceptions=True)


@asynccontextmanager
async def delivering(runtime: Runtime, **values: Any) -> AsyncIterator[Worker]:
    """The worker runs, as it does while this instance holds the lease."""
    worker = Worker(runtime, **values)
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stopping.set()
        worker.woken.set()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@dataclass(frozen=True)
class Opened:
    """A webhook that was made, and the secret that its receiver is given."""

    id: UUID
    secret: str


class Office:
    """Where webhooks are added, and facts pass."""

    def __init__(self, runtime: Runtime, clock: SimulatedClock) -> None:
        self.runtime = runtime
        self.clock = clock
        self._seq = 0

    def passes(
        self, type: str = RECEIVED, *, programme: str = "premices", said: datetime | None = None
    ) -> Envelope:
        """A fact passes, as the inbox shows it."""
        self._seq += 1
        envelope = Envelope(
            id=str(new_id()),
            type=type,
            source=f"/{programme}/{type.split('.')[1]}",
            key=str(new_id()),
            time=said or self.clock.now(),
            correlation_id="never told",
        )
        self.pass_again(envelope, self._seq)
        return envelope

    def pass_again(self, envelope: Envelope, seq: int) -> None:
        with self.runtime.work() as work:
            deliveries.note_facts([Passing(envelope, seq)], work)

    def add(self, url: str, **values: Any) -> "Opened":
        """A webhook of Prémices, told of all, but for what `values` say otherwise."""
        if not self._seq:
            self.passes("essaim.candidatures.partner.joined.v1")
        with self.runtime.work() as work:
            given = {"programme": "premices", "types": None} | values
            made = webhooks.add(work, "Carte", read_target(url), **given, box=self.box)
        return Opened(made.id, self.box.open(made.closed) or "")

    def rotate(self, id: UUID, **values: Any) -> "Opened":
        made = self.does(webhooks.rotate, id, **values, box=self.box)
        return Opened(id, self.box.open(made.closed) or "")

    @property
    def box(self) -> Box:
        return box_of(self.runtime)

    def does(self, act: Callable[..., Any], *args: Any, **values: Any) -> Any:
        with self.runtime.work() as work:
            return act(work, *args, **values)

    def webhook(self, id: UUID) -> Known:
        with self.runtime.read() as db:
            found = store.webhook.find(db, id)
        assert found is not None
        return found

    def deliveries(self, **where: Any) -> list[Any]:
        query = sa.select(delivery).filter_by(**where).order_by(delivery.c.seq)
        with self.runtime.read() as db:
            return list(db.execute(query))

    def states(self) -> list[str]:
        return [one.state for one in self.deliveries()]

    def waits_no_more(self) -> None:
        """The time of the next tries has come."""
        past = REAL_TIME.now() - timedelta(seconds=1)
        with self.runtime.work() as work:
            work.db.execute(
                sa.update(delivery)
                .where(delivery.c.state == DeliveryState.QUEUED)
                .values(next_attempt_at=past)
            )
            work.db.execute(sa.update(hooks).values(paused_until=None))
