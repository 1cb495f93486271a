"""A made-up country: units over two reorganisations, agencies before and after, rules, services, hamlets.

Everything follows from a source of chance, so that a seed gives a country back and Hypothesis can draw one.
"""

from datetime import date
from random import Random
from typing import Any

from merger.mapping.models import KINDS, Mapping, UnitsFile
from merger.testing.histories import Entry, one_round, units_file

EARLIER, EFFECTIVE = date(2023, 1, 1), date(2025, 7, 1)
PROVINCES = {"01": "Z01", "02": "Z02"}
FIELDS = {"Births": "people", "Lands": "land", "Works": None, "Odd": None}
SERVICES = {"1.000001": "Births", "1.000002": "Lands", "1.000003": "Works", "1.000004": "Odd"}


def country(chance: Random, communes: int = 6) -> Mapping:
    """A mapping that no check objects to, with up to `communes` units of before and of after."""
    codes = [f"{number:05d}" for number in range(10001, 10001 + communes)]
    names: dict[str, str] = {}
    alive = sorted(chance.sample(codes, chance.randint(1, len(codes))))
    earlier, alive = _round(chance, alive, codes, names, "Old")
    files = [units_file(EARLIER, earlier, id="earlier")]
    before = alive
    entries, _ = _round(chance, alive, codes, names, "New", forgets=True)
    districts = _districts(chance, before)
    files.append(units_file(EFFECTIVE, entries, id="units", province=_province(), districts=districts))
    return with_agencies(chance, Mapping(units=tuple(files)))


def with_agencies(chance: Random, mapping: Mapping) -> Mapping:
    """The mapping with agencies, competence rules, services and localities that fit its last file."""
    units = max(mapping.units, key=lambda file: file.effective)
    after = [entry.unit.code for entry in units.communes]
    parts = {
        "agencies": _agencies(chance, units, after),
        "competence": _competence(chance),
        "services": _services(),
        "localities": _localities(chance, units),
    }
    files = {
        kind: (KINDS[f"merger/{kind}/1"].model_validate({"schema": f"merger/{kind}/1", "id": kind, **said}),)
        for kind, said in parts.items()
        if said
    }
    return mapping.model_copy(update=files)


def _round(
    chance: Random,
    alive: list[str],
    codes: list[str],
    names: dict[str, str],
    word: str,
    forgets: bool = False,
) -> tuple[list[Entry], list[str]]:
    """One reorganisation with names; where it `forgets`, some divisions do not say whose the people are."""
    entries, after = one_round(chance, alive, codes)
    for code in alive:
        names.setdefault(code, f"{word} {code[-3:]} of Once")
    silent = {code for code in alive if forgets and chance.randrange(16) == 15}
    for entry in entries:
        for part in entry["from"]:
            code = part["unit"]
            if part.get("people") == "some" and code in silent:
                del part["people"]
            part["unit"] = f"{code} {names[code]}"
    for entry in entries:
        names[entry["into"]] = f"{word} {entry['into'][-3:]}"
        entry["into"] = f"{entry['into']} {names[entry['into']]}"
    return entries, after


def _province() -> dict[str, Any]:
    first = next(iter(PROVINCES))
    return {"into": f"{first} Province", "from": [f"{code} Province {code}" for code in PROVINCES]}


def _districts(chance: Random, communes: list[str]) -> list[dict[str, Any]]:
    """Every commune in one of three districts, the last of them in the second province."""
    at = {code: chance.randint(1, 3) for code in communes}
    return [
        {
            "unit": f"{number:03d} District {number}",
            "province": "02" if number == 3 else "01",
            "communes": [code for code in communes if at[code] == number],
        }
        for number in (1, 2, 3)
    ]


def _agencies(chance: Random, units: UnitsFile, after: list[str]) -> dict[str, Any]:
    committees = {code: f"Z01.{101 + number}" for number, code in enumerate(after)}
    before: list[dict[str, Any]] = [
        {"agency": f"{prefix}.{number} {name} of {prefix}", "level": "province", "function": name.lower(),
         "unit": province, "into": f"Z01.{number}"}
        for province, prefix in PROVINCES.items()
        for number, name in (("05", "Lands"), ("06", "Works"))
    ]  # fmt: skip
    for district in units.districts:
        prefix = PROVINCES[district.province]
        own = f"{prefix}.{30 + int(district.unit.code)}"
        before.append(
            {"agency": f"{own} Committee of {district.unit.name}", "level": "district",
             "function": "committee", "unit": district.unit.code, "into": "competence",
             "documents": committees[chance.choice(after)]}
        )  # fmt: skip
        before += [
            {"agency": f"{own}.{20 + number} Committee of {code}", "level": "commune",
             "function": "committee", "unit": code, "into": "unit"}
            for number, code in enumerate(district.communes)
        ]  # fmt: skip
    for agency in before:
        if chance.randrange(2):
            agency["former"] = former(agency["agency"].partition(" ")[0])
    now = [
        {"agency": "Z01.05 Lands", "level": "province", "function": "lands", "unit": "01"},
        {"agency": "Z01.06 Works", "level": "province", "function": "works", "unit": "01"},
    ] + [
        {"agency": f"{code} Committee of {unit}", "level": "commune", "function": "committee", "unit": unit}
        for unit, code in committees.items()
    ]
    return {"effective": units.effective, "before": before, "after": now}


def former(code: str) -> str:
    """The older written form of a code of at most three levels."""
    parts = code.split(".")
    widths = (("00", 2), ("00", 2), ("000", 3))
    rest = [*parts[1:], *("" for _ in range(4 - len(parts)))]
    groups = [text.zfill(width) if text else none for text, (none, width) in zip(rest, widths, strict=True)]
    return ".".join([*reversed(groups), parts[0]])


def _competence(chance: Random) -> dict[str, Any]:
    rules = [
        {"rule": "births", "levels": ["district"], "fields": ["Births"], "to": "commune"},
        {"rule": "works", "levels": ["district"], "fields": ["Works"], "to": {"function": "works"}},
        {"rule": "odd", "levels": ["district"], "fields": ["Odd"], "to": "person"},
        {"rule": "lands", "levels": ["district"], "services": ["1.000002"], "to": {"agency": "Z01.05"}},
    ]
    return {"effective": EFFECTIVE, "rules": [rule for rule in rules if chance.randrange(5)] or rules}


def _services() -> dict[str, Any]:
    return {
        "fields": [{"field": field, "follows": follows} for field, follows in FIELDS.items()],
        "services": [
            {"service": f"{code} Service of {field}", "field": field, "levels": ["district"]}
            for code, field in SERVICES.items()
        ],
    }


def _localities(chance: Random, units: UnitsFile) -> dict[str, Any]:
    """Hamlets of some divided units: two for each successor."""
    takers: dict[str, list[tuple[str, str]]] = {}
    for entry in units.communes:
        for part in entry.from_:
            takers.setdefault(str(part.unit), []).append((str(entry.unit), part.unit.code))
    said = [
        {"unit": unit, "into": into, "names": [f"Thôn {2 * number + 1}", f"Thôn {2 * number + 2}"]}
        for unit, into_all in takers.items()
        if len(into_all) > 1 and chance.randrange(3)
        for number, (into, _) in enumerate(into_all)
    ]
    return {"effective": EFFECTIVE, "localities": said} if said else {}
