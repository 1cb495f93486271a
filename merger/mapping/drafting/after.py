"""Codes of new units: from a list of them, else marks to be replaced by a person."""

from collections import Counter
from collections.abc import Sequence

from merger.errors import Finding, Place
from merger.mapping.drafting.problems import error, note
from merger.mapping.drafting.roster import Roster, Unit, key_of
from merger.mapping.drafting.statements import Named, Statement, Taking
from merger.mapping.models import Ref

MARK = "new-"
"""What stands before the clause's number where the code of a new unit is not known."""


class NewUnits:
    """The codes of the units that one resolution forms or keeps."""

    def __init__(self, after: Roster | None, owner: str, statements: Sequence[Statement], place: Place,
                 findings: list[Finding]) -> None:  # fmt: skip
        self._findings = findings
        self._units = after
        self.province_code = ""
        named = Counter(_key(one.target) for one in statements if one.target is not None)
        self._twice = {key for key, count in named.items() if count > 1}
        if after is None:
            findings.append(note("RES040", place))
            return
        provinces = sorted(after.province_codes(owner)) if owner else []
        if not provinces:
            provinces = _most(after, [one.target for one in statements if one.target is not None])
        if provinces:
            self.province_code = provinces[0]
            self._units = after.within(provinces)

    def formed(self, statement: Statement) -> Ref:
        """The new unit of a statement; a mark instead of its code where the list does not give it, or where
        two statements name the same."""
        named = statement.target
        assert named is not None
        unit = self._found(named)
        if unit is not None and _key(named) not in self._twice:
            return unit.ref
        return Ref(
            code=f"{MARK}{statement.clause}", name=f"{named.kind[:1].upper()}{named.kind[1:]} {named.name}"
        )

    def kept(self, unit: Unit, taking: Taking) -> Ref:
        """A unit that stays: its code and name are those of before, and the list must hold it."""
        if self._units is not None:
            found = self._found(taking.unit, unit.code)
            if found is not None and found.code != unit.code:
                fields = {"unit": str(unit.ref), "after": str(found.ref)}
                self._findings.append(error("RES043", taking.unit.place, **fields))
        return unit.ref

    def _found(self, named: Named, code: str = "") -> Unit | None:
        if self._units is None:
            return None
        found = self._units.named(named.kind, named.name)
        if len(found) > 1:
            found = [unit for unit in found if unit.code == code] or found
        if len(found) == 1:
            return found[0]
        near = found or self._units.near(named.kind, named.name)
        shown = "; ".join(str(unit.ref) for unit in near) or "-"
        code_ = "RES042" if found else "RES041"
        self._findings.append(error(code_, named.place, name=named.full, candidates=shown))
        return None


def _key(named: Named) -> tuple[str, str]:
    return named.kind, key_of(named.name)


def _most(after: Roster, targets: Sequence[Named]) -> list[str]:
    """The province that holds more of the new units' names than any other; none where two hold as many."""
    counts = Counter(
        code for named in targets for code in {unit.province for unit in after.named(named.kind, named.name)}
    )
    best = counts.most_common(2)
    if not best or (len(best) == 2 and best[0][1] == best[1][1]) or not best[0][0]:
        return []
    return [best[0][0]]
