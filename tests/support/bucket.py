"""A bucket that speaks as much of S3 as obstore asks of one; in memory, on a free port."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape, unescape


@contextmanager
def bucket() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Its address, and what it holds by the names of objects."""
    held: dict[str, bytes] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _speaking(held))
    thread = threading.Thread(target=server.serve_forever, name="bucket")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", held
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _speaking(held: dict[str, bytes]) -> type[BaseHTTPRequestHandler]:
    parts: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            key, asked = self._asked()
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if "uploadId" in asked:
                parts[f"{key} {int(asked['partNumber'][0]):06}"] = content
            else:
                held[key] = content
            self._answer(200, etag=True)

        def do_POST(self) -> None:
            key, asked = self._asked()
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            if "delete" in asked:
                names = re.findall("<Key>(.*?)</Key>", sent)
                for name in names:
                    held.pop(unescape(name), None)
                gone = "".join(f"<Deleted><Key>{name}</Key></Deleted>" for name in names)
                self._answer(200, f"<DeleteResult>{gone}</DeleteResult>")
                return
            if "uploads" in asked:
                self._answer(
                    200, f"<R><Bucket>b</Bucket><Key>{key}</Key><UploadId>1</UploadId></R>"
                )
                return
            mine = sorted(name for name in parts if name.startswith(f"{key} "))
            held[key] = b"".join(parts.pop(name) for name in mine)
            self._answer(200, "<R><ETag>all</ETag></R>")

        def do_GET(self) -> None:
            key, asked = self._asked()
            if "list-type" in asked:
                self._list(asked["prefix"][0])
            elif key not in held:
                self._answer(404)
            else:
                self._answer(206 if "Range" in self.headers else 200, content=held[key])

        do_HEAD = do_GET

        def _asked(self) -> tuple[str, dict[str, list[str]]]:
            parsed = urlsplit(self.path)
            key = unquote(parsed.path).split("/", 2)[-1]
            return key, parse_qs(parsed.query, keep_blank_values=True)

        def _list(self, prefix: str) -> None:
            rows = "".join(
                f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size><ETag>e</ETag>"
                "<LastModified>2026-11-27T00:00:00.000Z</LastModified></Contents>"
                for key, content in sorted(held.items())
                if key.startswith(prefix)
            )
            self._answer(200, f"<ListBucketResult>{rows}</ListBucketResult>")

        def _answer(
            self, status: int, text: str = "", *, content: bytes | None = None, etag: bool = False
        ) -> None:
            body = text.encode() if content is None else content
            self.send_response(status)
            if etag or content is not None:
                self.send_header("ETag", '"e"')
            if content is not None:
                self.send_header("Last-Modified", "Fri, 27 Nov 2026 00:00:00 GMT")
            if status == 206:
                first, last = self.headers["Range"].removeprefix("bytes=").split("-")
                end = min(int(last or len(body)) + 1, len(body))
                self.send_header("Content-Range", f"bytes {first}-{end - 1}/{len(body)}")
                body = body[int(first) : end]
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    return Handler
