"""Which units a unit lies in, and which communes lie in a unit, on a day."""

from collections import defaultdict
from datetime import date

from merger.lineage.graph import Lineage
from merger.mapping.models import UnitKind

_ABOVE = {
    UnitKind.COMMUNE: (UnitKind.DISTRICT, UnitKind.PROVINCE),
    UnitKind.DISTRICT: (UnitKind.PROVINCE,),
    UnitKind.PROVINCE: (),
}


class Surroundings:
    """Units within units, as far as the lineage knows them; computed once for a day."""

    def __init__(self, lineage: Lineage) -> None:
        self._lineage = lineage
        self._communes: dict[date, dict[tuple[UnitKind, str], list[str]]] = {}

    def around(self, kind: UnitKind, code: str, day: date) -> dict[UnitKind, str]:
        """The unit itself and those that it lies in, by their kind."""
        found = {kind: code}
        version = self._lineage.version_at(kind, code, day)
        while version is not None and version.parent:
            above = (self._lineage.version_at(other, version.parent, day) for other in _ABOVE[version.kind])
            version = next((one for one in above if one is not None), None)
            if version is not None:
                found[version.kind] = version.code
        return found

    def communes(self, kind: UnitKind, code: str, day: date) -> list[str]:
        """The communes in a unit, by code; a commune is in itself."""
        if kind is UnitKind.COMMUNE:
            return [code]
        if day not in self._communes:
            found = self._communes[day] = defaultdict(list)
            for commune in self._lineage.roster(UnitKind.COMMUNE, day):
                for at in self.around(UnitKind.COMMUNE, commune.code, day).items():
                    found[at].append(commune.code)
        return self._communes[day].get((kind, code), [])
