"""Rows spoilt in ways that real systems know, each by its name."""

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from merger.systems.profile import Dataset, Profile, Value
from merger.testing.records import Record, steps

PLACEHOLDER = "000000001"


@dataclass(frozen=True)
class Dirty:
    """A spoilt row: its cells, and the names of the ways in which it was spoilt."""

    row: Record
    ways: tuple[str, ...]


Spoil = Callable[[Any], Any]
Where = Callable[[Dataset], Sequence[Value]]


def _codes(dataset: Dataset) -> list[Value]:
    units = [one.value for one in dataset.units.values()]
    return [*units, *(one.value for one in dataset.agencies.values())]


def _texts(dataset: Dataset) -> list[Value]:
    return [Value(column=column) for column in dataset.personal]


def _only(name: str) -> Where:
    def where(dataset: Dataset) -> list[Value]:
        value = getattr(dataset, name)
        return [value] if value is not None else []

    return where


def _references(dataset: Dataset) -> list[Value]:
    found = dataset.references.values()
    return [Value.model_validate({"column": one.column, "json": one.json_path}) for one in found]


WAYS: Mapping[str, tuple[Where, Spoil]] = {
    "code-missing": (_codes, lambda _: None),
    "code-empty": (_codes, lambda _: ""),
    "code-with-spaces": (_codes, lambda code: f" {code}"),
    "code-unknown": (_codes, lambda code: f"9{code}9"),
    "code-in-lower-case": (_codes, lambda code: str(code).lower()),
    "code-without-zeros": (_codes, lambda code: str(code).lstrip("0")),
    "day-missing": (_only("dated_by"), lambda _: None),
    "day-unreadable": (_only("dated_by"), lambda _: "2025-02-30"),
    "state-unknown": (_only("status"), lambda state: f"{state}?"),
    "service-missing": (_only("service"), lambda _: None),
    "number-missing": (_only("number"), lambda _: None),
    "number-twice": (_only("number"), lambda _: "the-same-number"),
    "reference-nowhere": (_references, lambda _: -7),
    "text-decomposed": (_texts, lambda text: unicodedata.normalize("NFD", str(text))),
    "text-in-capitals": (_texts, lambda text: str(text).upper()),
    "text-with-spaces": (_texts, lambda text: f"  {text}\u00a0"),
    "text-empty": (_texts, lambda _: ""),
    "text-is-a-placeholder": (_texts, lambda _: PLACEHOLDER),
}
"""Every way of spoiling a row: which values it spoils, and how."""


def dirt(
    rows: st.SearchStrategy[Record], profile: Profile, dataset: str, ways: Sequence[str] = tuple(WAYS)
) -> st.SearchStrategy[Dirty]:
    """Rows of a dataset, each spoilt in one to three of `ways` (all of WAYS unless said) that it can be.

    Rows that can be spoilt in none of them are not drawn. Raises ValueError where the dataset has nothing of
    the kind.
    """
    there = profile.datasets[dataset]
    possible = [name for name in ways if _cells(there, name)]
    if not possible:
        raise ValueError(f"{profile.id}/{dataset}: {', '.join(ways)}")
    return _dirt(rows, there, possible)


@st.composite
def _dirt(draw: st.DrawFn, rows: st.SearchStrategy[Record], dataset: Dataset, ways: Sequence[str]) -> Dirty:
    row = dict(draw(rows))
    possible = [name for name in ways if _spoilable(row, dataset, name)]
    assume(possible)
    done = []
    for name in draw(st.lists(st.sampled_from(possible), min_size=1, max_size=3, unique=True)):
        if cells := _spoilable(row, dataset, name):  # what was spoilt before may have left nothing
            _spoil(row, draw(st.sampled_from(cells)), WAYS[name][1])
            done.append(name)
    return Dirty(row, tuple(done))


def _spoilable(row: Record, dataset: Dataset, way: str) -> list[Value]:
    """The values that a way changes in this row: not all codes have zeros, nor all texts marks."""
    return [value for value in _cells(dataset, way) if _spoil(dict(row), value, WAYS[way][1])]


def _cells(dataset: Dataset, way: str) -> list[Value]:
    """The values in the dataset's own table that a way can spoil."""
    return [value for value in WAYS[way][0](dataset) if value.column]


def _spoil(row: Record, value: Value, spoil: Spoil) -> bool:
    """Spoils one value, also inside of JSON; whether that changed anything."""
    if value.column not in row:
        return False
    before = row[value.column]
    if not value.json_path:
        row[value.column] = spoil(before)
    else:
        tree = json.loads(before)
        *path, last = steps(value.json_path)
        place = tree
        for name in path:
            place = place[name]
        place[last] = spoil(place[last])
        row[value.column] = json.dumps(tree, ensure_ascii=False)
    return bool(row[value.column] != before)
