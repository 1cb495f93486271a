"""Strategies for rows of dossiers and documents: sound rows, and rows spoilt in named ways."""

import json
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from merger.codes import DossierNumber, dossier_number
from merger.mapping import load, shipped
from merger.systems.profile import Profile
from merger.systems.profiles import load_profile
from merger.systems.times import read_time
from merger.testing import WAYS, dirt, documents, dossiers
from merger.testing.records import known
from merger.testing.systems import MAKES, source_profile

ROOT = Path(__file__).parents[2]
PROFILES = resources.files("merger.demo") / "data" / "profiles"
SMALL = Profile.model_validate(source_profile(MAKES[0]))
OWN = load(
    [*sorted((shipped() / "vn-2025").glob("68-*.yaml")), ROOT / "fixtures" / "lam-dong" / "mapping"]
).mapping
KNOWN = known(OWN)
SMALLEST = settings(database=None, phases=[Phase.generate, Phase.shrink], max_examples=50)


def profile(name):
    return load_profile(Path(str(PROFILES / f"{name}.yaml"))).value


def day_of(dataset, row, found):
    value = dataset.dated_by
    cell = json.loads(row[value.column]) if value.json_path else row[value.column]
    for step in value.json_path.lstrip("$.").split(".") if value.json_path else ():
        cell = cell[step]
    return date.fromisoformat((read_time(cell, value.time or "iso", found.zone, found.zone) or "")[:10])


@pytest.mark.parametrize("name", ["onestop-60", "onestop-67", "onestop-68"])
def test_a_dossier_carries_the_codes_of_its_day(name):
    found = profile(name)
    dataset = found.datasets["dossiers"]

    @given(dossiers(found, OWN))
    @settings(max_examples=30, deadline=None)
    def holds(row):
        day = day_of(dataset, row, found)
        number = dossier_number.parse(row[dataset.number.column])
        assert isinstance(number, DossierNumber)
        assert number.received == day
        assert number.agency.text in KNOWN.agencies(day)
        for unit in dataset.units.values():
            if not unit.value.json_path:
                assert row[unit.value.column] in KNOWN.units(unit.kind, day)
        for column in dataset.personal:
            assert column in row

    holds()


@pytest.mark.parametrize("name", ["docs-60", "docs-67", "docs-68"])
def test_a_document_has_a_holder_and_a_number(name):
    found = profile(name)
    dataset = found.datasets["incoming"]

    @given(documents(found, OWN))
    @settings(max_examples=20, deadline=None)
    def holds(row):
        assert row[dataset.number.column]
        assert day_of(dataset, row, found)
        assert row[dataset.key[0]]

    holds()


def test_without_a_mapping_the_codes_are_made_up():
    row = find(dossiers(SMALL), lambda _: True)
    assert row["agency"].startswith("Z0")
    assert row["commune"].startswith("100")


def test_a_row_is_made_as_small_as_it_can_be():
    row = find(dossiers(SMALL, OWN), lambda one: one["status"] != "1", settings=SMALLEST)
    assert (row["id"], row["owner"], row["status"]) == (1, "Nguyễn An", "4")


def test_a_profile_without_such_rows_is_told():
    with pytest.raises(ValueError, match="docs-eoffice: no dataset of this kind"):
        dossiers(profile("docs-60"), OWN)
    with pytest.raises(ValueError, match="plain: papers"):
        documents(SMALL, OWN, "papers")


@pytest.mark.parametrize("way", WAYS)
def test_each_way_spoils_what_it_says_and_nothing_else(way):
    found = profile("onestop-67") if way != "text-is-a-placeholder" else SMALL
    dataset = found.datasets["dossiers"]

    @given(st.data())
    @settings(max_examples=10, deadline=None)
    def holds(data):
        rows = []
        clean = dossiers(found, OWN).map(lambda row: rows.append(dict(row)) or row)
        dirty = data.draw(dirt(clean, found, "dossiers", [way]))
        assert dirty.ways == (way,)
        changed = {column for column in dirty.row if dirty.row[column] != rows[-1][column]}
        may = {value.column for value in WAYS[way][0](dataset)}
        assert len(changed) == 1
        assert changed <= may

    holds()


def test_the_simplest_way_is_what_remains():
    drawn = dirt(dossiers(SMALL, OWN), SMALL, "dossiers")
    assert find(drawn, lambda _: True, settings=SMALLEST).ways == ("code-missing",)


def test_what_cannot_be_spoilt_is_told():
    with pytest.raises(ValueError, match="plain/officers: day-missing"):
        dirt(st.just({}), SMALL, "officers", ["day-missing"])
