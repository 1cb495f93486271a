"""The real mapping of Viet Nam and, if they are beside the checkout, the facts that it was made of."""

import csv
import os
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from merger.lineage import Lineage, build
from merger.mapping import LoadedMapping, load, shipped
from merger.mapping.models import Change, UnitEntry, UnitsFile

ROOT = Path(__file__).resolve().parents[2]
FOLDER = shipped() / "vn-2025"
DAY = date(2025, 7, 1)
BEFORE = date(2025, 6, 30)


def facts_folder() -> Path:
    given = os.environ.get("MERGER_SHARED")
    candidates = [Path(given)] if given else [parent / "shared" for parent in ROOT.parents]
    for folder in candidates:
        if (folder / "data" / "vn").is_dir():
            return folder / "data" / "vn"
    pytest.skip("not run: the folder ../shared with the collected facts is absent")


@cache
def rows(table: str) -> list[dict[str, str]]:
    with (facts_folder() / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert found
    return found


@cache
def loaded() -> LoadedMapping:
    return load([FOLDER])


@cache
def lineage() -> Lineage:
    return build(loaded().mapping)


def files(suffix: str = "") -> list[UnitsFile]:
    """The files of the reorganisation, or those whose id ends in `suffix`."""
    found = [file for file in loaded().mapping.units if re.fullmatch(rf"vn-2025-\d\d{suffix}", file.id)]
    assert found
    return found


def changes(suffix: str) -> list[Change]:
    found = [change for file in files(suffix) for change in file.changes]
    assert found
    return found


def entries() -> Iterator[tuple[UnitsFile, UnitEntry]]:
    return ((file, entry) for file in files() for entry in file.communes)


@cache
def edges() -> dict[tuple[str, str], tuple[str, str, str, str]]:
    """Land, people, resolution and clause by old and new code; a kept unit is its own predecessor."""
    found = {}
    for file, entry in entries():
        (act,) = [act.number for act in file.legal_basis if act.on == "communes"]
        for one in entry.from_:
            key = (one.unit.code, entry.unit.code)
            assert key not in found
            found[key] = (one.land.value, one.people.value, act, entry.clause)
        if entry.keep:
            found[entry.unit.code, entry.unit.code] = ("whole", "all", act, entry.clause)
    return found


def full_name(row: dict[str, str]) -> str:
    return f"{row['type']} {row['name']}"


def goes_on(change: Change) -> bool:
    """Whether a change only says that a unit which took another in goes on."""
    same = change.from_ is not None and change.to is not None and change.from_.code == change.to.code
    return same and change.what == "merge"
