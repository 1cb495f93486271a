"""Two sets of rows in two databases compared, without loading either."""

from merger.migrate.comparing.cells import Cell, cells
from merger.migrate.comparing.comparison import Comparison, Differing, Total, buckets_for, differing
from merger.migrate.comparing.merging import merged
from merger.migrate.comparing.reading import at_once, spooled
from merger.migrate.comparing.rowset import Keys, RowSet

__all__ = [
    "Cell",
    "Comparison",
    "Differing",
    "Keys",
    "RowSet",
    "Total",
    "at_once",
    "buckets_for",
    "cells",
    "differing",
    "merged",
    "spooled",
]
