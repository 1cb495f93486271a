"""crosswalk-csv: old and new units of one day, pair by pair."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from merger.errors import InputError, Severity
from merger.mapping.imported import Imported
from merger.mapping.models import Change, Land, People, UnitKind, What
from merger.mapping.tables import columns
from merger.mapping.tables.cells import Cells
from merger.mapping.tables.csv import Findings, Record, Table, read_table
from merger.mapping.tables.drafts import drafts_of


def read_crosswalk(paths: Sequence[Path], id_: str, kind: UnitKind, effective: date) -> Imported:
    """Reads files of pairs of units that changed on the day `effective`, each pair as a change.

    A unit without a successor is drafted as one whose successor is not known. Further columns are kept as
    notes. Raises InputError with every problem of every file.
    """
    findings = Findings()
    changes: list[Change] = []
    seen: dict[tuple[str, str], Record] = {}
    for path in paths:
        table = read_table(path, columns.CROSSWALK, findings)
        if table is not None:
            changes += _changes(table, kind, effective, seen, findings)
    if findings.unusable:
        raise InputError(findings.found)
    return Imported(tuple(drafts_of(id_, kind, changes)), tuple(findings.found))


def _changes(
    table: Table, kind: UnitKind, effective: date, seen: dict[tuple[str, str], Record], findings: Findings
) -> list[Change]:
    cells = Cells(table, findings)
    further = [name for name in table.header if name not in columns.CROSSWALK]
    made: list[Change] = []
    for record in table.records:
        if findings.full:
            break
        old = cells.ref(record, "old_code", "old_name")
        new = cells.ref(record, "new_code", "new_name")
        land = cells.land(record)
        people = cells.people(record, land)
        share = cells.share(record)
        pair = (old.code if old else "", new.code if new else "")
        if not any(pair):
            if not cells.text(record, "old_code") and not cells.text(record, "new_code"):
                cells.say("DOC226", record, "old_code")
            continue
        first = seen.setdefault(pair, record)
        if first is not record:
            cells.say("DOC228", record, "old_code", old=pair[0] or "–", new=pair[1] or "–", first=first.line)
        elif not pair[1]:
            cells.say("DOC231", record, "new_code", Severity.WARNING, kind="merge", unit=pair[0])
        notes = {name: cells.text(record, name) for name in further}
        made.append(
            Change.model_construct(
                date=effective,
                what=_what(land, people, *pair),
                kind=kind,
                from_=old,
                to=new,
                land=land,
                people=people,
                share=share,
                source=cells.text(record, "evidence"),
                notes={name: note for name, note in notes.items() if note},
            )
        )
    return made


def _what(land: Land, people: People, old: str, new: str) -> What:
    """The kind of change that a pair by itself shows."""
    if not old:
        return "create"
    if land is Land.WHOLE and people is People.ALL:
        return "rename" if old == new else "merge"
    return "merge" if Land.UNSPECIFIED is land else "split"
