"""Lists of services of several provinces: read as offices have them, merged into one, reviewed by people.

`read_catalogues` reads CSV, XLSX and `merger/services/1`; `merge` sets the lists beside that of the
province that goes on; `decided` puts answers into effect, `drafted` is the `merger/services/1` file that
comes of it. The module `review` writes what a person must look at as a sheet and reads the answers back.
`level_changes` counts who does services before and after.
"""

from merger.catalogues.answers import Answer, Decided, decided
from merger.catalogues.drafting import drafted
from merger.catalogues.levels import LevelChanges, level_changes
from merger.catalogues.merging import Merged, merge
from merger.catalogues.model import Catalogue, Difference, Entry, Fate, Group, Kind
from merger.catalogues.reading import Listed, read_catalogue, read_catalogues

__all__ = [
    "Answer",
    "Catalogue",
    "Decided",
    "Difference",
    "Entry",
    "Fate",
    "Group",
    "Kind",
    "LevelChanges",
    "Listed",
    "Merged",
    "decided",
    "drafted",
    "level_changes",
    "merge",
    "read_catalogue",
    "read_catalogues",
]
