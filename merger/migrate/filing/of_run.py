"""The files of a run: of the rows that it moved, and of those that it changed since another run moved them.

A file belongs to the run that moved the row which names it, also where a later run brought it: the row and
its files are taken out together.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from merger.errors import Finding, Severity
from merger.migrate.campaign import Campaign, SourceSystem
from merger.migrate.filing.copying import copy_files
from merger.migrate.filing.entered import LOOKED_UP, LedgerFiles, free
from merger.migrate.filing.model import FileRequest, FilesCopied, FilesOf, FilesProved, finding, row_of
from merger.migrate.filing.named import Named
from merger.migrate.filing.places import moves_files, open_store
from merger.migrate.filing.removing import remove_files
from merger.migrate.filing.shared import Staying
from merger.migrate.filing.verifying import verify_files
from merger.migrate.job import System
from merger.migrate.ledger import Ledger
from merger.migrate.lock import Require
from merger.migrate.model import FileNote
from merger.migrate.results import FilesTakenOut, MovedFiles
from merger.migrate.stage import Stage
from merger.systems.files import FileStore
from merger.systems.stores import TargetStore

DIFFERENT = {"not-moved", "gone-here", "gone-there", "changed-here", "changed-there", "unproved"}
"""What verification tells of files that differ; other errors hold a file."""
NOWHERE = ("held", "pending")
"""States of a file of which nothing is in the target."""
Progress = Callable[[str, int, int], None]


class RunFiles:
    """Copies, proves or takes out the files of a run, one source system after the other.

    `read` a source while it is open, then close it and do the work. `notes`: what is to be told of single
    files.
    """

    def __init__(
        self,
        campaign: Campaign,
        target: TargetStore,
        ledger: Ledger,
        run: str,
        progress: Progress,
        require: Require = free,
    ) -> None:
        self.campaign = campaign
        self.ledger = ledger
        self.book = LedgerFiles(target, ledger, require)
        self.run = run
        self.progress = progress
        self.moved: list[MovedFiles] = []
        self.removed: list[FilesTakenOut] = []
        self.notes: list[FileNote] = []
        self._named: dict[str, Named] = {}

    def moves(self, source: SourceSystem) -> bool:
        """Whether files of this system are moved."""
        return moves_files(self.campaign.job, self._system(source), source.profile)

    def read(self, source: SourceSystem, stages: Iterable[Stage], *, moving: bool = True) -> None:
        """Reads which files the rows of an opened source name: those that move, or all."""
        if self.moves(source):
            named = self._named[source.system] = Named()
            for stage in stages:
                named.read(self.campaign, stage, moving=moving)

    def copy(self, source: SourceSystem) -> None:
        """Copies the files of the rows that the run moved or changed. Raises StoreFailed, Refused."""
        for of, named, here, there in self._datasets(source):
            total, done = named.count(of.dataset), 0
            owners = [self.run, *self.book.changed_by(of.id, self.run)]
            copied = FilesCopied()
            left = self._left(of, named)
            for owner in owners:
                requests = self._told(of, self._touched(of, named, owner), done, total)
                one = copy_files(requests, of, run=owner, source=here, target=there, ledger=self.book)
                done += one.copied + one.already + one.held
                copied = _sum(copied, one)
                self._note(one.findings)
            self._note(left)
            self.moved.append(
                MovedFiles(
                    system=of.system, dataset=of.dataset, named=done, copied=copied.copied,
                    bytes=copied.bytes, already=copied.already, held=copied.held, left=len(left),
                    unguarded=copied.unguarded,
                )
            )  # fmt: skip

    def verify(self, source: SourceSystem, *, quick: bool) -> dict[str, FilesProved]:
        """Proves the files of the rows that the run moved or changed, by dataset. Raises StoreFailed,
        Refused."""
        out: dict[str, FilesProved] = {}
        for of, named, here, there in self._datasets(source):
            requests = self._told(of, self._touched(of, named), 0, named.count(of.dataset))
            out[of.dataset] = verify_files(
                requests, of, run=self.run, source=here, target=there, ledger=self.book, quick=quick
            )
            self._note(out[of.dataset].findings)
        return out

    def remove(self, source: SourceSystem) -> None:
        """Takes out the files of rows that were taken out. Raises StoreFailed, Refused."""
        for of, named, here, there in self._datasets(source):
            requests = self._told(of, self._orphaned(of, named), 0, named.count(of.dataset))
            with Staying(self.campaign, self.book.target) as staying:
                one = remove_files(
                    requests, of, run=self.run, source=here, target=there, ledger=self.book,
                    shared=staying.among,
                )  # fmt: skip
            told = {finding.place.key for finding in one.findings}
            unnamed = [
                finding(of, key, "kept-unnamed", Severity.WARNING)
                for key in self._without_rows(of, self.book.left_of(of.id, self.run, except_=NOWHERE))
                if key not in told
            ]
            self._note((*one.findings, *unnamed))
            self.removed.append(
                FilesTakenOut(
                    system=of.system, dataset=of.dataset, removed=one.removed, kept=one.kept + len(unnamed)
                )
            )

    def _datasets(self, source: SourceSystem) -> Iterator[tuple[FilesOf, Named, FileStore, FileStore]]:
        """The datasets of a source that was read, with both stores open."""
        if source.system not in self._named:
            return
        job, path = self.campaign.job, self.campaign.path
        with (
            self._named.pop(source.system) as named,
            open_store(path, self._system(source)) as here,
            open_store(path, job.target) as there,
        ):
            for name in source.order:
                if source.profile.datasets[name].files:
                    number = self.ledger.dataset_id(source.system, name)
                    yield FilesOf(source.system, name, number), named, here, there

    def _touched(self, of: FilesOf, named: Named, owner: str = "") -> Iterator[FileRequest]:
        """The files of the rows that the run moved or changed; of those that `owner` moved, where given."""
        for some in named.chunks(of.dataset):
            runs = self.ledger.runs_of(of.system, of.dataset, [one.source_key for one in some])
            for one in some:
                moved, changed = runs.get(one.source_key, ("", None))
                if self.run in (moved, changed) and owner in ("", moved):
                    yield one

    def _orphaned(self, of: FilesOf, named: Named) -> Iterator[FileRequest]:
        """The files that the run noted and whose rows are in the target no more."""
        for some in named.chunks(of.dataset):
            keys = [one.source_key for one in some]
            mine = self.book.of_run(of.id, self.run, keys)
            mine -= self.ledger.target_keys(of.system, of.dataset, keys).keys()
            yield from (one for one in some if one.source_key in mine)

    def _without_rows(self, of: FilesOf, keys: list[str]) -> Iterator[str]:
        there = self.ledger.target_keys(of.system, of.dataset, keys)
        yield from (key for key in keys if key not in there)

    def _left(self, of: FilesOf, named: Named) -> list[Finding]:
        """The files that stay in the target though no row names them any more: of rows that the run withdrew,
        and of rows that name another file since. Where they are cannot be told from the ledger. What the
        ledger has of files that were held, and that no row names, is forgotten."""
        withdrawn = self.book.of_withdrawn(of.id, self.run)
        keys = [row.source_key for row in withdrawn if row.state == "done"]
        gone = [row for row in withdrawn if row.state in NOWHERE]
        changed: list[FileRequest] = []
        for owner in self.book.changed_by(of.id, self.run):
            changed += self._touched(of, named, owner)
        wanted = {(one.id, one.target_sha256) for one in (row_of(one, of, self.run) for one in changed)}
        asked = sorted({one.source_key for one in changed})
        for start in range(0, len(asked), LOOKED_UP):
            old = [
                row
                for row in self.book.known(of.id, asked[start : start + LOOKED_UP])
                if (row.id, row.target_sha256) not in wanted
            ]
            keys += [row.source_key for row in old if row.state == "done"]
            gone += [row for row in old if row.state in NOWHERE]
        self.book.forget(gone)
        return [finding(of, key, "left", Severity.WARNING) for key in keys]

    def _told(
        self, of: FilesOf, requests: Iterator[FileRequest], done: int, total: int
    ) -> Iterator[FileRequest]:
        for number, one in enumerate(requests, start=done):
            self.progress(f"files {of.system}/{of.dataset}", number, total)
            yield one

    def _note(self, findings: Iterable[Finding]) -> None:
        self.notes += [note_of(one) for one in findings]

    def _system(self, source: SourceSystem) -> System:
        return next(one for one in self.campaign.job.sources if one.system == source.system)


def note_of(one: Finding) -> FileNote:
    """What is to be told of a file, as results hold it."""
    place = one.place
    fields = {name: str(value) for name, value in one.fields.items()}
    what: Literal["held", "different", "note"] = "different" if one.code in DIFFERENT else "held"
    return FileNote(
        system=place.system, dataset=place.dataset, key=place.key, code=one.code, fields=fields,
        what=what if one.severity is Severity.ERROR else "note",
    )  # fmt: skip


def _sum(one: FilesCopied, other: FilesCopied) -> FilesCopied:
    return FilesCopied(
        one.copied + other.copied, one.bytes + other.bytes, one.already + other.already, 0,
        one.held + other.held, one.unguarded + other.unguarded,
    )  # fmt: skip
