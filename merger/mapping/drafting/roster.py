"""The lists of units that a resolution is read against: those before, and the new ones with their codes."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from merger.codes.names import TYPES, NameIndex, fold_text, letters
from merger.errors import Finding, InputError, Place
from merger.mapping.drafting.problems import error
from merger.mapping.models import Ref, UnitKind
from merger.mapping.tables import Findings, read_foreign

NEAR = 5
"""How many near names a finding offers at most."""

FLOOR = 0.7
"""How like a name must be to be offered: 1 has the same letters and marks."""

_COLUMNS = {
    "district": "district",
    "district_name": "district",
    "district_code": "district_code",
    "province": "province",
    "province_name": "province",
    "province_code": "province_code",
}
_LEVELS = {2: UnitKind.PROVINCE, 3: UnitKind.DISTRICT, 5: UnitKind.COMMUNE}
_DIGITS: dict[str, int] = {level.value: digits for digits, level in _LEVELS.items()}
_COMMUNES = frozenset({"xã", "phường", "thị trấn"})
_KINDS = {
    "tỉnh": UnitKind.PROVINCE,
    "huyện": UnitKind.DISTRICT,
    "quận": UnitKind.DISTRICT,
    "thị xã": UnitKind.DISTRICT,
    "thành phố": UnitKind.DISTRICT,
}
_WORDS = sorted(TYPES, key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a list: its kind in small letters and its name without it, and where it lies."""

    code: str
    level: UnitKind
    kind: str
    name: str
    district: str = ""
    province: str = ""

    @property
    def full(self) -> str:
        return f"{self.kind[:1].upper()}{self.kind[1:]} {self.name}".strip()

    @property
    def ref(self) -> Ref:
        return Ref(code=self.code, name=self.full)


@cache
def key_of(name: str) -> str:
    """A key that is equal for two ways of writing one name, the word for its kind left on."""
    return letters(fold_text(name))


