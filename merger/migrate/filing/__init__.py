"""The files that moved rows name: copied, proved, taken out again; each noted in the ledger.

The ledger and messages hold keys and digests, never a path: paths can hold citizens' names.
"""

from merger.migrate import failpoints
from merger.migrate.filing.book import FileLedger
from merger.migrate.filing.copying import copy_files
from merger.migrate.filing.entered import FileCounts, LedgerFiles
from merger.migrate.filing.model import (
    FileRequest,
    FileRow,
    FilesCopied,
    FilesOf,
    FilesProved,
    FilesRemoved,
)
from merger.migrate.filing.named import count_naming, keys_naming
from merger.migrate.filing.of_run import RunFiles, note_of
from merger.migrate.filing.places import moves_files, one_sided, open_store, require_stores, stores_of
from merger.migrate.filing.removing import remove_files
from merger.migrate.filing.verifying import verify_files

STEPS = failpoints.FILES
"""The failpoints of this room, in the order in which they are reached."""

__all__ = [
    "STEPS",
    "FileCounts",
    "FileLedger",
    "FileRequest",
    "FileRow",
    "FilesCopied",
    "FilesOf",
    "FilesProved",
    "FilesRemoved",
    "LedgerFiles",
    "RunFiles",
    "copy_files",
    "count_naming",
    "keys_naming",
    "moves_files",
    "note_of",
    "one_sided",
    "open_store",
    "remove_files",
    "require_stores",
    "stores_of",
    "verify_files",
]
