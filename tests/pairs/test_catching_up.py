"""One suite for pairs of databases: a pilot, the bulk, what happens meanwhile, and the final run.

By default each kind of database with itself, and once as a source and once as a target of another; with
`--all-pairs` all nine.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate import api
from merger.migrate.model import Plan, Verification
from merger.testing.pairs import later
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL, SQLITE
from merger.testing.pairs.tables import Row
from merger.testing.pairs.world import World, content, expected, platform
from tests.pairs.conftest import PAIRS, Pairs, applied, planned, quiet

SCOPE = ("10005",)
NEXT = {SQLITE: POSTGRESQL, POSTGRESQL: MARIADB, MARIADB: SQLITE}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    everything = metafunc.config.getoption("--all-pairs")
    wanted = {(one, other) for one in NEXT for other in (one, NEXT[one])}
    pairs = [one for one in PAIRS if everything or one.values[0] in wanted]
    metafunc.parametrize("pair", pairs)


@dataclass(frozen=True)
class Stage:
    """What was there after one run of the job."""

    plan: Plan
    content: dict[str, list[Row]]
    verification: Verification

    @property
    def dossiers(self) -> dict[str, Row]:
        return {row["number"]: row for row in self.content["p_dossier"]}


@dataclass
class Story:
    """A world in which a job is run again and again. Each stage follows on the one before, once."""

    world: World
    _told: dict[str, Any] = field(default_factory=dict)

    def pilot(self) -> Stage:
        return self._once("pilot", lambda: self._run("pilot", scope=SCOPE))

    def bulk(self) -> Stage:
        self.pilot()
        return self._once("bulk", lambda: self._run("bulk"))

    def caught_up(self) -> Stage:
        self.bulk()

        def run() -> Stage:
            later.go_on(self.world)
            return self._run("later")

        return self._once("later", run)

    def final(self) -> Stage:
        """The last run, before which a withdrawn row came back."""
        self.caught_up()

        def run() -> Stage:
            later.come_back(self.world)
            return self._run("final", final=True)

        return self._once("final", run)

    def _once(self, name: str, run: Callable[[], Stage]) -> Stage:
        if name not in self._told:
            try:
                self._told[name] = run()
            except Exception as error:
                self._told[name] = error
        if isinstance(self._told[name], Exception):
            raise self._told[name]
        told: Stage = self._told[name]
        return told

    def _run(self, name: str, *, scope: tuple[str, ...] = (), final: bool = False) -> Stage:
        plan = planned(self.world, name, scope=scope, final=final)
        applied(self.world, name)
        told = api.verify(str(self.world.folder / f"{name}.json"), False, False, quiet)
        return Stage(plan, content(platform(self.world)), told)


STORIES: dict[tuple[str, str], Story] = {}


@pytest.fixture
def story(pair: tuple[str, str], pairs: Pairs) -> Story:
    if pair not in STORIES:
        STORIES[pair] = Story(pairs.fresh(pair))
    pairs.enter(STORIES[pair].world)
    return STORIES[pair]


def named(plan: Plan) -> set[str]:
    """The keys of the rows that a plan names one by one."""
    return {row.key for part in plan.datasets for row in part.exceptions}


def test_a_pilot_moves_only_what_goes_to_the_named_units(story: Story) -> None:
    pilot = story.pilot()
    assert pilot.plan.kind == "pilot"
    wanted = {row["number"]: row for row in expected()["p_dossier"]
              if row["ward"] in SCOPE or row["number"] == "Z01.101-250702-0001"}  # fmt: skip
    assert pilot.dossiers == wanted
    assert {row["dossierId"] for row in pilot.content["p_file"]} <= {*wanted, None}
    assert pilot.verification.state == "equal"


def test_the_bulk_goes_on_from_the_pilot(story: Story) -> None:
    bulk = story.bulk()
    wanted = expected()
    assert {name: bulk.content[name] for name in wanted} == wanted
    assert bulk.verification.state == "equal"


def test_new_rows_are_brought_over_later(story: Story) -> None:
    caught_up = story.caught_up()
    wanted = later.expected_later()
    dossiers = {row["number"]: row for row in wanted["p_dossier"]}
    assert caught_up.plan.kind == "catch-up"
    for number in ("new", "new-record", later.MENDED):
        assert caught_up.dossiers[number] == dossiers[number]
    assert caught_up.content["p_file"] == wanted["p_file"]
    assert caught_up.content["p_step"] == wanted["p_step"]


@pytest.mark.parametrize("number", [
    later.CHANGED, later.CHANGED_RECORD, later.FINISHED, later.GONE_ELSEWHERE,
])  # fmt: skip
def test_rows_that_changed_or_were_finished_since_are_brought_over(story: Story, number: str) -> None:
    (wanted,) = [row for row in later.expected_later()["p_dossier"] if row["number"] == number]
    assert story.caught_up().dossiers[number] == wanted


def test_a_row_that_changed_on_the_platform_alone_is_left_to_it(story: Story) -> None:
    caught_up = story.caught_up()
    assert caught_up.dossiers[later.ON_THE_PLATFORM]["note"] == "của mình"


def test_a_row_that_changed_on_both_sides_is_held(story: Story) -> None:
    caught_up = story.caught_up()
    assert caught_up.dossiers[later.ON_BOTH_SIDES]["note"] == "của mình"
    assert f"d-{later.ON_BOTH_SIDES}" in named(caught_up.plan)


def test_a_row_that_is_gone_from_the_source_is_told_by_the_plan_and_withdrawn(story: Story) -> None:
    caught_up = story.caught_up()
    assert {
        (one.system, one.dataset): one.to_withdraw for one in caught_up.plan.datasets if one.to_withdraw
    } == {("one", "dossiers"): 1}
    assert later.DELETED not in caught_up.dossiers


def test_after_the_catch_up_only_what_waits_for_a_person_differs(story: Story) -> None:
    caught_up = story.caught_up()
    wanted = later.expected_later()
    assert {name: caught_up.content[name] for name in wanted} == wanted
    waiting = {f"d-{number}" for number in (later.ON_BOTH_SIDES, later.ON_THE_PLATFORM)}
    assert {one.key for one in caught_up.verification.differences} <= waiting


def test_a_final_run_is_refused_while_someone_still_writes(story: Story) -> None:
    world = story.world
    story.caught_up()
    planned(world, "too-early", final=True)
    later.write_on(world)
    before = platform(world)
    with pytest.raises(Refused, match="has changed since the final plan was made"):
        applied(world, "too-early")
    assert platform(world) == before
    later.take_back(world)


def test_the_final_run_moves_nothing_from_a_source_that_stands_still_but_a_row_that_came_back(
    story: Story,
) -> None:
    final = story.final()
    wanted = later.expected_back()
    assert final.plan.kind == "final"
    assert {one.dataset: one.to_move for one in final.plan.datasets if one.to_move} == {
        "dossiers": 1, "steps": 1,
    }  # fmt: skip
    assert {name: final.content[name] for name in wanted} == wanted
    assert final.verification.state == story.caught_up().verification.state


def test_the_ledger_knows_a_row_that_came_back_and_that_it_had_been_withdrawn(story: Story) -> None:
    story.final()
    ((state, run, changed),) = asked(
        story.world, "SELECT state, run, changed_by FROM merger_row WHERE source_key = :key"
    )
    noted = asked(
        story.world,
        "SELECT state_before, state_after, run FROM merger_change WHERE source_key = :key ORDER BY run",
    )
    assert (state, changed) == ("moved", None)
    assert [one[:2] for one in noted] == [("moved", "withdrawn"), ("withdrawn", "moved")]
    assert noted[-1][2] == run


def asked(world: World, query: str) -> list[tuple[Any, ...]]:
    """What the platform's ledger says of the row that came back."""
    engine = world.engine("platform")
    with engine.connect() as connection:
        found = connection.execute(sa.text(query), {"key": later.RETURNED.key}).all()
    engine.dispose()
    return [tuple(one) for one in found]


def note_in_source(world: World, note: str) -> None:
    """Writes another remark into the dossier that an earlier run brought over."""
    engine = world.engine("one")
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE dossier SET note = :note WHERE number = :number"),
            {"note": note, "number": later.CHANGED},
        )
    engine.dispose()


def test_the_final_verification_answers_for_the_rows_of_earlier_runs_too(story: Story) -> None:
    final = story.final()
    (since,) = [
        check.detail
        for one in final.verification.datasets
        if (one.system, one.dataset) == ("one", "dossiers")
        for check in one.checks
        if check.code == "changed-since"
    ]
    assert since == "changed-since rows=1"
    note_in_source(story.world, "quá muộn")
    told = api.verify(str(story.world.folder / "final.json"), False, False, quiet)
    assert [(one.key, one.column) for one in told.differences] == [(f"d-{later.CHANGED}", "note")]
    note_in_source(story.world, "sửa lại 🙂")
