"""What the ledger has of rows that earlier runs moved, for comparing what they claim now."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from merger.migrate.ledger.few import of_datasets
from merger.migrate.ledger.store import WITHDRAWN, Ledger
from merger.migrate.ledger.tables import kept_as

AT_ONCE = 1000
"""Keys that one statement asks for."""


def entered(ledger: Ledger, system: str, dataset: str) -> Iterator[tuple[str, object, bool]]:
    """(key in the source, key in the target, whether it was merged) of the rows of a dataset that were moved,
    and not withdrawn."""
    if ledger.there:
        row = ledger.rows.c
        asked = sa.select(row.source_key, row.target_key, row.merged).where(
            row.dataset_id == ledger.dataset_id(system, dataset), row.state != WITHDRAWN
        )
        options = {"stream_results": True}
        found = ledger.connection.execute(asked, execution_options=options)
        yield from ((one[0], one[1], one[2]) for one in found)


def hashes(ledger: Ledger, system: str, dataset: str, keys: Sequence[str]) -> dict[str, bytes]:
    """The hashes of rows as they were moved last, by their keys in the source."""
    found: dict[str, bytes] = {}
    row, number = ledger.rows.c, ledger.dataset_id(system, dataset)
    for start in range(0, len(keys), AT_ONCE):
        asked = sa.select(row.source_key, row.row_hash).where(
            row.dataset_id == number, row.source_key.in_(keys[start : start + AT_ONCE])
        )
        found |= {key: bytes(hash_) for key, hash_ in ledger.connection.execute(asked)}
    return found


def fed(ledger: Ledger, target: str, keys: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """(system, dataset, key there) of the rows that came from a source, by those of the keys (as text) of a
    dataset of the target under which they stand."""
    found: dict[str, tuple[str, str, str]] = {}
    row, feeding = ledger.rows.c, ledger.datasets_into(target)
    given: list[object] = list(keys)
    if ledger.connection.dialect.name == "sqlite":
        given = [kept for one in keys for kept in kept_as(one)]
    for start in range(0, len(given), AT_ONCE):
        asked = sa.select(row.target_key, row.dataset_id, row.source_key).where(
            row.target_key.in_(given[start : start + AT_ONCE]), of_datasets(ledger.rows, feeding),
            row.merged == sa.false(), row.state != WITHDRAWN,
        )  # fmt: skip
        found |= {str(one[0]): (*feeding[one[1]], one[2]) for one in ledger.connection.execute(asked)}
    return found
