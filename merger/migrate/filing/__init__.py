"""The files that moved rows name: copied, proved, taken out again; each noted in the ledger.

The ledger and messages hold keys and digests, never a path: paths can hold citizens' names.
"""

from merger.migrate import failpoints
from merger.migrate.filing.book import FileLedger, SqliteFileLedger
from merger.migrate.filing.copying import copy_files
from merger.migrate.filing.model import (
    FileRequest,
    FileRow,
    FilesCopied,
    FilesOf,
    FilesProved,
    FilesRemoved,
)
from merger.migrate.filing.places import moves_files, one_sided, open_store
from merger.migrate.filing.removing import remove_files
from merger.migrate.filing.verifying import verify_files

STEPS = failpoints.FILES
"""The failpoints of this room, in the order in which they are reached."""

__all__ = [
    "STEPS",
    "FileLedger",
    "FileRequest",
    "FileRow",
    "FilesCopied",
    "FilesOf",
    "FilesProved",
    "FilesRemoved",
    "SqliteFileLedger",
    "copy_files",
    "moves_files",
    "one_sided",
    "open_store",
    "remove_files",
    "verify_files",
]
