"""The graph over the published crosswalk of a real province."""

import csv
import os
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from merger.lineage import Lineage, Outcome, Request, Resolution, build
from merger.mapping.models import Follows, Mapping, UnitKind
from merger.testing.histories import units_file

pytestmark = pytest.mark.shared

DAY = date(2025, 7, 1)
BEFORE = DAY - timedelta(days=1)
PROVINCE = "68"


def shared_folder() -> Path:
    named = os.environ.get("MERGER_SHARED")
    places = [Path(named)] if named else [parent / "shared" for parent in Path(__file__).resolve().parents]
    for place in places:
        if (place / "data" / "vn").is_dir():
            return place / "data" / "vn"
    pytest.skip("the folder ../shared is not beside this checkout")


def rows(name: str) -> list[dict[str, str]]:
    with (shared_folder() / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def pairs() -> list[dict[str, str]]:
    new = {row["code"] for row in rows("communes_new.csv") if row["province_code"] == PROVINCE}
    return [row for row in rows("commune_crosswalk.csv") if row["new_code"] in new]


def entries(pairs: list[dict[str, str]]) -> list[dict[str, Any]]:
    made_of: dict[str, list[dict[str, Any]]] = defaultdict(list)
    clauses = {}
    for row in pairs:
        part = {"unit": row["old_code"], "land": row["extent"], "people": row["population"]}
        made_of[row["new_code"]].append(part)
        clauses[row["new_code"]] = row["clause"]
    return [{"clause": clauses[code], "into": code, "from": made_of[code]} for code in made_of]


@pytest.fixture(scope="module")
def lineage(pairs: list[dict[str, str]]) -> Lineage:
    return build(Mapping(units=(units_file(DAY, entries(pairs)),)))


def test_every_published_pair_is_answered_for_land_and_for_people(
    lineage: Lineage, pairs: list[dict[str, str]]
) -> None:
    assert len(pairs) == 331
    assert lineage.findings == ()
    by_old: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in pairs:
        by_old[row["old_code"]].append(row)
    for code, own in by_old.items():
        for follow, column in ((Follows.LAND, "extent"), (Follows.PEOPLE, "population")):
            want = {row["new_code"]: row[column] for row in own if row[column] != "none"}
            found = lineage.resolve(Request(code, UnitKind.COMMUNE, BEFORE, DAY, follow))
            extents = {
                one.code: (one.extent if follow is Follows.LAND else one.population).value
                for one in found.successors
            }
            assert extents == want
            assert found.outcome.decided == (len(want) == 1)
            assert all(why.source.startswith("act-2025 §") for why in found.evidence)
        neither = lineage.resolve(Request(code, UnitKind.COMMUNE, BEFORE, DAY))
        assert neither.outcome.decided == (len(own) == 1)


def test_backward_every_new_unit_has_exactly_its_published_predecessors(
    lineage: Lineage, pairs: list[dict[str, str]]
) -> None:
    by_new: dict[str, set[str]] = defaultdict(set)
    for row in pairs:
        by_new[row["new_code"]].add(row["old_code"])
    assert len(by_new) == 124
    for code, old in by_new.items():
        found = lineage.resolve(Request(code, UnitKind.COMMUNE, DAY, BEFORE))
        assert {one.code for one in found.successors} == old


def test_every_new_code_was_an_old_one_and_few_kept_their_territory(
    lineage: Lineage, pairs: list[dict[str, str]]
) -> None:
    new = {row["new_code"] for row in pairs}
    assert all(lineage.version_at(UnitKind.COMMUNE, code, BEFORE) for code in new)
    outcomes = {code: lineage.resolve(Request(code, UnitKind.COMMUNE, BEFORE, DAY)).outcome for code in new}
    unchanged = sorted(code for code, outcome in outcomes.items() if outcome is Outcome.UNCHANGED)
    alone = [row for row in pairs if row["old_code"] == row["new_code"]]
    into = [row["new_code"] for row in pairs]
    assert unchanged == sorted(
        row["new_code"]
        for row in alone
        if into.count(row["new_code"]) == 1 and row["extent"] == "whole" and row["population"] == "all"
    )
    assert len(unchanged) == 5


def test_codes_that_were_removed_and_came_back_are_told_apart_by_the_day(pairs: list[dict[str, str]]) -> None:
    earlier = [row for row in rows("earlier_changes.csv") if row["province_code"] == PROVINCE]
    trapped = {row["old_code"] for row in earlier if row["kind"] == "added"}
    assert len(trapped) == 4
    changes: list[dict[str, Any]] = []
    for row in earlier:
        code, into = row["old_code"], row["new_code"]
        day = date.fromisoformat(row["effective_date"].rpartition("/")[2])
        if code in trapped and row["kind"] == "added":
            changes.append({"date": day, "to": code, "what": "create"})
        elif code in trapped and row["kind"] == "removed":
            changes.append({"date": day, "from": code, "to": into or None})
            changes += [{"date": day, "from": into, "to": into}] if into else []
    lineage = build(Mapping(units=(units_file(DAY, entries(pairs), changes=changes),)))
    assert lineage.findings == ()

    def ask(code: str, at: date) -> Resolution:
        return lineage.resolve(Request(code, UnitKind.COMMUNE, at, DAY))

    for code in trapped:
        assert ask(code, date(2024, 6, 1)).outcome is Outcome.NOT_VALID
        assert ask(code, BEFORE).outcome is Outcome.NOT_VALID
        assert ask(code, DAY).outcome is Outcome.NOT_VALID
        for at in (date(2019, 12, 31), date(2025, 1, 1)):
            found = ask(code, at)
            if found.outcome is Outcome.NOT_VALID:
                assert (code, at) == ("25186", date(2019, 12, 31))
                continue
            assert found.outcome is Outcome.SPLIT
            assert found.reason == ("successor-unknown" if code == "25186" else "extent-unspecified")
            assert len(found.successors) == (0 if code == "25186" else 1)
