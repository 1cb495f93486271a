"""What became of codes of services, whose they are, and who does them before and after."""

from datetime import date

import pytest

from merger.lineage import Outcome, Services
from merger.lineage.competence import Matter, decide
from merger.mapping.models import CompetenceRule, Level, Mapping, ServicesFile

EVE, DAY, LATER = date(2025, 6, 30), date(2025, 7, 1), date(2026, 1, 1)

LIST = {
    "schema": "merger/services/1",
    "id": "list-90",
    "effective": "2025-07-01",
    "legal_basis": [{"number": "3/NĐ", "date": "2025-06-12"}],
    "services": [
        {"service": "1.000001.X90 Cấp phép", "field": "Đường bộ", "levels": ["district"],
         "levels_after": ["commune"], "source": "3/NĐ §7"},
        {"service": "1.000002.X90 Hòa giải", "field": "Đất đai"},
        {"service": "2.000001.X90 Một", "field": "Đất đai"},
        {"service": "2.000001.X90.02 Một, của sở", "field": "Đất đai"},
        {"service": "TT-01 Thẻ", "field": "Đất đai"},
    ],
    "before": [
        {"service": "1.000001.000.00.00.X91 Cấp phép", "province": "91", "into": ["1.000001.X90"]},
        {"service": "1.000001.X92 Cấp phép", "province": "92", "into": ["1.000001.X90"]},
        {"service": "1.000003.X91 Thôi", "province": "91", "ended": True, "decided": "d-1"},
        {"service": "1.000004.X91 Không rõ", "province": "91"},
        {"service": "2.000001.X91 Một", "province": "91", "into": ["2.000001.X90", "2.000001.X90.02"]},
        {"service": "TT-02 Thẻ A", "province": "91", "into": ["1.000002.X90"], "decided": "d-1"},
        {"service": "TT-02 Thẻ B", "province": "92", "into": ["1.000001.X90"], "decided": "d-1"},
        {"service": "TT-01 Thẻ khác", "province": "91", "into": ["1.000001.X90"], "decided": "d-1"},
    ],
    "decisions": [
        {"decision": "d-1", "author": "Nguyễn Văn A", "date": "2025-06-20", "reason": "So.", "answer": "end"}
    ],
}  # fmt: skip


def services(*files: dict[str, object]) -> Services:
    return Services(Mapping(services=tuple(ServicesFile.model_validate(one) for one in files or (LIST,))))


@pytest.mark.parametrize(
    ("code", "province", "outcome", "reason", "into"),
    [
        ("1.000001.000.00.00.X91", None, "unique", "one-successor", ["1.000001.X90"]),
        ("1.000001.X91", None, "unique", "one-successor", ["1.000001.X90"]),
        ("1.000001", None, "unique", "one-successor", ["1.000001.X90"]),
        ("1.000001.X90", None, "unchanged", "same-service", ["1.000001.X90"]),
        ("1.000002", None, "unchanged", "same-service", ["1.000002.X90"]),
        ("1.000002.X99", None, "unique", "one-successor", ["1.000002.X90"]),
        ("1.000003.X91", None, "ended", "ended", []),
        ("1.000004.X91", None, "unknown", "service-lacking", []),
        ("2.000001.X91", None, "split", "services-several", ["2.000001.X90", "2.000001.X90.02"]),
        ("TT-02", None, "split", "province-missing", ["1.000001.X90", "1.000002.X90"]),
        ("TT-02", "91", "unique", "one-successor", ["1.000002.X90"]),
        ("TT-02", "92", "unique", "one-successor", ["1.000001.X90"]),
        ("TT-01", None, "split", "province-missing", ["1.000001.X90", "TT-01"]),
        ("TT-01", "90", "unchanged", "same-service", ["TT-01"]),
        ("9.999999", None, "unknown", "code-unknown", []),
        ("1.01323", None, "unknown", "code-unknown", []),
        (" ", None, "unknown", "code-empty", []),
    ],
)
def test_a_code_of_an_old_list_resolves_to_that_of_the_new_one(code, province, outcome, reason, into):
    found = services().resolve(code, EVE, DAY, province)
    assert (found.outcome, found.reason) == (outcome, reason)
    assert [one.code for one in found.successors] == into


