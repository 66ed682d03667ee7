"""The service under proof: a command that the kit starts and kills, or somebody else's to run."""

import os
import shlex
import signal
import subprocess
from contextlib import suppress
from pathlib import Path


class CannotRun(Exception):
    def __init__(self, command: str, reason: str) -> None:
        super().__init__(f"The command {command!r} cannot be run: {reason}.")


class Candidate:
    """A command and its environment. What it prints goes to the file `log`.

    Without a command somebody else starts it, so the kit cannot kill it.
    """

    def __init__(self, command: str | None, environment: dict[str, str], log: Path) -> None:
        self.command = command
        self.environment = environment
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_ours(self) -> bool:
        return self.command is not None

    @property
    def exit_code(self) -> int | None:
        """How it ended by itself, or None."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """
        Raises:
            CannotRun: there is no such program.
        """
        if self.command is not None:
            self._process = self._begun(self.command)

    def act(self, command: str) -> int:
        """Run a command that makes the service do something; returns its exit code."""
        return self._begun(command).wait()

    def kill(self) -> None:
        """End it at once, as a power cut would, and all that it started."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def pause(self) -> None:
        """Hold it where it is, until it may `go_on`."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, which: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, which)

    def last_words(self, most: int = 3) -> str:
        """What it printed last."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-most:])

    def _begun(self, command: str) -> "subprocess.Popen[bytes]":
        # Its own settings are its own: ours of this shell would lead it elsewhere.
        kept = {name: value for name, value in os.environ.items() if name[:7] != "ESSAIM_"}
        try:
            with self.log.open("ab") as log:
                return subprocess.Popen(
                    shlex.split(command),
                    env=kept | self.environment,
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
        except (OSError, ValueError) as error:
            raise CannotRun(command, str(error)) from error
