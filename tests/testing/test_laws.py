"""The laws hold for made-up mappings and jobs, and each of them can be broken."""

import shutil
import sqlite3
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merger.mapping.models import Mapping
from merger.migrate.failpoints import FILES, NAMES
from merger.testing import (
    World,
    agencies,
    laws,
    lineages,
    made_world,
    trial_of,
    trial_of_copy,
    wild_lineages,
    worlds,
)
from merger.testing.corrupting import Corruptor, told

FAILPOINTS = [name for name in NAMES if "rollback" not in name and "plan" not in name and name not in FILES]
often = settings(max_examples=10 * settings().max_examples)


@often
@given(lineages() | wild_lineages())
def test_every_unit_of_a_made_up_history_is_answered_for(mapping: Mapping) -> None:
    laws.every_unit_is_answered_for(mapping)


@given(st.data())
def test_every_agency_of_a_made_up_history_is_answered_for(data: st.DataObject) -> None:
    laws.every_agency_is_answered_for(data.draw(agencies(data.draw(lineages()))))


@given(worlds())
def test_every_row_of_a_made_up_job_is_accounted_for(world: World) -> None:
    with trial_of(world) as trial:
        laws.every_row_is_accounted_for(trial)


@given(worlds())
def test_applying_a_made_up_job_again_changes_nothing(world: World) -> None:
    with trial_of(world) as trial:
        laws.applying_again_changes_nothing(trial)


@given(worlds(), st.sampled_from(FAILPOINTS), st.integers(1, 4))
def test_a_made_up_job_killed_anywhere_ends_as_if_never_killed(
    world: World, failpoint: str, times: int
) -> None:
    with trial_of(world) as trial:
        laws.resuming_equals_running_through(trial, f"{failpoint}:{times}")


@given(worlds())
def test_rolling_back_a_made_up_job_restores_the_platform(world: World) -> None:
    with trial_of(world) as trial:
        laws.rolling_back_restores(trial)


@given(worlds(), st.randoms(use_true_random=False))
def test_no_change_behind_a_made_up_job_escapes_verification(world: World, chance: Random) -> None:
    with trial_of(world) as trial:
        laws.no_change_escapes_verification(trial, chance)


@pytest.mark.parametrize("seed", [11, 17])
def test_the_laws_of_jobs_hold_where_addresses_decide_rows(seed: int) -> None:
    with trial_of(made_world(Random(seed), dossiers=30)) as trial:
        assert sum(part.by_address for part in trial.plan.datasets) >= 4
        laws.every_row_is_accounted_for(trial)
        laws.applying_again_changes_nothing(trial)
    for law in (laws.rolling_back_restores, laws.resuming_equals_running_through):
        with trial_of(made_world(Random(seed), dossiers=30)) as trial:
            assert trial.campaign.job.addresses is not None
            law(trial, *(["after-batch-commit:1"] if law is laws.resuming_equals_running_through else []))
    with trial_of(made_world(Random(seed), dossiers=30)) as trial:
        laws.no_change_escapes_verification(trial, Random(seed))


def test_a_seed_gives_the_same_world_back(tmp_path) -> None:
    for name in ("a", "b"):
        made_world(Random(7), dossiers=20).write(tmp_path / name)
    for file in ("job.yaml", "platform.yaml", "mapping/units.yaml", "mapping/agencies.yaml", "one.db"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_conservation_counts_only_what_its_own_run_moves_into_a_target_that_had_one() -> None:
    with trial_of(made_world(Random(1), dossiers=20)) as trial:
        trial.apply()
        with trial_of_copy(trial.job) as again:
            laws.every_row_is_accounted_for(again)


def test_conservation_is_broken_by_a_row_that_the_plan_has_not_counted() -> None:
    with trial_of(made_world(Random(1), dossiers=20)) as trial:
        assert trial.plan
        table = trial.campaign.sources[0].profile.datasets["officers"].table
        connection = sqlite3.connect(trial.campaign.sources[0].file)
        connection.execute(f"INSERT INTO {table} VALUES (999, 'late', 'Late')")
        connection.commit()
        connection.close()
        with pytest.raises(AssertionError, match="one/officers: rows of the source, in scope: "):
            laws.every_row_is_accounted_for(trial)


def test_applying_again_is_broken_by_a_run_that_forgets_itself(monkeypatch) -> None:
    with trial_of(made_world(Random(1), dossiers=20)) as trial:
        kept = trial.target.with_name("kept.db")
        shutil.copyfile(trial.target, kept)
        apply = trial.apply

        def forgetful():
            shutil.copyfile(kept, trial.target)
            return apply()

        monkeypatch.setattr(trial, "apply", forgetful)
        with pytest.raises(AssertionError, match="state of the second time: done instead of already"):
            laws.applying_again_changes_nothing(trial)


def test_resuming_is_broken_by_a_row_put_in_twice(monkeypatch) -> None:
    with trial_of(made_world(Random(1), dossiers=20)) as trial:
        die = trial.apply_and_die

        def die_and_double(failpoint):
            reached = die(failpoint)
            connection = sqlite3.connect(trial.target)
            connection.execute("INSERT INTO p_officer (userName) VALUES ('doubled')")
            connection.commit()
            connection.close()
            return reached

        monkeypatch.setattr(trial, "apply_and_die", die_and_double)
        with pytest.raises(AssertionError, match=r"tables that differ after after-run-start: .*p_officer: "):
            laws.resuming_equals_running_through(trial, "after-run-start")


def test_rolling_back_is_broken_by_a_row_that_stays(monkeypatch) -> None:
    with trial_of(made_world(Random(1), dossiers=20)) as trial:
        apply = trial.apply

        def apply_and_leave():
            result = apply()
            connection = sqlite3.connect(trial.target)
            connection.execute("UPDATE counter SET current = current + 1")
            connection.commit()
            connection.close()
            return result

        monkeypatch.setattr(trial, "apply", apply_and_leave)
        with pytest.raises(AssertionError, match=r"tables not restored: \['counter: 1 and 1 rows'\]"):
            laws.rolling_back_restores(trial)


def test_a_corruptor_puts_everything_back_and_expects_what_it_did() -> None:
    with trial_of(made_world(Random(3), dossiers=40)) as trial:
        trial.apply()
        before = trial.outcome()
        with Corruptor(trial, Random(3)) as corruptor:
            assert corruptor.rows > 30
            for _ in range(5):
                corruptor.change_cell()
                corruptor.doctor_row()
                corruptor.own_row_comes()
            corruptor.delete_row()
            assert len(corruptor.expected) >= 11
            assert len({(one[0], one[1], one[2]) for one in corruptor.expected}) == 11
            assert trial.outcome() != before
            assert told(trial.verify().differences) == corruptor.expected
        after = trial.outcome()
        for content in (before, after):
            content.pop("sqlite_sequence")
        assert after == before
