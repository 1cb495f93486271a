"""Connections are cut where the test says, and nowhere else."""

import socket
import threading
from contextlib import suppress

import pytest
import sqlalchemy as sa
from sqlalchemy import pool

from merger.testing.cutting import Wire

COMMIT = {"mariadb": b"\x03COMMIT", "postgresql": b"COMMIT"}
servers = pytest.mark.parametrize("dialect", sorted(COMMIT))


@pytest.fixture
def echo():
    """The port of a server that answers in capitals."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                one, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(one,), daemon=True).start()

    def answer(one):
        with one:
            while piece := one.recv(100):
                heard.append(piece)
                one.sendall(piece.upper())

    heard: list[bytes] = []
    threading.Thread(target=serve, daemon=True).start()
    yield listening.getsockname()[1], heard
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def said(wire, *words):
    """What comes back until the wire is cut, or for each word."""
    got = b""
    with socket.create_connection(("127.0.0.1", wire.port), timeout=5) as connected, suppress(OSError):
        for word in words:
            connected.sendall(word)
            got += connected.recv(100)
        connected.shutdown(socket.SHUT_WR)
        while piece := connected.recv(100):
            got += piece
    return got


def test_without_a_cut_everything_passes(echo):
    with Wire("127.0.0.1", echo[0]) as wire:
        assert said(wire, b"abc", b"def") == b"ABCDEF"
        assert [(one.client, one.server) for one in wire.connections] == [(6, 6)]
        assert wire.cuts == 0


@pytest.mark.parametrize("length", [1, 3, 4, 6])
def test_as_many_bytes_pass_as_was_said_and_later_connections_are_whole(echo, length):
    with Wire("127.0.0.1", echo[0]) as wire:
        wire.cut_after("server", length)
        assert said(wire, b"abc", b"def", b"ghi") == b"ABCDEFGHI"[:length]
        assert said(wire, b"abc") == b"ABC"
        assert wire.cuts == 1


def test_what_the_client_sends_is_cut_too(echo):
    with Wire("127.0.0.1", echo[0]) as wire:
        wire.cut_after("client", 4)
        said(wire, b"abc", b"def")
        assert b"".join(echo[1])[:4] in (b"abc", b"abcd")
        assert wire.connections[0].client == 4


@pytest.mark.parametrize(("answered", "heard"), [(False, [b"one"]), (True, [b"one", b"commit"])])
def test_a_word_of_the_client_cuts_before_or_after_the_server_has_heard_it(echo, answered, heard):
    with Wire("127.0.0.1", echo[0]) as wire:
        wire.cut_at(b"commit", answered=answered)
        assert said(wire, b"one", b"commit", b"two") == b"ONE"
        assert echo[1] == heard


def test_all_connections_are_cut_at_once_and_new_ones_refused(echo):
    with Wire("127.0.0.1", echo[0]) as wire:
        with socket.create_connection(("127.0.0.1", wire.port), timeout=5) as one:
            one.sendall(b"a")
            assert one.recv(10) == b"A"
            wire.cut()
            wire.refuse()
            with suppress(ConnectionResetError):
                assert one.recv(10) == b""
        assert said(wire, b"b") == b""
        wire.allow()
        assert said(wire, b"c") == b"C"


@servers
@pytest.mark.parametrize("answered", [False, True])
def test_a_commit_is_cut_before_or_after_it_has_happened(database, dialect, answered):
    url = database(dialect)
    straight = sa.create_engine(url, poolclass=pool.NullPool)
    with straight.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (a int)"))
    with Wire(url.host, url.port) as wire:
        engine = sa.create_engine(wire.through(url), poolclass=pool.NullPool)
        wire.cut_at(COMMIT[dialect], answered=answered)
        with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO t VALUES (1)"))
        assert wire.cuts == 1
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM t")) == int(answered)
