"""The ledger's table of files, as what is needed of it."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from merger.migrate.filing.model import FileRow


class FileLedger(Protocol):
    """Rows of `merger_file`, told apart by dataset, source key and `path_sha256`.

    Each writing call is one transaction, committed when it returns. Called by one thread.
    """

    def known(self, dataset_id: int, source_keys: Sequence[str]) -> Iterable[FileRow]:
        """The rows of some source keys of a dataset, of every run."""
        ...

    def keep(self, rows: Sequence[FileRow]) -> None:
        """Adds rows, or puts them in the place of those that there are."""
        ...

    def forget(self, rows: Sequence[FileRow]) -> None:
        """Takes rows out."""
        ...

    def named_by_others(self, target_sha256: Sequence[str], run: str) -> Iterable[str]:
        """Which of these target paths rows of other runs name as `done` or `there`."""
        ...
