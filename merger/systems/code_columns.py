"""The columns of a profile that hold codes of agencies, and how wide they are."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from merger.codes import eid
from merger.codes.eid import Eid
from merger.errors import Finding, MergerError, Place, Severity
from merger.mapping.document import Document
from merger.mapping.tree import Loc
from merger.register import CodeColumn
from merger.systems.profile import Dataset, Profile
from merger.systems.profiles import load_profile
from merger.systems.tables import Store, store_of
from merger.systems.widths import width_of


def code_columns(path: Path) -> tuple[list[CodeColumn], list[Finding]]:
    """The columns whose width is known, and what cannot be known of the others.

    They are those of the fields under `agencies` and the `holder_columns`; codes inside of JSON have no
    width. The database is only read; where it can be read, it also tells in which form codes are written.
    Raises InputError for a profile that cannot be used.
    """
    document = load_profile(path)
    return _Looking(document).found()


class _Looking:
    def __init__(self, document: Document[Profile]) -> None:
        self.document = document
        self.profile = document.value
        self.store: Store | None = None
        self.why = ""

    def found(self) -> tuple[list[CodeColumn], list[Finding]]:
        named = dict(_named(self.profile))
        if not named:
            return [], [self._finding("no-code-columns", ("datasets",), Severity.WARNING)]
        columns: list[CodeColumn] = []
        findings: list[Finding] = []
        unread: list[str] = []
        unsized: list[str] = []
        declared = self._declared({dataset.table for dataset, _ in named.values()})
        for (table, column), (dataset, loc) in named.items():
            name = f"{table}.{column}"
            types = declared.get(table)
            if types is not None and column not in types:
                findings.append(self._finding("no-such-column", loc, Severity.WARNING, column=name))
                continue
            said = dataset.widths.get(column)
            width = said or (width_of(types[column]) if types else None)
            if width is None:
                (unread if types is None else unsized).append(name)
                continue
            found = CodeColumn(
                self.profile.id, name, width, "profile" if said else "database", place=self._place(loc)
            )
            columns.append(self._with_forms(found, table, column) if types else found)
        if unread:
            fields = {"columns": ", ".join(unread), "why": self.why}
            findings.append(self._finding("width-unread", ("database",), Severity.WARNING, **fields))
        if unsized:
            findings.append(
                self._finding("width-unsaid", ("datasets",), Severity.NOTE, columns=", ".join(unsized))
            )
        return columns, findings

    def _declared(self, tables: set[str]) -> dict[str, dict[str, str]]:
        """The declared types of each table's columns; nothing where the database cannot be read."""
        try:
            self.store = store_of(self.document.path, self.profile.database)
            return {table: self.store.declared(table) for table in tables}
        except MergerError as error:
            self.why = str(error)
            return {}

    def _with_forms(self, found: CodeColumn, table: str, column: str) -> CodeColumn:
        """The column with the written forms that its values have; both where there are none."""
        assert self.store is not None
        read = [eid.parse(value) for value in self.store.distinct(table, column) if isinstance(value, str)]
        forms = frozenset(one.form for one in read if isinstance(one, Eid))
        return replace(found, forms=forms) if forms else found

    def _place(self, loc: Loc) -> Place:
        return self.document.place(loc)

    def _finding(self, code: str, loc: Loc, severity: Severity, **fields: object) -> Finding:
        return Finding("systems", code, severity, self._place(loc), {"profile": self.profile.id, **fields})


def _named(profile: Profile) -> Iterator[tuple[tuple[str, str], tuple[Dataset, Loc]]]:
    """Table and column that hold codes of agencies, with the dataset that has it and the place."""
    for name, dataset in profile.datasets.items():
        for field, agency in dataset.agencies.items():
            loc: Loc = ("datasets", name, "agencies", field, "value")
            value = agency.value
            if value.json_path:
                continue
            if value.lookup:
                _, other, column = value.looked_up()
                yield (profile.datasets[other].table, column), (profile.datasets[other], loc)
            elif value.column:
                yield (dataset.table, value.column), (dataset, loc)
        for number, column in enumerate(dataset.holder_columns):
            yield (dataset.table, column), (dataset, ("datasets", name, "holder_columns", number))
