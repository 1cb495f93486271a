"""What a source was when a plan was made, so that apply can see whether it still is."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import sqlalchemy as sa

from merger.approval import canonical_digest
from merger.errors import Refused
from merger.migrate.campaign import SourceSystem
from merger.migrate.combination import Combination
from merger.migrate.model import Fingerprint
from merger.systems.expressions import Column
from merger.systems.profile import Profile
from merger.systems.sqlite import SOURCE


def schema_of(connection: sa.Connection, profile: Profile, schema: str) -> dict[str, list[list[str]]]:
    """The columns (name, type) of every table that a profile names."""
    inspector = sa.inspect(connection)
    return {
        table: [
            [column["name"], str(column["type"])] for column in inspector.get_columns(table, schema=schema)
        ]
        for table in sorted({dataset.table for dataset in profile.datasets.values()})
    }


def missing(connection: sa.Connection, profile: Profile, schema: str) -> Iterator[str]:
    """Tables and columns that a profile names and the attached database does not have."""
    inspector = sa.inspect(connection)
    named: dict[str, set[str]] = defaultdict(set)
    for dataset in profile.datasets.values():
        values = dataset.values().values()
        named[dataset.table] |= {*dataset.key, *dataset.holder_columns, *dataset.place_columns}
        named[dataset.table] |= {name for names in dataset.unique.values() for name in names}
        named[dataset.table] |= {value.column for value in values if value.column}
        for reference in dataset.references.values():
            named[dataset.table].add(reference.column)
            if reference.on and reference.to in profile.datasets:
                named[profile.datasets[reference.to].table].add(reference.on)
        for local, other, column in (value.looked_up() for value in values if value.lookup):
            named[dataset.table].add(local)
            named[profile.datasets[other].table].add(column)
    for table, names in named.items():
        if not inspector.has_table(table, schema=schema):
            yield table
            continue
        there = {column["name"] for column in inspector.get_columns(table, schema=schema)}
        yield from (f"{table}.{name}" for name in sorted(names - there))


def require_columns(connection: sa.Connection, system: SourceSystem, schema: str) -> None:
    """Raises Refused where the attached database is not what its profile says."""
    absent = list(missing(connection, system.profile, schema))
    if absent:
        raise Refused("migrate.unlike-profile", system=system.system, missing=", ".join(absent))


def schema_digest(connection: sa.Connection, profile: Profile, schema: str) -> str:
    """The digest of `schema_of`."""
    return canonical_digest(schema_of(connection, profile, schema))


def fingerprint(
    connection: sa.Connection,
    source: SourceSystem,
    combinations: Mapping[str, Iterable[Combination]],
    *,
    content: bool,
) -> Fingerprint:
    """Of an attached source: its schema, its distinct combinations, and, where asked, every cell."""
    keys = {name: sorted(one.key for one in found) for name, found in combinations.items()}
    return Fingerprint(
        schema_=schema_digest(connection, source.profile, SOURCE),
        combinations=canonical_digest(keys),
        content=content_digest(connection, source.profile) if content else "",
    )


def content_digest(connection: sa.Connection, profile: Profile, schema: str = SOURCE) -> str:
    """The digest of every cell of every table that a profile names, whatever the order of rows."""
    folds = {}
    for table, columns in schema_of(connection, profile, schema).items():
        values: list[Column] = [sa.column(name) for name, _ in columns]
        theirs = sa.table(table, schema=schema)
        fold, rows = connection.execute(
            sa.select(sa.func.merger_fold(*values), sa.func.count()).select_from(theirs)
        ).one()
        folds[table] = [fold, str(rows)]
    return canonical_digest(folds)
