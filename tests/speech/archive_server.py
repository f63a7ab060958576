"""A web server on this machine that gives one archive, in as bad a way as asked for."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Archive:
    """What the server gives.

    Attributes:
        content: the whole archive.
        cut_at: each answer breaks off after so many bytes (None: it does not).
        status: an answer other than success.
        knows_ranges: whether it can go on in the middle.
        ranges: the Range header of each GET.
        url: where it is.
    """

    content: bytes
    cut_at: int | None = None
    status: int = 200
    knows_ranges: bool = True
    ranges: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(archive: Archive) -> Iterator[Archive]:
    """Serve it on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(archive.status)
            self.end_headers()

        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            archive.ranges.append(wanted)
            if archive.status != 200:
                self.send_error(archive.status)
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and archive.knows_ranges else 0
            size = len(archive.content)
            if start and start >= size:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{size}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
            self.send_header("Content-Length", str(size - start))
            self.end_headers()
            end = size if archive.cut_at is None else start + archive.cut_at
            self.wfile.write(archive.content[start:end])

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        archive.url = f"http://127.0.0.1:{server.server_address[1]}/small-model.zip"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield archive
        finally:
            server.shutdown()
            thread.join()
