"""The pytest plugin on a sound mapping and an engine with a flaw put into it: each law finds its flaw."""

import pytest
from plugin_runs import LAWS

from merger.lineage import Agencies, Lineage, Outcome, Successor
from merger.mapping.write import to_yaml
from merger.testing.suite import agencies, files, units

pytest_plugins = ["pytester"]

LATER = """\
changes:
  - {date: 2025-08-01, what: rename, from: 90001 Xã Một, to: 90001 Xã Mới}
  - {date: 2026-01-01, what: merge, from: 90001 Xã Mới, to: 90004 Xã Bốn, land: whole}
  - {date: 2026-01-01, what: merge, from: 90004, to: 90004, land: whole}
"""


def answering(monkeypatch, doctored):
    resolve = Lineage.resolve

    def pretended(self, request):
        answer = resolve(self, request)
        return doctored(request, answer) or answer

    monkeypatch.setattr(Lineage, "resolve", pretended)


@pytest.mark.parametrize(
    ("law", "successor", "said"),
    [
        ("in-force", "90002", ["90002 Xã Hai (clause 1, *", "  90002: 90002 is not in force then"]),
        ("inverse", "90004", ["90002 Xã Hai (clause 1, *", "  it goes to 90004, *leads to: 90003, 90004"]),
    ],
)
def test_a_wrong_answer_fails_with_the_unit(tried, mapping, monkeypatch, law, successor, said):
    def doctored(request, answer):
        if request.code == "90002" and request.to > request.at and answer.outcome is Outcome.UNIQUE:
            return type(answer)(answer.outcome, answer.reason, (Successor(successor, ""),))
        return None

    answering(monkeypatch, doctored)
    result = tried("--merger-mapping", mapping(), "-k", law)
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(said)


def test_two_steps_that_find_less_than_one_are_told(tried, mapping, monkeypatch):
    def doctored(request, answer):
        if request.code == "90001" and request.at.isoformat() == "2025-07-01" and request.to.year == 2026:
            return type(answer)(answer.outcome, answer.reason)
        return None

    answering(monkeypatch, doctored)
    result = tried("--merger-mapping", mapping(more=LATER), "-k", "composition")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(["90001 Xã Một (*, of 2025-06-30, asked for 2026-01-01*:",
                                 "  one step finds 90004; by way of 2025-07-01 it is –"])  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "successors", "said"),
    [
        (Outcome.SPLIT, (), "  one step finds –; by way of 2025-07-01 it is 90004"),
        (
            Outcome.SPLIT,
            ("90004",),
            "  two steps decide 90004 by way of 2025-07-01; one step does not: 90004",
        ),
    ],
)
def test_one_step_that_knows_less_than_two_is_told(tried, mapping, monkeypatch, outcome, successors, said):
    def doctored(request, answer):
        asked = (request.code, request.at.isoformat(), request.to.isoformat())
        if asked == ("90002", "2025-06-30", "2026-01-01"):
            return type(answer)(outcome, "unspecified", tuple(Successor(code, "") for code in successors))
        return None

    answering(monkeypatch, doctored)
    result = tried("--merger-mapping", mapping(more=LATER), "-k", "composition")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(["90002 Xã Hai (clause 1, *units.yaml:10:*", said])


def test_what_only_a_drawn_question_meets_is_told_as_the_smallest_and_drawn_again(
    tried, mapping, monkeypatch
):
    def doctored(request, answer):
        if request.code in ("90002", "90003") and request.at == request.to:
            return type(answer)(answer.outcome, answer.reason, (Successor("99999", ""),))
        return None

    answering(monkeypatch, doctored)
    folder = mapping()
    result = tried("--merger-mapping", folder, "--merger-seed", 3, "-k", "in-force", examples=200)
    result.stdout.fnmatch_lines(["90002 Xã Hai (clause 1, *), of 2025-06-30, asked for 2025-06-30:"])
    again = tried("--merger-mapping", folder, "--merger-seed", 3, "-k", "in-force", examples=200)
    again.stdout.fnmatch_lines(["90002 Xã Hai (clause 1, *), of 2025-06-30, asked for 2025-06-30:"])


def test_an_engine_that_forgets_to_say_why_is_told(tried, mapping, monkeypatch):
    answering(monkeypatch, lambda _request, answer: type(answer)(answer.outcome, "", answer.successors))
    result = tried("--merger-mapping", mapping(), "-k", "totality")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(["900* Xã * (clause *, *units.yaml:*", "  900*: no reason"])


def test_shares_that_an_engine_doubles_are_told(tried, mapping, monkeypatch):
    walk = units.walk

    def doubled(*given):
        found = walk(*given)
        for flow in found.flows:
            flow.share = None if flow.share is None else flow.share * 2
        return found

    monkeypatch.setattr(units, "walk", doubled)
    result = tried("--merger-mapping", mapping(), "-k", "shares")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(["900* Xã * (clause *, *units.yaml:*", "  its shares add up to 2"])


def test_work_that_goes_to_no_agency_of_the_day_is_told(tried, mapping, monkeypatch):
    successor = Agencies.successor

    def pretended(self, request):
        answer = successor(self, request)
        if request.code == "Z90.21" and answer.outcome.decided:
            return type(answer)(answer.outcome, answer.reason, (Successor("Z90.21", ""),))
        return answer

    monkeypatch.setattr(Agencies, "successor", pretended)
    result = tried("--merger-mapping", mapping(), "-k", "agency-work")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(
        ["dossiers of Z90.21, code of Z90.21 Xã Hai (*", "  Z90.21: Z90.21 is no agency then"]
    )


def test_an_agency_that_an_engine_does_not_find_is_told(tried, mapping, monkeypatch):
    monkeypatch.setattr(Agencies, "agency_at", lambda _self, _code, _day: None)
    result = tried("--merger-mapping", mapping(), "-k", "agency-codes")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(
        [
            "Z90, code of Z90 Tỉnh (*agencies.yaml:5:*",
            "  on 2025-06-30 the code does not stand for exactly this agency",
        ]
    )


def test_numbers_that_lose_their_agency_are_told(tried, mapping, monkeypatch):
    parse = agencies.dossier_number.parse

    def shortened(text):
        return parse(text.replace("Z90.20-", "Z90-"))

    monkeypatch.setattr(agencies.dossier_number, "parse", shortened)
    result = tried("--merger-mapping", mapping(), "-k", "numbers")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(
        [
            "Z90.20, code of Z90.20 Xã Một (*agencies.yaml:6:*",
            "  number Z90.20-250701-0001 is read as one of Z90",
        ]
    )


def test_a_writer_that_leaves_something_out_is_told(tried, mapping, monkeypatch):
    monkeypatch.setattr(files, "to_yaml", lambda file: to_yaml(file.model_copy(update={"legal_basis": ()})))
    result = tried("--merger-mapping", mapping(), "-k", "rewriting")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(
        ["*units.yaml:", "  after writing and reading these keys differ: legal_basis"]
    )