def test_the_evidence_names_the_decision_and_the_levels_before_and_after():
    ended = services().resolve("1.000003.X91", EVE, DAY)
    assert [one.source for one in ended.evidence] == ["d-1: Nguyễn Văn A, 2025-06-20"]
    moved = services().resolve("1.000001.X92", EVE, DAY)
    assert [(one.change, one.source) for one in moved.evidence] == [
        ("1.000001.X92 -> 1.000001.X90 [province=92]", "3/NĐ"),
        ("1.000001.X90 [levels=district, levels-after=commune]", "3/NĐ §7"),
    ]
    assert services().resolve("TT-02", EVE, DAY, "91").decided_by == "decision"


def test_an_old_code_is_valid_until_the_new_list_is_in_force_and_not_after():
    assert services().resolve("1.000001.X91", EVE, EVE).successor.code == "1.000001.X91"
    found = services().resolve("1.000001.X91", DAY, LATER)
    assert (found.outcome, found.reason) == (Outcome.NOT_VALID, "not-valid-then")


def test_backward_a_code_is_made_of_the_old_ones_of_the_province_asked_for():
    back = services().resolve("1.000001.X90", DAY, EVE, "92")
    assert (back.reason, [one.code for one in back.successors]) == (
        "made-of-several",
        ["1.000001.X92", "TT-02"],
    )
    assert services().resolve("1.000002.X90", DAY, EVE).successor.code == "TT-02"


def test_a_code_goes_on_through_two_lists():
    second = {
        "schema": "merger/services/1",
        "id": "list-2026",
        "effective": "2026-01-01",
        "services": [{"service": "3.000009.X90 Mới", "field": "Đường bộ"}],
        "before": [{"service": "1.000001.X90 Cấp phép", "province": "90", "into": ["3.000009.X90"]}],
    }
    found = services(LIST, second).resolve("1.000001.X91", EVE, LATER, "91")
    assert (found.outcome, found.successor.code, len(found.evidence)) == (Outcome.UNIQUE, "3.000009.X90", 3)


def test_a_file_without_old_codes_answers_by_the_national_root_as_before():
    plain = {"schema": "merger/services/1", "id": "s", "services": [{"service": "1.000001 A", "field": "F"}]}
    found = services(plain).resolve("1.000001.000.00.00.X91", EVE, DAY)
    assert (found.outcome, found.reason, found.successor.code) == (
        Outcome.UNCHANGED,
        "same-service",
        "1.000001",
    )


def test_levels_of_which_files_say_different_things_count_as_not_said():
    told = {"service": "1.000001", "field": "Đường bộ", "levels": ["district"], "levels_after": ["province"]}
    other = {"schema": "merger/services/1", "id": "s", "services": [told]}
    facts = services(LIST, other).facts("1.000001.X91")
    assert (facts.levels, facts.levels_after) == ((Level.DISTRICT,), ())


def rule(name: str, **said: object) -> CompetenceRule:
    return CompetenceRule.model_validate({"rule": name, "to": "commune", **said})


def test_a_rule_may_go_by_the_levels_that_do_a_service_afterwards():
    matter = Matter(Level.DISTRICT, "committee", services().facts("1.000001.X91"), "dossiers")
    rules = [rule("any"), rule("down", levels_after=["commune"]), rule("up", levels_after=["province"])]
    assert decide(rules, matter).rule == rules[1]
    unsaid = Matter(Level.DISTRICT, "committee", services().facts("1.000002.X91"), "dossiers")
    assert decide(rules, unsaid).rule == rules[0]
    assert decide([*rules, rule("field", fields=["Đường bộ"])], matter).rule.rule == "field"
    both = [rule("field", fields=["Đường bộ"]), rule("down", fields=["Đường bộ"], levels_after=["commune"])]
    assert decide(both, matter).rule == both[1]
