"""Decades of real countries, imported and resolved between days of which the lists are published."""

import csv
import json
import shutil
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from merger.cli.run import run
from merger.lineage import Lineage, Outcome, Request, Resolution
from merger.testing.campaigns import histories
from merger.testing.campaigns.histories import KIND, Case, Judged, Pair, judge

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "histories"
COUNTRIES = ("china", "france", "norway")
TODAY = date(2026, 1, 1)


@cache
def case(country: str) -> Case:
    return Case.read(FOLDER / country)


@cache
def lineage(country: str) -> Lineage:
    return case(country).lineage()


def ask(country: str, code: str, at: date, to: date) -> Resolution:
    return lineage(country).resolve(Request(code, KIND, at, to))


def found(resolution: Resolution) -> tuple[str, str, list[str]]:
    return str(resolution.outcome), resolution.reason, [one.code for one in resolution.successors]


def counted(judged: Judged) -> dict[str, Counter[str]]:
    """By what was compared, how often it ended how; undecided ones by their reasons."""
    counts: dict[str, Counter[str]] = {}
    for words, count in judged.counts.items():
        what, ended = words.split(": ", 1)
        counts.setdefault(what, Counter())[ended] = count
    return counts


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_answer_is_what_is_published_or_says_that_it_is_not_decided(country: str) -> None:
    days = sorted(case(country).rosters)
    judged = judge(case(country), lineage(country), [days[0], days[len(days) // 2], days[-1]])
    assert judged.wrong == []
    counts = counted(judged)
    assert counts["forward"]["right"] + counts["backward"]["right"] > 500
    assert counts["rosters"]["right"] > 500


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_real_history_has_no_contradiction(country: str) -> None:
    assert lineage(country).findings == ()


def test_where_china_cannot_be_decided_its_sources_are_silent() -> None:
    judged = Judged()
    histories.compare_pairs(case("china"), lineage("china"), judged)
    assert counted(judged)["forward"].keys() == {"right"}
    assert counted(judged)["backward"].keys() == {"right", "undecided, extent-unspecified"}


def test_all_pairs_of_published_lists_in_between_are_answered() -> None:
    days = sorted(case("france").rosters)
    judged = judge(case("france"), lineage("france"), days)
    assert judged.wrong == []
    outcomes = counted(judged)["all codes"]
    assert outcomes.keys() == {"unchanged", "unique", "split"}
    assert sum(outcomes.values()) == sum(len(units) for units in case("france").rosters.values()) * len(days)


@pytest.mark.parametrize(
    ("code", "year", "after"),
    [
        ("28244", 1950, "28199"),  # into Allaines in 1972, which went into Janville in 2019
        ("28042", 1985, "28015"),  # into Bleury-Saint-Symphorien in 2012, that into Auneau in 2016
        ("28131", 1950, "91016"),  # into a commune of another department, whose code was new since 1968
        ("49144", 2016, "44180"),  # changed department and merged, both on the first day of 2018
        ("44225", 2016, None),  # the code of a few moments of that day
        ("27676", 2019, "27676"),  # 27058 in between
        ("28351", 1950, "28351"),  # within Maillebois from 1972 to 1981
        ("28368", 1950, "28368"),
        ("28226", 1950, "28226"),
        ("62126", 1950, "62126"),
        ("62119", 1950, "62119"),
        ("20004", 1950, "2A004"),
    ],
)
def test_french_chains_lead_where_they_led(code: str, year: int, after: str | None) -> None:
    answer = ask("france", code, date(year, 6, 1), TODAY)
    if after is None:
        assert found(answer) == ("not-valid", "not-valid-then", [])
    else:
        assert answer.outcome.decided
        assert answer.successor.code == after


def test_what_a_unit_took_on_while_it_held_another_is_divided_between_them() -> None:
    assert found(ask("france", "28226", date(1975, 1, 1), TODAY)) == ("split", "divided", ["28226", "28351"])
    assert found(ask("france", "28351", TODAY, date(1975, 1, 1))) == ("unique", "one-predecessor", ["28226"])
    assert found(ask("france", "28351", TODAY, date(1950, 1, 1))) == ("unique", "by-release", ["28351"])


def test_a_code_that_comes_back_is_the_same_unit_again() -> None:
    there, back = date(2021, 6, 1), date(2019, 6, 1)
    assert found(ask("france", "27058", there, TODAY)) == ("unique", "one-successor", ["27676"])
    assert found(ask("france", "27676", TODAY, there)) == ("unique", "one-predecessor", ["27058"])
    assert found(ask("france", "27676", TODAY, back)) == ("unique", "one-predecessor", ["27676"])
    assert ask("france", "27676", back, there).successor.code == "27058"


def test_a_unit_given_back_under_another_code_is_divided() -> None:
    """Haram was 1534 and went into Ålesund in 2020; since 2024 it is 1580."""
    answer = ask("norway", "1534", date(2016, 6, 1), date(2024, 6, 1))
    assert found(answer) == ("split", "divided", ["1508", "1580"])


def test_codes_that_change_places_on_one_day_are_not_chained() -> None:
    """Luancheng and Zhengding: 130123 and 130124, and since 1993 the other way round."""
    eve, day = date(1992, 12, 31), date(1993, 12, 31)
    names = case("china").rosters
    for old, new in (("130123", "130124"), ("130124", "130123")):
        assert names[eve][old] == names[day][new]
        assert found(ask("china", old, eve, day)) == ("unique", "one-successor", [new])
        assert found(ask("china", new, day, eve)) == ("unique", "one-predecessor", [old])


def test_the_command_line_imports_and_answers_as_the_library_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changes, out, asked = FOLDER / "norway" / "changes.csv", tmp_path / "norway", tmp_path / "asked.jsonl"
    how = ["--from", "changes-csv", "--same-day", "together", "--out", str(out)]
    assert run(["mapping", "import", *how, str(changes)]) == 0
    pairs = case("norway").pairs
    asked.write_text(
        "".join(
            json.dumps({"code": one.old, "kind": "commune", "at": str(one.at), "to": str(one.to)}) + "\n"
            for one in pairs
        ),
        encoding="utf-8",
    )
    capsys.readouterr()
    assert run(["resolve", "--requests", str(asked), "--mappings", str(out), "--json"]) == 1
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["code"] for one in answers] == [pair.old for pair in pairs]
    for pair, told in zip(pairs, answers, strict=True):
        own = ask("norway", pair.old, pair.at, pair.to)
        assert told["outcome"] == str(own.outcome)
        assert [one["code"] for one in told["successors"]] == [one.code for one in own.successors]


def test_a_wrong_answer_would_be_told() -> None:
    norway = case("norway")
    wrong = Pair("0101", date(2016, 1, 1), "9999", date(2024, 1, 1))
    doctored = Case(norway.folder, norway.title, norway.same_day, norway.rosters, (wrong,))
    judged = judge(doctored, lineage("norway"), [])
    assert judged.wrong[0] == ("0101 of 2016-01-01 on 2024-01-01 is 3101 (one-successor), published 9999")
    shorter = {day: dict(list(units.items())[1:]) for day, units in norway.rosters.items()}
    doctored = Case(norway.folder, norway.title, norway.same_day, shorter, ())
    assert any("in force" in words for words in judge(doctored, lineage("norway")).wrong)


def test_the_campaign_counts_every_country(tmp_path: Path) -> None:
    for name in ("north", "again"):
        shutil.copytree(FOLDER / "norway", tmp_path / name)
    outcome = histories.run(tmp_path, lambda _text: None)
    assert outcome.failures == []
    assert list(outcome.counts) == ["Norway answers"]
    assert any(note.startswith("Norway: forward: right ") for note in outcome.notes)


@pytest.mark.parametrize("country", COUNTRIES)
def test_what_is_left_out_of_a_case_is_counted(country: str) -> None:
    with (FOLDER / country / "left-out.csv").open(encoding="utf-8", newline="") as file:
        counts = {row["reason"]: int(row["count"]) for row in csv.DictReader(file)}
    assert counts
    assert all(counts.values())


def test_no_answer_of_a_real_history_is_without_an_outcome() -> None:
    days = [date(1, 1, 2), date(1876, 5, 1), date(1943, 1, 1), date(1997, 12, 31), date(9999, 12, 30)]
    for country in COUNTRIES:
        codes = sorted({code for units in case(country).rosters.values() for code in units})[::40]
        for code in [*codes, "", "x", "00000"]:
            for at in days:
                for to in days:
                    answer = ask(country, code, at, to)
                    assert answer.reason
                    assert answer.outcome in Outcome
