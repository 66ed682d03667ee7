"""A link between two sites that a test may cut: what connects through it finds nobody meanwhile."""

import socket
import threading
from contextlib import suppress


class Link:
    """Passes bytes between a free port of 127.0.0.1 and another one, until `close`."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._whole = threading.Event()
        self._whole.set()
        self._ends: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="link")]
        self._threads[0].start()

    def cut(self) -> None:
        """Every connection breaks, and new ones break at once."""
        self._whole.clear()
        for end in self._ends:
            _shut(end)

    def mend(self) -> None:
        self._whole.set()

    def close(self) -> None:
        self.cut()
        # A thread that waits in accept() would not see that its socket was closed.
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            self._listening.close()
        for thread in self._threads:
            thread.join()
        for end in self._ends:
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if self._listening.fileno() == -1 or not self._whole.is_set():
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                near.close()
                continue
            self._ends += [near, far]
            for one, other in ((near, far), (far, near)):
                thread = threading.Thread(target=_pass_on, args=(one, other), name="link")
                thread.start()
                self._threads.append(thread)


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while read := one.recv(65536):
            other.sendall(read)
    _shut(one)
    _shut(other)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
