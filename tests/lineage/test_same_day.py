"""Several changes on one day: together, or in a stated order."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from merger.lineage import Lineage, Outcome, Request, Resolution, build
from merger.mapping.models import Follows, UnitKind
from merger.testing.histories import mapping, units_file

BEFORE, DAY, AFTER = date(2017, 12, 31), date(2018, 1, 1), date(2018, 1, 2)


def edge(old: str, new: str, seq: int | None = None, **more: Any) -> dict[str, Any]:
    whole = {"land": "whole", "people": "all"}
    return {"date": DAY, "from": old or None, "to": new or None, "seq": seq, **whole, **more}


def lineage_of(*changes: dict[str, Any], entries: list[dict[str, Any]] | None = None, **more: Any) -> Lineage:
    return build(mapping(units_file(DAY, entries or [], codes="other", changes=list(changes), **more)))


def ask(lineage: Lineage, code: str, at: date = BEFORE, to: date = DAY, **more: Any) -> Resolution:
    return lineage.resolve(Request(code, UnitKind.COMMUNE, at, to, **more))


def codes(resolution: Resolution) -> list[str]:
    return [successor.code for successor in resolution.successors]


def test_changes_in_order_on_one_day_are_chained_forward_and_backward() -> None:
    lineage = lineage_of(
        edge("49144 Freigné", "44225 Freigné", 1, what="recode"),
        edge("44225 Freigné", "44180 Vallons", 2),
        edge("44180 Vritz", "44180 Vallons", 2),
    )
    assert lineage.findings == ()
    found = ask(lineage, "49144")
    assert (found.outcome, codes(found), found.successor.share) == (Outcome.UNIQUE, ["44180"], 1.0)
    assert [why.change.partition(" [")[0] for why in found.evidence] == [
        "44225 Freigné -> 44180 Vallons",
        "49144 Freigné -> 44225 Freigné",
    ]
    assert codes(ask(lineage, "44180", at=DAY, to=BEFORE)) == ["44180", "49144"]
    assert lineage.name_of(UnitKind.COMMUNE, "44180", BEFORE) == "Vritz"


def test_a_unit_between_two_steps_of_a_day_is_in_force_on_none() -> None:
    lineage = lineage_of(edge("A", "B", 1), edge("B", "C", 2))
    for day in (BEFORE, DAY, AFTER):
        assert lineage.version_at(UnitKind.COMMUNE, "B", day) is None
        assert ask(lineage, "B", at=day, to=AFTER).outcome is Outcome.NOT_VALID
        assert "B" not in [unit.code for unit in lineage.roster(UnitKind.COMMUNE, day)]
    assert [(one.begins, one.ends) for one in lineage.versions(UnitKind.COMMUNE, "B")] == [
        ((DAY, -1), (DAY, 0))
    ]
    assert lineage.change_dates() == (DAY,)


@pytest.mark.parametrize("seq", [None, 7])
def test_changes_of_one_step_are_not_chained(seq: int | None) -> None:
    lineage = lineage_of(edge("A", "B", seq), edge("B", "C", seq))
    assert codes(ask(lineage, "A")) == ["B"]
    assert codes(ask(lineage, "B")) == ["C"]


def test_codes_swapped_in_steps_over_a_third_one_end_up_swapped() -> None:
    lineage = lineage_of(edge("A", "T", 1), edge("B", "A", 2), edge("T", "B", 3))
    assert lineage.findings == ()
    assert (codes(ask(lineage, "A")), codes(ask(lineage, "B"))) == (["B"], ["A"])
    assert codes(ask(lineage, "A", at=DAY, to=BEFORE)) == ["B"]


def test_what_has_no_seq_happens_with_the_first_step_and_so_do_the_clauses() -> None:
    lineage = lineage_of(
        edge("A", "B"),
        edge("B", "C", 5),
        edge("X", "Y", 3),
        entries=[{"into": "M", "from": ["N"]}, {"keep": "K"}],
    )
    assert lineage.findings == ()
    assert {code: codes(ask(lineage, code)) for code in "AXNK"} == {
        "A": ["C"],
        "X": ["Y"],
        "N": ["M"],
        "K": ["K"],
    }
    assert ask(lineage, "K").outcome is Outcome.UNCHANGED


def test_a_unit_listed_in_a_district_may_be_accounted_for_at_a_later_step() -> None:
    districts = [{"unit": "901 H", "province": "91", "communes": ["A", "D"]}]
    lineage = lineage_of(edge("A", "B", 1), edge("D", "E", 2), districts=districts)
    assert lineage.findings == ()
    there = lineage.version_at(UnitKind.COMMUNE, "D", BEFORE)
    assert there is not None
    assert there.parent == "901"


def test_shares_are_multiplied_along_a_day_and_never_above_one() -> None:
    parts = {"land": "part", "people": "some"}
    lineage = lineage_of(
        edge("A", "B", 1, share=0.5, **parts),
        edge("A", "C", 1, share=0.5, **parts),
        edge("B", "D", 2, share=0.4, **parts),
        edge("B", "C", 2, share=0.6, **parts),
        edge("C", "C", 2),
    )
    found = ask(lineage, "A")
    assert [(one.code, one.share) for one in found.successors] == [("C", 0.8), ("D", 0.2)]
    assert found.outcome is Outcome.SPLIT


def test_a_contradiction_at_one_step_is_a_finding_and_undecided() -> None:
    lineage = lineage_of(edge("A", "B", 1), edge("B", "C", 2), edge("B", "D", 2))
    found = ask(lineage, "A")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.SPLIT, "contradiction", ["C", "D"])
    assert [one.code for one in lineage.findings] == ["land-given-twice", "people-given-twice"]


def test_a_change_of_a_unit_that_an_earlier_step_ended_is_a_finding() -> None:
    lineage = lineage_of(edge("A", "B", 1), edge("A", "C", 2))
    assert [one.code for one in lineage.findings] == ["not-in-force"]
    assert ask(lineage, "C", at=DAY, to=BEFORE).outcome is Outcome.SPLIT


def test_names_between_steps_do_not_clash_with_those_before_and_after() -> None:
    lineage = lineage_of(edge("A One", "A Two", 1, what="rename"), edge("A Two", "A Three", 2, what="rename"))
    assert lineage.findings == ()
    found = ask(lineage, "A")
    assert (found.outcome, found.successor.name) == (Outcome.UNCHANGED, "Three")
    assert lineage.name_of(UnitKind.COMMUNE, "A", BEFORE) == "One"


def test_an_unspecified_extent_at_one_step_of_a_day_never_gives_one_answer() -> None:
    lineage = lineage_of(edge("A", "B", 1), edge("B", "C", 2, land="unspecified", people="unspecified"))
    for follow in (None, *Follows):
        found = ask(lineage, "A", follow=follow)
        assert (found.outcome, found.reason) == (Outcome.SPLIT, "extent-unspecified")


def test_a_cycle_of_codes_that_is_none_in_time_ends() -> None:
    days = [date(year, 1, 1) for year in (1950, 1973, 1990, 2005)]
    ring = ["14624", "14697", "14472", "14654", "14624"]
    changes = [
        {**edge(old, new), "date": day} for day, old, new in zip(days, ring[:-1], ring[1:], strict=True)
    ]
    lineage = lineage_of(*changes)
    assert lineage.findings == ()
    found = ask(lineage, "14624", at=date(1949, 1, 1), to=date(2020, 1, 1))
    assert (found.outcome, codes(found)) == (Outcome.UNIQUE, ["14624"])
    same_day = lineage_of(*[edge(old, new, seq) for seq, (old, new) in enumerate(pairwise(ring))])
    assert codes(ask(same_day, "14624")) == ["14624"]


def test_a_change_that_names_no_unit_makes_no_step() -> None:
    nothing = {"date": DAY, "from": None, "to": None, "what": "merge", "seq": 1}
    entries = [{"clause": "1", "into": "B", "from": []}]
    with_nothing = lineage_of(nothing, edge("B", "C", 2), entries=entries)
    without = lineage_of(edge("B", "C", 2), entries=entries)
    assert with_nothing.versions(UnitKind.COMMUNE, "B") == without.versions(UnitKind.COMMUNE, "B")
    assert codes(ask(with_nothing, "B")) == codes(ask(without, "B")) == ["C"]


def told_in(event: str, old: str, new: str, *, part: bool = False, **more: Any) -> dict[str, Any]:
    extents = {"land": "part", "people": "some", "what": "split"} if part else {}
    return edge(old, new, event=event, **extents, **more)


def test_a_unit_that_gives_in_one_event_and_takes_in_another_of_the_same_day_is_no_contradiction() -> None:
    lineage = lineage_of(
        told_in("e1", "B", "A"),
        told_in("e1", "A", "A"),
        told_in("e2", "A", "A", part=True),
        told_in("e2", "A", "C", part=True),
        told_in("e2", "C", "C"),
    )
    assert lineage.findings == ()
    found = ask(lineage, "A")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.SPLIT, "divided", ["A", "C"])
    assert codes(ask(lineage, "B")) == ["A"]
    assert [codes(ask(lineage, code, at=DAY, to=BEFORE)) for code in "AC"] == [["A", "B"], ["A", "C"]]


def test_one_event_that_contradicts_itself_or_another_file_is_told() -> None:
    one = lineage_of(
        told_in("e1", "A", "A"), told_in("e1", "A", "A", part=True), told_in("e1", "A", "C", part=True)
    )
    assert "land-told-differently" in [str(finding.code) for finding in one.findings]
    other = units_file(DAY, [], codes="other", id="other", changes=[told_in("e2", "A", "A")])
    first = units_file(
        DAY,
        [],
        codes="other",
        changes=[told_in("e1", "A", "A", part=True), told_in("e1", "A", "C", part=True)],
    )
    two = build(mapping(first, other))
    assert "land-told-differently" in [str(finding.code) for finding in two.findings]
