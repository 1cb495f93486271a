"""The tables of collected facts, and how their units are written."""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from merger.codes.names import unmarked
from merger.mapping.models import Ref, Suppression

Row = dict[str, str]

LOOKED_AT = Path(__file__).with_name("suppressions.csv")
"""The findings of lint that somebody looked at and lets stand: file, rule, unit and reason."""


class Facts:
    """The tables of the folder `folder` (CSV, described in its README), read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.provinces_old = by_code(self.rows("provinces_old"))
        self.provinces_new = by_code(self.rows("provinces_new"))
        self.districts = by_code(self.rows("districts_old"))
        self.communes_old = by_code(self.rows("communes_old"))
        self.communes_new = by_code(self.rows("communes_new"))
        self.pairs = grouped(self.rows("commune_crosswalk"), "new_code")
        self.special = grouped(self.rows("special_sources"), "new_code")
        self.earlier = self.rows("earlier_changes")
        self.later = self.rows("later_changes")
        self.conflicts = self.rows("conflicts")
        self._clauses: dict[str, dict[str, str]] = {}
        self.into = {row["old_code"]: row["new_code"] for row in self.rows("province_crosswalk")}

    def rows(self, table: str) -> list[Row]:
        return read(self.folder / f"{table}.csv")

    @cached_property
    def suppressed(self) -> dict[str, tuple[Suppression, ...]]:
        """What each file, by its id, lets stand of the findings on it."""
        found = grouped(read(LOOKED_AT), "file")
        return {
            file: tuple(Suppression(rule=row["rule"], of=row["of"], reason=row["reason"]) for row in rows)
            for file, rows in found.items()
        }

    @cached_property
    def communes_of(self) -> dict[str, list[Row]]:
        """The communes of each district on 30 June 2025."""
        return grouped(self.communes_old.values(), "district_code")

    @cached_property
    def new_of(self) -> dict[str, list[Row]]:
        """The communes of each new province in the order of the resolution's clauses."""
        found = grouped(self.communes_new.values(), "province_code")
        return {
            code: sorted(units, key=lambda row: (int(row["clause"]), row["code"]))
            for code, units in found.items()
        }

    @cached_property
    def targets(self) -> dict[str, list[Row]]:
        """The pairs of each old commune in the order of the clauses."""
        found = grouped((pair for pairs in self.pairs.values() for pair in pairs), "old_code")
        return {code: sorted(pairs, key=lambda pair: int(pair["clause"])) for code, pairs in found.items()}

    def old_provinces(self, province: str) -> list[str]:
        """The old provinces that a new one is made of, the one that gave it its code first."""
        codes = [old for old, new in self.into.items() if new == province]
        return sorted(codes, key=lambda code: (code != province, code))

    def clauses(self, resolution: str) -> dict[str, str]:
        """The text of each numbered clause of a resolution's first article, if the text is at hand."""
        if resolution not in self._clauses:
            self._clauses[resolution] = self._read_clauses(resolution)
        return self._clauses[resolution]

    def _read_clauses(self, resolution: str) -> dict[str, str]:
        path = self.folder.parent / "resolutions" / f"{resolution.replace('/', '_')}.md"
        if not path.is_file():
            return {}
        text = unicodedata.normalize("NFC", path.read_text("utf-8"))
        article = text.partition("Điều 1.")[2].partition("Điều 2.")[0]
        parts = re.split(r"^(\d+)\\?\.\s*(?=[^\W\d]|\*)", article, flags=re.MULTILINE)
        return {
            number: " ".join(words.split()) for number, words in zip(parts[1::2], parts[2::2], strict=True)
        }


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_code(rows: Iterable[Row]) -> dict[str, Row]:
    return {row["code"]: row for row in rows}


def grouped(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return dict(groups)


def full_name(row: Row) -> str:
    return f"{row['type']} {row['name']}"


def ref(row: Row) -> Ref:
    return Ref(code=row["code"], name=full_name(row))


def lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def slug(name: str) -> str:
    """`Lâm Đồng` as a file name: lower-case letters without marks, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", unmarked(name))


def paragraphs(*texts: str) -> list[str]:
    """Texts as they are broken in source code, each in one line."""
    return [" ".join(text.split()) for text in texts]
