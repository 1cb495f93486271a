"""Copies the files of moved rows. May be killed at any instruction; the same call goes on with it.

A batch: what stands in the target is looked at, and noted; the files are copied; what came of them is noted.
So a file that stands there after a crash is known to be ours, or somebody else's.
"""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace

from merger.errors import Finding, Severity
from merger.migrate.failpoints import reach
from merger.migrate.filing.book import FileLedger
from merger.migrate.filing.likeness import Likeness
from merger.migrate.filing.model import (
    SHOWN,
    FileRequest,
    FileRow,
    FilesCopied,
    FilesOf,
    finding,
    row_of,
)
from merger.migrate.filing.working import BATCH, WORKERS, Wait, batches, each, raise_first, tried
from merger.systems.files import At, Copied, FileHeld, FileStore, StoreFailed, alike, checked, copy, missing

_HEXADECIMAL = set("0123456789abcdef")
LONGEST = 19
"""Digits of a size, at most."""


def copy_files(
    requests: Iterable[FileRequest],
    of: FilesOf,
    *,
    run: str,
    source: FileStore,
    target: FileStore,
    ledger: FileLedger,
    workers: int = WORKERS,
    batch: int = BATCH,
    at: At = reach,
    wait: Wait = time.sleep,
) -> FilesCopied:
    """Copies the files that rows of a dataset name. Nothing in the target is ever written over.

    Files that the ledger has as `done` or `there` are `already` copied and not looked at. Those that cannot
    be moved are held: counted, told with dataset and key, noted in the ledger, and tried again next time.
    Raises StoreFailed where a store cannot go on; what was copied until then is noted.
    """
    work = _Copying(of, run, source, target, ledger, at, wait)
    started = time.monotonic()
    with ThreadPoolExecutor(workers, thread_name_prefix="merger-files") as pool, Likeness() as likeness:
        for some in batches(requests, batch):
            work.batch(some, pool, likeness)
    return replace(
        work.result,
        seconds=time.monotonic() - started,
        unguarded=len(work.unguarded),
        findings=tuple(work.findings),
    )


@dataclass
class _Copying:
    of: FilesOf
    run: str
    source: FileStore
    target: FileStore
    ledger: FileLedger
    at: At
    wait: Wait
    result: FilesCopied = field(default_factory=FilesCopied)
    findings: list[Finding] = field(default_factory=list)
    unguarded: list[tuple[str, str]] = field(default_factory=list)
    resumed: set[tuple[str, str]] = field(default_factory=set)
    """Files that an interrupted call had begun."""

    def batch(self, requests: list[FileRequest], pool: ThreadPoolExecutor, likeness: Likeness) -> None:
        known = {row.id: row for row in self.ledger.known(self.of.id, [one.source_key for one in requests])}
        work: list[tuple[FileRequest, FileRow]] = []
        for request in requests:
            row = row_of(request, self.of, self.run)
            before = known.get(row.id)
            if not request.path and not request.to_path:
                self._count(none=1)
            elif before is None or before.target_sha256 != row.target_sha256:
                work.append((request, row))
            elif before.state in ("done", "there"):
                self._count(already=1)
            else:
                work.append((request, row.now(before.state)))
                if before.state == "copying":
                    self.resumed.add(row.id)
            if request.to_path and (other := likeness.other(request.to_path, request.source_key)):
                self._tell(finding(self.of, request.source_key, "alike", Severity.WARNING, other=other))
        if not work:
            return
        begun = each(pool, self._begin, work)
        raise_first(begun)
        rows = [one for one in begun if isinstance(one, FileRow)]
        self._keep(rows, "file-begun")
        left = [(request, row) for (request, _), row in zip(work, rows, strict=True) if row.state != "held"]
        answers: list[FileRow | StoreFailed] = []
        while left and not any(isinstance(one, StoreFailed) for one in answers):
            now, left = _apart(left)
            answers += each(pool, self._copy, now)
        ended = [one for one in answers if isinstance(one, FileRow)]
        self._keep(ended, "file-ended")
        for row in (*(row for row in rows if row.state == "held"), *ended):
            self._ended(row)
        raise_first(answers)

    def _begin(self, work: tuple[FileRequest, FileRow]) -> FileRow:
        """What stands where the file is to be: nothing (`copying`) or something (`pending`)."""
        request, row = work
        try:
            to_path = checked(request.to_path)
            checked(request.path)
            size, _ = _said(request)
            info = tried(lambda: self.source.info(checked(request.path)), self.wait)
            if info is None:
                raise FileHeld(missing(self.source, checked(request.path)))
            if size not in (None, info.size):
                raise FileHeld("other-size")
            if row.state == "copying":
                return row  # of an interrupted call: an equal file that stands there now is ours
            there = tried(lambda: self.target.info(to_path), self.wait)
        except FileHeld as held:
            return row.now("held", why=held.reason)
        return row.now("copying" if there is None else "pending")

    def _copy(self, work: tuple[FileRequest, FileRow]) -> FileRow:
        request, row = work
        _, sha256 = _said(request)
        maybe_ours = row.id in self.resumed

        def once() -> Copied:
            path, to_path = checked(request.path), checked(request.to_path)
            return copy(self.source, path, self.target, to_path, wanted=sha256, at=self.at)

        def waited(seconds: float) -> None:
            nonlocal maybe_ours
            maybe_ours = True  # what failed may have been done
            self.wait(seconds)

        try:
            copied = tried(once, waited)
        except FileHeld as held:
            with suppress(FileHeld):
                self.target.clean(checked(request.to_path))
            return row.now("held", why=held.reason)
        ours = row.state == "copying" and (maybe_ours or not copied.already)
        if copied.unguarded:
            self.unguarded.append(row.id)
        return row.now(
            "done" if ours else "there",
            size=copied.size,
            sha256=copied.sha256,
            copied=copied.size if ours else 0,
        )

    def _keep(self, rows: list[FileRow], step: str) -> None:
        self.at(f"before-{step}")
        self.ledger.keep(rows)
        self.at(f"after-{step}")

    def _ended(self, row: FileRow) -> None:
        if row.state == "held":
            self._count(held=1)
            self._tell(finding(self.of, row.source_key, row.why))
        elif row.state == "done":
            self._count(copied=1, bytes=row.copied)
        else:
            self._count(already=1)

    def _count(self, **more: int) -> None:
        self.result = replace(
            self.result, **{name: getattr(self.result, name) + number for name, number in more.items()}
        )

    def _tell(self, one: Finding) -> None:
        if len(self.findings) < SHOWN:
            self.findings.append(one)


def _apart(work: list[tuple[FileRequest, FileRow]]) -> tuple[list[tuple[FileRequest, FileRow]], ...]:
    """Those that go to different places in the target, and the rest, which must wait for them."""
    seen: set[str] = set()
    now: list[tuple[FileRequest, FileRow]] = []
    later: list[tuple[FileRequest, FileRow]] = []
    for one in work:
        place = alike(one[0].to_path or "")
        (later if place in seen else now).append(one)
        seen.add(place)
    return now, later


def _said(request: FileRequest) -> tuple[int | None, str]:
    """Size and SHA-256 as the database says. Raises FileHeld (`size-unclear`) for what is neither."""
    size, sha256 = request.size, (request.sha256 or "").strip().lower()
    if isinstance(size, str):
        if not (size.isascii() and size.isdecimal()) or len(size) > LONGEST:
            raise FileHeld("size-unclear")
        size = int(size)
    if (size is not None and size < 0) or (sha256 and (len(sha256) != 64 or not set(sha256) <= _HEXADECIMAL)):
        raise FileHeld("size-unclear")
    return size, sha256
