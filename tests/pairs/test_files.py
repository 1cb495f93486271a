"""Files that rows name go with them, whatever databases hold the rows and the ledger."""

import pytest
import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate import api
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL, SQLITE
from merger.testing.people import sign_by_all
from tests.pairs.conftest import Pairs, planned, quiet

PATHS = {"one": ("gate.yaml", "file"), "two": ("desk.yaml", "attachment")}
COLUMNS = "path: path, content: content, size: size}"
FIELDS = f"{COLUMNS}\n    files: {{scan: {{path: path, to: path, size: size}}}}"
UNUSABLE = "one/d\\e.pdf"


def rows(engine: sa.Engine, table: str) -> dict[str, bytes]:
    """The content that the rows of a table hold, by their paths."""
    with engine.connect() as connection:
        asked = sa.select(sa.column("path"), sa.column("content")).select_from(sa.table(table))
        found = {path: bytes(content or b"") for path, content in connection.execute(asked) if path}
    engine.dispose()
    return found


@pytest.mark.parametrize("pair", [(POSTGRESQL, MARIADB), (SQLITE, POSTGRESQL)], ids="-".join)
def test_files_go_with_rows_between_databases(pairs: Pairs, pair: tuple[str, str]) -> None:
    world = pairs.fresh(pair)
    job = world.job.read_text("utf-8")
    for system, (profile, table) in PATHS.items():
        text = (world.folder / profile).read_text("utf-8")
        assert text.count(COLUMNS) == 1
        (world.folder / profile).write_text(text.replace(COLUMNS, FIELDS), "utf-8")
        job = job.replace(f"{system.upper()}}}}}", f"{system.upper()}}}, files: {{path: old-{system}}}}}")
        for path, content in rows(world.engine(system), table).items():
            file = world.folder / f"old-{system}" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    world.job.write_text(job.replace("PLATFORM}}", "PLATFORM}, files: {path: new}}"), "utf-8")
    new = world.folder / "new"
    new.mkdir()
    before = set(rows(world.engine("platform"), "p_file"))

    plan = planned(world)
    result = api.apply(world.folder / "plan.json", 1, quiet)
    expected = {
        path: content
        for path, content in rows(world.engine("platform"), "p_file").items()
        if path not in before and path != UNUSABLE
    }
    there = {str(one.relative_to(new)): one.read_bytes() for one in new.rglob("*") if one.is_file()}
    assert there == expected
    assert {one.system for one in result.files if one.copied} == {"one", "two"}
    assert sum(one.files for one in plan.datasets) == sum(one.named for one in result.files)
    assert [one.code for one in result.file_notes if one.what == "held"] == ["path-backslash"]
    found = api.verify(str(world.folder / "plan.json"), False, False, quiet)
    assert (found.state, [one.code for one in found.files]) == ("equal", ["path-backslash"])

    with pytest.raises(Refused, match="what would be taken out"):
        api.rollback(str(world.folder / "plan.json"), quiet)
    sign_by_all(world.folder / "plan.rollback.json")
    assert api.rollback(str(world.folder / "plan.json"), quiet).kept_files == 0
    assert [one for one in new.rglob("*") if one.is_file()] == []
