"""Limits that a server sets on sessions unless they say otherwise, and that hinder a migration: statements
and transactions take as long as they take, and connections wait for one another.

A connection whose other end is gone is told of within minutes, not hours, by both ends.
"""

from __future__ import annotations

import socket
from typing import Any

WAIT_S = 30
"""Seconds that a lock is waited for, and a server's answer to what it answers at once."""
ASK_AFTER_S, ASK_EVERY_S, ASKED = 60, 15, 6
"""A connection over which nothing came for so many seconds is asked whether it is there; so often, and so
many times."""
UNTAKEN_S = 300
"""Seconds after which a connection is given up whose other end does not take what is sent."""
SORTED = 1024
"""Bytes by which MariaDB sorts and groups; with fewer it takes rows for one another. Its own default, and
more than a key of the ledger has."""
LIFTED = {
    "postgresql": (
        "SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0",
        "SELECT set_config(name, '0', false) FROM pg_settings"
        " WHERE name IN ('idle_session_timeout', 'transaction_timeout')",  # which older servers do not know
        f"SET tcp_keepalives_idle = {ASK_AFTER_S}", f"SET tcp_keepalives_interval = {ASK_EVERY_S}",
        f"SET tcp_keepalives_count = {ASKED}",
    ),
    "mariadb": (
        "SET SESSION max_statement_time = 0", "SET SESSION wait_timeout = 28800",
        "SET SESSION idle_transaction_timeout = 0", "SET SESSION idle_readonly_transaction_timeout = 0",
        "SET SESSION idle_write_transaction_timeout = 0", "SET SESSION completion_type = 0",
        "SET SESSION sql_select_limit = 18446744073709551615", "SET SESSION sql_big_selects = 1",
        "SET SESSION sql_safe_updates = 0",
        f"SET SESSION max_sort_length = {SORTED}",
    ),
}  # fmt: skip
"""The statements that lift the limits of a session, by dialect."""
TO_WRITE = {
    "postgresql": ("SET default_transaction_read_only = off",),
    "mariadb": ("SET SESSION TRANSACTION READ WRITE", "SET SESSION default_storage_engine = InnoDB"),
}
"""What lets a session write, and make tables whose rows are taken back with their transaction, where the
server says otherwise."""
OF_POSTGRESQL = {
    "keepalives_idle": ASK_AFTER_S,
    "keepalives_interval": ASK_EVERY_S,
    "keepalives_count": ASKED,
    "tcp_user_timeout": UNTAKEN_S * 1000,
}
"""What PostgreSQL's driver is told of a connection's other end."""


def watch_over(raw: Any) -> None:
    """The same for MariaDB's driver, of a connection that is open."""
    own = raw._sock
    if own.family != socket.AF_UNIX:
        for option, value in (
            (socket.TCP_KEEPIDLE, ASK_AFTER_S),
            (socket.TCP_KEEPINTVL, ASK_EVERY_S),
            (socket.TCP_KEEPCNT, ASKED),
            (socket.TCP_USER_TIMEOUT, UNTAKEN_S * 1000),
        ):
            own.setsockopt(socket.IPPROTO_TCP, option, value)
