"""The whole consortium in one process: a nats-server beside it, SQLite, one port for the pages."""

import asyncio
import json
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from pydantic import SecretStr

from essaim.broker.certificates import certificates_in
from essaim.broker.client import connected
from essaim.broker.topology import OPERATOR, SYSTEM, apply, wanted
from essaim.broker.users import keys_of, seeds_in, users_of
from essaim.clock import Clock, SystemClock
from essaim.consortium.file import file_in, kept_in
from essaim.consortium.partners import Consortium
from essaim.loops import Run, goes_on, rest, waits
from essaim.observing.tracing import Tracing
from essaim.operating.answers import Open, answering
from essaim.operating.desk import USERS, Desk, keep_keys, write_users
from essaim.operating.handover import hub_of
from essaim.people.signing import public_key_of
from essaim.running.beside import serve_beside
from essaim.running.ending import ended_in_time
from essaim.running.holding import held, is_held
from essaim.running.nats_server import NatsServer
from essaim.running.page_processes import Link, page_processes
from essaim.running.runtime import Runtime
from essaim.running.secrets import secret_of, sign_in_key_of
from essaim.running.serving import Server, address_of, listening
from essaim.service import Service
from essaim.settings import Settings, read_settings
from essaim.threads import in_thread
from essaim.web.app import build_app

_LOOK = 0.5
_STUCK = 5.0
"""Seconds for which it is said that a broker does not answer until it is taken for stuck."""
_SOME_ROOM = 16 * 1024 * 1024
"""Bytes free on the disk with which a broker can write again."""
_NO_ANSWER = (
    "is silent", "does not answer", "timeout",
    "no space left on device", "insufficient storage resources", "insufficient resources",
)  # fmt: skip


class PortTaken(Exception):
    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} of 127.0.0.1 is taken by another program. Stop it, or choose another one "
            "with --port."
        )


@dataclass(frozen=True)
class Door:
    """By which partners elsewhere come to the broker, with TLS.

    `name` is what they call this machine, `address` where the broker listens, 0.0.0.0 for all of
    its addresses; `port` 0 is the one of last time, or any.
    """

    name: str
    address: str = "0.0.0.0"  # noqa: S104
    port: int = 0

    @property
    def reached_at(self) -> str:
        """From this machine."""
        return "127.0.0.1" if self.address == "0.0.0.0" else self.address  # noqa: S104

    @property
    def names(self) -> tuple[str, ...]:
        """What the certificate is for."""
        return tuple(dict.fromkeys((self.name, "localhost", "127.0.0.1", self.reached_at)))


