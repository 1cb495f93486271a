"""The folder that people work on: what lies in it, by identifiers, and what was read of it."""

from collections import OrderedDict
from hashlib import sha256
from pathlib import Path
from threading import Lock

from merger.lineage import Lineage, build
from merger.mapping import LoadedMapping, contents_of, parse, read_document, shipped
from merger.migrate.campaign import SHIPPED
from merger.migrate.job import Job
from merger.review.web.failures import Missing
from merger.review.web.finding import Finder, Found
from merger.review.web.settings import Settings
from merger.review.web.trail import ReviewTrail

_KEPT = 4
"""So many mappings are kept in memory, the last used ones."""


class Desk:
    """The folder of the settings. Pages name what lies in it by identifiers that the desk gives out: nothing
    that comes from outside is ever taken for a path."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.folder.resolve()
        self.read_only = settings.read_only
        self.trail = ReviewTrail(settings.trail_file)
        self._finder = Finder()
        self._read: OrderedDict[tuple[str, ...], tuple[LoadedMapping, Lineage]] = OrderedDict()
        self._finding, self._reading = Lock(), Lock()

    def jobs(self) -> list[Path]:
        """The job files."""
        return self._found().jobs

    def plans(self) -> list[Path]:
        """The plan files."""
        return self._found().plans

    def runs(self) -> list[Path]:
        """The run files, which stand beside their plans."""
        return self._found().runs

    def mappings(self) -> list[Path]:
        """Folders of definitions, and files of definitions that lie elsewhere."""
        return self._found().mappings

    def identifier(self, path: Path) -> str:
        """What pages call `path`, which lies in the folder: 16 hex digits of a SHA-256."""
        place = path.resolve().relative_to(self.folder).as_posix()
        return sha256(place.encode()).hexdigest()[:16]

    def path(self, identifier: str) -> Path:
        """The job, plan, run or mapping of this identifier. Raises Missing."""
        for path in self._found().all():
            if self.identifier(path) == identifier:
                return path
        raise Missing(identifier)

    def definitions(self, mapping: Path | None) -> LoadedMapping:
        """The mapping `mapping` with its documents; the shipped ones for None, those a job names for a job's
        file. Raises InputError."""
        return self._mapping(mapping)[0]

    def lineage(self, mapping: Path | None) -> Lineage:
        """The graph of the same; built once for the same bytes. Raises InputError."""
        return self._mapping(mapping)[1]

    def _mapping(self, mapping: Path | None) -> tuple[LoadedMapping, Lineage]:
        contents = contents_of(self._files(mapping))
        key = (*contents.digests, *(str(path) for path, _ in contents.files))
        with self._reading:
            if not contents.findings and key in self._read:
                self._read.move_to_end(key)
                return self._read[key]
            loaded = parse(contents)
            self._read[key] = loaded, build(loaded.mapping)
            while len(self._read) > _KEPT:
                self._read.popitem(last=False)
            return self._read[key]

    def _files(self, mapping: Path | None) -> list[Path]:
        if mapping is None:
            return [shipped()]
        if mapping not in self.jobs():
            return [mapping]
        named = read_document(mapping, Job).value.mapping
        return [
            shipped() / name.removeprefix(SHIPPED) if name.startswith(SHIPPED) else mapping.parent / name
            for name in named
        ]

    def _found(self) -> Found:
        with self._finding:
            return self._finder.find(self.folder)
