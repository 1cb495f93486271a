"""What the tests of stores share."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from merger.systems.functions import canonical
from merger.systems.kinds import Kind
from merger.systems.stores import Plain, Store, open_target

DIALECTS = ("postgresql", "mariadb", "sqlite")
PAIRS = [(source, target) for source in DIALECTS for target in DIALECTS]


def run(url: sa.URL, *statements: str) -> None:
    """Runs statements in a database, without a transaction; `{t}` is what tables are qualified with."""
    with open_target(url, True) as store:
        for one in statements:
            store.run(one.replace("{t}", "tgt." if store.dialect == "sqlite" else ""))


def as_lines(store: Store, columns: Mapping[str, Plain], rows: Sequence[Sequence[object]]) -> sa.Select:
    """A select of literal rows whose columns are texts as lines have them."""
    given = store.literals(
        "given_rows", {"at": "integer", **columns}, [(at, *row) for at, row in enumerate(rows)]
    )
    shown = []
    for name, kind in columns.items():
        value = given.c[name]
        if kind == "integer":
            value = sa.cast(value, sa.CHAR if store.dialect == "mariadb" else sa.Text)
        if kind == "bytes":
            value = sa.literal("\\x").concat(canonical(value, Kind.BYTES, Kind.BYTES))
        shown.append(value.label(name))
    return sa.select(*shown).order_by(given.c.at)


def landed(store: Store, name: str, columns: Sequence[str]) -> list[tuple]:
    """The rows of a landing table, in any order."""
    asked = sa.select(store.landing(name, columns))
    return sorted((tuple(row) for row in store.connection.execute(asked)), key=repr)
