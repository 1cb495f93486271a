"""The reader measured on real resolutions against the collected facts: every pair found, none wrong."""

import csv
import os
import random
import re
import unicodedata
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from drafting_files import edges

from merger.errors import Severity
from merger.mapping.drafting import read_resolution
from merger.mapping.imported import Imported
from merger.mapping.models import UnitsFile

ROOT = Path(__file__).resolve().parents[2]

COUNTS = {
    "1654": 302,
    "1656": 795,
    "1658": 313,
    "1662": 271,
    "1669": 450,
    "1671": 331,
    "1674": 404,
    "1676": 482,
    "1679": 184,
    "1684": 335,
    "1685": 492,
    "1687": 359,
}
"""Pairs of old and new commune that each resolution makes or keeps."""


@cache
def _shared() -> Path:
    given = os.environ.get("MERGER_SHARED")
    candidates = [Path(given)] if given else [parent / "shared" for parent in ROOT.parents]
    for folder in candidates:
        if (folder / "data" / "vn").is_dir() and (folder / "data" / "resolutions").is_dir():
            return folder / "data"
    pytest.skip("not run: the folder ../shared with the collected facts is absent")


def _rows(name: str) -> list[dict[str, str]]:
    with (_shared() / "vn" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _facts() -> dict[str, dict[tuple[str, str], tuple[str, str, str]]]:
    facts: dict[str, dict[tuple[str, str], tuple[str, str, str]]] = defaultdict(dict)
    for row in _rows("commune_crosswalk.csv"):
        said = (row["extent"], row["population"], row["clause"])
        facts[row["resolution"][:4]][row["old_code"], row["new_code"]] = said
    return facts


def _resolution(number: str) -> Path:
    return _shared() / "resolutions" / f"{number}_NQ-UBTVQH15.md"


def _read(path: Path, *names: str) -> Imported:
    before = [_shared() / "vn" / name for name in names or ("communes_old", "districts_old", "provinces_old")]
    after = [_shared() / "vn" / name for name in ("communes_new.csv", "provinces_new.csv")]
    return read_resolution([path], "x", [path.with_suffix(".csv") for path in before], after)


def _errors(imported: Imported) -> list[str]:
    return [str(one) for one in imported.findings if one.severity is Severity.ERROR]


@pytest.mark.shared
@pytest.mark.parametrize("number", COUNTS)
def test_every_pair_of_a_resolution_is_found_and_none_is_wrong(number):
    imported = _read(_resolution(number))
    file = imported.drafts[0].value
    assert isinstance(file, UnitsFile)
    clauses = {}
    for entry in file.communes:
        refs = [entry.keep] if entry.keep else [one.unit for one in entry.from_]
        clauses |= {(ref.code, entry.unit.code): entry.clause for ref in refs}
    found = {pair: (*amount, clauses[pair]) for pair, amount in edges(imported).items()}
    assert found == _facts()[number]
    assert len(found) == COUNTS[number]
    assert _errors(imported) == []


@pytest.mark.shared
def test_areas_without_a_code_are_found():
    special = [row for row in _rows("special_sources.csv") if row["resolution"][:4] in COUNTS]
    found = []
    for number in sorted({row["resolution"][:4] for row in special}):
        file = _read(_resolution(number)).drafts[0].value
        assert isinstance(file, UnitsFile)
        found += [
            (entry.unit.code, area.district.code if area.district else "", entry.clause)
            for entry in file.communes
            for area in entry.areas
        ]
    assert sorted(found) == sorted((row["new_code"], row["district_code"], row["clause"]) for row in special)


@pytest.mark.shared
def test_quoted_words_stand_in_the_resolution():
    path = _resolution("1671")
    text = unicodedata.normalize("NFC", path.read_text("utf-8"))
    plain = " ".join(re.sub(r"[*\\]", "", text).split())
    file = _read(path).drafts[0].value
    assert isinstance(file, UnitsFile)
    words = [one.words for entry in file.communes for one in (*entry.from_, *entry.areas)]
    words += [entry.words for entry in file.communes if entry.keep]
    assert len(words) == COUNTS["1671"]
    assert all(one and one in plain for one in words)


@pytest.mark.shared
@pytest.mark.parametrize("number", ["1671", "1687"])
def test_names_of_districts_may_come_from_the_shipped_definitions(number):
    imported = _read(_resolution(number), "communes_old")
    assert edges(imported) == {pair: said[:2] for pair, said in _facts()[number].items()}


def _spoilt(text: str, chance: random.Random) -> str:
    """The text with one place of its first article spoilt: a letter, a word, a name, a district, a line."""
    begin, end = text.index("như sau:"), text.index("Điều 2")
    kinds = [r"\w", r"\d", r"\S+\s", r"\s\((?:huyện|thị\s+xã|thành\s+phố|quận)[^)]*\)", r"[^\n]+\n"]
    places = list(re.finditer(chance.choice(kinds), text[begin:end], re.IGNORECASE))
    if not places:
        return text
    at = chance.choice(places)
    new = chance.choice(["", "", "a", "1", "Tân "])
    return text[: begin + at.start()] + new + text[begin + at.end() :]


@pytest.mark.shared
@pytest.mark.parametrize("number", ["1656", "1671", "1685", "1687"])
def test_a_spoilt_resolution_gives_no_wrong_edge_and_nothing_is_lost_silently(number, tmp_path):
    facts = _facts()[number]
    chance = random.Random(int(number))
    text = _resolution(number).read_text("utf-8")
    for _ in range(6):
        path = tmp_path / "spoilt.md"
        path.write_text(_spoilt(text, chance), "utf-8")
        imported = _read(path)
        found = edges(imported)
        wrong = [pair for pair in found if pair not in facts and not pair[1].startswith("new-")]
        assert wrong == []
        assert all(
            found[pair] in (facts[pair][:2], ("unspecified", "unspecified"))
            for pair in found
            if pair in facts
        )
        assert found.keys() >= facts.keys() or _errors(imported)
