"""The rule by which the demo's agencies and services are made. Examples: no public list exists.

Agencies before: a province's committee has the level-1 code alone; departments are numbered 01, 02 … in
the order that the settings give for that province, so equal numbers mean different departments; the
committees of its districts 30, 31 … by code, each with an office 01 and its communes' committees
20, 21 … by code. Each has the older written form of its code too, where the form can say it.

Agencies after: the committee of the new province and those departments whose function the surviving
province had keep its codes, except the renumbered ones; the commune committees get 101, 102 … by code,
numbers that nobody had.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import shorten
from unicodedata import normalize

from merger.demo.settings import Province, Settings
from merger.mapping.models import DistrictEntry, UnitsFile

DEPARTMENT, DISTRICT, OFFICE, COMMUNE, NEW_COMMUNE = 1, 30, 1, 20, 101
"""The first number of each kind of agency."""

LEVELS = (("Huyện", "district"), ("Xã/", "commune"), ("Sở", "province"), ("Tỉnh", "province"))
"""Words of the list of procedures that say who handles one."""

LONGEST_NAME = 120
"""Longer names of services are cut after a word."""

Entry = dict[str, str]


def agencies(settings: Settings, units: UnitsFile) -> dict[str, object]:
    """`merger/agencies/1` for the settings' provinces and the communes of `units`."""
    after = _after(settings, units)
    return {
        "schema": "merger/agencies/1",
        "id": "demo-agencies",
        "title": {"vi": "Cơ quan trước và sau (minh họa)", "en": "Agencies before and after (example)"},
        "example": True,
        "note": "Made by the rule in merger/demo/overlays.py.",
        "effective": units.effective,
        "before": [
            one for province in settings.provinces for one in _before(settings, province, units, after)
        ],
        "after": after,
    }


NO_RULE = "Some fields have no rule on purpose: the demo shows holds."


def services(settings: Settings, procedures: Path) -> dict[str, object]:
    """`merger/services/1` from a province's public list of procedures (columns ma_tthc, ten_tthc,
    linh_vuc, cap_thuc_hien): of each field in the settings the first few of each level, by code."""
    chosen: list[dict[str, object]] = []
    for area in settings.fields_:
        count: dict[str, int] = {}
        for row in sorted(_rows(procedures), key=lambda row: row["ma_tthc"]):
            levels = list(dict.fromkeys(level for word, level in LEVELS if word in row["cap_thuc_hien"]))
            if row["linh_vuc"] != area.field or not levels:
                continue
            count[levels[0]] = count.get(levels[0], 0) + 1
            root = row["ma_tthc"][:8]
            if count[levels[0]] <= settings.services_a_level or root in settings.services_always:
                name = shorten(normalize("NFC", row["ten_tthc"]), LONGEST_NAME, placeholder=" …")
                chosen.append({"service": f"{root} {name}", "field": area.field, "levels": levels})
    return {
        "schema": "merger/services/1",
        "id": "demo-services",
        "title": {"vi": "Thủ tục hành chính (minh họa)", "en": "Services (example)"},
        "example": True,
        "note": "A choice from a public list; what each field follows is the demo's assumption.",
        "suppress": [{"rule": "MAP331", "reason": NO_RULE}],
        "fields": [
            {"field": area.field} | ({"follows": area.follows.value} if area.follows else {})
            for area in settings.fields_
        ],
        "services": chosen,
    }


