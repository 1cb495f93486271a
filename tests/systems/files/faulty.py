"""An S3 endpoint behind a wire that misbehaves: what it says instead of the server, or of its answer."""

import http.client
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

ERROR = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message>no</Message></Error>'


@dataclass
class Fault:
    """What happens to the next `times` requests of a method whose address and query hold `part`.

    `status` and `code`: answered instead of the server, which gets nothing. `cut`: after so many bytes of the
    server's answer the connection ends; None: the answer passes. `change`: of the answer's heads."""

    method: str
    part: str = ""
    times: int = 1
    status: int = 0
    code: str = ""
    cut: int | None = None
    change: Callable[[dict[str, str]], dict[str, str]] = field(default=lambda heads: heads)


class FaultyS3:
    """Listens at `url` and passes on to `behind`."""

    def __init__(self, behind: str) -> None:
        self.faults: list[Fault] = []
        self.asked: list[str] = []
        there = urlsplit(behind).netloc
        outer, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                return

            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with lock:
                    outer.asked.append(f"{self.command} {self.path}")
                    fault = next(
                        (
                            one
                            for one in outer.faults
                            if one.times and one.method == self.command and one.part in self.path
                        ),
                        None,
                    )
                    if fault is not None:
                        fault.times -= 1
                if fault is not None and fault.status:
                    said = b"" if self.command == "HEAD" else ERROR.format(fault.code).encode()
                    self._answer(fault.status, {"Content-Type": "application/xml"}, said, len(said))
                    return
                connection = http.client.HTTPConnection(there)
                heads = dict(self.headers.items())
                connection.request(self.command, self.path, body, heads)
                answer = connection.getresponse()
                said = answer.read()
                kept = {
                    name: value
                    for name, value in answer.getheaders()
                    if name.lower() not in ("transfer-encoding", "connection", "content-length")
                }
                size = int(answer.getheader("Content-Length") or len(said))
                if fault is not None:
                    kept = fault.change(kept)
                    if fault.cut is not None:
                        if fault.cut:
                            self._answer(answer.status, kept, said[: fault.cut], size)
                        self.close_connection = True
                        with suppress(OSError):
                            self.connection.close()
                        return
                self._answer(answer.status, kept, said, size)

            def _answer(self, status: int, heads: dict[str, str], said: bytes, size: int) -> None:
                self.send_response(status)
                for name, value in heads.items():
                    if name.lower() not in ("date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(size))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(said)
                self.wfile.flush()

            do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _pass  # noqa: N815

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
