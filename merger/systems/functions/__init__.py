"""Functions that databases do not have in common: one name, one meaning, each database's own words.

PostgreSQL and MariaDB compute them in SQL that any account may run; SQLite by functions that
`merger.systems.sqlite` registers. A session is to be set as `session` says.
"""

from merger.systems.functions.clocks import period, period_of_time, read_time
from merger.systems.functions.construct import Construct
from merger.systems.functions.documents import json_ok, json_value
from merger.systems.functions.files import file_digits
from merger.systems.functions.forms import canonical, encoded, text_of_key, unfit
from merger.systems.functions.hashes import (
    SERVER_UTF8,
    bucket,
    fenced,
    fold,
    folded,
    quick_hash,
    row_digits,
    row_hash,
    summed,
    sums,
    sums_undivided,
)  # fmt: skip
from merger.systems.functions.room import cramped, rounded, unlisted, unwritable
from merger.systems.functions.texts import (
    alike,
    as_text,
    exact,
    first,
    replaced,
    trimmed,
)  # fmt: skip


def session(dialect: str) -> tuple[str, ...]:
    """The statements that a session begins with, so that values are written as the functions expect."""
    from merger.systems.functions import mariadb, postgresql

    settings = {"postgresql": postgresql.SESSION, "mariadb": mariadb.SESSION}
    return settings.get(dialect, ())


__all__ = [
    "SERVER_UTF8", "Construct", "alike", "as_text", "bucket", "canonical", "cramped", "encoded", "exact",
    "fenced", "file_digits", "first", "fold", "folded", "json_ok", "json_value",
    "period", "period_of_time", "quick_hash", "read_time", "replaced", "rounded", "row_digits", "row_hash",
    "session", "summed", "sums", "sums_undivided", "text_of_key", "trimmed", "unfit", "unlisted",
    "unwritable",
]  # fmt: skip
