"""Whether agencies have one successor each, and serve units that can be theirs."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from merger.codes.names import split_type
from merger.codes.unit import kind_of
from merger.mapping.models import AgenciesFile, Agency, AgencyBefore, Definitions, Level, Ref, UnitKind
from merger.mapping.tree import Loc
from merger.quality.subject import Hit, Subject, level_word

BY_RULE = ("unit", "competence")
ANY_WAITING = "new"
"""The place-holder that any number of agencies without a code may have."""

_COMMITTEE = re.compile(r"(?:UBND|ủy ban nhân dân|uỷ ban nhân dân)\s+(?P<rest>.+)", re.IGNORECASE)
_LEVELS = {
    "tỉnh": (Level.PROVINCE,),
    "thành phố": (Level.PROVINCE, Level.DISTRICT),
    "quận": (Level.DISTRICT,),
    "huyện": (Level.DISTRICT,),
    "thị xã": (Level.DISTRICT,),
    "thị trấn": (Level.COMMUNE,),
    "phường": (Level.COMMUNE,),
    "xã": (Level.COMMUNE,),
    "đặc khu": (Level.COMMUNE,),
}


def agency_codes_are_given_once(subject: Subject) -> Iterator[Hit]:
    """Two agencies of the same time bear one code, in either form; one is entered twice, not alike."""
    first: dict[tuple[date, str, str], Agency] = {}
    for file in subject.mapping.agencies:
        for side, agencies in (("before", file.before), ("after", file.after)):
            for index, agency in enumerate(agencies):
                for key, code in (("agency", agency.agency.code), ("former", agency.former)):
                    if not code or code.casefold() == ANY_WAITING:
                        continue
                    other = first.setdefault((file.effective, side, code), agency)
                    differs = key == "agency" and other != agency
                    if differs or str(other.agency) != str(agency.agency):
                        fields = {"code": code, "other": str(other.agency)}
                        yield Hit((file, (side, index, key)), Ref(code=code), fields)


def agencies_go_to_known_ones(subject: Subject) -> Iterator[Hit]:
    """An agency's successor, or the one that receives its documents, is not defined."""
    known = {agency.agency.code for _, _, agency in _all(subject)} | set(BY_RULE)
    for file, index, agency in before(subject):
        for key, code in (("into", agency.into), ("documents", agency.documents)):
            if code and code not in known:
                yield Hit((file, ("before", index, key)), agency.agency, {"code": code})


def agencies_do_not_go_in_circles(subject: Subject) -> Iterator[Hit]:
    """Following `into` from agency to agency comes back to where it began."""
    after = {agency.agency.code for file in subject.mapping.agencies for agency in file.after}
    into = {one.agency.code: one.into for _, _, one in before(subject)}
    for file, index, agency in before(subject):
        way = [agency.agency.code]
        while way[-1] in into and into[way[-1]] not in after and into[way[-1]] not in way:
            way.append(into[way[-1]])
        if into.get(way[-1]) == way[0] and way[0] not in after:
            fields = {"way": " → ".join([*way, way[0]])}
            yield Hit((file, ("before", index, "into")), agency.agency, fields)


def agencies_of_one_code_serve_one_province(subject: Subject) -> Iterator[Hit]:
    """An agency before serves a unit of another province than the others whose codes begin alike."""
    provinces: dict[str, Counter[str]] = defaultdict(Counter)
    for _, _, agency in before(subject):
        provinces[_root(agency)][subject.province_of(agency.unit)] += 1
    for file, index, agency in before(subject):
        own = subject.province_of(agency.unit)
        most = max(provinces[_root(agency)].items(), key=lambda one: (bool(one[0]), one[1], one[0]))[0]
        if own and most and own != most:
            fields = {"agency": agency.agency, "unit": agency.unit, "province": own, "most": most}
            yield Hit((file, ("before", index, "unit")), agency.agency, fields)


def agencies_of_abolished_units_go_on(subject: Subject) -> Iterator[Hit]:
    """An agency goes `into: unit`, but no agency of its function serves a unit that its own went into."""
    serving = {(one.function, one.unit) for file in subject.mapping.agencies for one in file.after}
    ended = {district.unit.code for file in subject.mapping.units for district in file.districts}
    for file, index, agency in before(subject):
        if agency.into != "unit":
            continue
        into = subject.successors.get((UnitKind(agency.level.value), agency.unit), set())
        without = agency.level is Level.DISTRICT and agency.unit in ended
        if without or (serving and into and not any((agency.function, unit) in serving for unit in into)):
            fields = {"agency": agency.agency, "units": ", ".join(sorted(into)) or "–"}
            yield Hit((file, ("before", index, "into")), agency.agency, fields)


def agencies_are_of_their_units_level(subject: Subject) -> Iterator[Hit]:
    """An agency's level is not that of its unit's code, or of the unit that its name says."""
    for file, loc, agency in _all(subject):
        kind = kind_of(agency.unit) if subject.codes_of_viet_nam else None
        committee = _COMMITTEE.match(agency.agency.name)
        word = split_type(committee["rest"])[0] if committee else ""
        levels = next((of for type_, of in _LEVELS.items() if split_type(f"{type_} A")[0] == word), None)
        if (kind and kind != agency.level.value) or (levels and agency.level not in levels):
            fields = {"agency": agency.agency, "level": level_word(agency.level), "unit": agency.unit}
            yield Hit((file, (*loc, "level")), agency.agency, fields)


def before(subject: Subject) -> Iterator[tuple[AgenciesFile, int, AgencyBefore]]:
    """The agencies of the time before, with their file and place in its list."""
    for file in subject.mapping.agencies:
        for index, agency in enumerate(file.before):
            yield file, index, agency


def _all(subject: Subject) -> Iterator[tuple[Definitions, Loc, Agency]]:
    for file in subject.mapping.agencies:
        for side, agencies in (("before", file.before), ("after", file.after)):
            for index, agency in enumerate(agencies):
                yield file, (side, index), agency


def _root(agency: Agency) -> str:
    return agency.agency.code.partition(".")[0]
