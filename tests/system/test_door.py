"""`essaim up` with a door: partners elsewhere come to its broker by TLS, and only so."""

import asyncio
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import nats
import pytest
from backbone import until
from essaim.broker.connection import Broker
from essaim.broker.users import public_key_of
from essaim.clock import SimulatedClock
from essaim.loops import cancel
from essaim.operating.desk import Desk
from essaim.running.embedded import Door, Embedded, desk_in, running_note
from essaim.service import installed_services
from essaim_demo.player import START
from waiting import PATIENCE, wait_until

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    embedded = Embedded(
        installed_services(),
        tmp_path_factory.mktemp("hub") / "data",
        clock=SimulatedClock(START),
        door=Door("localhost"),
        public_url="https://hub.example.org",
    )
    with embedded.running() as server, embedded.served(server):
        yield embedded


@pytest.fixture
def desk(embedded: Embedded) -> Desk:
    return desk_in(embedded.data, installed_services())


def essaim(embedded: Embedded, *words: str) -> str:
    command = [sys.executable, "-m", "essaim", "--data", str(embedded.data), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_all_services_are_connected_by_tls_too(embedded: Embedded, desk: Desk) -> None:
    note = running_note(embedded.data)
    assert note is not None
    assert note["nats_url"].startswith("tls://127.0.0.1:")
    assert desk.ca == embedded.nats_ca
    wait_until(lambda: all(one.broker.is_connected for one in embedded.runtimes.values()))


async def test_nobody_is_answered_in_the_clear_or_by_a_false_server(desk: Desk) -> None:
    port = int(desk.url.rsplit(":", 1)[1])
    errors: list[str] = []

    async def note(error: Exception) -> None:
        errors.append(str(error) or type(error).__name__)

    for url, tls in (
        (f"nats://127.0.0.1:{port}", None),
        # Whom this machine trusts does not know our authority.
        (f"tls://localhost:{port}", ssl.create_default_context()),
    ):
        with pytest.raises((nats.errors.Error, OSError, ssl.SSLError)):
            await nats.connect(
                url, tls=tls, allow_reconnect=False, max_reconnect_attempts=1, error_cb=note
            )
    assert errors


def test_a_reader_gets_an_address_that_reaches_it_and_reads(
    embedded: Embedded, tmp_path: Path
) -> None:
    folder = tmp_path / "press"
    essaim(embedded, "partner", "add", "press", "--reads", "person.erased", "--to", str(folder))
    port = embedded.runtimes["candidatures"].settings.nats_port
    assert f"ESSAIM_NATS_URL=tls://localhost:{port}\n" in (folder / "settings.env").read_text()
    assert "https://hub.example.org/integrators/" in (folder / "README.md").read_text()
    assert "BEGIN CERTIFICATE" in (folder / "ca.pem").read_text()

    first = asyncio.run(_first_line(folder))
    assert first == "Reading as press; facts waiting: 0. Ctrl-C ends.\n"
    shown = essaim(embedded, "partner", "show", "press")
    assert public_key_of((folder / "press.seed").read_text().strip()) in shown.replace("\n", "")


async def _first_line(folder: Path) -> str:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "read.py", cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout
    async with asyncio.timeout(PATIENCE):
        line = await program.stdout.readline()
    program.terminate()
    await program.wait()
    return line.decode()


async def test_a_first_handshake_that_fails_is_tried_again(desk: Desk, embedded: Embedded) -> None:
    """As when the broker was slow: nats-py by itself waits for ever then."""
    port, came = int(desk.url.rsplit(":", 1)[1]), 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal came
        came += 1
        if came == 1:
            writer.write(b"INFO {}\r\n")
            writer.close()
            return
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_copy(reader, back), _copy(there, writer))

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    settings = embedded.runtimes["scheduling"].settings.model_copy(
        update={"nats_url": f"tls://127.0.0.1:{server.sockets[0].getsockname()[1]}"}
    )
    broker = Broker(settings, "scheduling")
    staying = asyncio.ensure_future(broker.stay())
    try:
        await until(lambda: broker.is_connected)
        assert came > 1
    finally:
        await cancel([staying])
        await broker.stop()
        server.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while some := await reader.read(65536):
            writer.write(some)
    writer.close()
