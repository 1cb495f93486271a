"""Codes for new agencies, the register of all agencies as it is published, and what differs between two.

`allocate` finds codes, `fill` puts them into the files; `entries_of` is the register on a day,
`write_register` and `read_register` its files; `differences` compares two.
"""

from merger.register.allocation import Allocated, Allocation, allocate
from merger.register.cuts import CodeColumn, Cut
from merger.register.differences import Difference, How, differences, grouped
from merger.register.entries import COLUMNS, Entry, entries_of, waiting
from merger.register.files import FORMATS, read_register, write_register
from merger.register.filling import Filled, Filling, fill

__all__ = [
    "COLUMNS",
    "FORMATS",
    "Allocated",
    "Allocation",
    "CodeColumn",
    "Cut",
    "Difference",
    "Entry",
    "Filled",
    "Filling",
    "How",
    "allocate",
    "differences",
    "entries_of",
    "fill",
    "grouped",
    "read_register",
    "waiting",
    "write_register",
]