class Embedded:
    """Services, broker and pages of one folder. Use `running` around what needs them.

    `port` 0 takes any free one; `address` says where the pages are. `tracing` makes the spans of a
    service, by its name; `processes` is how many serve the pages, this one among them. Who takes
    part is said by `consortium.yaml` in the folder, which is made of the services the first time.
    Without a `door` the broker listens on 127.0.0.1, in the clear. `public_url` is what people call
    the pages where a proxy stands in front.

    Raises:
        UnreadableConsortium: the consortium file is wrong.
        NotInConsortium: a service is not in it.
    """

    def __init__(
        self,
        services: dict[str, Service],
        data: Path,
        *,
        port: int = 0,
        clock: Clock | None = None,
        tracing: Callable[[str], Tracing] | None = None,
        door: Door | None = None,
        public_url: str = "",
        processes: int = 1,
    ) -> None:
        self._services = services
        self.data = data
        self.consortium = kept_in(data, services)
        self.clock = clock or SystemClock()
        self._simulated = clock is not None
        self._tracing = tracing
        self._door = door
        self.nats_ca: Path | None = None
        """Who vouches for the broker, where it speaks TLS."""
        self._socket = _listen(port)
        self.address = address_of(self._socket)
        self._public_url = public_url or self.address
        self._processes = processes
        self.runtimes: dict[str, Runtime] = {}

    @contextmanager
    def running(self) -> Iterator[uvicorn.Server]:
        """Start the broker and make everything ready; gives the web server, to be served."""
        try:
            with (
                page_processes(self._processes - 1, self._serve_beside) as pages,
                held(self.data),
                self.broker_alone(),
            ):
                beside = self._beside() | pages.part(self._commit_elsewhere)
                for runtime in self._runtimes_of(self._reached(), beside):
                    runtime.migrate()
                    self.runtimes[runtime.service.name] = runtime
                pages.begin(json.dumps(self._reached(), default=str))
                self._sockets = [self._socket, *pages.sockets]
                try:
                    yield Server(build_app(list(self.runtimes.values())))
                finally:
                    pages.end()
        finally:
            self.close()

    def _serve_beside(self, link: Link, reached: str) -> None:
        runtimes = list(self._runtimes_of(json.loads(reached), leads=False))
        serve_beside(link, runtimes, self._socket)

    def _commit_elsewhere(self, service: str) -> None:
        self.runtimes[service].committed_elsewhere()

    def close(self) -> None:
        """Give its port back; for whoever wants the broker alone."""
        self._socket.close()

    @contextmanager
    def broker_alone(self) -> Iterator[str]:
        """The broker with its topology; gives its address. For whoever holds the folder.

        Commands find it by the note that says where it is.
        """
        with self._broker() as (url, seeds):
            asyncio.run(_apply_topology(self.consortium, url, seeds[OPERATOR], self.nats_ca))
            note = self._reached() | {"address": self.address, "pid": os.getpid()}
            _note_file(self.data).write_text(json.dumps(note, default=str))
            try:
                yield url
            finally:
                _note_file(self.data).unlink(missing_ok=True)

    @contextmanager
    def _broker(self) -> Iterator[tuple[str, dict[str, str]]]:
        seeds = seeds_in(keys_folder(self.data), users_of(self.consortium))
        folder = self.data / "nats"
        # What earlier versions signed on with.
        shutil.rmtree(folder / "passwords", ignore_errors=True)
        keep_keys(folder, keys_of(seeds))
        write_users(folder, self.consortium)
        # The same again, for those who were told of it.
        config, address, port = f'include "{USERS}"\n', "127.0.0.1", 0
        if self._door is not None:
            config += self._tls(self._door)
            address, port = self._door.address, self._door.port
        self._nats = NatsServer(folder, config, port or _kept_port(folder), address)
        self._nats.start()
        (folder / "port").write_text(self._nats.url.rsplit(":", 1)[1])
        try:
            yield self._reached()["nats_url"], seeds
        finally:
            self._nats.stop()

    def _tls(self, door: Door) -> str:
        """What the broker's configuration says of it; `nats_ca` is there from then on."""
        folder = self.data / "nats" / "tls"
        certificates_in(folder, door.names)
        self.nats_ca = folder / "ca.pem"
        files = {"cert_file": folder / "server.pem", "key_file": folder / "server-key.pem"}
        lines = "".join(f'{name}: "{file.absolute()}"\n' for name, file in files.items())
        # Some seconds: by itself it takes a client that is slow to begin for one that waits.
        return f'tls {{\n{lines}handshake_first: "2s"\n}}\n'

    def _reached(self) -> dict[str, Any]:
        """The settings of whoever comes to the broker from this machine, and of the operator."""
        port = self._nats.url.rsplit(":", 1)[1]
        if self._door is None:
            return {"nats_url": self._nats.url, "public_url": self._public_url}
        return {
            "nats_url": f"tls://{self._door.reached_at}:{port}",
            "nats_ca": self.nats_ca,
            "nats_host": self._door.name,
            "nats_port": int(port),
            "public_url": self._public_url,
        }

    @property
    def nats_pid(self) -> int | None:
        return self._nats.pid

    async def _watch_broker(self) -> None:
        """Start the broker again when it ended by itself, or is stuck since its disk was full.

        A nats-server (2.15.1) that could not write answers nothing, or that error, ever after.
        """
        stuck_for = 0.0
        while True:
            stuck_for = stuck_for + _LOOK if self._is_stuck() else 0.0
            if self._nats.has_ended:
                waits("the broker ended by itself, it is started again")
                await in_thread(self._nats.restart)
            elif stuck_for > _STUCK and shutil.disk_usage(self.data).free > _SOME_ROOM:
                waits("the broker is stuck though its disk has room, it is started again")
                await in_thread(self._nats.restart)
                # Longer than it takes to find out whether that helped.
                await rest(6 * _STUCK)
            else:
                goes_on()
            await rest(_LOOK)

    def _is_stuck(self) -> bool:
        return any(_finds_broker_stuck(runtime) for runtime in self.runtimes.values())

    def _runtimes_of(
        self, reached: dict[str, Any], beside: dict[str, Run] | None = None, leads: bool = True
    ) -> Iterator[Runtime]:
        """The services that are here; `beside` runs with the first of them."""
        key = sign_in_key_of(self.data)
        for name, service in self._services.items():
            if name not in self.consortium.here:
                continue  # it signs on from elsewhere
            settings = read_settings(
                service.settings,
                data=self.data,
                database_url="",
                **reached,
                nats_seed_file=keys_folder(self.data) / name,
                secret=SecretStr(secret_of(self.data, name)),
                sign_in_key=SecretStr(key if service.keeps_directory else ""),
                sign_in_public_key=public_key_of(key),
                clock="simulated" if self._simulated else "system",
            )
            yield Runtime(
                service,
                settings,
                clock=self.clock,
                consortium=self.consortium,
                tracing=self._tracing(name) if self._tracing else None,
                beside=beside,
                leads=leads,
            )
            beside = None

    def _beside(self) -> dict[str, Run]:
        """What runs in this process once, with the first service."""
        settings = read_settings(
            Settings,
            data=self.data,
            **self._reached(),
            nats_seed_file=keys_folder(self.data) / OPERATOR,
            sign_in_public_key=public_key_of(sign_in_key_of(self.data)),
        )
        here = Open(lambda: desk_in(self.data, self._services), lambda desk: hub_of(desk, settings))
        return {"nats-server": self._watch_broker, "desk": answering(settings, here).stay}

    def serve(self, server: uvicorn.Server) -> None:
        """Serve until a signal, or until `server.should_exit` is set."""
        # uvicorn raises the signal again once it has stopped; the broker must still be ended.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt), ended_in_time(server, self._nats.stop):
            server.run(self._sockets)

    @contextmanager
    def served(self, server: uvicorn.Server) -> Iterator[threading.Thread]:
        """Serve from another thread during this block, for those who have something else to do."""
        thread = threading.Thread(target=server.run, args=(self._sockets,), name="pages")
        thread.start()
        try:
            while thread.is_alive() and not server.started:
                time.sleep(0.01)
            yield thread
        finally:
            server.should_exit = True
            while thread.is_alive():
                # Whoever presses Ctrl-C twice must not end what still stops.
                with suppress(KeyboardInterrupt):
                    thread.join()


