"""Whether a mapping's roster of a day is the official list of that day."""

from collections.abc import Iterator, Mapping

from merger.codes.names import same_name
from merger.errors import Place
from merger.lineage import UnitVersion
from merger.quality.roster import Roster
from merger.quality.subject import Hit, Subject


def listed_units_are_there(subject: Subject) -> Iterator[Hit]:
    """The official list names a unit that the mapping does not have on that day."""
    roster, there = _both(subject)
    for code, (name, _) in roster.units.items() if roster else ():
        if roster and code not in there:
            yield Hit(_place(roster, code), code, {"unit": f"{code} {name}", "day": roster.day})


def units_are_on_the_list(subject: Subject) -> Iterator[Hit]:
    """The mapping has a unit on that day that the official list does not name."""
    roster, there = _both(subject)
    for code, version in there.items() if roster else ():
        if roster and code not in roster.units:
            named = subject.by_code.get((version.kind, code), ())
            at = (named[-1].file, named[-1].loc) if named else Place(file=str(roster.path))
            yield Hit(at, code, {"unit": f"{code} {version.name}", "day": roster.day})


def names_are_those_of_the_list(subject: Subject) -> Iterator[Hit]:
    """A unit is called otherwise in the official list."""
    roster, there = _both(subject)
    for code, (name, _) in roster.units.items() if roster else ():
        version = there.get(code)
        if roster and version and not same_name(name, version.name):
            fields = {"unit": f"{code} {version.name}", "name": name, "day": roster.day}
            yield Hit(_place(roster, code), code, fields)


def _both(subject: Subject) -> tuple[Roster | None, Mapping[str, UnitVersion]]:
    if subject.roster is None:
        return None, {}
    units = subject.lineage.roster(subject.roster.kind, subject.roster.day)
    return subject.roster, {one.code: one for one in units}


def _place(roster: Roster, code: str) -> Place:
    return Place(file=str(roster.path), line=roster.units[code][1], column=1)
