"""Sources that are copied to be read, with DuckDB for all of them: the bulk, the final run and its roll-back,
into a server and into a file."""

import shutil
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from merger.cli.shapes import plan_lines, run_lines
from merger.errors import InputError, MergerError, Refused
from merger.messages import current, use
from merger.migrate import api
from merger.migrate.campaign import Campaign
from merger.migrate.isolation import isolation_told
from merger.migrate.model import Plan, Verification
from merger.migrate.results import RunResult
from merger.migrate.room import copy_rooms, target_room
from merger.migrate.workbench import Workbench
from merger.systems.stores.room import Room, temporary_folder
from merger.testing.pairs import expected, expected_later, figures, go_on
from merger.testing.pairs.kinds import DUCKDB, POSTGRESQL, SQLITE
from merger.testing.pairs.later import MENDED, NEW, NEW_RECORD
from merger.testing.pairs.tables import Row
from merger.testing.pairs.world import World, content, everything, platform
from merger.testing.people import sign_by_all
from tests.pairs.conftest import Pairs, applied, planned, quiet

INTO_FILE = (DUCKDB, SQLITE)
both = pytest.mark.parametrize("pair", [INTO_FILE, (DUCKDB, POSTGRESQL)], ids="-".join)
file = pytest.mark.parametrize("pair", [INTO_FILE], ids="-".join)
Content = dict[str, list[Row]]


@dataclass
class Told:
    """What plans, platform and verifications said after each run; `left`: the platform after the roll-back of
    the last one. `sources`: the first system's rows before and after its first run."""

    world: World
    plans: dict[str, Plan] = field(default_factory=dict)
    results: dict[str, RunResult] = field(default_factory=dict)
    contents: dict[str, Content] = field(default_factory=dict)
    verified: dict[str, Verification] = field(default_factory=dict)
    sources: list[Content] = field(default_factory=list)
    left: Content = field(default_factory=dict)

    def run(self, name: str, *, final: bool = False) -> None:
        self.plans[name] = planned(self.world, name, final=final)
        self.results[name] = applied(self.world, name)
        self.contents[name] = content(platform(self.world))
        plan = str(self.world.folder / f"{name}.json")
        self.verified[name] = api.verify(plan, False, False, quiet)

    def roll_back(self, name: str) -> None:
        plan = str(self.world.folder / f"{name}.json")
        with pytest.raises(Refused):
            api.rollback(plan, quiet)
        sign_by_all(self.world.folder / f"{name}.rollback.json")
        api.rollback(plan, quiet)
        self.left = content(platform(self.world))


@pytest.fixture(scope="module")
def stories() -> dict[tuple[str, str], Told]:
    return {}


@pytest.fixture
def told(pair: tuple[str, str], pairs: Pairs, stories: dict[tuple[str, str], Told]) -> Told:
    """What happened in a world of the pair, once."""
    if pair not in stories:
        told = stories[pair] = Told(pairs.fresh(pair))
        told.sources.append(everything(told.world, "one"))
        told.run("bulk")
        told.sources.append(everything(told.world, "one"))
        go_on(told.world)
        told.run("final", final=True)
        told.roll_back("final")
    pairs.enter(stories[pair].world)
    return stories[pair]


@both
def test_the_plan_counts_and_holds_as_of_every_other_database(told: Told) -> None:
    found = {
        (one.system, one.dataset): (one.in_scope, one.to_move, one.held_by_reason, one.excluded)
        for one in told.plans["bulk"].datasets
    }
    assert found == {
        where: (one.in_scope, one.to_move, one.held, one.excluded) for where, one in figures().items()
    }


@both
def test_every_cell_of_the_target_is_as_it_should_be_after_each_run(told: Told) -> None:
    wanted = {"bulk": expected(), "final": expected_later()}
    for name, tables in wanted.items():
        assert {table: told.contents[name][table] for table in tables} == tables


@both
def test_every_run_is_verified_at_full_strength(told: Told) -> None:
    assert {name: (one.state, one.differences) for name, one in told.verified.items()} == {
        "bulk": ("equal", ()),
        "final": ("equal", ()),
    }


@both
def test_the_source_is_as_it_was(told: Told) -> None:
    before, after = told.sources
    assert before == after


@both
def test_a_roll_back_takes_out_what_its_run_brought(told: Told) -> None:
    numbers = {name: {row["number"] for row in told.contents[name]["p_dossier"]} for name in told.contents}
    left = {row["number"] for row in told.left["p_dossier"]}
    assert left == numbers["bulk"] & numbers["final"]
    assert numbers["final"] - left == {NEW.row["number"], NEW_RECORD.row["number"], MENDED}


@file
def test_the_rights_of_an_account_elsewhere_are_not_known_and_all_else_is_checked(told: Told) -> None:
    checks = api.check(told.world.job)
    assert [one for one in checks if one.state == "failed"] == []
    unknown = [one.detail for one in checks if one.code == "rights" and one.state == "not-run"]
    assert [one.partition(":")[0] for one in unknown] == ["one", "two"]


