"""The cells that the two CSV formats share, read one row at a time."""

from datetime import date

from merger.errors import Severity
from merger.mapping.models import Land, People, Ref
from merger.mapping.tables import columns
from merger.mapping.tables.csv import Findings, Record, Table
from merger.mapping.tree import shorten


class Cells:
    """Reads the cells of a table's rows. What is wrong becomes a finding at the cell."""

    def __init__(self, table: Table, findings: Findings) -> None:
        self.table = table
        self.at = {name: index for index, name in enumerate(table.header)}
        self._findings = findings
        self._days: dict[str, date | None] = {}
        self._refs: dict[tuple[str, str], Ref] = {}

    def text(self, record: Record, column: str) -> str:
        """A cell as it stands; empty for a column that the table does not have."""
        index = self.at.get(column)
        return "" if index is None else record.cells[index]

    def say(
        self, code: str, record: Record, column: str, severity: Severity = Severity.ERROR, **fields: object
    ) -> None:
        """A finding at a cell of the row."""
        index = self.at.get(column, 0)
        given = {"column": column, "value": shorten(record.cells[index])}
        self._findings.add(code, self.table.place(record, index), severity, **(given | fields))

    def day(self, record: Record, column: str) -> date | None:
        """A day; None, and a finding, where the cell holds none."""
        written = self.text(record, column)
        if written not in self._days:
            self._days[written] = columns.day(written)
        found = self._days[written]
        if found is None:
            self.say("DOC220", record, column)
        return found

    def ref(self, record: Record, code_column: str, name_column: str) -> Ref | None:
        """A unit; None where both cells are empty, or where they do not hold a unit, which is a finding."""
        code, written = self.text(record, code_column), self.text(record, name_column)
        found = self._refs.get((code, written))
        if found is not None:
            return found
        name = written.strip()
        if not code:
            if name:
                self.say("DOC225", record, code_column, name=shorten(name))
            return None
        if code.split() != [code]:
            self.say("DOC224", record, code_column)
            return None
        if name != written:
            self.say("DOC234", record, name_column, Severity.WARNING)
            return Ref(code=code, name=name)
        return self._refs.setdefault((code, written), Ref(code=code, name=name))

    def land(self, record: Record) -> Land:
        """The extent of the land; unspecified where the cell is empty."""
        found = columns.EXTENTS.get(self.text(record, "extent"))
        if found is None:
            self.say("DOC222", record, "extent", allowed=", ".join(Land))
        return found or Land.UNSPECIFIED

    def people(self, record: Record, land: Land) -> People:
        """How many of the people; as the land where the cell is empty."""
        written = self.text(record, "population")
        if not written:
            return columns.AS_LAND[land]
        found = columns.POPULATIONS.get(written)
        if found is None:
            self.say("DOC222", record, "population", allowed=", ".join(People))
        return found or People.UNSPECIFIED

    def share(self, record: Record) -> float | None:
        """The share; None where the cell is empty."""
        written = self.text(record, "share")
        if not written:
            return None
        found = columns.share(written)
        if found is None:
            self.say("DOC223", record, "share")
        return found
