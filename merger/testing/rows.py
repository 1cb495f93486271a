"""Rows of made-up systems, with the dirt that real ones have. Nobody in them exists."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any

from merger.mapping.models import Mapping
from merger.testing.country import EARLIER, EFFECTIVE, SERVICES
from merger.testing.systems import COLUMNS, Make

Row = tuple[Any, ...]
Tables = dict[str, list[Row]]

FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "K'")
MIDDLES = ("Văn", "Thị", "Đức", "Ngọc", "Minh")
GIVEN = ("An", "Bình", "Hòa", "Hoà", "Hoa", "Lan", "Đạt", "Quỳnh", "Ước")
PLACEHOLDER = "000000001"
CUTOVER = datetime(2025, 7, 10)  # rows carry local times without a zone


@dataclass(frozen=True)
class Codes:
    """The codes that rows of a made-up country can carry."""

    mapping: Mapping

    @cached_property
    def units(self) -> tuple[list[str], list[str], list[str]]:
        """Codes of communes: before both reorganisations, between them, after them."""
        earlier, units = sorted(self.mapping.units, key=lambda file: file.effective)
        return (
            sorted({part.unit.code for entry in earlier.communes for part in entry.from_}),
            sorted({part.unit.code for entry in units.communes for part in entry.from_}),
            sorted({entry.unit.code for entry in units.communes}),
        )

    @cached_property
    def agencies(self) -> tuple[list[str], list[str]]:
        """Codes of agencies, both written forms: before and after."""
        (file,) = self.mapping.agencies
        before = [code for one in file.before for code in (one.agency.code, one.former) if code]
        return before, [one.agency.code for one in file.after]

    @cached_property
    def hamlets(self) -> list[str]:
        """Names of localities of divided units."""
        return [name for file in self.mapping.localities for one in file.localities for name in one.names]


def without_codes(chance: Random, mapping: Mapping, rows: list[Row]) -> list[Row]:
    """Dossiers of which every fourth has no code of a unit but an address: most with district and province,
    some of another day, some with neither."""
    commune, address = COLUMNS["dossiers"].index("commune"), COLUMNS["dossiers"].index("address")
    units = max(mapping.units, key=lambda file: file.effective)
    named = 4 * [
        f"{part.unit.name}, {district.unit.name}, Province {district.province}"
        for entry in units.communes
        for part in entry.from_
        for district in units.districts
        if part.unit.code in district.communes
    ]
    named += [f"{entry.unit.name}, Province" for entry in units.communes]
    named += [entry.unit.name for entry in units.communes]
    found = []
    for row in rows:
        cells = list(row)
        if chance.randrange(4) == 0:
            cells[commune] = chance.choice([None, "", " "])
            cells[address] = f"{chance.randrange(1000, 9999)} phố, {chance.choice(named)}"
        found.append(tuple(cells))
    return found


class Rows:
    """Makes the rows of one old system after the other; some people and names are in several of them."""

    def __init__(self, chance: Random, mapping: Mapping) -> None:
        self.chance = chance
        self.codes = Codes(mapping)
        self.people: list[Row] = []

    def source(self, make: Make, dossiers: int) -> Tables:
        """`dossiers` dossiers of one old system, with citizens, officers and files."""
        citizens = [self._citizen(make, number) for number in range(self._some(dossiers))]
        cases = [self._dossier(make, number, citizens) for number in range(dossiers)]
        officers = [(number + 1, f"user{number}", self._name()) for number in range(self._some(dossiers, 20))]
        files = [self._file(number, cases) for number in range(self._some(dossiers) if cases else 0)]
        return {"officers": officers, "citizens": citizens, "dossiers": cases, "files": files}

    def platform(self, busy: int) -> Tables:
        """The platform's own work: `busy` rows of each kind."""
        _, after = self.codes.agencies
        people = [(self._name(), "000000000001", None, None)]
        people += [one for one in self.chance.sample(self.people, min(len(self.people), 2)) if one[1]]
        return {
            "p_officer": [(number + 1, f"user{number}@one", self._name()) for number in range(busy)],
            "p_applicant": [
                (number + 1, name, idno, birth, phone)
                for number, (name, idno, birth, phone) in enumerate(people)
            ],
            "p_dossier": [
                (number + 1, f"own-{number:04d}", self.codes.units[2][0], after[0], self._name())
                for number in range(busy)
            ],
            "p_file": [(number + 1, number + 1, f"own/{number}.pdf") for number in range(busy)],
            "counter": [("dossier", busy + self.chance.choice([0, 50]))],
        }

    def _some(self, rows: int, share: int = 1) -> int:
        return self.chance.randint(0, rows // share + 1)

    def _rarely(self, times: int = 12) -> bool:
        return self.chance.randrange(times) == times - 1

    def _name(self) -> str:
        name = " ".join(self.chance.choice(part) for part in (FAMILIES, MIDDLES, GIVEN))
        return unicodedata.normalize("NFD", name) if self._rarely(8) else name

    def _citizen(self, make: Make, number: int) -> Row:
        key = number + 1 if make.integer_keys else f"c-{number}"
        if self.people and self._rarely(4):
            return (key, *self.chance.choice(self.people))
        digits = f"{self.chance.randrange(10**11):012d}"
        idno = PLACEHOLDER if self._rarely() else None if self._rarely() else digits
        birth = self.chance.choice(["1980-01-01", "1995-12-31", None])
        person = (self._name(), idno, birth, f"09{self.chance.randrange(10**8):08d}")
        if idno != PLACEHOLDER:
            self.people.append(person)
        return (key, *person)

    def _dossier(self, make: Make, number: int, citizens: list[Row]) -> Row:
        received, commune, agency = self._when_and_where()
        case = f"{agency or 'X'}-{received:%y%m%d}-{number:04d}"
        due = received + timedelta(days=self.chance.choice([10, 30, 90]))
        citizen = self.chance.choice(citizens)[0] if citizens and not self._rarely(4) else None
        if self._rarely(40):
            citizen = -7 if make.integer_keys else "c-nobody"
        return (
            number + 1 if make.integer_keys else f"d-{number}",
            "the-same-number" if self._rarely(40) else case,
            commune,
            agency,
            agency,
            self.chance.choice(
                [*(f"{code}.000.00.00.Z01" for code in SERVICES), *SERVICES, "9.999999", None]
            ),
            self._written(received, make),
            self._written(due, make),
            self.chance.choice(["1", "4", "4", "4", "4", "9", "77" if self._rarely() else "1"]),
            citizen,
            self._name(),
            self._address(),
            self.chance.choice(["user0##user1", "user0", "", None]),
            f"p-{number}" if self._rarely(5) else None,
            self.chance.choice([None, "", "ghi chú 🙂", "dòng 1\nдве", self._name()]),
            self.chance.choice([None, 0, 12.5, 1e15, -3]),
        )

    def _when_and_where(self) -> tuple[datetime, str | None, str | None]:
        """The day of a row, and codes that mostly were in use on it."""
        older, old, new = self.codes.units
        before, after = self.codes.agencies
        era = self.chance.choice([0, 1, 1, 1, 1, 2])
        first = (datetime(2022, 6, 1), _start(EARLIER), _start(EFFECTIVE))[era]
        days = (200, 900, 9)[era]
        received = first + timedelta(days=self.chance.randrange(days), seconds=self.chance.randrange(86400))
        commune: str | None = self.chance.choice((older, old, new)[era])
        agency: str | None = self.chance.choice(after if era == 2 else before)
        if self._rarely():
            commune = self.chance.choice(["99999", "", None, "tmp", *older, *old, *new])
        if self._rarely():
            agency = self.chance.choice(["Z09.99", "", None, "000.99.99.Z09", *before, *after])
        return received, commune, agency

    def _written(self, moment: datetime, make: Make) -> str | None:
        if self._rarely(20):
            return self.chance.choice([None, "", "hôm qua", "2025-02-30"])
        return moment.strftime(make.pattern)

    def _address(self) -> str | None:
        hamlet = self.chance.choice(self.codes.hamlets) if self.codes.hamlets else "Thôn 1"
        house = self.chance.randrange(1000, 9999)
        address = self.chance.choice(
            [f"{house} {hamlet}", f"số {house}, {hamlet.upper()}, chợ", f"{house} phố"]
        )
        return unicodedata.normalize("NFD", address) if self._rarely(8) else address

    def _file(self, number: int, cases: list[Row]) -> Row:
        case = "nobody" if self._rarely(30) else self.chance.choice(cases)[1]
        path = "a/same.pdf" if self._rarely(50) else f"a/{number}.pdf"
        content = self.chance.choice([None, b"", bytes([number % 256, 0, 255]) * 20])
        return (number + 1, case, path, content)


def _start(day: Any) -> datetime:
    return datetime.combine(day, datetime.min.time())
