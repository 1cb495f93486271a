"""The pytest plugin on mappings: it passes on sound ones, and each law tells what breaks it."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from plugin_runs import LAWS, ROOT

from merger.mapping import shipped
from merger.mapping.write import to_yaml
from merger.messages import catalogue
from merger.testing import mappings
from merger.testing.suite import agencies, files, units
from merger.testing.suite.own import Own

pytest_plugins = ["pytester"]

TWICE = """\
changes:
  - {date: 2025-08-01, what: split, event: A, from: 90001 Xã Một, to: 90001 Xã Một, land: part, people: all}
  - {date: 2025-08-01, what: split, event: A, from: 90001 Xã Một, to: 90001 Xã Một, land: part, people: all}
"""


def test_the_shipped_mapping_and_the_demos_pass(tried):
    units_files = [str(path) for path in sorted((shipped() / "vn-2025").glob("68*.yaml"))]
    assert len(units_files) == 2
    given = [word for path in (*units_files, ROOT / "fixtures/lam-dong/mapping")
             for word in ("--merger-mapping", path)]  # fmt: skip
    tried(*given).assert_outcomes(passed=LAWS)


def test_a_sound_mapping_passes_and_each_law_is_a_sentence(tried, mapping):
    result = tried("--merger-mapping", mapping(), "-v", "--merger-seed", 7)
    result.assert_outcomes(passed=LAWS)
    result.stdout.fnmatch_lines(
        [
            "merger: --merger-seed 7 --merger-examples 20",
            "*merger::mapping::no successor is abolished on the day asked for PASSED*",
        ]
    )


@given(mappings())
@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.nested_given, HealthCheck.too_slow]
)
def test_sound_mappings_are_no_false_alarm(mapping):
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("units", "agencies", "competence", "services", "localities"):
            for file in getattr(mapping, kind):
                (Path(folder) / f"{file.id}.yaml").write_text(to_yaml(file), "utf-8")
        own = Own([Path(folder)])
        for law in [*files.laws(), *units.laws(), *agencies.laws()]:
            law.try_on(own, 1, 5)


@pytest.mark.parametrize(
    ("law", "changed", "more", "said"),
    [
        ("lint", [(", 90002 Xã Hai]", "]")], "", ["the mapping as a whole:", "*units.yaml:8:*: MAP104 *"]),
        (
            "totality",
            [(", 90002 Xã Hai]", "]")],
            "",
            ["90002 (*units.yaml:8:*), of 2025-06-30, asked for 2025-07-01:",
             "  it ends on 2025-07-01, and nothing says what became of it"],
        ),
        (
            "conservation",
            [(", {unit: 90003 Xã Ba, land: part, people: none, share: 0.4}]", "]")],
            "",
            ["90003 Xã Ba (clause 2, *units.yaml:11:*), of 2025-06-30, asked for 2025-07-01:",
             "  a part of it goes to 90003; where the rest goes is not said"],
        ),
        (
            "conservation",
            [("[90004 Xã Bốn,", "[90004 Xã Bốn, 90002 Xã Hai,")],
            "",
            ["90002 Xã Hai (clause 1, *units.yaml:10:*), of 2025-06-30, asked for 2025-07-01:",
             "  entries contradict each other on how much of it goes where: 90001, 90004"],
        ),
        (
            "contradictions",
            [("[90004 Xã Bốn,", "[90004 Xã Bốn, 90002 Xã Hai,")],
            "",
            ["the mapping as a whole:", "  * 90002 *"],
        ),
        ("shares", [("0.4", "0.7")], "", ["90003 Xã Ba (clause 2, *", "  its shares add up to 1.3"]),
        ("shares", [("0.4", "0.1")], "", ["90003 Xã Ba (clause 2, *", "  its shares add up to 0.7"]),
        (
            "changes-csv",
            [],
            TWICE,
            ["the changes of every commune:", "  what was written cannot be read again:", "*DOC228*90001*"],
        ),
        (
            "agency-codes",
            [("Z90.101 Xã Một", "Z90.21 Xã Một")],
            "",
            ["Z90.21, code of Z90.21 Xã Một (*agencies.yaml:11:*):",
             "  the code was closed with Z90.21 Xã Hai (*agencies.yaml:7:*) and may not be given again"],
        ),
        (
            "agency-codes",
            [("Z90.20", "Z90.21")],
            "",
            ["Z90.21, code of Z90.21 Xã Một (*agencies.yaml:6:*):",
             "  the same code stands for Z90.21 Xã Hai (*agencies.yaml:7:*) at the same time"],
        ),
        (
            "numbers",
            [("Z90.20", "Z90.2x")],
            "",
            ["Z90.2x, code of Z90.2x Xã Một (*agencies.yaml:6:*):", "  the code cannot be read: *A-Z, 0-9*"],
        ),
    ],
)  # fmt: skip
def test_a_broken_mapping_fails_in_its_own_words(tried, mapping, law, changed, more, said):
    folder = mapping(*changed, more=more)
    result = tried("--merger-mapping", folder, "--merger-seed", 7, "-k", law)
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    sentence = catalogue("en", "testing")[f"law.{law}"]
    command = f"  pytest --merger-mapping {folder} --merger-seed 7 --merger-examples 20 -k {law}"
    escaped = [line.replace("[", "[[]") for line in said]
    result.stdout.fnmatch_lines([f"does not hold: {sentence}", *escaped, "seed 7; to see it again:", command])


def test_files_that_cannot_be_read_are_told_without_a_traceback(tried, mapping):
    result = tried("--merger-mapping", mapping(("clause: 1", "cluase: 1")), "-k", "totality")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(["*units.yaml:10:6: DOC*cluase*"])
    result.stdout.no_fnmatch_line("*Traceback*")
