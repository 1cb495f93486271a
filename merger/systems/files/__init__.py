"""File stores: attachments in folders, over SFTP or in S3, copied without loss and proved."""

from merger.systems.files.copying import copy, missing
from merger.systems.files.failing import FileHeld, StoreFailed
from merger.systems.files.opening import open_files
from merger.systems.files.paths import alike, checked
from merger.systems.files.store import At, Copied, FileInfo, FileStore, nowhere

__all__ = [
    "At",
    "Copied",
    "FileHeld",
    "FileInfo",
    "FileStore",
    "StoreFailed",
    "alike",
    "checked",
    "copy",
    "missing",
    "nowhere",
    "open_files",
]
