"""Vietnamese names compared as a reader would: marks count, the way of writing them does not.

The same name is written `Hòa` or `Hoà`, composed or decomposed, in capitals, with `TT.` or `Thị trấn`, `Lý`
or `Lí`, `Ea H'leo` or `Ea Hleo`. None of this may join `Hòa` with `Hoa` or `Hóa`, so marks are moved, never
dropped. What is stored keeps its form: these functions make keys, they do not correct.

Two strengths. `fold`, `same_name` and `NameIndex.exact` identify. `near_names` and `NameIndex.near` rank what
a misspelt name may mean, for findings that a person reads, and never decide. See docs/names.md.
"""

from merger.codes.names.compare import fold, same_name
from merger.codes.names.index import Candidate, NameIndex, near_names
from merger.codes.names.localities import LocalityNames, find_locality, localities_in
from merger.codes.names.spelling import fold_text, letters, unmarked
from merger.codes.names.types import TYPES, split_type

__all__ = [
    "TYPES",
    "Candidate",
    "LocalityNames",
    "NameIndex",
    "find_locality",
    "fold",
    "fold_text",
    "letters",
    "localities_in",
    "near_names",
    "same_name",
    "split_type",
    "unmarked",
]
