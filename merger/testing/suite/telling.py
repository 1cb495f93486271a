"""What a broken law of a job shows: what does not agree, and the rows on which it does not, in the words of
the mapping."""

import ast
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from merger.errors import MergerError
from merger.mapping.models import UnitKind
from merger.messages import current, text
from merger.migrate.model import Difference
from merger.report.words import Words
from merger.systems.profile import Dataset, Role
from merger.testing.suite.own import Own
from merger.testing.trials import LEDGER, Trial

SHOWN = 3
_INSTEAD = ": (?P<found>.*) instead of (?P<expected>.*)"
_PHRASES = (
    ("holds", r"(?P<where>\S+): rows of holds, held"),
    ("ledger", r"(?P<where>\S+): in the ledger, to move"),
    ("moved", r"(?P<where>\S+): rows, before and moved"),
    ("ends", r"(?P<where>\S+): moved \+ held \+ excluded, in scope"),
    ("source", r"(?P<where>\S+): rows of the source, in scope"),
    ("unit", r"(?P<where>\S+) unit (?P<unit>\S+): sum, in scope"),
    ("units", r"(?P<where>\S+): sum over units, in scope"),
    ("old-unit", r"(?P<where>\S+): rows by old unit"),
    ("code", r"(?P<where>\S+): rows by code of (?P<name>\S+)"),
    ("state", r"state of the second time"),
    ("second-time", r"tables changed by the second time"),
    ("resumed", r"tables that differ after (?P<failpoint>\S+)"),
    ("kept", r"rows kept"),
    ("restored", r"tables not restored"),
    ("checks-applied", r"checks that fail just applied"),
    ("checks-after", r"checks that fail after (?P<failpoint>\S+)"),
)
"""What the laws say in few words, and the message that says it to people."""
_TABLE = re.compile(r"(?P<name>.+): (?P<before>[0-9]+) and (?P<after>[0-9]+) rows")
_CHECK = re.compile(r"(?P<where>\S+): (?P<code>\S+)(?P<detail>.*)", re.DOTALL)


class Shown(AssertionError):
    """A broken law with the rows on which it is, seen before the target was put back."""

    def __init__(self, failed: AssertionError, trial: Trial) -> None:
        super().__init__(*failed.args)
        self.rows = list(_rows(trial))


def told(trial: Trial, failed: AssertionError, job: Path, original: Path | None) -> str:
    """What a law says, and under it the first rows on which it does not hold; files as the job finds them.

    `original`: the target as it was before anything was tried, where it should be so again.
    """
    rows = failed.rows if isinstance(failed, Shown) else _rows(trial)
    shown = [*_said(str(failed)), *rows]
    if original is not None:
        shown += _tables(trial.target, original)
    return "\n  ".join(dict.fromkeys(shown)).replace(f"{trial.job.parent}/", f"{job.parent}/")


def _said(words: str) -> Iterator[str]:
    """The law's words in the present language; as they are where no message is known for them."""
    for name, phrase in _PHRASES:
        match = re.fullmatch(f"{phrase}{_INSTEAD}", words, re.DOTALL)
        if match:
            fields = match.groupdict()
            listed = _listed(fields["found"])
            yield text(f"testing.said.{name}", **fields)
            yield from (f"  {_item(one)}" for one in listed or ())
            return
    yield words


def _listed(words: str) -> list[str] | None:
    """The texts of a list that was written out."""
    if not words.startswith("["):
        return None
    try:
        return [str(one) for one in ast.literal_eval(words)]
    except (ValueError, SyntaxError):
        return None


def _item(words: str) -> str:
    """A table with its numbers of rows, or a check by its name."""
    table = _TABLE.fullmatch(words)
    if table:
        return f"{table['name']}: {table['before']} → {table['after']}"
    check = _CHECK.fullmatch(words)
    if not check:
        return words
    return f"{check['where']}: {Words(current()).check(check['code'])} ({check['detail'].strip()})"


def _rows(trial: Trial) -> Iterator[str]:
    """The first rows that verification finds lost or changed, with the unit of each."""
    try:
        differences = trial.verify().differences
    except (MergerError, OSError, sqlite3.Error):
        return  # nothing was applied, or the law broke before
    order = sorted(differences, key=lambda one: (one.system, one.dataset, len(one.key), one.key, one.column))
    for one in order[:SHOWN]:
        yield _row(trial, one)
    if len(order) > SHOWN:
        yield text("testing.more", count=len(order) - SHOWN)


def _row(trial: Trial, one: Difference) -> str:
    where = f"{one.system}/{one.dataset}"
    unit = _unit(trial, one)
    key = f"{one.kind}{'-of' if unit else ''}"
    return text(f"testing.row.{key}", where=where, key=one.key, column=one.column, unit=unit)


def _unit(trial: Trial, one: Difference) -> str:
    """The unit that the source's row names, in the words of the mapping; empty where there is none."""
    source = trial.campaign.source(one.system)
    dataset = source.profile.datasets[one.dataset]
    column = _unit_column(dataset)
    if not column:
        return ""
    asked = f'SELECT "{column}" FROM "{dataset.table}" WHERE CAST("{dataset.key[0]}" AS TEXT) = ?'
    with closing(sqlite3.connect(f"file:{source.file}?mode=ro", uri=True)) as connection:
        code = str((connection.execute(asked, (one.key,)).fetchone() or ("",))[0] or "")
    own = Own.of(trial.campaign.mapping)
    eve = trial.campaign.day - timedelta(days=1)
    there = own.lineage.version_at(UnitKind.COMMUNE, code, eve)
    versions = own.lineage.versions(UnitKind.COMMUNE, code)
    version = there or (versions[-1] if versions else None)
    return own.unit(version) if version else code


def _unit_column(dataset: Dataset) -> str:
    for unit in dataset.units.values():
        if unit.role is not Role.ORIGIN and unit.kind is UnitKind.COMMUNE and not unit.value.json_path:
            return unit.value.column
    return ""


def _tables(target: Path, original: Path) -> Iterator[str]:
    """The tables of the target that are not as they were, with the first row of each that is not."""
    with closing(sqlite3.connect(f"file:{target}?mode=ro", uri=True)) as connection:
        connection.execute("ATTACH DATABASE ? AS original", (f"file:{original.resolve()}?mode=ro",))
        names = connection.execute("SELECT name FROM original.sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in sorted(names):
            if name.startswith((LEDGER, "sqlite_")):
                continue
            for kind, one, other in (("more", "main", "original"), ("fewer", "original", "main")):
                asked = f'SELECT * FROM {one}."{name}" EXCEPT SELECT * FROM {other}."{name}" ORDER BY 1'
                rows = connection.execute(asked).fetchall()
                if rows:
                    yield text(f"testing.table.{kind}", table=name, rows=len(rows), key=rows[0][0])
