"""Databases as stores: opened to be read or written, whatever kind they are.

    with open_target(target_url, write=True) as target, open_pair(source_url, target) as source:
        with source.snapshot(), target.transaction():
            lines = source.lines(select)
            piped(lines, lambda lines: target.land("landing", columns, lines), in_step=target.in_step)

`url_of` finds a database, `open_source`, `open_target` and `open_pair` open one, `Store` says what it can do,
`DatabaseFailed` what can go wrong; within `read_once` a source that has to be copied is copied once, and
`copy_room` says what room that takes; `let_go` ends the copies. Drivers are imported when a database of their
kind is opened.
"""

from merger.systems.stores.base import SourceStore, Store, TargetStore
from merger.systems.stores.columns import Column, Landing, Plain
from merger.systems.stores.failures import DatabaseFailed, failure_of, told
from merger.systems.stores.files_there import has_files
from merger.systems.stores.once import let_go, read_once
from merger.systems.stores.opening import copy_room, open_pair, open_source, open_target
from merger.systems.stores.piped import piped
from merger.systems.stores.rights import rights_in, rights_on
from merger.systems.stores.urls import file_of, place_of, same_database, sqlite_url, url_of

__all__ = [
    "Column", "DatabaseFailed", "Landing", "Plain", "SourceStore", "Store", "TargetStore", "copy_room",
    "failure_of", "file_of", "has_files", "let_go", "open_pair", "open_source", "open_target", "piped",
    "place_of", "read_once", "rights_in", "rights_on", "same_database", "sqlite_url", "told", "url_of",
]  # fmt: skip