def _finds_broker_stuck(runtime: Runtime) -> bool:
    """Whether it is connected to a broker that does not do what it is asked to."""
    if not runtime.broker.is_connected:
        return False
    said = f"{runtime.relay.trouble} {runtime.directory.trouble} {runtime.inbox.trouble}".lower()
    return any(words in said for words in _NO_ANSWER)


def keys_folder(data: Path) -> Path:
    """Where the seeds of the broker's users lie, each in a file called as its user is."""
    return data / "nats" / "keys"


def desk_in(data: Path, services: Mapping[str, Service]) -> Desk:
    """The operator's desk of a folder, whether its consortium runs now or not."""
    kept_in(data, services)
    seeds = seeds_in(keys_folder(data), (OPERATOR, SYSTEM))
    keep_keys(data / "nats", keys_of(seeds))
    note = running_note(data)
    return Desk(
        file_in(data),
        data / "nats",
        services,
        operator_seed=seeds[OPERATOR],
        system_seed=seeds[SYSTEM],
        url=note["nats_url"] if note else "",
        ca=Path(note["nats_ca"]) if note and "nats_ca" in note else None,
        seeds=keys_folder(data),
    )


def running_note(data: Path) -> dict[str, str] | None:
    """Where the consortium of this folder runs (`nats_url`, `address`, `pid`), or None."""
    if not is_held(data):
        return None
    try:
        note: dict[str, str] = json.loads(_note_file(data).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return note


def _kept_port(folder: Path) -> int:
    """The broker's port of last time, if it is free; any otherwise."""
    try:
        port = int((folder / "port").read_text())
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except (OSError, ValueError, OverflowError):
        return -1
    return port


def _note_file(data: Path) -> Path:
    return data / "running.json"


def _listen(port: int) -> socket.socket:
    try:
        return listening("127.0.0.1", port)
    except OSError as error:
        raise PortTaken(port) from error


async def _apply_topology(consortium: Consortium, url: str, seed: str, ca: Path | None) -> None:
    async with connected(url, OPERATOR, seed, ca) as connection:
        await apply(connection, wanted(consortium))
