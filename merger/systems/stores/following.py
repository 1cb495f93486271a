"""How a server that is the replica of another follows it. A replica that stands still proves nothing of its
primary: it may be paused, cut off, or behind.

PostgreSQL tells everybody; MariaDB tells how far behind a replica is only to accounts with `REPLICA MONITOR`
(before 10.5.9 `SUPER` or `REPLICATION CLIENT`), and everybody whether it replicates at all.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from merger.systems.stores.failures import NOT_ALLOWED, DatabaseFailed

State = Literal["follows", "behind", "paused", "cut-off", "untold"]
PATIENCE_S = 5
"""Seconds in which a standby is to replay what it had received when it was asked."""

_STANDBY = sa.text("""
    SELECT CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() END AS paused,
        EXISTS (SELECT FROM pg_stat_wal_receiver) AS receives,
        pg_last_wal_receive_lsn() AS received,
        extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::bigint AS seconds""")
_REPLAYED = sa.text("SELECT pg_last_wal_replay_lsn() >= CAST(:received AS pg_lsn)")
_LOOK = 0.1


@dataclass(frozen=True)
class Following:
    """`state`: it follows; it is behind; applying is paused, or receiving is cut off; or it does not tell.
    `seconds`: how old the last change is that it has, where it is known."""

    state: State
    seconds: int | None = None


def of_postgresql(connection: sa.Connection) -> Following | None:
    """How a standby follows; None for a server that is none."""
    found = connection.execute(_STANDBY).one()
    if found.paused is None:
        return None
    if found.paused:
        return Following("paused", found.seconds)
    if not found.receives or found.received is None:
        return Following("cut-off", found.seconds)
    end = time.monotonic() + PATIENCE_S
    while not connection.execute(_REPLAYED, {"received": found.received}).scalar():
        if time.monotonic() > end:
            return Following("behind", found.seconds)
        time.sleep(_LOOK)
    return Following("follows")


def of_mariadb(connection: sa.Connection) -> Following | None:
    """How a replica follows; None for a server that is none, as far as it tells."""
    try:
        found = connection.exec_driver_sql("SHOW ALL SLAVES STATUS").mappings().all()
    except DatabaseFailed as error:
        if error.key != NOT_ALLOWED:
            raise
        return _of_mariadb_untold(connection)
    states = [
        Following("cut-off")
        if one["Slave_IO_Running"] != "Yes"
        else Following("paused")
        if one["Slave_SQL_Running"] != "Yes"
        else Following("behind", one["Seconds_Behind_Master"])
        if one["Seconds_Behind_Master"]
        or (one["Relay_Master_Log_File"], one["Exec_Master_Log_Pos"])
        != (one["Master_Log_File"], one["Read_Master_Log_Pos"])
        else Following("follows")
        for one in found
    ]
    return next((one for one in states if one.state != "follows"), states[0] if states else None)


def _of_mariadb_untold(connection: sa.Connection) -> Following | None:
    """What everybody may ask: a server that only reads, and has replicated, is a replica that was stopped."""
    asked = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Slave_running', 'Slaves_running')"
    running = {str(one[0]): str(one[1]) for one in connection.exec_driver_sql(asked)}
    if running.get("Slave_running") == "ON" or int(running.get("Slaves_running", 0)):
        return Following("untold")
    has_followed = "SELECT @@GLOBAL.read_only AND @@GLOBAL.gtid_slave_pos <> ''"
    return Following("cut-off") if connection.exec_driver_sql(has_followed).scalar() else None
