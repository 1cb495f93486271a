"""The made-up resolution that the tests of the reader share, and its changed copies."""

from pathlib import Path

from merger.errors import Severity
from merger.mapping.drafting import read_resolution
from merger.mapping.imported import Imported
from merger.mapping.models import UnitsFile

DATA = Path(__file__).parent / "data" / "drafting"
EXAMPLE = DATA / "example.md"
UNITS = DATA / "units.csv"
NEW_UNITS = DATA / "new_units.csv"

Edges = dict[tuple[str, str], tuple[str, str]]


def read(path: Path = EXAMPLE, *, after: bool = True) -> Imported:
    return read_resolution([path], "example", [UNITS], [NEW_UNITS] if after else [])


def read_changed(folder: Path, old: str, new: str) -> Imported:
    """Reads the example with one place of its text changed."""
    text = EXAMPLE.read_text("utf-8")
    assert text.count(old) == 1, old
    path = folder / "changed.md"
    path.write_text(text.replace(old, new), "utf-8")
    return read(path)


def units(imported: Imported) -> UnitsFile:
    value = imported.drafts[0].value
    assert isinstance(value, UnitsFile)
    return value


def edges(imported: Imported) -> Edges:
    """Old and new code of every edge, with land and people; units kept lead to themselves."""
    found: Edges = {}
    for entry in units(imported).communes:
        if entry.keep:
            found[entry.keep.code, entry.keep.code] = ("whole", "all")
        for one in entry.from_:
            found[one.unit.code, entry.unit.code] = (one.land.value, one.people.value)
    return found


def errors(imported: Imported) -> list[str]:
    return [one.code for one in imported.findings if one.severity is Severity.ERROR]


TRUE_EDGES: Edges = {
    ("95001", "95001"): ("whole", "all"),
    ("95002", "95001"): ("whole", "all"),
    ("95005", "95001"): ("part", "some"),
    ("95003", "95003"): ("whole", "all"),
    ("95004", "95003"): ("whole", "all"),
    ("95005", "95003"): ("part", "some"),
    ("95006", "95006"): ("whole", "all"),
    ("95007", "95006"): ("whole", "all"),
    ("95008", "95006"): ("part", "none"),
    ("96001", "96001"): ("whole", "all"),
    ("95008", "96001"): ("part", "all"),
    ("96003", "96003"): ("whole", "all"),
    ("96002", "96003"): ("whole", "all"),
    ("96006", "96003"): ("whole", "all"),
    ("96004", "96004"): ("whole", "all"),
    ("96005", "96005"): ("whole", "all"),
}
"""What the example says, clause by clause, as a person reads it."""
