"""The small made-up world of the engine's tests, whose rows name real files in folders."""

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

from merger.migrate import api
from merger.systems.profile import FilesAt
from tests.migrate.conftest import Worlds
from tests.migrate.world import changed, planned, quiet, run_sql, standard_rows

COUNTS = {"one": 20, "two": 15}
MISSING, SHORT, THERE = "a/3.pdf", "a/4.pdf", "a/5.pdf"
"""Of system one: not in its folder; not as large as its row says; already in the target's folder."""


def content_of(system: str, name: str) -> bytes:
    return hashlib.sha512(f"{system}/{name}".encode()).digest() * (20 + len(name))


def put(root: Path, name: str, content: bytes) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(content)


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by path."""
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def say_where(world: Path, systems: dict[str, FilesAt]) -> None:
    """Writes into the job where the files of its systems are."""
    for system, at in systems.items():
        name = "platform" if system == "platform" else system
        values = at.model_dump(exclude_defaults=True)
        said = ", ".join(f"{key}: '{value}'" for key, value in values.items())
        changed(
            world / "job.yaml", f"database: {{path: {name}.db}}",
            f"database: {{path: {name}.db}}, files: {{{said}}}",
        )  # fmt: skip


def with_files(world: Path) -> None:
    """Real files for the rows of `standard_rows`; one is missing, one short, one in the target already."""
    (world / "new").mkdir()
    for system, count in COUNTS.items():
        names = [f"a/{number}.pdf" for number in range(count)]
        for name in [*names, "orphan.pdf", "f.pdf", "u.pdf"]:
            put(world / f"old-{system}", name, content_of(system, name))
        run_sql(world / f"{system}.db", "ALTER TABLE file ADD COLUMN size INTEGER")
        with sqlite3.connect(world / f"{system}.db") as connection:
            for name in names:
                size = len(content_of(system, name))
                connection.execute("UPDATE file SET size = ? WHERE path = ?", (size, name))
        connection.close()
    (world / "old-one" / MISSING).unlink()
    put(world / "old-one", SHORT, b"cut off")
    put(world / "new", f"one/{THERE}", content_of("one", THERE))


def moved_files() -> dict[str, bytes]:
    """The target's folder after a run."""
    return {
        f"{system}/a/{number}.pdf": content_of(system, f"a/{number}.pdf")
        for system, count in COUNTS.items()
        for number in range(count)
        if (system, f"a/{number}.pdf") not in {("one", MISSING), ("one", SHORT)}
    }


class FileWorlds(Worlds):
    """The world of `Worlds`, whose profile names files and whose job says where they are."""

    def _empty(self) -> None:
        super()._empty()
        changed(
            self.here / "source.yaml",
            "columns: {dossierId: {reference: dossier, column: number}, path: path, content: content}",
            "columns: {dossierId: {reference: dossier, column: number}, path: path, content: content}\n"
            "    files: {scan: {path: path, to: path, size: size}}",
        )

    def _standard(self) -> None:
        self.restore("empty")
        standard_rows(self.here)
        with_files(self.here)
        say_where(self.here, {"one": FilesAt(path="old-one"), "two": FilesAt(path="old-two"),
                              "platform": FilesAt(path="new")})  # fmt: skip


def key_of(world: Path, system: str, path: str) -> str:
    """The key of the row that names a file."""
    connection = sqlite3.connect(world / f"{system}.db")
    try:
        ((key,),) = connection.execute("SELECT id FROM file WHERE path = ?", (path,)).fetchall()
    finally:
        connection.close()
    return str(key)


def catch_up(world: Path, name: str = "later.json") -> api.RunResult:
    """Plans, signs and runs the job once more."""
    return api.apply(planned(world, name=name), 1, quiet)


Prepare = Callable[[str], Path]
