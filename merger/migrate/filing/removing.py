"""Takes out the files that a run put in, unless somebody changed them or another run's rows name them."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from merger.errors import Finding, Severity
from merger.migrate.failpoints import reach
from merger.migrate.filing.book import FileLedger
from merger.migrate.filing.model import SHOWN, FileRequest, FileRow, FilesOf, FilesRemoved, finding, row_of
from merger.migrate.filing.working import BATCH, WORKERS, Wait, batches, each, raise_first, tried
from merger.systems.files import At, FileHeld, FileStore, StoreFailed, checked

Shared = Callable[[Iterable[str]], set[str]]


def alone(_target_sha256: Iterable[str]) -> set[str]:
    """No row of the target names any of these files."""
    return set()


_CHANGED, _NAMED, _GONE, _OURS = "changed", "named", "gone", "removed"


def remove_files(
    requests: Iterable[FileRequest],
    of: FilesOf,
    *,
    run: str,
    source: FileStore,
    target: FileStore,
    ledger: FileLedger,
    shared: Shared = alone,
    workers: int = WORKERS,
    batch: int = BATCH,
    at: At = reach,
    wait: Wait = time.sleep,
) -> FilesRemoved:
    """Takes out the files of a run. `requests`: as for `copy_files`, asked for before the rows are removed.

    A file stays, and its row in the ledger, where its content is no longer what was copied (`kept`), or
    where rows of another run or rows that stay in the target name it. `shared`: those of the digests of
    paths in the target that such rows name. Files that stood there before the run are left. What an
    interrupted copy began is cleaned up, and a file that it finished without noting it is compared with the
    source. The same call goes on after an interruption. Raises StoreFailed.
    """
    removed = kept = 0
    findings: list[Finding] = []

    def taken_out(work: tuple[FileRequest, FileRow]) -> str:
        request, row = work
        return tried(lambda: _take_out(request, row, source, target, named, at), wait)

    with ThreadPoolExecutor(workers, thread_name_prefix="merger-files") as pool:
        for some in batches((one for one in requests if one.path or one.to_path), batch):
            rows = {row.id: row for row in ledger.known(of.id, [one.source_key for one in some])}
            work = [
                (one, row)
                for one in some
                if (row := rows.get(row_of(one, of, run).id)) is not None
                and row.run == run
                and row.target_sha256 == row_of(one, of, run).target_sha256
            ]
            if not work:
                continue
            places = [row.target_sha256 for _, row in work]
            named = {*ledger.named_by_others(places, run), *shared(places)}
            answers = each(pool, taken_out, work)
            gone: list[FileRow] = []
            for (_, row), answer in zip(work, answers, strict=True):
                if isinstance(answer, StoreFailed):
                    continue
                removed += answer == _OURS
                if answer in (_CHANGED, _NAMED):
                    kept += 1
                    findings.append(finding(of, row.source_key, f"kept-{answer}", Severity.WARNING))
                else:
                    gone.append(row)
            at("before-file-forgotten")
            ledger.forget(gone)
            at("after-file-forgotten")
            raise_first(answers)
            del findings[SHOWN:]
    return FilesRemoved(removed, kept, tuple(findings))


def _take_out(
    request: FileRequest, row: FileRow, source: FileStore, target: FileStore, named: set[str], at: At
) -> str:
    """What became of one file."""
    try:
        to_path = checked(request.to_path)
        if row.state in ("copying", "held"):
            target.clean(to_path)
        if row.state not in ("copying", "done"):
            return _GONE
        if row.target_sha256 in named:
            return _NAMED
        info = target.info(to_path)
        if info is None:
            return _GONE
        ours: tuple[int | None, str | None] = (row.size, row.sha256)
        if row.state == "copying":
            ours = source.size_and_sha256(checked(request.path))
        if info.size != ours[0] or target.size_and_sha256(to_path) != ours:
            return _CHANGED
    except FileHeld as held:
        if held.transient:
            raise
        return _CHANGED if row.state in ("copying", "done") else _GONE
    at("before-file-removed")
    target.remove(to_path)
    at("after-file-removed")
    return _OURS
