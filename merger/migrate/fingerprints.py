"""What a source was when a plan was made, so that apply can see whether it still is."""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from merger.approval import canonical_digest
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
