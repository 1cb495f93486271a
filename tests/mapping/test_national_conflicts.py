"""Where the sources of Viet Nam's mapping contradict each other: what is told, and what is no edge."""

import re
from collections import Counter

import pytest
from national_files import (
    FOLDER,
    edges,
    full_name,
    rows,
)

SAID = re.compile(r"  # (?P<old>\d{5}) (?P<name>.+?): (?P<by>(?:bảng|bản đọc|ghi chú|danh mục|phụ lục) .+)")


KEYS = {
    "bảng vac": "vac", "bảng vau": "vau", "bảng tt97": "tt97", "bản đọc dv25": "dv25", "bảng nso": "nso",
    "ghi chú nso": "nso_note", "danh mục cũ": "gso", "phụ lục 1027": "ctk1027",
}  # fmt: skip


def conflicts_told() -> Counter[tuple[str, str, str, str]]:
    """(new code, old code, old name, sources) of every comment above an entry."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for path in sorted(FOLDER.glob("*.yaml")):
        above: list[tuple[str, str, str]] = []
        for line in path.read_text("utf-8").splitlines():
            said = SAID.match(line)
            if said:
                words = [
                    next(word for word in KEYS if part.startswith(word))
                    for part in said["by"].split(", ")
                    if part.startswith(tuple(KEYS))
                ]
                above.append((said["old"], said["name"], ";".join(KEYS[word] for word in words)))
            elif line.startswith("  - "):
                entry = re.search(r"(?:into|keep): (\d{5}) ", line)
                found.update((entry[1], *one) for one in above if entry)
                above = []
    return found


@pytest.mark.shared
def test_every_conflict_between_sources_is_told_above_the_entries_that_it_is_about() -> None:
    old = {row["code"]: full_name(row) for row in rows("communes_old")}
    new = {row["code"] for row in rows("communes_new")}
    takes = {}
    for row in rows("commune_crosswalk"):
        takes.setdefault(row["old_code"], []).append(row["new_code"])
    expected: Counter[tuple[str, str, str, str]] = Counter()
    for row in rows("conflicts"):
        about = [code for code in row["new_code"].split(";") if code in new] or takes[row["old_code"]]
        expected.update((code, row["old_code"], old[row["old_code"]], row["sources"]) for code in about)
    assert len(rows("conflicts")) == 356
    assert conflicts_told() == expected


@pytest.mark.shared
def test_what_some_source_asserts_and_the_law_does_not_is_no_edge_and_is_said() -> None:
    rejected = {(row["old_code"], row["new_code"]) for row in rows("rejected_pairs")}
    assert len(rejected) == 83
    assert not rejected & set(edges())
    told = {(old, new) for new, old, *_ in conflicts_told()}
    assert rejected - told == {("23938", "23737")}  # no such new code: said above 23938
    assert ("23938", "23938") in told
