"""Names of districts that a list gives by their codes only, from the definitions that come with the package.
"""

from dataclasses import replace

from merger.errors import InputError
from merger.mapping.drafting.roster import Roster
from merger.mapping.files import load, shipped


def with_district_names(roster: Roster) -> Roster:
    """The list, districts without a name named as the shipped definitions name their codes."""
    missing = {unit.district for unit in roster.communes if unit.district} - roster.districts.keys()
    if not missing:
        return roster
    try:
        files = load([shipped()]).mapping.units
    except InputError:
        return roster
    known = {
        entry.unit.code: entry.unit.name for file in files if not file.example for entry in file.districts
    }
    return replace(
        roster, districts=roster.districts | {code: known[code] for code in missing if code in known}
    )
