"""How many records plans count in the units of a mapping: of which old unit, moved, held or left."""

from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock

from merger.errors import InputError
from merger.lineage import UnitVersion
from merger.mapping import contents_of
from merger.mapping.models import UnitKind
from merger.migrate.files import job_of, read_json
from merger.migrate.model import Plan, UnitCount
from merger.review.mapping.book import Book
from merger.review.mapping.sources import paths_of_job
from merger.review.web.desk import Desk

KEPT = 16
"""The counts of so many plans are kept in memory."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What one plan counts: `rows` of a dataset of a system by the old unit's label, and in all."""

    path: Path
    plan: str
    job: Path
    rows: dict[str, tuple[tuple[str, str, UnitCount], ...]]
    in_scope: int
    to_move: int
    held: int


@dataclass(frozen=True, slots=True)
class Touched:
    """Records of a unit in one dataset of a plan's source system."""

    identifier: str
    plan: str
    system: str
    dataset: str
    count: UnitCount


class Counts:
    """Plans' counts, read again only where the file was written since."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[str, int, int], Counted | None] = OrderedDict()
        self._lock = Lock()

    def of(self, path: Path) -> Counted | None:
        """The counts of the plan in a file; None where it cannot be read."""
        try:
            told = path.stat()
        except OSError:
            return None
        key = (str(path), told.st_size, told.st_mtime_ns)
        with self._lock:
            if key not in self._found:
                self._found[key] = _read(path)
            self._found.move_to_end(key)
            while len(self._found) > KEPT:
                self._found.popitem(last=False)
            return self._found[key]


COUNTS = Counts()


def plans_of(desk: Desk, book: Book) -> list[tuple[str, Counted]]:
    """The plans in the folder whose job names any file of the mapping as it is now, by identifier."""
    own = {one.sha256 for one in book.files}
    found = []
    for path in desk.plans():
        counted = COUNTS.of(path)
        if counted is not None and own & set(_digests(counted.job)):
            found.append((desk.identifier(path), counted))
    return found


def touched(desk: Desk, book: Book, version: UnitVersion) -> list[Touched]:
    """What the plans count of a commune of before; nothing for units of other kinds."""
    if version.kind is not UnitKind.COMMUNE or version.valid_to == date.max:
        return []
    first = book.lineage.versions(version.kind, version.code)[0]
    label = version.code if version == first else f"{version.code}@{version.valid_from}"
    return [
        Touched(identifier, counted.plan, system, dataset, count)
        for identifier, counted in plans_of(desk, book)
        for system, dataset, count in counted.rows.get(label, ())
    ]


def _read(path: Path) -> Counted | None:
    try:
        plan, _ = read_json(path, Plan)
    except (InputError, OSError):
        return None
    rows: dict[str, list[tuple[str, str, UnitCount]]] = defaultdict(list)
    for part in plan.datasets:
        for count in part.by_unit:
            rows[count.unit].append((part.system, part.dataset, count))
    return Counted(
        path,
        plan.id,
        job_of(path, plan.job_file, plan.job_beside),
        {label: tuple(own) for label, own in rows.items()},
        sum(part.in_scope for part in plan.datasets),
        sum(part.to_move for part in plan.datasets),
        sum(part.held for part in plan.datasets),
    )


def _digests(job: Path) -> list[str]:
    try:
        return contents_of(paths_of_job(job)).digests
    except InputError:
        return []
