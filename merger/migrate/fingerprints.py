"""What a source was when a plan was made, so that apply can see whether it still is."""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from merger.approval import canonical_digest
from merger.migrate.campaign import SourceSystem
from merger.migrate.model import Fingerprint
from merger.systems.functions import canonical, fenced, fold, folded, row_hash
from merger.systems.profile import Profile
from merger.systems.stores import Store


def schema_of(store: Store, profile: Profile) -> dict[str, list[list[str]]]:
    """The columns (name, type) of every table that a profile names."""
    return {
        table: [[column.name, column.declared] for column in store.columns(table).values()]
        for table in sorted({dataset.table for dataset in profile.datasets.values()})
    }


def schema_digest(store: Store, profile: Profile) -> str:
    """The digest of `schema_of`."""
    return canonical_digest(schema_of(store, profile))


def fingerprint(
    store: Store, source: SourceSystem, combinations: Mapping[str, Iterable[str]], *, content: bool
) -> Fingerprint:
    """Of an opened source: its schema, its distinct combinations, by their keys, and, where asked, every
    cell."""
    keys = {name: sorted(found) for name, found in combinations.items()}
    return Fingerprint(
        schema_=schema_digest(store, source.profile),
        combinations=canonical_digest(keys),
        content=content_digest(store, source.profile) if content else "",
    )


def content_digest(store: Store, profile: Profile) -> str:
    """The digest of every cell of every table that a profile names, whatever the order of rows."""
    folds = {}
    for table in schema_of(store, profile):
        kinds = store.columns(table)
        texts = [canonical(sa.column(name), one.kind, one.kind) for name, one in kinds.items()]
        rows = sa.select(row_hash(texts).label("hash")).select_from(sa.table(table, schema=store.schema))
        inner = fenced(rows, "hashed")
        *words, rows = store.connection.execute(
            sa.select(*fold(inner.c.hash), sa.func.count()).select_from(inner)
        ).one()
        folds[table] = [folded(words), str(rows)]
    return canonical_digest(folds)
