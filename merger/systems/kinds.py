"""What a column holds, whatever its database calls it.

Two columns of one kind hold the same values and write them alike (docs/canonical-form.md); what a value of
one kind becomes in a column of another is said by `merger.systems.functions.canonical`; which kind a column
is of, by `merger.systems.column_kinds.kind_of`.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What a column holds.

    TEXT    text. NUMBER: integers and exact decimals. FLOAT: floating point of 64 bits
    TIME    day and time without a zone. MOMENT: with one, written in UTC. DAY: a day. CLOCK: a time of day
    BOOL    true and false. BYTES: binary. UUID
    JSON    the text of a document, kept as it is. JSONB: a document that the database writes in its own way
    NORMAL  such a document of rows from MariaDB, written by what it says
    LOOSE   what a column of numbers holds in SQLite: numbers as numbers, anything else as it is
    REAL    the same of a column of floating point numbers: whole numbers become such, too
    ANY     any value, as it is
    """

    TEXT = "text"
    NUMBER = "number"
    FLOAT = "float"
    TIME = "time"
    MOMENT = "moment"
    DAY = "day"
    CLOCK = "clock"
    BOOL = "bool"
    BYTES = "bytes"
    JSON = "json"
    JSONB = "jsonb"
    NORMAL = "normal"
    UUID = "uuid"
    LOOSE = "loose"
    REAL = "real"
    ANY = "any"


DYNAMIC = frozenset({Kind.ANY, Kind.LOOSE, Kind.REAL})
"""The kinds of columns that leave it to each value what it is."""
TIMES = frozenset({Kind.TIME, Kind.MOMENT, Kind.DAY})
"""The kinds whose values are days, with a time or without."""
WRITTEN = frozenset({Kind.TEXT, Kind.JSON, Kind.JSONB, *DYNAMIC})
"""The kinds whose values stand for themselves when they are text."""
