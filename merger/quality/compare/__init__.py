"""Two independent sources of one reorganisation side by side, before anyone migrates by either.

A source is a mapping (file or folder), a crosswalk as CSV, or a list of changes as CSV. `read_sources`
reads two of them for one day, `compare` says where they agree, differ and contradict each other.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from merger.errors import Finding, InputError
from merger.mapping import load
from merger.mapping.models import UnitKind
from merger.quality.compare.judge import compare
from merger.quality.compare.mappings import days_of, mapping_source, one_day, pairs_on
from merger.quality.compare.model import (
    Comparison,
    Counts,
    NamesDiffer,
    Pair,
    Source,
    UnitVerdict,
    Verdict,
    pair_in_words,
)
from merger.quality.compare.tables import changes_of, crosswalk_source, holds_changes, read

__all__ = [
    "Comparison",
    "Counts",
    "NamesDiffer",
    "Pair",
    "Source",
    "UnitVerdict",
    "Verdict",
    "compare",
    "pair_in_words",
    "read_sources",
]

Ready = tuple[set[date] | None, Callable[[date], Source]]


def read_sources(
    a: Path, b: Path, kind: UnitKind = UnitKind.COMMUNE, on: date | None = None
) -> tuple[Source, Source]:
    """Reads two sources. `on` is the first day of the new units; left out, it is the one day of which the
    sources speak (of the first that has one day only).

    Raises InputError with the findings of both, or where a source speaks of no day or of several.
    """
    read: list[Ready] = []
    findings: list[Finding] = []
    for path in (a, b):
        try:
            read.append(_read(path, kind))
        except InputError as error:
            findings += error.findings
    if findings:
        raise InputError(findings)
    dated = [(days, path) for (days, _), path in zip(read, (a, b), strict=True) if days is not None]
    dated.sort(key=lambda one: len(one[0]) != 1)
    day = on or (one_day(dated[0][0], str(dated[0][1])) if dated else date.max)
    one, other = (source(day) for _, source in read)
    return one, other


def _read(path: Path, kind: UnitKind) -> Ready:
    """The days of which a source speaks (None for a crosswalk, which has no day), and how to read one."""
    if path.suffix.lower() != ".csv":
        loaded = load([path])
        return days_of(loaded.mapping, kind), lambda on: mapping_source(loaded, str(path), on, kind)
    table = read(path)
    if not holds_changes(table):
        source = crosswalk_source(table)
        return None, lambda _: source
    definitions, places = changes_of(table, kind)

    def changes(on: date) -> Source:
        pairs = pairs_on(definitions, on, kind, places.get(on, {}), str(path))
        return Source(str(path), {(pair.old, pair.new): pair for pair in pairs})

    return days_of(definitions, kind), changes
