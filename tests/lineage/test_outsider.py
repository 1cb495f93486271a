"""Tables of changes as an outsider writes them who knows the contract and nothing else."""

from datetime import date
from typing import Any

import pytest

from merger.lineage import Lineage, Outcome, Request, Resolution, build
from merger.mapping.models import UnitKind
from merger.testing.histories import mapping, units_file

BEFORE, DAY, AFTER = date(1999, 6, 1), date(2000, 1, 1), date(2009, 6, 1)


def row(day: date, what: str, old: str, new: str, land: str, **more: Any) -> dict[str, Any]:
    people = {"whole": "all", "part": "some"}[land]
    return {"date": day, "what": what, "from": old, "to": new, "land": land, "people": people, **more}


def lineage_of(*changes: dict[str, Any]) -> Lineage:
    return build(mapping(units_file(AFTER, [], codes="other", changes=list(changes))))


def ask(lineage: Lineage, code: str, at: date, to: date) -> Resolution:
    return lineage.resolve(Request(code, UnitKind.COMMUNE, at, to))


def found(resolution: Resolution) -> tuple[Outcome, list[str]]:
    return resolution.outcome, [one.code for one in resolution.successors]


@pytest.mark.xfail(
    strict=True,
    reason="a transfer of a part is read as making a new unit of it, and the giver as gone; both go on",
)
@pytest.mark.parametrize("giver_told", [False, True])
def test_both_units_of_a_transfer_go_on_without_rows_of_their_own(giver_told: bool) -> None:
    changes = [row(DAY, "transfer", "A", "B", "part", share=0.1)]
    changes += [row(DAY, "transfer", "A", "A", "part", share=0.9)] if giver_told else []
    lineage = lineage_of(*changes)
    assert found(ask(lineage, "A", BEFORE, AFTER)) == (Outcome.SPLIT, ["A", "B"])
    assert found(ask(lineage, "B", BEFORE, AFTER)) == (Outcome.UNIQUE, ["B"])
    assert found(ask(lineage, "A", AFTER, BEFORE)) == (Outcome.UNIQUE, ["A"])
    assert found(ask(lineage, "B", AFTER, BEFORE)) == (Outcome.SPLIT, ["A", "B"])


def test_a_transfer_with_all_its_rows_is_no_creation() -> None:
    lineage = lineage_of(
        row(DAY, "transfer", "A", "B", "part"),
        row(DAY, "transfer", "A", "A", "part"),
        row(DAY, "transfer", "B", "B", "whole"),
    )
    assert found(ask(lineage, "B", BEFORE, AFTER)) == (Outcome.UNIQUE, ["B"])
    assert found(ask(lineage, "B", AFTER, BEFORE)) == (Outcome.SPLIT, ["A", "B"])


@pytest.mark.xfail(
    strict=True,
    reason="all that C was made of is taken for given back, yet C still is; so B did not get all of its own",
)
def test_no_unit_is_given_back_whole_where_the_rest_must_be_of_it() -> None:
    merged = [row(DAY, "merge", code, "C", "whole") for code in "AB"]
    first = [row(date(2001, 1, 1), "split", "C", code, "part") for code in "AC"]
    second = [row(date(2002, 1, 1), "split", "C", code, "part") for code in "BC"]
    lineage = lineage_of(*merged, *first, *second)
    assert found(ask(lineage, "B", BEFORE, AFTER)) == (Outcome.SPLIT, ["B", "C"])


@pytest.mark.xfail(
    strict=True,
    reason="a code used again under another name is taken for a unit given back; the names say otherwise",
)
@pytest.mark.parametrize(("at", "to"), [(BEFORE, AFTER), (AFTER, BEFORE)])
def test_a_code_that_comes_back_under_another_name_may_be_another_unit(at: date, to: date) -> None:
    later = date(2005, 1, 1)
    lineage = lineage_of(
        row(DAY, "merge", "X Mill", "Y Town", "whole"),
        row(DAY, "merge", "Y Town", "Y Town", "whole"),
        row(later, "split", "Y Town", "Y Town", "part", share=0.9),
        row(later, "split", "Y Town", "X Harbour", "part", share=0.1),
    )
    assert not ask(lineage, "X", at, to).outcome.decided


@pytest.mark.xfail(
    strict=True, reason="shares that add up to 1.000001 by rounding are dropped, with 'add up to 1'"
)
def test_shares_that_were_rounded_may_add_up_to_a_little_more_than_one() -> None:
    lineage = lineage_of(
        row(DAY, "split", "A", "A1", "part", share=0.333334),
        row(DAY, "split", "A", "A2", "part", share=0.333334),
        row(DAY, "split", "A", "A3", "part", share=0.333333),
    )
    assert lineage.findings == ()
    shares = [one.share for one in ask(lineage, "A", BEFORE, AFTER).successors]
    assert None not in shares
    assert sum(share or 0 for share in shares) <= 1
