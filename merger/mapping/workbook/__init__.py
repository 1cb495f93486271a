"""Definitions as a workbook that officials fill in: one sheet a kind, drop-downs, locked codes, notes.

`write_workbook` and `read_workbook` round-trip without loss (comments of YAML files excepted);
`workbook_mapping` lets the checks of `merger.quality` answer with cells; `write_findings` marks the bad
cells in a copy. Problems come back by sheet and cell: `Place(file="book.xlsx#Communes!B7")`.
"""

from collections.abc import Sequence
from pathlib import Path

from merger.errors import Finding
from merger.mapping.models import Mapping
from merger.mapping.workbook.read import WorkbookMapping, read_workbook, workbook_mapping

__all__ = ["WorkbookMapping", "read_workbook", "workbook_mapping", "write_findings", "write_workbook"]


def write_workbook(mapping: Mapping, out: Path) -> None:
    """Writes the mapping as XLSX to `out`; see `merger.mapping.workbook.write`."""
    from merger.mapping.workbook import write

    write.write_workbook(mapping, out)


def write_findings(workbook: Path, findings: Sequence[Finding], out: Path) -> None:
    """Marks the bad cells in a copy of `workbook`; see `merger.mapping.workbook.marking`."""
    from merger.mapping.workbook import marking

    marking.write_findings(workbook, findings, out)
