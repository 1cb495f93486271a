"""Decided codes and names that the target's columns do not take."""

from pathlib import Path

import pytest

from merger.errors import InputError
from merger.migrate import api
from tests.migrate.conftest import Worlds
from tests.migrate.world import ask_sql, changed, dossier, fill, planned, quiet, run_sql, unsigned


@pytest.fixture
def here(worlds: Worlds) -> Path:
    folder = worlds.restore("empty")
    fill(folder / "one.db", "dossier", [
        dossier("lands"),
        dossier("births", agency="Z01.30", service="1.000001", commune="10001"),
        dossier("unclear", agency="Z01.99"),
    ])  # fmt: skip
    return folder


def declared(folder: Path, column: str, size: int) -> None:
    run_sql(
        folder / "platform.db",
        f"ALTER TABLE p_dossier RENAME COLUMN {column} TO old_one",
        f"ALTER TABLE p_dossier ADD COLUMN {column} VARCHAR({size})",
    )


def said(folder: Path, widths: str) -> None:
    changed(folder / "platform.yaml", "    holder_columns", f"    widths: {{{widths}}}\n    holder_columns")


def refused(folder: Path) -> list[str]:
    with pytest.raises(InputError) as error:
        unsigned(folder)
    return [one.message for one in error.value.findings]


def widths(folder: Path) -> list[tuple[str, str]]:
    return [(one.state, one.detail) for one in api.check(folder / "job.yaml") if one.code == "widths"]


def test_a_code_that_the_declared_column_would_cut_stops_the_plan(here: Path) -> None:
    declared(here, "agency", 6)
    words = (
        "one/dossiers would write what was decided into p_dossier.agency, which takes 6 characters; "
        "1 values are longer, up to 7: Z01.101"
    )
    assert refused(here) == [words]
    assert not (here / "plan.json").exists()
    [(state, detail), other] = widths(here)
    assert state == "failed"
    assert words in detail
    assert "source.yaml:42:15" in detail
    assert other == ("ok", "two")


def test_codes_that_fit_are_moved(here: Path) -> None:
    declared(here, "agency", 7)
    assert {state for state, _ in widths(here)} == {"ok"}
    api.apply(planned(here), 1, quiet)
    moved = ask_sql(here / "platform.db", "SELECT agency FROM p_dossier WHERE number IN ('lands', 'births')")
    assert sorted(moved) == [("Z01.05",), ("Z01.101",)]


def test_what_the_profile_says_of_a_column_counts_before_the_database(here: Path) -> None:
    said(here, "agency: 6, ward: 4")
    assert len(refused(here)) == 2
    assert all("takes" in one for one in refused(here))
    declared(here, "agency", 6)
    changed(here / "platform.yaml", "agency: 6, ward: 4", "agency: 7")
    unsigned(here)


def test_names_and_provinces_that_are_too_long_are_told_too(here: Path) -> None:
    said(here, "agencyName: 5, wardName: 12, province: 1")
    assert [one.partition(" would write what was decided into ")[2] for one in refused(here)] == [
        "p_dossier.wardName, which takes 12 characters; 1 values are longer, up to 13: Commune North",
        "p_dossier.province, which takes 1 characters; 1 values are longer, up to 2: 01",
        "p_dossier.agencyName, which takes 5 characters; 1 values are longer, up to 15: Committee North",
    ]


def test_what_is_held_or_outside_of_the_scope_is_not_written_and_cuts_nothing(here: Path) -> None:
    declared(here, "agency", 6)
    run_sql(here / "one.db", "UPDATE dossier SET agency = 'Z01.99' WHERE number = 'births'")
    unsigned(here)
    run_sql(here / "one.db", "UPDATE dossier SET agency = 'Z01.30' WHERE number = 'births'")
    unsigned(here, scope=("10005",), name="pilot.json")


def test_all_columns_of_all_systems_are_told_at_once_with_some_of_the_values(here: Path) -> None:
    fill(here / "two.db", "dossier", [dossier("two", agency="Z02.05", commune="10005")])
    said(here, "ward: 3, agency: 2")
    assert [one.partition(" ")[0] for one in refused(here)] == [
        "one/dossiers", "one/dossiers", "two/dossiers", "two/dossiers",
    ]  # fmt: skip


def test_a_width_for_a_column_that_is_not_there_is_a_mistake(here: Path) -> None:
    said(here, "agencee: 3")
    assert refused(here) == ["in the database of platform, table p_dossier has no column agencee"]


def test_decisions_are_asked_by_check_only_where_a_width_is_known(here: Path) -> None:
    assert widths(here) == []
