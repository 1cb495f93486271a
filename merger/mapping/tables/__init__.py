"""CSV: changes (which round-trip), crosswalks, and the one reader of whatever CSV other people made.

`read_changes` and `read_crosswalk` make drafts of files, `write_changes` gives a mapping's changes as rows
(its `text` is the file), `to_csv` writes any rows so that no spreadsheet takes a cell for a formula.
`read_foreign` reads any table within bounds, what is wrong with it goes to `Findings`.
"""

from merger.mapping.tables.columns import AS_LAND, CROSSWALK, extent_cell, population_cell, share_cell
from merger.mapping.tables.csv import Findings, Table, guarded, read_foreign, to_csv, unguarded
from merger.mapping.tables.read_changes import read_changes
from merger.mapping.tables.read_crosswalk import read_crosswalk
from merger.mapping.tables.write_changes import Rows, write_changes

__all__ = [
    "AS_LAND",
    "CROSSWALK",
    "Findings",
    "Rows",
    "Table",
    "extent_cell",
    "guarded",
    "population_cell",
    "read_changes",
    "read_crosswalk",
    "read_foreign",
    "share_cell",
    "to_csv",
    "unguarded",
    "write_changes",
]
