"""What the tests of the CSV formats share."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from merger.mapping import LoadedMapping, load
from merger.mapping.imported import Imported
from merger.mapping.models import Change, Mapping, UnitKind
from merger.mapping.tables import read_changes, write_changes

HEADER = "date,event_id,kind,from_code,from_name,to_code,to_name,extent,share"
DAY = date(2025, 7, 1)
ISLES = Path(__file__).parent / "cases" / "two-isles.csv"
CHAIN = (
    "2025-07-01,E1,recode,A,,B,,whole,",
    "2025-07-01,E2,recode,B,,C,,whole,",
    "2025-07-02,E3,recode,C,,D,,whole,",
)


def written(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def with_rows(path: Path, *rows: str, header: str = HEADER) -> Path:
    return written(path, "\n".join((header, *rows)) + "\n")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read(path: Path, **more: str) -> tuple[Change, ...]:
    (draft,) = read_changes([path], "made-up", UnitKind.COMMUNE, **more).drafts
    return draft.value.changes


def saved(imported: Imported, folder: Path) -> LoadedMapping:
    """The drafts, written as files and loaded again."""
    folder.mkdir(exist_ok=True)
    for draft in imported.drafts:
        (folder / draft.name).write_text(draft.text, "utf-8", newline="")
    return load([folder])


def there_and_back(
    mapping: Mapping, folder: Path, kinds: Sequence[UnitKind] = (UnitKind.COMMUNE,)
) -> Mapping:
    """What a mapping is after it was exported as changes-csv and imported again."""
    units = []
    for kind in kinds:
        path = written(folder / f"{kind}.csv", write_changes(mapping, kind).text)
        units += saved(read_changes([path], f"again-{kind}", kind), folder / f"again-{kind}").mapping.units
    return Mapping(units=tuple(units))
