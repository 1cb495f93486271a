"""A wire to a server that can be cut at a given byte or in the middle of a commit, the same each time.

    with Wire("127.0.0.1", 5432) as wire:
        url = wire.through(url)
        wire.cut_at(b"COMMIT", answered=True)   # committed, and the client is not told

MariaDB's driver begins with SET AUTOCOMMIT, so the word of its commits is b"\\x03COMMIT". What passes must
not be encrypted, or its words are not seen.
"""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, Self

import sqlalchemy as sa

Side = Literal["client", "server"]
PIECE = 1 << 16


@dataclass
class Passed:
    """One connection: the bytes that each side has sent and the other is given."""

    client: int = 0
    server: int = 0
    sockets: list[socket.socket] = field(default_factory=list, repr=False)
    cut: bool = False
    last_word: bool = False

    def end(self) -> None:
        self.cut = True
        for one in self.sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class Wire:
    """Listens on a port of its own (`port`) and passes on to a server. A cut is made once and ends one
    connection; later ones pass, so that a second try succeeds. `connections` tells what passed."""

    def __init__(self, host: str, port: int) -> None:
        self._server = host, port
        self._lock = threading.Lock()
        self._after: tuple[Side, int] | None = None
        self._marker: tuple[bytes, bool] | None = None
        self._open = True
        self._stalled: int | None = None
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.connections: list[Passed] = []
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()

    def through(self, url: sa.URL) -> sa.URL:
        """The URL of the same database by this wire."""
        return url.set(host="127.0.0.1", port=self.port)

    def cut(self) -> None:
        """Cuts all connections now."""
        for one in self.connections:
            if not one.cut:
                one.end()
                self.cuts += 1

    def cut_after(self, side: Side, passed: int) -> None:
        """Cuts the first connection on which `side` has sent so many bytes since it began: that many are
        passed on, none more."""
        self._after = side, passed

    def cut_at(self, marker: bytes, *, answered: bool) -> None:
        """Cuts when the client sends these bytes: before the server gets them or, `answered`, after it has
        answered and before the client gets the answer. Of what came with them nothing passes alone."""
        self._marker = marker, answered

    def stall(self, passed: int = 0) -> None:
        """Of what the server sends, nothing passes on a connection after so many bytes since it began, and
        nothing is cut."""
        self._stalled = passed

    def refuse(self) -> None:
        """New connections are closed at once, until `allow`."""
        self._open = False

    def allow(self) -> None:
        self._open = True
        self._stalled = None

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                if self._open:
                    self._connect(client)
                else:
                    client.close()

    def _connect(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._server)
        except OSError:
            client.close()
            return
        passed = Passed(sockets=[client, server])
        self.connections.append(passed)
        for side, source, to in (("client", client, server), ("server", server, client)):
            threading.Thread(target=self._pass, args=(passed, side, source, to), daemon=True).start()

    def _pass(self, passed: Passed, side: Side, source: socket.socket, to: socket.socket) -> None:
        tail = b""
        with suppress(OSError):
            while piece := source.recv(PIECE):
                with self._lock:
                    piece = self._allowed(passed, side, piece, tail)
                    tail = (tail + piece)[-64:]
                    if piece and not (side == "server" and passed.last_word):
                        setattr(passed, side, getattr(passed, side) + len(piece))
                        to.sendall(piece)
                    if passed.cut:
                        break
        for one in (source, to):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _allowed(self, passed: Passed, side: Side, piece: bytes, tail: bytes) -> bytes:
        """What of a piece may pass; `passed.cut` is set where it is the last."""
        if passed.last_word and side == "server":
            self._end(passed)
            return b""
        if side == "client" and self._marker is not None and self._marker[0] in tail + piece:
            answered = self._marker[1]
            self._marker = None
            if answered:
                passed.last_word = True
                return piece
            self._end(passed)
            return b""
        if self._after is not None and self._after[0] == side:
            room = self._after[1] - int(getattr(passed, side))
            if len(piece) >= room:
                self._after = None
                self._end(passed)
                return piece[: max(room, 0)]
        if side == "server" and self._stalled is not None:
            return piece[: max(self._stalled - passed.server, 0)]
        return piece

    def _end(self, passed: Passed) -> None:
        passed.cut = True
        self.cuts += 1