@file
def test_a_copy_that_has_no_room_is_told_and_not_made(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = [room.size for _, room, _ in copy_rooms(Campaign(told.world.job))]
    folder = temporary_folder()
    one, two = (-(-room // 2**20) for room in rooms)

    def check(free: int) -> dict[str, list[tuple[str, str, str]]]:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
        found = [(one.code, one.state, one.detail) for one in api.check(told.world.job)]
        return {system: [one for one in found if one[2].startswith(system)] for system in ("one", "two")}

    enough = check(2**30)
    assert enough["one"][0] == (
        "disk", "ok", f"one: 1024 MiB free in {folder}, {one} MiB wanted for the copy that is read there",
    )  # fmt: skip
    assert [code for code, *_ in enough["two"]] == [code for code, *_ in enough["one"]]
    scarce = check(rooms[0])
    assert scarce["one"][0][:2] == ("disk", "ok")
    assert scarce["two"] == [
        (
            "disk", "failed",
            f"two: 0 MiB free in {folder}, {two} MiB wanted for the copy that is read there"
            "; this source was not looked at any further; make room there, or name a larger folder in "
            "SQLITE_TMPDIR",
        )
    ]  # fmt: skip


@file
def test_the_targets_room_is_told_where_copies_are_read(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = {system: room for system, room, _ in copy_rooms(Campaign(told.world.job))}
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2**20))
    (found,) = target_room(Campaign(told.world.job), {system: Room(2**20, False) for system in copies})
    beside = told.world.folder.stat().st_dev == temporary_folder().stat().st_dev
    assert (found.code, found.state, found.detail) == (
        "disk", "failed", f"platform: 1 MiB free, {8 if beside else 6} MiB wanted",
    )  # fmt: skip


@file
def test_tables_that_change_in_the_source_under_way_are_seen_there_and_not_in_the_copy(told: Told) -> None:
    plan = planned(told.world, "later")

    def alter(statement: str) -> None:
        engine = told.world.engine("one")
        with engine.begin() as connection:
            connection.execute(sa.text(statement))
        engine.dispose()

    def add(stage: str, _done: int, _total: int) -> None:
        if stage.startswith("apply") and not added:
            added.append(stage)
            alter("ALTER TABLE file ADD COLUMN added INTEGER")

    added: list[str] = []
    path = told.world.folder / "later.json"
    with pytest.raises(MergerError, match="columns changed while rows were moved, in: one; the batch under"):
        api.apply(path, 1, add)
    with pytest.raises(MergerError, match="columns changed while rows were moved, in: one; the batch under"):
        api.apply(path, 1, quiet)
    alter("ALTER TABLE file DROP COLUMN added")
    assert api.apply(path, 1, quiet).state == "done"
    assert sum(one.to_move for one in plan.datasets) > 0


OWN = (
    "read in one transaction of the database's own isolation, READ COMMITTED, since it gives none that is "
    "stricter: rows that change meanwhile may be seen at different moments"
)


@file
def test_in_which_isolation_a_source_was_read_is_told_by_check_plan_and_run(
    told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    levels = {"one": "READ COMMITTED", "two": "READ COMMITTED"}
    checks = [(one.state, one.detail) for one in api.check(told.world.job) if one.code == "isolation"]
    assert checks == [("ok", f"one: {OWN}"), ("ok", f"two: {OWN}")]
    assert told.plans["bulk"].isolation == levels
    assert told.results["bulk"].isolation == levels
    plan_lines(told.plans["bulk"])
    assert f"one: {OWN}\ntwo: {OWN}\n" in capsys.readouterr().out
    run_lines(told.results["bulk"])
    assert f"one: {OWN}\ntwo: {OWN}\n" in capsys.readouterr().out
    with Workbench(Campaign(told.world.job)) as bench:
        ended = next(one.detail for one in bench.ledger.records() if one.action == "run-done")
    assert {name: word for name, word in ended.items() if name.startswith("isolation")} == {
        "isolation:one": "READ-COMMITTED",
        "isolation:two": "READ-COMMITTED",
    }


@pytest.mark.parametrize(
    ("level", "language", "words"),
    [
        ("SNAPSHOT", "en", "read in one transaction of isolation SNAPSHOT"),
        ("SNAPSHOT", "vi", "đọc trong một giao dịch ở mức cô lập SNAPSHOT"),
        ("READ COMMITTED", "en", OWN),
        ("", "en", "isolation, of which it does not say how strict it is: rows that change meanwhile may be"),
        ("", "vi", "mà nó không cho biết chặt đến đâu: các dòng thay đổi trong lúc đọc có thể được thấy"),
    ],
)
def test_levels_of_isolation_are_told_in_words(level: str, language: str, words: str) -> None:
    before = current()
    use(language)
    try:
        assert words in isolation_told(level)
    finally:
        use(before)


@file
def test_what_the_profile_names_and_the_source_does_not_have_is_told_at_its_place(told: Told) -> None:
    engine = told.world.engine("one")
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE file DROP COLUMN size"))
        connection.execute(sa.text("ALTER TABLE file ADD COLUMN size INTEGER[]"))
        connection.execute(sa.text("DROP TABLE step"))
    engine.dispose()
    with pytest.raises(InputError) as raised:
        api.make_plan(told.world.job, told.world.folder / "never.json", (), False, quiet)
    assert {(one.code, one.message) for one in raised.value.findings} == {
        ("no-table", "the database of one has no table step"),
        (
            "uncarried-column",
            "in the database of one, column size of table file is of the type INTEGER[], whose values cannot "
            "be carried",
        ),
    }
    assert all(one.place.line for one in raised.value.findings)
