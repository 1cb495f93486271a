"""A column of addresses in free text: the new code beside each, its outcome and its confidence; streamed."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl

from merger.addresses import AddressAnswer, Addresses
from merger.lineage import Outcome
from merger.mapping.models import Follows
from merger.recode.keys import CODE, text_key
from merger.recode.model import Column, Count, Recoded, need_columns, need_free
from merger.recode.tables import Beside, opened, read_batches, written


def recode_addresses(
    source: Path,
    column: str,
    addresses: Addresses,
    out: Path,
    *,
    to: date,
    at: date | None = None,
    follow: Follows | None = None,
    replace: bool = False,
) -> Recoded:
    """Writes `source` to `out` with `<column>_new`, `<column>_outcome` and `<column>_confidence`.

    Every other cell stays as it was, and so does the order of rows. Raises InputError for a table that cannot
    be used, Refused for an output that is the input, or is there and not to be replaced.
    """
    named = Column(column)
    added = [named.new, named.outcome, f"{column}_confidence"]
    counts: Counter[tuple[str, str]] = Counter()
    with opened(source, [out], replace=replace) as table:
        need_columns(str(table.path), [column], table.columns)
        need_free(str(table.path), added, table.columns)
        beside = Beside(table)
        for rows in read_batches(table.frame.select(text_key(table, column, CODE)), table.path):
            answers = addresses.find_all(rows[CODE], to=to, at=at, follow=follow)
            counts.update((answer.outcome.value, answer.reason) for answer in answers)
            beside.add(_cells(answers, added))
        written(table, [(out, beside.frame(), added)], replace=replace)
    found = tuple(Count(column, *key, rows) for key, rows in sorted(counts.items()))
    undecided = sum(one.rows for one in found if not Outcome(one.outcome).decided)
    return Recoded(sum(one.rows for one in found), undecided, found)


def _cells(answers: list[AddressAnswer], names: list[str]) -> pl.DataFrame:
    new = [answer.successors[0].code if answer.outcome.decided else None for answer in answers]
    return pl.DataFrame(
        [
            pl.Series(names[0], new, pl.String),
            pl.Series(names[1], [answer.outcome.value for answer in answers], pl.String),
            pl.Series(names[2], [f"{answer.confidence:.4f}" for answer in answers], pl.String),
        ]
    )
