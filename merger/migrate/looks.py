"""Rows that are looked at one by one: for a locality, a point or an address.

They are named by their keys. What is kept is what the text or point says in the words of the mapping, never
the text or the point itself: those are a citizen's.
"""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from merger.codes.names import LocalityNames
from merger.lineage import UNREADABLE, Areas, is_unreadable, point_of
from merger.migrate.addressed import BLANKS, AddressReader
from merger.migrate.stage import Stage
from merger.systems.expressions import Column, Row
from merger.systems.functions import trimmed
from merger.systems.profile import UnitField
from merger.systems.stores import Plain

SAID: dict[str, Plain] = {"key": "text", "said": "text"}


def find_localities(stage: Stage, names: Mapping[str, Sequence[str]]) -> None:
    """Looks at the rows of divided units for a locality. `names`: unit code to locality names."""
    if stage.dataset.locality is None or not names:
        return
    row = stage.row()
    text = row.value(stage.dataset.locality).as_text
    known = {code: LocalityNames(here) for code, here in names.items()}
    found: dict[str, set[str]] = {}
    for unit in stage.places():
        code = row.raw(unit.value).text
        asked = sa.select(row.key_text, code, text).where(code.in_(list(names))).select_from(row.source)
        for key, unit_code, words in stage.store.connection.execute(asked):
            found_here = known[unit_code].found_in(words) if words else ()
            if len(found_here) == 1:
                found.setdefault(key, set()).add(found_here[0])
    stage.load("locality", SAID, ((key, "; ".join(sorted(here))) for key, here in found.items()))


def find_points(stage: Stage, areas: Areas) -> None:
    """Looks at the rows of units that are divided among drawn ones for a point.

    What is kept is in which units it lies, in the words of `Areas.located`, or that it cannot be read.
    """
    if stage.dataset.point is None or not areas:
        return
    row = stage.row()
    point = row.value(stage.dataset.point.lat).sql, row.value(stage.dataset.point.lon).sql
    found: dict[str, set[str]] = {}
    for unit in stage.places():
        code = row.raw(unit.value).text
        asked = sa.select(code).select_from(row.source).where(code.is_not(None)).distinct()
        codes = list(stage.store.connection.execute(asked).scalars())
        drawn = [one for one in codes if areas.around(unit.kind, one)]
        rows = sa.select(row.key_text, code, *point).where(code.in_(drawn)).select_from(row.source)
        for key, unit_code, *values in stage.store.connection.execute(rows):
            place = point_of(*values)
            if place is not None:
                found.setdefault(key, set()).update(areas.located(unit.kind, unit_code, place).split())
            elif is_unreadable(*values):
                found[key] = {UNREADABLE}
    stage.load("point", SAID, ((key, " ".join(sorted(words))) for key, words in found.items()))


def find_addresses(stage: Stage, reader: AddressReader) -> None:
    """Looks at the rows in which a unit has no code for an address; not at those that a rule excludes."""
    for name, unit in stage.addressed.items():
        assert unit.address is not None
        row = stage.row()
        none = sa.cast(sa.null(), sa.Text)
        service = row.raw(stage.dataset.service).text if stage.dataset.service else none
        parts = row.value(unit.address).as_text, stage.period(row), service
        asked = sa.select(row.key_text, *parts).where(_without_code(stage, row, unit))
        found = [
            (key, reader.read(stage.dataset, unit, *values))
            for key, *values in stage.store.connection.execute(asked.select_from(row.source))
        ]
        stage.load(f"address-{name}", SAID, found)
        if found:
            reader.forget()


def count_addresses(stage: Stage) -> int:
    """How many rows `find_addresses` looks at, once for each of their fields."""
    rows = 0
    for unit in stage.addressed.values():
        row = stage.row()
        asked = sa.select(sa.func.count()).where(_without_code(stage, row, unit))
        rows += stage.store.connection.execute(asked.select_from(row.source)).scalar() or 0
    return rows


def _without_code(stage: Stage, row: Row, unit: UnitField) -> Column:
    code = row.raw(unit.value).text
    none = code.is_(None) | (trimmed(code, BLANKS) == "")
    return none & stage.rule(row).is_(None)
