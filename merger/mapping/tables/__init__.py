"""The CSV formats: changes (which round-trip) and crosswalks.

`read_changes` and `read_crosswalk` make drafts of files, `write_changes` gives a mapping's changes as rows
(its `text` is the file), `to_csv` writes any rows so that no spreadsheet takes a cell for a formula.
"""

from merger.mapping.tables.columns import CROSSWALK, extent_cell, population_cell, share_cell
from merger.mapping.tables.csv import guarded, to_csv, unguarded
from merger.mapping.tables.read_changes import read_changes
from merger.mapping.tables.read_crosswalk import read_crosswalk
from merger.mapping.tables.write_changes import Rows, write_changes

__all__ = [
    "CROSSWALK",
    "Rows",
    "extent_cell",
    "guarded",
    "population_cell",
    "read_changes",
    "read_crosswalk",
    "share_cell",
    "to_csv",
    "unguarded",
    "write_changes",
]
