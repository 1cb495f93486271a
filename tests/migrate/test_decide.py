from pathlib import Path

import pytest

from merger.errors import InputError
from merger.migrate.model import Outcome
from tests.migrate.conftest import Worlds
from tests.migrate.world import changed, dossier, fates, fill, unsigned

Decided = dict[str, tuple[str, str, Outcome | None]]

LANDS, BIRTHS, WORKS, ODD = "1.000002", "1.000001.Z01", "1.000003", "1.000004"
JULY, DOUBTFUL = "2025-07-05 08:00:00", "2025-07-01 08:00:00"

MOVES = {
    "one-successor": ({"commune": "10002"}, "10001", "Z01.05"),
    "same-code-other-territory": ({"commune": "10001"}, "10001", "Z01.05"),
    "people-go-together": ({"commune": "10003", "service": BIRTHS, "agency": "Z01.30"}, "10003", "Z01.103"),
    "locality": ({"commune": "10004", "address": "số 3, thôn 01", "agency": "Z02.30.20"}, "10004", "Z01.104"),
    "locality-in-capitals": (
        {"commune": "10004", "address": "THÔN 10, chợ", "agency": "Z02.30.20"},
        "10005", "Z01.105"),
    "agency-by-rule": ({"service": WORKS, "agency": "Z01.30"}, "10001", "Z01.06"),
    "agency-in-older-form": ({"agency": "000.00.05.Z01"}, "10001", "Z01.05"),
    "agency-in-another-system": ({"commune": "10005", "agency": "Z02.05"}, "10005", "Z01.06"),
    "agency-by-unit": ({"commune": "10002", "agency": "Z01.30.20"}, "10001", "Z01.101"),
    "code-of-after-the-change": ({"commune": "10003", "received": JULY}, "10003", "Z01.05"),
    "code-no-longer-valid": ({"commune": "10002", "received": JULY}, "10001", "Z01.05"),
    "new-unit-with-old-agency": (
        {"commune": "10001", "agency": "Z01.30.20", "received": JULY},
        "10001", "Z01.101"),
    "new-unit-with-new-agency": (
        {"commune": "10003", "agency": "Z01.103", "received": JULY},
        "10003", "Z01.103"),
    "doubtful-day-both-ways-agree": (
        {"commune": "10003", "service": BIRTHS, "agency": "Z01.30", "received": DOUBTFUL},
        "10003", "Z01.103"),
    "no-day-both-ways-agree": ({"commune": "10005", "received": None}, "10005", "Z01.05"),
    "unreadable-day-both-ways-agree": ({"commune": "10002", "received": "hôm qua"}, "10001", "Z01.05"),
    "origin-is-not-asked": ({"received_by": "nobody knows"}, "10001", "Z01.05"),
}  # fmt: skip
"""What moves: the dossier's fields, its new commune, its new holder."""

HOLDS = {
    "land-divided": ({"commune": "10003", "service": LANDS}, "divided"),
    "land-or-people-not-said": ({"commune": "10003", "service": WORKS, "agency": "Z01.30"}, "follow-missing"),
    "locality-not-found": ({"commune": "10004", "address": "không rõ", "agency": "Z02.30.20"}, "divided"),
    "no-address": ({"commune": "10004", "address": None, "agency": "Z02.30.20"}, "divided"),
    "unit-not-known": ({"commune": "99999"}, "code-unknown"),
    "unit-with-a-space": ({"commune": "10002 "}, "code-unknown"),
    "unit-empty": ({"commune": ""}, "code-missing"),
    "unit-null": ({"commune": None}, "code-missing"),
    "agency-not-known": ({"agency": "Z09.99"}, "code-unknown"),
    "agency-empty": ({"agency": ""}, "code-missing"),
    "agency-null": ({"agency": None}, "code-missing"),
    "agency-malformed": ({"agency": "không phải mã"}, "malformed"),
    "person-decides": ({"service": ODD, "agency": "Z01.30"}, "person-decides"),
    "no-competence-rule": ({"service": "9.999999", "agency": "Z01.30"}, "no-rule"),
    "doubtful-day": ({"commune": "10003", "received": DOUBTFUL}, "day-unclear"),
    "no-day": ({"commune": "10003", "received": None}, "day-unclear"),
    "empty-day": ({"commune": "10003", "received": ""}, "day-unclear"),
    "unreadable-day": ({"commune": "10003", "received": "31/02/2025"}, "day-unclear"),
    "evening-in-utc": ({"commune": "10003", "received": "2025-06-30T20:00:00+0000"}, "day-unclear"),
}  # fmt: skip
"""What nothing decides: the dossier's fields and the reason."""


