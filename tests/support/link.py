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
        # Whoever connects while the link is cut must be seen by who cuts it, or be refused.
        self._change = threading.Lock()
        self._is_whole = True
        self._ends: list[socket.socket] = []
        self._passing: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, name="link", daemon=True)
        self._accepting.start()

    def cut(self) -> None:
        """Every connection breaks, and new ones break at once."""
        with self._change:
            self._is_whole = False
            for end in self._ends:
                _shut(end)

    def mend(self) -> None:
        with self._change:
            self._is_whole = True

    def close(self) -> None:
        self.cut()
        # Ends the waiting of accept(), which closing it would not.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listening.close()
        for thread in self._passing:
            thread.join()
        for end in self._ends:
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            with self._change:
                self._join(near)

    def _join(self, near: socket.socket) -> None:
        """Carry what comes from one who connected, unless the link is cut or nobody is there."""
        try:
            far = socket.create_connection(("127.0.0.1", self._to)) if self._is_whole else None
        except OSError:
            far = None
        if far is None:
            near.close()
            return
        self._ends += [near, far]
        for one, other in ((near, far), (far, near)):
            thread = threading.Thread(target=_pass_on, args=(one, other), name="link", daemon=True)
            thread.start()
            self._passing.append(thread)


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while read := one.recv(65536):
            other.sendall(read)
    _shut(one)
    _shut(other)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
