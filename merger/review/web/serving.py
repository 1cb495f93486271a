"""Runs the application by uvicorn, with what uvicorn leaves open: the time that a client may take for a head
and for an answer, and how many connections one address may hold."""

import asyncio
import ipaddress
import logging
import secrets
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from threading import Event, Thread
from typing import Any

import h11
import uvicorn
from anyio import to_thread
from uvicorn.protocols.http.h11_impl import H11Protocol

from merger.errors import Refused
from merger.review.web import assets
from merger.review.web.app import create
from merger.review.web.bounds import Limits
from merger.review.web.limits import MAX_HEAD
from merger.review.web.logging import LOG
from merger.review.web.settings import Settings
from merger.review.web.warming import warm

Ready = Callable[[Settings, str], None]
"""Told what is served and the address to open, as soon as there are answers."""


def _silent(_settings: Settings, _address: str) -> None:
    return


def serve(settings: Settings, ready: Ready = _silent) -> None:
    """Serves until interrupted. Where the folder has accounts people sign in; else the address holds a
    one-time token. Raises Refused for an address of the network without accounts or without TLS, for a
    certificate that cannot be used, and for a port that is taken."""
    settings = checked(settings)
    ended = Event()

    def answering(served: Settings, address: str) -> None:
        ready(served, address)
        Thread(target=warm, args=(ended,)).start()

    with listening(settings) as listener:
        server = server_of(settings, answering)
        try:
            server.run([listener])
        except KeyboardInterrupt:
            return
        finally:
            ended.set()


def checked(settings: Settings) -> Settings:
    """The settings with accounts where the folder has some, else with a one-time token. Raises Refused as
    `serve` does."""
    if not settings.folder.is_dir():
        raise Refused("review_web.no-folder", folder=settings.folder)
    settings = replace(settings, accounts=settings.accounts_file.is_file())
    if not is_loopback(settings.host):
        if not settings.accounts:
            raise Refused("review_web.local-only", host=settings.host)
        if settings.tls_cert is None:
            raise Refused("review_web.no-tls", host=settings.host)
    if settings.tls_cert is not None:
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
                settings.tls_cert, settings.tls_key, password=""
            )
        except (OSError, ValueError):
            raise Refused("review_web.bad-certificate", file=settings.tls_cert) from None
    return settings if settings.accounts else replace(settings, token=secrets.token_urlsafe(32))


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listening(settings: Settings) -> socket.socket:
    """A socket that listens, and whose answers do not wait for each other's parts to be acknowledged (40 ms
    with many clients): asyncio asks for that only of sockets made otherwise. Raises Refused where the address
    cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        sock = socket.create_server((settings.host, settings.port), family=family, backlog=128)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock
    except (OSError, OverflowError):
        raise Refused("review_web.no-address", host=settings.host, port=settings.port) from None


def server_of(settings: Settings, ready: Ready = _silent) -> uvicorn.Server:
    """The server, to be run with a listening socket."""
    limits = settings.limits
    config = uvicorn.Config(
        create(settings),
        http=_protocol(replace(limits, per_address=limits.connections) if settings.behind_tls else limits),
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        server_header=False,
        proxy_headers=settings.behind_tls,
        forwarded_allow_ips=["127.0.0.1", "::1"],
        log_config=None,
        limit_concurrency=limits.connections,
        timeout_keep_alive=int(limits.idle),
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=MAX_HEAD,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )
    return _Server(config, settings, ready)


def address_of(settings: Settings, port: int) -> str:
    """What to open in a browser."""
    host = settings.hosts[0] if settings.hosts else settings.host
    host = f"[{host}]" if ":" in host else host
    place = f"{'https' if settings.secure else 'http'}://{host}"
    if not settings.behind_tls:
        place += f":{port}"
    return f"{place}/enter?token={settings.token}" if settings.token else f"{place}/"


class _Server(uvicorn.Server):
    """Says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, settings: Settings, ready: Ready) -> None:
        super().__init__(config)
        self._settings = settings
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        await to_thread.run_sync(assets.read)  # what even the first page needs, and what runs handlers
        assert sockets
        self._ready(self._settings, address_of(self._settings, sockets[0].getsockname()[1]))


def _protocol(limits: Limits) -> type[asyncio.Protocol]:
    held: dict[str, int] = {}

    class Protocol(H11Protocol):
        """uvicorn's protocol with a time for heads, and for what comes after an answer without being asked
        for; and a bound of connections for each address."""

        _timer: asyncio.TimerHandle | None = None
        _reader: asyncio.TimerHandle | None = None
        _address: str = ""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._address = self.client[0] if self.client else ""
            held[self._address] = held.get(self._address, 0) + 1
            if held[self._address] > limits.per_address:
                LOG.warning("too many connections of one address")
                transport.abort()
                return
            self._watch()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._watch()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._watch()
            self._watch_reader()

        def pause_writing(self) -> None:
            super().pause_writing()
            self._watch_reader()

        def timeout_keep_alive_handler(self) -> None:
            if self._reader is None:
                super().timeout_keep_alive_handler()
            else:
                self.timeout_keep_alive_task = self.loop.call_later(
                    limits.idle, self.timeout_keep_alive_handler
                )

        def connection_lost(self, exc: Exception | None) -> None:
            self._unwatch()
            if self._reader is not None:
                self._reader.cancel()
            held[self._address] = held.get(self._address, 1) - 1
            if held[self._address] <= 0:
                del held[self._address]
            super().connection_lost(exc)

        def _watch(self) -> None:
            waits = self.conn.their_state is h11.IDLE and self.timeout_keep_alive_task is None
            unasked = self.conn.our_state is h11.DONE and self.conn.their_state is h11.SEND_BODY
            if not (waits or unasked):
                self._unwatch()
            elif self._timer is None:
                self._timer = self.loop.call_later(limits.head, self._too_slow)

        def _watch_reader(self) -> None:
            left = self.transport.get_write_buffer_size()
            if left and self._reader is None:
                self._reader = self.loop.call_later(limits.answer, self._taken, left)

        def _taken(self, before: int) -> None:
            """Looks whether something of an answer was taken since there were `before` bytes left."""
            self._reader = None
            if self.transport.get_write_buffer_size() >= before:
                self._too_slow()
            else:
                self._watch_reader()

        def _unwatch(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

        def _too_slow(self) -> None:
            self._timer = None
            LOG.warning("a client was too slow")
            self.transport.abort()

    return Protocol


logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
