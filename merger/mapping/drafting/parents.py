"""Names of districts and provinces that a list gives by their codes only, from the shipped definitions."""

from collections.abc import Iterable
from dataclasses import replace

from merger.errors import InputError
from merger.mapping.drafting.roster import Roster
from merger.mapping.files import load, shipped
from merger.mapping.models import Ref


def with_names_of_parents(roster: Roster) -> Roster:
    """The list, its districts and provinces that have no name named as the shipped definitions do."""
    districts = {unit.district for unit in roster.communes if unit.district} - roster.districts.keys()
    provinces = {unit.province for unit in roster.communes if unit.province} - roster.provinces.keys()
    if not districts and not provinces:
        return roster
    try:
        files = [file for file in load([shipped()]).mapping.units if not file.example]
    except InputError:
        return roster
    known_districts = (one.unit for file in files for one in file.districts)
    known_provinces = (one.unit for file in files if file.province for one in file.province.from_)
    return replace(
        roster,
        districts=roster.districts | _names(districts, known_districts),
        provinces=roster.provinces | _names(provinces, known_provinces),
    )


def _names(codes: set[str], known: Iterable[Ref]) -> dict[str, str]:
    return {ref.code: ref.name for ref in known if ref.code in codes}
