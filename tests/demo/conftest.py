import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import yaml

from merger.demo import write_demo
from merger.demo.masking import Copied, copy_like

sys.path.insert(0, str(Path(__file__).parent))

ROWS, SEED = 60, 7


class Databases:
    """The databases of one demo, opened when asked for."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self._open: dict[str, sqlite3.Connection] = {}

    def __call__(self, system: str, asked: str, *values: object) -> list[tuple]:
        if system not in self._open:
            self._open[system] = self._stack.enter_context(
                closing(sqlite3.connect(self.folder / "databases" / f"{system}.db"))
            )
        return self._open[system].execute(asked, values).fetchall()


@pytest.fixture(scope="session")
def rows() -> int:
    return ROWS


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("demo")
    write_demo(made, ROWS, SEED)
    return made


@pytest.fixture(scope="session")
def ask(folder: Path) -> Iterator[Databases]:
    with ExitStack() as stack:
        yield Databases(folder, stack)


@pytest.fixture(scope="session")
def shared() -> Path:
    named = os.environ.get("MERGER_SHARED")
    beside = (parent / "shared" for parent in Path(__file__).resolve().parents)
    found = Path(named) if named else next((one for one in beside if (one / "data" / "vn").is_dir()), None)
    if found is None:
        pytest.skip("the folder of facts, ../shared, is absent")
    return found


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo to be copied, never to be written to."""
    folder = tmp_path_factory.mktemp("original") / "demo"
    write_demo(folder, 20, 7)
    return folder


@pytest.fixture(scope="session")
def masked(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Copied:
    """The masked copy of the small demo."""
    from masking_files import digests, quiet

    before = digests(original)
    made = copy_like(original / "job.yaml", tmp_path_factory.mktemp("masked") / "copy", progress=quiet)
    assert digests(original) == before
    return made


@pytest.fixture
def small(tmp_path: Path) -> tuple[Path, Path]:
    """A system with its profile and some rows, to be spoiled at will."""
    from masking_files import DATABASE, PROFILE, told

    profile, database = tmp_path / "small.yaml", tmp_path / "small.db"
    profile.write_text(yaml.safe_dump(PROFILE, allow_unicode=True), "utf-8")
    told(database, DATABASE)
    return profile, database
