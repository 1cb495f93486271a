"""Profiles, databases and job fit one another."""

import sqlite3
from pathlib import Path

import pytest
import yaml

from merger.demo.settings import DATA
from merger.migrate.job import Job
from merger.systems.profile import Dataset, Profile, Value

PROFILES = sorted(Path(str(DATA)).glob("profiles/*.yaml"))
SOURCES = [path for path in PROFILES if path.stem != "platform"]


def profile_of(name: str) -> Profile:
    return Profile.model_validate(yaml.safe_load((DATA / "profiles" / f"{name}.yaml").read_text("utf-8")))


def columns_of(shape: str) -> dict[str, dict[str, bool]]:
    """Table to column to whether it must be given."""
    connection = sqlite3.connect(":memory:")
    connection.executescript((DATA / "shapes" / f"{shape}.sql").read_text("utf-8"))
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        table: {
            name: bool(needed) and default is None and not part
            for _, name, _, needed, default, part in connection.execute(f'PRAGMA table_info("{table}")')
        }
        for table in tables
    }


def values_of(dataset: Dataset) -> list[Value]:
    single = [dataset.service, dataset.dated_by, dataset.status, dataset.locality, dataset.number,
              dataset.deadline,
              dataset.workflow]  # fmt: skip
    fields = [*dataset.units.values(), *dataset.agencies.values()]
    return [
        *dataset.columns.values(),
        *(one.value for one in fields),
        *(one for one in single if one is not None),
    ]


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_every_column_that_a_profile_names_exists_in_the_database(path: Path) -> None:
    profile, tables = profile_of(path.stem), columns_of(path.stem)
    for name, dataset in profile.datasets.items():
        known = tables[dataset.table]
        named = {*dataset.key, *dataset.personal, *dataset.holder_columns, *dataset.place_columns}
        named |= {column for columns in dataset.unique.values() for column in columns}
        for value in values_of(dataset):
            named.add(value.column)
            if value.lookup:
                local, _, far = value.lookup.partition(" -> ")
                other, _, column = far.partition(".")
                named.add(local)
                assert column in tables[profile.datasets[other].table], (name, value.lookup)
        for reference in dataset.references.values():
            named.add(reference.column)
            assert not reference.on or reference.on in tables[profile.datasets[reference.to].table]
        assert named - {""} <= set(known), (name, named - set(known))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_column_of_the_target_that_a_source_fills_exists_and_none_that_must_be_filled_is_left_out(
    path: Path,
) -> None:
    target, tables = profile_of("platform"), columns_of("platform")
    for name, dataset in profile_of(path.stem).datasets.items():
        if dataset.to:
            into = target.datasets[dataset.to]
            known = tables[into.table]
            assert set(dataset.columns) <= set(known), (name, set(dataset.columns) - set(known))
            needed = {column for column, must in known.items() if must} - set(into.key)
            assert needed <= set(dataset.columns), (name, needed - set(dataset.columns))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_what_a_value_refers_to_is_a_reference_or_a_field_of_the_dataset_or_of_its_parent(path: Path) -> None:
    profile = profile_of(path.stem)
    for name, dataset in profile.datasets.items():
        owner = profile.datasets[dataset.references[dataset.parent].to] if dataset.parent else dataset
        fields = {*owner.units, *owner.agencies}
        for value in values_of(dataset):
            assert not value.reference or value.reference in dataset.references, (name, value)
            assert not value.decided or value.decided.partition(".")[0] in fields, (name, value)
        for agency in dataset.agencies.values():
            assert not agency.place or agency.place in dataset.units


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_state_is_either_pending_or_finished_and_every_pending_one_is_translated(path: Path) -> None:
    for dataset in profile_of(path.stem).datasets.values():
        if dataset.status is not None:
            column = "docStatus" if dataset.to in ("incoming", "outgoing") else "dossierStatus"
            assert not set(dataset.pending) & set(dataset.finished)
            assert dataset.finished
            assert set(dataset.pending) == set(dataset.columns[column].values)


def test_no_key_column_is_personal() -> None:
    for path in PROFILES:
        for dataset in profile_of(path.stem).datasets.values():
            assert not set(dataset.key) & set(dataset.personal)


def test_the_job_names_the_seven_systems_and_a_rule_for_every_unique_set_of_the_target() -> None:
    job = Job.model_validate(yaml.safe_load((DATA / "job.yaml").read_text("utf-8")))
    assert {one.profile for one in (*job.sources, job.target)} == {
        f"profiles/{path.name}" for path in PROFILES
    }
    target = profile_of("platform")
    wanted = {(name, unique) for name, dataset in target.datasets.items() for unique in dataset.unique}
    assert {(rule.dataset, rule.unique) for rule in job.collisions} == wanted
    assert job.policies.approvals == 2


def test_every_unique_set_of_the_target_database_is_in_its_profile() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript((DATA / "shapes" / "platform.sql").read_text("utf-8"))
    for dataset in profile_of("platform").datasets.values():
        declared = {
            tuple(column for _, _, column in connection.execute(f'PRAGMA index_info("{name}")'))
            for _, name, unique, origin, _ in connection.execute(f'PRAGMA index_list("{dataset.table}")')
            if unique and origin == "u"
        }
        assert declared == set(dataset.unique.values()), dataset.table


def test_every_foreign_key_of_the_target_database_is_in_its_profile() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript((DATA / "shapes" / "platform.sql").read_text("utf-8"))
    profile = profile_of("platform")
    for dataset in profile.datasets.values():
        declared = {
            (row[3], row[2]) for row in connection.execute(f'PRAGMA foreign_key_list("{dataset.table}")')
        }
        named = {(one.column, profile.datasets[one.to].table) for one in dataset.references.values()}
        assert declared == named, dataset.table
