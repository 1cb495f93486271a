"""Rows of dossiers and documents as a profile describes them, with codes of a mapping.

What is drawn is sound: the codes are in force on the row's day, the number is the agency's, the deadline lies
after the day. `dirt` spoils it.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from random import Random
from typing import Any

from hypothesis import strategies as st

from merger.lineage import Lineage, build
from merger.mapping.models import Mapping as Definitions
from merger.mapping.models import UnitKind
from merger.systems.profile import Dataset, Profile, Value
from merger.testing.country import country

Record = dict[str, Any]
"""A row by its columns. A column of JSON holds its text."""

FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "K'")
GIVEN = ("An", "Bình", "Hòa", "Lan", "Thúy", "Ước")
WRITTEN: Mapping[str, Callable[[datetime], Any]] = {
    "iso": lambda moment: moment.isoformat(" "),
    "dd/MM/yyyy": lambda moment: f"{moment:%d/%m/%Y}",
    "dd/MM/yyyy HH:mm": lambda moment: f"{moment:%d/%m/%Y %H:%M}",
    "dd/MM/yyyy HH:mm:ss": lambda moment: f"{moment:%d/%m/%Y %H:%M:%S}",
    "yyyyMMddHHmmss": lambda moment: f"{moment:%Y%m%d%H%M%S}",
    "yyyyMMdd": lambda moment: f"{moment:%Y%m%d}",
    "epoch_ms": lambda moment: int((moment - datetime(1970, 1, 1)).total_seconds() * 1000),
}
"""How a moment is written, by the name that profiles give it."""


def dossiers(
    profile: Profile, mapping: Definitions | None = None, dataset: str = ""
) -> st.SearchStrategy[Record]:
    """Rows of the dataset of dossiers: the one that is named, else the first whose work goes by a service.

    `mapping`: where the codes come from; a made-up one unless given. Raises ValueError where the profile has
    no such dataset.
    """
    return _records(profile, mapping, dataset, lambda one: one.service is not None)


def documents(
    profile: Profile, mapping: Definitions | None = None, dataset: str = ""
) -> st.SearchStrategy[Record]:
    """Rows of the dataset of documents: the one that is named, else the first whose holder keeps documents
    under a number. Otherwise as `dossiers`."""

    def holds(one: Dataset) -> bool:
        return one.number is not None and any(field.works == "documents" for field in one.agencies.values())

    return _records(profile, mapping, dataset, holds)


class Known:
    """What a mapping knows, by day."""

    def __init__(self, mapping: Definitions) -> None:
        self.mapping = mapping
        self.lineage: Lineage = build(mapping)

    @cached_property
    def changes(self) -> list[date]:
        """The days on which something changes."""
        agencies = {file.effective for file in self.mapping.agencies}
        return sorted({*self.lineage.change_dates(), *agencies}) or [date(2025, 7, 1)]

    @cached_property
    def services(self) -> list[str]:
        """Codes of services."""
        return [one.service.code for file in self.mapping.services for one in file.services]

    @cached_property
    def hamlets(self) -> list[str]:
        """Names of localities."""
        return [name for file in self.mapping.localities for one in file.localities for name in one.names]

    def days(self) -> st.SearchStrategy[date]:
        """Days from a year before the first change to a month after the last."""
        return st.dates(self.changes[0] - timedelta(days=365), self.changes[-1] + timedelta(days=30))

    def units(self, kind: UnitKind, day: date) -> Sequence[str]:
        """Codes of units in force on a day."""
        return self._by_span(("units", kind), day, lambda on: sorted(
            {one.code for one in self.lineage.roster(kind, on)}))  # fmt: skip

    def agencies(self, day: date) -> Sequence[str]:
        """Codes of agencies of a day, in both written forms."""
        return self._by_span(("agencies",), day, self._agencies)

    def _agencies(self, day: date) -> list[str]:
        found = []
        for file in self.mapping.agencies:
            for one in file.before if day < file.effective else file.after:
                found += [code for code in (one.agency.code, one.former) if code]
        return found

    def _by_span(self, what: tuple[Any, ...], day: date, ask: Callable[[date], list[str]]) -> Sequence[str]:
        spans: dict[Any, list[str]] = self.__dict__.setdefault("_spans", {})
        key = (*what, bisect_right(self.changes, day))
        if key not in spans:
            spans[key] = ask(day)
        return spans[key]


def known(mapping: Definitions) -> Known:
    """What a mapping knows; that of the last mapping is remembered, since it takes long to find out."""
    if not _last or _last[0] is not mapping:
        _last[:] = [mapping, Known(mapping)]
    found: Known = _last[1]
    return found


@cache
def known_made_up() -> Known:
    """What a small made-up mapping knows."""
    return Known(country(Random(0)))


_last: list[Any] = []


def _records(
    profile: Profile, mapping: Definitions | None, name: str, fits: Callable[[Dataset], bool]
) -> st.SearchStrategy[Record]:
    name = name or next((one for one, dataset in profile.datasets.items() if fits(dataset)), "")
    if name not in profile.datasets:
        raise ValueError(f"{profile.id}: {name or 'no dataset of this kind'}")
    return _record(profile.datasets[name], known(mapping) if mapping else known_made_up())


@st.composite
def _record(draw: st.DrawFn, dataset: Dataset, codes: Known) -> Record:
    """One row. Columns that the profile does not read are left out."""
    day = draw(codes.days())
    moment = datetime.combine(day, datetime.min.time()) + timedelta(minutes=draw(st.integers(0, 1439)))
    held = draw(_of(codes.agencies(day), "Z00.01"))
    cells: dict[tuple[str, str], Any] = {}

    def put(value: Value | None, content: Any) -> None:
        if value is not None and value.column:
            cells.setdefault((value.column, value.json_path), content)
        elif value is not None and value.lookup:
            cells.setdefault((value.looked_up()[0], ""), 1)

    for unit in dataset.units.values():
        put(unit.value, draw(_of(codes.units(unit.kind, day), "00000")))
    for agency in dataset.agencies.values():
        put(agency.value, held)
    put(dataset.service, draw(_of(codes.services, "1.000001")) if dataset.service else None)
    for value, when in ((dataset.dated_by, moment), (dataset.deadline, moment + timedelta(days=10))):
        put(value, WRITTEN[value.time or "iso"](when) if value else None)
    put(dataset.status, draw(_of((*dataset.pending, *dataset.finished), "")) if dataset.status else None)
    if dataset.number:
        put(dataset.number, f"{held}-{day:%y%m%d}-{draw(st.integers(1, 9999)):04d}")
    if dataset.locality:
        house = draw(st.integers(1, 999))
        put(dataset.locality, f"{house} {draw(_of(codes.hamlets, 'Thôn 1'))}")
    put(dataset.workflow, draw(st.none() | st.just("p-1")) if dataset.workflow else None)
    for one in dataset.references.values():
        cells.setdefault((one.column, one.json_path), draw(st.integers(1, 9)))
    inside = {value.column for value in dataset.columns.values() if value.json_path}
    for column in dataset.personal:
        if column not in inside and not any(name == column for name, _ in cells):
            cells[column, ""] = draw(_names())
    for value in dataset.columns.values():
        put(value, draw(_plain(value, moment)))
    for column in dataset.key:
        cells.setdefault((column, ""), draw(st.integers(1, 10**6)))
    return _as_row(cells)


def _plain(value: Value, moment: datetime) -> st.SearchStrategy[Any]:
    """What a column holds that only is carried over."""
    if value.values:
        return st.sampled_from(list(value.values))
    if value.time:
        return st.just(WRITTEN[value.time](moment))
    return _names() | st.none()


def _names() -> st.SearchStrategy[str]:
    return st.builds(
        lambda family, given: f"{family} {given}", st.sampled_from(FAMILIES), st.sampled_from(GIVEN)
    )


def _of(found: Sequence[str], other: str) -> st.SearchStrategy[str]:
    """One of what was found, or the other where nothing was."""
    return st.sampled_from(found) if found else st.just(other)


def _as_row(cells: Mapping[tuple[str, str], Any]) -> Record:
    """Columns with their JSON put together."""
    row: Record = {}
    trees: dict[str, Any] = {}
    for (column, path), content in cells.items():
        if path:
            _put(trees.setdefault(column, {}), steps(path), content)
        else:
            row[column] = content
    return row | {column: json.dumps(tree, ensure_ascii=False) for column, tree in trees.items()}


def steps(path: str) -> list[str]:
    """The names on a path inside JSON, as `$.a.b` writes it."""
    return [
        step
        for step in path.lstrip("$").replace("[", ".").replace("]", "").replace('"', "").split(".")
        if step
    ]


def _put(tree: dict[str, Any], names: Sequence[str], content: Any) -> None:
    for name in names[:-1]:
        tree = tree.setdefault(name, {})
    tree[names[-1]] = content
