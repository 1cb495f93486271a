"""The old provinces as the made-up systems know them: communes, agencies, services, before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path

from merger.demo.overlays import old_communes, successors
from merger.demo.settings import DATA, Province, Settings
from merger.mapping import read_document, shipped
from merger.mapping.models import (
    AgenciesFile,
    Agency,
    CompetenceFile,
    Follows,
    Land,
    Level,
    LocalitiesFile,
    People,
    Service,
    ServicesFile,
    UnitsFile,
)


@dataclass(frozen=True, slots=True)
class Office:
    """An agency: its code in both written forms (the older one may be missing) and its name."""

    code: str
    former: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Task:
    """A service as a system of this province writes it, the function of the department that does it, and
    who takes it over from a district: `by-rule`, `person`, or `no-rule`."""

    code: str
    root: str
    name: str
    field: str
    function: str
    follows: Follows | None
    taken_over: str


@dataclass(frozen=True, slots=True)
class Place:
    """A commune and those who work for it: before the change, or after it."""

    code: str
    name: str
    committee: Office
    district: Office | None


@dataclass(frozen=True, slots=True)
class World:
    """One old province before the change, and the part of the new one that its work goes to.

    `places` are the undivided communes, `divided` those whose people were divided too, `together` those
    whose people stayed together. `offices` are all agencies of before and after, each once.
    """

    province: Province
    name: str
    places: tuple[Place, ...]
    divided: tuple[Place, ...]
    together: tuple[Place, ...]
    new_places: tuple[Place, ...]
    departments: dict[str, Office]
    new_departments: dict[str, Office]
    by_level: dict[str, tuple[Task, ...]]
    localities: dict[str, tuple[str, ...]]
    offices: tuple[Office, ...]

    def tasks(self, level: str, follows: Follows) -> tuple[Task, ...]:
        """The services of a level that follow land or people, those with a rule for who takes them over."""
        found = (task for task in self.by_level[level] if task.follows is follows)
        return tuple(task for task in found if task.taken_over == "by-rule")


def shipped_units(settings: Settings) -> UnitsFile:
    """The real mapping that the demo runs on."""
    return read_document(shipped() / settings.units, UnitsFile).value


@cache
def _overlays() -> tuple[AgenciesFile, ServicesFile, LocalitiesFile, CompetenceFile]:
    folder = Path(str(DATA))
    return (
        read_document(folder / "agencies.yaml", AgenciesFile).value,
        read_document(folder / "services.yaml", ServicesFile).value,
        read_document(folder / "localities.yaml", LocalitiesFile).value,
        read_document(folder / "competence.yaml", CompetenceFile).value,
    )


def world(settings: Settings, province: Province, units: UnitsFile) -> World:
    """What a province's systems are filled from."""
    agencies, services, localities, competence = _overlays()
    names = dict(old_communes(units))
    into = successors(units)
    committees = {one.unit: _office(one) for one in agencies.before if one.function == "committee"}
    new_committees = {one.unit: _office(one) for one in agencies.after if one.level == "commune"}
    districts = [one for one in units.districts if one.province == province.code]
    places = tuple(
        Place(code, names[code], committees[code], committees[district.unit.code])
        for district in districts
        for code in district.communes
    )
    new_codes = dict.fromkeys(new for place in places for new in into[place.code])
    new_names = {entry.unit.code: entry.unit.name for entry in units.communes}
    new_places = tuple(Place(code, new_names[code], new_committees[code], None) for code in new_codes)
    here = [one for one in agencies.before if one.level == "province" and one.unit == province.code]
    departments = {one.function: _office(one) for one in here if one.function != "committee"}
    new_departments = {
        one.function: _office(one)
        for one in agencies.after
        if one.level == "province" and one.function != "committee"
    }
    district_offices = [committees[district.unit.code] for district in districts]
    offices = (
        committees[province.code], *departments.values(), *district_offices,
        *(place.committee for place in places), *new_departments.values(),
        *(place.committee for place in new_places),
    )  # fmt: skip
    kept = {office.code: office for office in reversed(offices)}
    together = {
        one.unit.code
        for entry in units.communes
        for one in entry.from_
        if one.land is Land.PART and one.people is People.ALL
    }
    assert units.province is not None
    return World(
        province=province,
        name=next(one.unit.name for one in units.province.from_ if one.unit.code == province.code),
        places=tuple(place for place in places if len(into[place.code]) == 1),
        divided=tuple(place for place in places if len(into[place.code]) > 1 and place.code not in together),
        together=tuple(place for place in places if place.code in together),
        new_places=new_places,
        departments=departments,
        new_departments=new_departments,
        by_level=_by_level(settings, province, services, competence),
        localities={
            code: tuple(name for one in localities.localities if one.unit.code == code for name in one.names)
            for code in {one.unit.code for one in localities.localities}
        },
        offices=tuple(reversed(kept.values())),
    )


def _by_level(
    settings: Settings, province: Province, services: ServicesFile, competence: CompetenceFile
) -> dict[str, tuple[Task, ...]]:
    areas = {area.field: area for area in settings.fields_}
    out: dict[str, list[Task]] = {"commune": [], "district": [], "province": []}
    for service in services.services:
        area = areas[service.field]
        code = _written(service, province)
        for level in service.levels:
            root, name = service.service.code, service.service.name
            taken_over = _taken_over(root, area.field, competence) if level is Level.DISTRICT else "by-rule"
            task = Task(code, root, name, area.field, area.function, area.follows, taken_over)
            out[level.value].append(task)
    return {level: _mixed(tasks) for level, tasks in out.items()}


def _mixed(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """The first task of each field, then the second of each, and so on."""
    fields: dict[str, list[Task]] = {}
    for task in tasks:
        fields.setdefault(task.field, []).append(task)
    turns = zip_longest(*fields.values())
    return tuple(task for turn in turns for task in turn if task is not None)


def _taken_over(root: str, field: str, competence: CompetenceFile) -> str:
    exact = [rule for rule in competence.rules if root in rule.services]
    rules = exact or [rule for rule in competence.rules if field in rule.fields]
    if not rules:
        return "no-rule"
    return "person" if rules[0].to == "person" else "by-rule"


def _written(service: Service, province: Province) -> str:
    root = service.service.code
    if province.service_form == "bare":
        return root
    return f"{root}.000.00.00.{province.eid}" if province.service_form == "long" else f"{root}.{province.eid}"


def _office(agency: Agency) -> Office:
    return Office(agency.agency.code, agency.former, agency.agency.name, agency.unit)