def dump(file: dict[str, object], comment: str) -> str:
    """The file as YAML, one short line an entry, beneath a comment."""
    lines = [f"# {comment}"]
    for key, value in file.items():
        if isinstance(value, list):
            lines.append(f"{key}:")
            lines += [f"  - {_flow(one)}" for one in value]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _before(settings: Settings, province: Province, units: UnitsFile, after: list[Entry]) -> Iterator[Entry]:
    assert units.province is not None
    old = next(one.unit for one in units.province.from_ if one.unit.code == province.code)
    by_function = {one["function"]: _code(one) for one in after if one["level"] == "province"}
    committee_of = {one["unit"]: _code(one) for one in after if one["level"] == "commune"}
    yield _entry(province.eid, f"{settings.functions['committee']} {_lower(old.name)}", "province",
                 "committee",
                 old.code, into=by_function["committee"])  # fmt: skip
    for number, function in enumerate(province.departments, DEPARTMENT):
        name = f"{settings.functions[function]} {_lower(old.name)}"
        yield _entry(f"{province.eid}.{number:02}", name, "province", function, old.code,
                     into=by_function[function])  # fmt: skip
    names = dict(old_communes(units))
    districts = sorted((one for one in units.districts if one.province == province.code), key=_unit_code)
    for number, district in enumerate(districts, DISTRICT):
        code = f"{province.eid}.{number}"
        title = _lower(district.unit.name)
        receiver = committee_of[_seat(district, names, units)]
        committee = settings.functions["committee"]
        yield _entry(code, f"{committee} {title}", "district", "committee", district.unit.code,
                     into="competence", documents=receiver)  # fmt: skip
        yield _entry(f"{code}.{OFFICE:02}", f"{settings.functions['office']} {committee} {title}", "district",
                     "office", district.unit.code, into="competence", documents=receiver)  # fmt: skip
        for position, commune in enumerate(sorted(district.communes), COMMUNE):
            into = successors(units)[commune]
            divided = {"documents": committee_of[into[0]]} if len(into) > 1 else {}
            yield _entry(f"{code}.{position:02}", f"{committee} {_lower(names[commune])}, {title}", "commune",
                         "committee", commune, into="unit", **divided)  # fmt: skip


def _after(settings: Settings, units: UnitsFile) -> list[Entry]:
    assert units.province is not None
    new = units.province.into
    survivor = next(one for one in settings.provinces if one.code == new.code)
    committee = settings.functions["committee"]
    out = [_entry(survivor.eid, f"{committee} {_lower(new.name)}", "province", "committee", new.code)]
    for number, function in enumerate(survivor.departments, DEPARTMENT):
        number = settings.renumbered.get(function, number)
        name = f"{settings.functions[function]} {_lower(new.name)}"
        out.append(_entry(f"{survivor.eid}.{number:02}", name, "province", function, new.code))
    communes = sorted((entry.unit for entry in units.communes), key=lambda unit: unit.code)
    for number, unit in enumerate(communes, NEW_COMMUNE):
        name = f"{committee} {_lower(unit.name)}"
        out.append(_entry(f"{survivor.eid}.{number}", name, "commune", "committee", unit.code))
    return out


def old_communes(units: UnitsFile) -> Iterator[tuple[str, str]]:
    """Code and name of every commune of the time before."""
    for entry in units.communes:
        if entry.keep is not None:
            yield entry.keep.code, entry.keep.name
        for one in entry.from_:
            yield one.unit.code, one.unit.name


def successors(units: UnitsFile) -> dict[str, list[str]]:
    """New communes' codes by old commune's code; the one that kept its name or code first."""
    found: dict[str, list[str]] = {}
    for entry in units.communes:
        for code in [entry.keep.code] if entry.keep else [one.unit.code for one in entry.from_]:
            into = found.setdefault(code, [])
            into.insert(0 if entry.unit.code == code else len(into), entry.unit.code)
    return found


def _seat(district: DistrictEntry, names: dict[str, str], units: UnitsFile) -> str:
    """The new commune of a district's first town or ward, else of its first commune."""
    codes = sorted(district.communes)
    towns = [code for code in codes if names[code].startswith(("Thị trấn", "Phường"))]
    return successors(units)[(towns or codes)[0]][0]


def _entry(code: str, name: str, level: str, function: str, unit: str, **more: str) -> Entry:
    former = {"former": old_form(code)} if more and old_form(code) else {}
    return {"agency": f"{code} {name}", **former, "level": level, "function": function, "unit": unit, **more}


def old_form(code: str) -> str:
    """The older written form of a code, or nothing where that form has no room for it."""
    groups = code.split(".")
    widths = (2, 2, 3)
    if any(len(group) > width for group, width in zip(groups[1:], widths, strict=False)):
        return ""
    levels = [group.zfill(width) for group, width in zip([*groups[1:], "", "", ""], widths, strict=False)]
    return ".".join([*reversed(levels), groups[0]])


def _code(entry: Entry) -> str:
    return entry["agency"].split(" ")[0]


def _unit_code(entry: DistrictEntry) -> str:
    return entry.unit.code


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _rows(procedures: Path) -> list[dict[str, str]]:
    with procedures.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    plain = re.fullmatch(r"[^\W\d][\w .()/-]*|[A-Z]\d+[\d.]*( [^,:#{}\[\]\"']+)?|\d{4}-\d\d-\d\d", text)
    return text if plain and not text.startswith("null") else '"' + text.replace('"', '\\"') + '"'
