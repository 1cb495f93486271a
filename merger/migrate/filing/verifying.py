"""Proves moved files: size and SHA-256 on both sides, against what the ledger keeps. At any later time."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from merger.errors import Finding
from merger.migrate.filing.book import FileLedger
from merger.migrate.filing.model import SHOWN, FileRequest, FileRow, FilesOf, FilesProved, finding, row_of
from merger.migrate.filing.working import BATCH, WORKERS, Wait, batches, each, raise_first, tried
from merger.systems.files import FileHeld, FileStore, StoreFailed, checked

_THERE = ("done", "there")


def verify_files(
    requests: Iterable[FileRequest],
    of: FilesOf,
    *,
    run: str,
    source: FileStore,
    target: FileStore,
    ledger: FileLedger,
    quick: bool = False,
    workers: int = WORKERS,
    batch: int = BATCH,
    wait: Wait = time.sleep,
) -> FilesProved:
    """Compares every file that rows of a dataset name, in the source and in the target, with the ledger.

    `quick`: sizes only; no file is read. Differences: `not-moved`, `gone-here`, `changed-here` (the source),
    `gone-there`, `changed-there` (the target), `unproved`. Files that are held are counted and told with
    their reason; they are no differences. Raises StoreFailed.
    """
    files = differences = held = 0
    findings: list[Finding] = []

    def compared(work: tuple[FileRequest, FileRow]) -> list[str]:
        request, row = work
        sides = ((source, request.path, "here"), (target, request.to_path, "there"))
        return [found for store, path, side in sides if (found := _side(store, path, side, row, quick, wait))]

    with ThreadPoolExecutor(workers, thread_name_prefix="merger-files") as pool:
        for some in batches((one for one in requests if one.path or one.to_path), batch):
            known = {row.id: row for row in ledger.known(of.id, [one.source_key for one in some])}
            work: list[tuple[FileRequest, FileRow]] = []
            for request in some:
                files += 1
                wanted = row_of(request, of, run)
                row = known.get(wanted.id)
                if row is not None and row.state == "held":
                    held += 1
                    findings.append(finding(of, request.source_key, row.why))
                elif row is None or row.state not in _THERE or row.target_sha256 != wanted.target_sha256:
                    differences += 1
                    findings.append(finding(of, request.source_key, "not-moved"))
                else:
                    work.append((request, row))
            answers = each(pool, compared, work)
            raise_first(answers)
            for (request, _), codes in zip(work, answers, strict=True):
                if isinstance(codes, StoreFailed) or not codes:
                    continue
                differences += 1
                for code in codes:
                    code, _, why = code.partition(":")
                    findings.append(finding(of, request.source_key, code, why=why))
            del findings[SHOWN:]
    return FilesProved("quick" if quick else "full", files, differences, held, tuple(findings))


def _side(store: FileStore, path: str | None, side: str, row: FileRow, quick: bool, wait: Wait) -> str:
    """What is different on one side, as the code of a finding (`unproved` with its reason), or empty."""

    def once() -> str:
        info = store.info(checked(path))
        if info is None:
            return f"gone-{side}"
        if info.size != row.size:
            return f"changed-{side}"
        if not quick and store.size_and_sha256(checked(path)) != (row.size, row.sha256):
            return f"changed-{side}"
        return ""

    try:
        return tried(once, wait)
    except FileHeld as held:
        return f"unproved:{held.reason}"