@pytest.fixture(scope="module")
def table(worlds: Worlds) -> Decided:
    """Every case of MOVES and HOLDS, decided in one plan."""
    here = worlds.restore("empty")
    cases = {name: fields for name, (fields, *_) in MOVES.items()}
    cases |= {name: fields for name, (fields, _) in HOLDS.items()}
    assert len(cases) == len(MOVES) + len(HOLDS)
    fill(here / "one.db", "dossier", [dossier(name, **fields) for name, fields in cases.items()])
    return fates(here, unsigned(here))


def decided(folder: Path, decisions: str = "", *, scope: tuple[str, ...] = (), **fields: object) -> tuple[
    str, str, Outcome
]:  # fmt: skip
    """What becomes of one dossier of system one, under manual decisions."""
    if decisions:
        head = "schema: merger/decisions/1\nid: decisions\ndecisions:\n"
        (folder / "mapping" / "decisions.yaml").write_text(head + decisions, encoding="utf-8")
    fill(folder / "one.db", "dossier", [dossier("case", **fields)])
    fate, why, outcome = fates(folder, unsigned(folder, scope=scope))["one/dossiers/d-case"]
    assert outcome is not None
    return fate, why, outcome


def manual(when: str, then: str) -> str:
    return (
        "  - {decision: d-1, author: one, date: 2025-07-02, reason: by letter 7,"
        f" when: {{{when}}}, {then}}}\n"
    )


@pytest.mark.parametrize("name", MOVES)
def test_it_moves_to_its_one_successor(table: Decided, name: str) -> None:
    fate, why, outcome = table[f"one/dossiers/d-{name}"]
    assert outcome is not None
    assert (fate, why) == ("move", "")
    _, place, holder = MOVES[name]
    assert (outcome.gives["place.code"], outcome.gives["holder.code"]) == (place, holder)


@pytest.mark.parametrize("name", HOLDS)
def test_it_is_held_because_nothing_decides(table: Decided, name: str) -> None:
    fate, why, outcome = table[f"one/dossiers/d-{name}"]
    assert outcome is not None
    assert (fate, why, outcome.gives) == ("hold", HOLDS[name][1], {})


def test_names_and_the_province_come_with_the_codes(table: Decided) -> None:
    outcome = table["one/dossiers/d-one-successor"][2]
    assert outcome is not None
    assert outcome.gives == {
        "place.code": "10001", "place.name": "Commune North", "place.parent": "01",
        "place.parent_name": "Province One", "holder.code": "Z01.05", "holder.name": "Lands",
    }  # fmt: skip


def test_the_old_unit_and_agency_are_noted(table: Decided) -> None:
    one, july = (
        table["one/dossiers/d-agency-in-older-form"][2],
        table["one/dossiers/d-code-of-after-the-change"][2],
    )
    assert one is not None
    assert july is not None
    assert (one.old_unit, one.old_agency) == ("10002", "Z01.05")
    assert july.old_unit == "10003@2025-07-01"


def test_a_stale_code_says_that_it_was_one(table: Decided) -> None:
    outcome = table["one/dossiers/d-code-no-longer-valid"][2]
    assert outcome is not None
    assert "stale-code" in outcome.decided_by


def test_a_stale_code_is_held_where_the_job_says_so(empty: Path) -> None:
    changed(empty / "job.yaml", "stale_codes: resolve", "stale_codes: hold")
    assert decided(empty, commune="10002", received=JULY)[:2] == ("hold", "not-valid-then")


def test_the_profile_says_what_a_field_goes_by_where_its_service_does_not(empty: Path) -> None:
    changed(
        empty / "source.yaml",
        "{value: commune, role: place}",
        "{value: commune, role: place, follows: people}",
    )
    fate, _, outcome = decided(empty, commune="10003", service=WORKS, agency="Z01.30")
    assert (fate, outcome.gives["place.code"]) == ("move", "10003")


def test_the_service_wins_over_the_profile(empty: Path) -> None:
    changed(
        empty / "source.yaml",
        "{value: commune, role: place}",
        "{value: commune, role: place, follows: people}",
    )
    assert decided(empty, commune="10003", service=LANDS)[:2] == ("hold", "divided")


def test_days_without_a_column_for_them_are_read_both_ways(empty: Path) -> None:
    changed(empty / "source.yaml", "    dated_by: {column: received, time: iso}\n", "")
    assert decided(empty, commune="10003")[:2] == ("hold", "day-unclear")


