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


def test_no_unit_is_given_back_whole_where_the_rest_must_be_of_it() -> None:
    merged = [row(DAY, "merge", code, "C", "whole") for code in "AB"]
    first = [row(date(2001, 1, 1), "split", "C", code, "part") for code in "AC"]
    second = [row(date(2002, 1, 1), "split", "C", code, "part") for code in "BC"]
    lineage = lineage_of(*merged, *first, *second)
    assert found(ask(lineage, "B", BEFORE, AFTER)) == (Outcome.SPLIT, ["B", "C"])


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


def test_a_chain_of_thousands_of_changes_is_followed_to_its_end_and_back() -> None:
    days = [date.fromordinal(DAY.toordinal() + number) for number in range(3000)]
    chain = [row(day, "recode", f"U{n}", f"U{n + 1}", "whole") for n, day in enumerate(days)]
    last = date.fromordinal(DAY.toordinal() + 3000)
    split = [row(last, "split", "U3000", code, "part") for code in ("U3000", "V")]
    lineage = lineage_of(*chain, *split)
    assert found(ask(lineage, "U0", BEFORE, days[-1])) == (Outcome.UNIQUE, ["U3000"])
    assert found(ask(lineage, "U0", BEFORE, last)) == (Outcome.SPLIT, ["U3000", "V"])
    assert [one.extent.value for one in ask(lineage, "U0", BEFORE, last).successors] == ["part", "part"]
    assert found(ask(lineage, "V", last, BEFORE)) == (Outcome.UNIQUE, ["U0"])
