"""A small country with 500 held dossiers of one cause, its plan, and the pages over it."""

import shutil
from pathlib import Path

import pytest

from merger.migrate import api
from merger.review.web import visiting
from merger.review.web.rights import signed_in
from tests.migrate.world import dossier, fill, make_world, quiet, standard_rows

NASTY = "<script>alert('x')</script>"
HELD = 500
SERVICES = ("1.000001.Z02", "1.000002.000.00.00.Z02")


@pytest.fixture(scope="session")
def world_made(tmp_path_factory):
    """The country with rows of every kind, 500 dossiers of a divided commune whose addresses say nothing,
    each with a file, and its plan `plan.json`."""
    folder = tmp_path_factory.mktemp("plans") / "world"
    make_world(folder)
    standard_rows(folder)
    agencies = folder / "mapping" / "agencies.yaml"
    agencies.write_text(
        agencies.read_text("utf-8").replace("Committee East", f"Committee East {NASTY}"), "utf-8"
    )
    rows = [
        dossier(f"held-{n:03d}", commune="10004", agency="Z02.30.20", address=f"ngõ {n}", owner="Lý Thị Kín",
                service=SERVICES[n % 2])
        for n in range(HELD)
    ]  # fmt: skip
    fill(folder / "two.db", "dossier", rows)
    files = [{"number": f"held-{n:03d}", "path": f"held/{n}.pdf", "content": b""} for n in range(HELD)]
    fill(folder / "two.db", "file", files)
    api.make_plan(folder / "job.yaml", folder / "plan.json", (), False, quiet)
    return folder


@pytest.fixture
def folder(world_made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that the test may change."""
    monkeypatch.setenv("MERGER_STATE", str(tmp_path / "state"))
    copy = tmp_path / "folder"
    shutil.copytree(world_made, copy)
    return copy


@pytest.fixture
def become(monkeypatch):
    """Makes whoever is signed in a person of these roles."""

    def now(name, *roles):
        monkeypatch.setattr(visiting, "person_of", lambda _frame, _account: signed_in(name, roles))

    return now
