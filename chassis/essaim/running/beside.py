"""What a process does that serves pages beside the first one of its program."""

from functools import partial
from socket import socket

from essaim.running.ending import ended_in_time
from essaim.running.page_processes import Link
from essaim.running.runtime import Runtime
from essaim.running.serving import Server
from essaim.web.app import build_app
from essaim.web.first_process import AsksFirst


def serve_beside(link: Link, runtimes: list[Runtime], pages: socket) -> None:
    """Serve until the first process ends, or a signal. These runtimes do not lead."""
    for runtime in runtimes:
        runtime.database.on_commit.append(partial(link.committed, runtime.service.name))
    server = Server(AsksFirst(build_app(runtimes), link.first), started=link.serving)
    with ended_in_time(server):
        server.run([pages])