@dataclass(frozen=True, repr=False)
class Roster:
    """Units of all levels, with names of districts and provinces by code."""

    units: tuple[Unit, ...]
    districts: dict[str, str] = field(default_factory=dict)
    provinces: dict[str, str] = field(default_factory=dict)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words that names of units consist of."""
        return frozenset(word for unit in self.units for word in unit.name.split())

    @cached_property
    def communes(self) -> tuple[Unit, ...]:
        return tuple(unit for unit in self.units if unit.level is UnitKind.COMMUNE)

    def within(self, provinces: Iterable[str]) -> "Roster":
        """The units of these provinces only."""
        kept = frozenset(provinces)
        units = (unit for unit in self.units if (unit.code if _is_province(unit) else unit.province) in kept)
        return Roster(tuple(units), self.districts, self.provinces)

    def named(self, kind: str, name: str) -> list[Unit]:
        """The communes of this kind and name; where several are, those that are spelled as it.

        A name that begins with the word for its kind (`Phường Mới`) is found without that word too.
        """
        for wanted in (name, f"{kind} {name}"):
            found = self._by_key.get((kind, key_of(wanted)), [])
            if found:
                return [unit for unit in found if fold_text(unit.name) == fold_text(wanted)] or found
        return []

    def near(self, kind: str, name: str) -> list[Unit]:
        """Communes whose names are near, the nearest first; for findings only."""
        found = self._near.near(f"{kind} {name}".strip(), NEAR, FLOOR)
        return [self._by_code[one.code] for one in found]

    def district_codes(self, full: str) -> set[str]:
        """The codes of the districts that bear this name (`huyện Hà`); where none of them is of this kind,
        of those that bear it with another one (see `of_other_kind`).
        """
        kind, bare = kind_and_name(full)
        alike = self._districts_alike(bare)
        return {code for code, name in alike.items() if kind_and_name(name)[0] == kind} or set(alike)

    def of_other_kind(self, full: str) -> list[str]:
        """The names of the districts that `district_codes` gives although their kind is another one."""
        kind, bare = kind_and_name(full)
        alike = sorted(self._districts_alike(bare).values())
        return [] if not kind or any(kind_and_name(name)[0] == kind for name in alike) else alike

    def _districts_alike(self, bare: str) -> dict[str, str]:
        """The districts of this name without its kind, by code."""
        return {
            code: name
            for code, name in self.districts.items()
            if code in self._used_districts and key_of(kind_and_name(name)[1]) == key_of(bare)
        }

    def province_codes(self, full: str) -> set[str]:
        """The codes of the provinces that bear this name (`tỉnh Hà`)."""
        bare = key_of(kind_and_name(full)[1])
        return {code for code, name in self.provinces.items() if key_of(kind_and_name(name)[1]) == bare}

    @cached_property
    def _used_districts(self) -> frozenset[str]:
        own = (unit.code for unit in self.units if unit.level is UnitKind.DISTRICT)
        return frozenset([*own, *(unit.district for unit in self.communes)])

    @cached_property
    def _by_key(self) -> dict[tuple[str, str], list[Unit]]:
        found: dict[tuple[str, str], list[Unit]] = defaultdict(list)
        for unit in self.communes:
            found[unit.kind, key_of(unit.name)].append(unit)
        return dict(found)

    @cached_property
    def _near(self) -> NameIndex:
        return NameIndex((unit.full, unit.code) for unit in self.communes)

    @cached_property
    def _by_code(self) -> dict[str, Unit]:
        return {unit.code: unit for unit in self.communes}


def kind_and_name(full: str) -> tuple[str, str]:
    """The kind of a unit in small letters, empty if its name does not begin with one, and the rest of the
    name.
    """
    text = unicodedata.normalize("NFC", full).strip()
    for word in _WORDS:
        rest = text[len(word) :]
        if text[: len(word)].casefold() == word and rest.strip() and (rest[0] == " " or word.endswith(".")):
            return TYPES[word], rest.strip()
    return "", text


def read_roster(paths: Sequence[Path]) -> Roster:
    """The units that CSV files list together.

    Needed columns: `code`, `name`. Raises InputError with every problem of every file.
    """
    findings: list[Finding] = []
    units: dict[str, Unit] = {}
    districts: dict[str, str] = {}
    provinces: dict[str, str] = {}
    for path in paths:
        short: list[tuple[Place, str]] = []
        for place, row in _rows(path, findings):
            if _lost_zeros(row):
                short.append((place, row["code"]))
                continue
            unit = _unit(row, place, findings)
            if unit is None:
                continue
            if units.setdefault(unit.code, unit) != unit:
                findings.append(error("RES063", place, code=unit.code))
            for names, code, name in (
                (districts, row.get("district_code"), row.get("district")),
                (provinces, row.get("province_code"), row.get("province")),
            ):
                if name:
                    names.setdefault(code or name, name)
        if short:
            findings.append(error("RES064", short[0][0], count=len(short), code=short[0][1]))
    if findings:
        raise InputError(findings)
    for unit in units.values():
        if unit.level is UnitKind.DISTRICT:
            districts[unit.code] = unit.full
        elif _is_province(unit):
            provinces[unit.code] = unit.full
    home = {unit.code: unit.province for unit in units.values() if unit.level is UnitKind.DISTRICT}
    return Roster(tuple(_at_home(unit, home) for unit in units.values()), districts, provinces)


def _at_home(unit: Unit, home: dict[str, str]) -> Unit:
    province = unit.province or home.get(unit.district, "")
    return Unit(unit.code, unit.level, unit.kind, unit.name, unit.district, province)


def _unit(row: dict[str, str], place: Place, findings: list[Finding]) -> Unit | None:
    code, name = row.get("code", ""), row.get("name", "")
    if not code or not name:
        findings.append(error("RES061", place))
        return None
    if row.get("type"):
        kind = kind_and_name(f"{row['type']} x")[0] or row["type"].casefold()
    else:
        kind, name = kind_and_name(name)
    level = _level(row.get("kind", ""), code, kind)
    if level is None:
        findings.append(error("RES062", place, code=code))
        return None
    # a list without codes of districts tells them apart by their names
    district = row.get("district_code") or row.get("district", "")
    province = row.get("province_code") or row.get("province", "")
    return Unit(code, level, kind, name, district, province)


def _lost_zeros(row: dict[str, str]) -> bool:
    """Whether a code has fewer digits than those of its kind, as where a spreadsheet took it for a number."""
    code = row.get("code", "")
    if not (code.isascii() and code.isdecimal() and row.get("name")):
        return False
    given = row.get("kind", "").casefold()
    kind = (kind_and_name(f"{row['type']} x") if row.get("type") else kind_and_name(row["name"]))[0]
    if given in _DIGITS:
        return len(code) < _DIGITS[given]
    if kind in _COMMUNES:
        return len(code) < _DIGITS[UnitKind.COMMUNE]
    return len(code) in (1, 4)


def _level(given: str, code: str, kind: str) -> UnitKind | None:
    if given.casefold() in {one.value for one in UnitKind}:
        return UnitKind(given.casefold())
    if code.isdecimal():
        return _LEVELS.get(len(code))
    return _KINDS.get(kind, UnitKind.COMMUNE)


def _rows(path: Path, findings: list[Finding]) -> Iterator[tuple[Place, dict[str, str]]]:
    found = Findings()
    try:
        table = read_foreign(path, found)
    except InputError as wrong:
        findings += wrong.findings
        return
    findings += found.found
    if table is None:
        return
    names = [_COLUMNS.get(name.strip().casefold(), name.strip().casefold()) for name in table.header]
    missing = [name for name in ("code", "name") if name not in names]
    if missing:
        findings.append(error("RES060", Place(table.file, 1, 1), missing=", ".join(missing)))
        return
    for record in table.records:
        row: dict[str, str] = {}
        for name, cell in zip(names, record.cells, strict=True):
            row[name] = row.get(name) or unicodedata.normalize("NFC", cell).strip()
        yield Place(table.file, record.line, 1), row


def _is_province(unit: Unit) -> bool:
    return unit.level is UnitKind.PROVINCE