def test_an_optional_field_may_be_empty(empty: Path) -> None:
    changed(
        empty / "source.yaml",
        "{value: commune, role: place}",
        "{value: commune, role: place, optional: true}",
    )
    fate, _, outcome = decided(empty, commune="")
    assert (fate, "place.code" in outcome.gives) == ("move", False)


def test_a_person_decides_what_nothing_else_does(empty: Path) -> None:
    when = 'dataset: dossiers, place: "10003", service: 1.000002'
    fate, _, outcome = decided(empty, manual(when, 'then: {place: "10001"}'), commune="10003", service=LANDS)
    assert (fate, outcome.gives["place.code"], outcome.gives["holder.code"]) == ("move", "10001", "Z01.05")
    assert "decision d-1" in outcome.decided_by


def test_a_decision_is_for_exactly_the_codes_that_it_names(empty: Path) -> None:
    other = manual('dataset: dossiers, place: "10003 "', 'then: {place: "10001"}')
    assert decided(empty, other, commune="10003", service=LANDS)[:2] == ("hold", "divided")


def test_a_decision_for_null_is_not_one_for_the_empty_text(empty: Path) -> None:
    for_null = manual("dataset: dossiers, place: null", 'then: {place: "10001"}')
    fill(empty / "one.db", "dossier", [dossier("null", commune=None)])
    assert decided(empty, for_null, commune="")[:2] == ("hold", "code-missing")
    assert fates(empty, unsigned(empty))["one/dossiers/d-null"][0] == "move"


def test_a_decision_for_another_system_does_not_count(empty: Path) -> None:
    other = manual('system: two, place: "10003"', 'then: {place: "10001"}')
    assert decided(empty, other, commune="10003", service=LANDS)[:2] == ("hold", "divided")


@pytest.mark.parametrize("then", ['place: "01"', "place: Z01.101", 'holder: "10001"'])
def test_a_decision_for_something_of_another_kind_is_held(empty: Path, then: str) -> None:
    wrong = manual("dataset: dossiers", f"then: {{{then}}}")
    assert decided(empty, wrong)[:2] == ("hold", "decision-invalid")


@pytest.mark.parametrize("then", ['place: "10002"', "holder: Z01.30"])
def test_a_decision_for_what_is_no_longer_there_cannot_be_used(empty: Path, then: str) -> None:
    wrong = manual("dataset: dossiers", f"then: {{{then}}}")
    with pytest.raises(InputError, match=r"decisions\.yaml:4:\d+: MAP209 .* is neither a unit nor an agency"):
        decided(empty, wrong)


def test_a_decision_may_leave_rows_in_the_source_under_a_name(empty: Path) -> None:
    leave = manual('dataset: dossiers, place: "10003"', "exclude: on-paper")
    fate, why, _ = decided(empty, leave, commune="10003", service=LANDS)
    assert (fate, why) == ("exclude", "on-paper")
    part = next(one for one in unsigned(empty).datasets if (one.system, one.dataset) == ("one", "dossiers"))
    assert part.excluded == {"on-paper": 1}


def test_a_pilot_moves_only_what_goes_to_its_units(empty: Path) -> None:
    fill(
        empty / "one.db", "dossier", [dossier("elsewhere", commune="10005"), dossier("held", commune="10003")]
    )
    fill(empty / "one.db", "file", [{"number": "elsewhere", "path": "x", "content": None}])
    fate, _, _ = decided(empty, scope=("10001",), commune="10002")
    found = fates(empty, unsigned(empty, scope=("10001",)))
    assert fate == "move"
    assert found["one/dossiers/d-elsewhere"][:2] == ("exclude", "outside-scope")
    assert found["one/files/1"][:2] == ("exclude", "outside-scope")
    assert found["one/dossiers/d-held"][:2] == ("hold", "divided")


def test_a_rule_of_the_job_excludes_before_anything_is_decided(empty: Path) -> None:
    assert decided(empty, commune="99999", status="9")[:2] == ("exclude", "finished-stays")


def test_a_rule_by_values_excludes_only_them(empty: Path) -> None:
    rule = "  - {rule: paper, systems: [one], datasets: [dossiers], column: service, values: [1.000004]}\n"
    changed(empty / "job.yaml", "collisions:\n", f"{rule}collisions:\n")
    fill(empty / "two.db", "dossier", [dossier("two", service=ODD, agency="Z01.30")])
    assert decided(empty, service=ODD, agency="Z01.30")[:2] == ("exclude", "paper")
    assert fates(empty, unsigned(empty))["two/dossiers/d-two"][:2] == ("hold", "person-decides")
