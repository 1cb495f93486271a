"""A small system whose rows name files: a source folder, a target folder, a book of the ledger."""

import hashlib
from pathlib import Path

from merger.migrate.filing import (
    FileRequest,
    FilesOf,
    copy_files,
    remove_files,
    verify_files,
)
from merger.systems.files import open_files
from merger.systems.profile import FilesAt
from tests.migrate.filing.book import SqliteFileLedger

NAMES = ("Nguyễn Thị Bé/đơn.pdf", "b/2.pdf", "b/3.pdf", "4.pdf", "trống.pdf")
OF = FilesOf("one", "files", 1)


def content_of(number):
    return b"" if number == len(NAMES) else hashlib.sha512(str(number).encode()).digest() * (9000 * number)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def quietly(_seconds):
    """Waits for nothing."""


class FileWorld:
    def __init__(self, folder: Path):
        self.folder, self.old, self.new = folder, folder / "old", folder / "new"
        if not self.old.exists():
            self.new.mkdir()
            for number, name in enumerate(NAMES, 1):
                self.put(self.old, name, content_of(number))
        self.source = open_files(FilesAt(path="old"), folder, "one")
        self.target = open_files(FilesAt(path="new"), folder, "platform")
        self.book = SqliteFileLedger(folder / "book.db")

    def put(self, root, name, content):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)

    def requests(self, names=NAMES):
        return [FileRequest(str(number), name, f"one/{name}", "scan") for number, name in enumerate(names, 1)]

    def copy(self, requests=None, run="r1", of=OF, **more):
        given = {"source": self.source, "target": self.target, "ledger": self.book, "wait": quietly} | more
        return copy_files(self.requests() if requests is None else requests, of, run=run, **given)

    def verify(self, requests=None, run="r1", **more):
        given = {"source": self.source, "target": self.target, "ledger": self.book, "wait": quietly} | more
        return verify_files(self.requests() if requests is None else requests, OF, run=run, **given)

    def remove(self, requests=None, run="r1", **more):
        given = {"source": self.source, "target": self.target, "ledger": self.book, "wait": quietly} | more
        return remove_files(self.requests() if requests is None else requests, OF, run=run, **given)

    def there(self):
        """Every file of the target, by path."""
        return {
            str(one.relative_to(self.new)): one.read_bytes() for one in self.new.rglob("*") if one.is_file()
        }

    def states(self):
        return {row.source_key: row.state for row in self.book.rows()}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.book.close()


WHOLE = {f"one/{name}": content_of(number) for number, name in enumerate(NAMES, 1)}


def told(result):
    return sorted((one.place.key, one.code) for one in result.findings)


def work(arguments):
    """Copies or removes what a folder has, as a command that is to be killed."""
    folder, what = arguments
    with FileWorld(Path(folder)) as given:
        if what == "copy":
            given.copy(batch=2, workers=2)
        else:
            given.remove(batch=2, workers=2)
    return 0
