"""docs/rules.md against the rules: every rule has a section, and both its examples do what they say."""

import re
from datetime import date
from pathlib import Path

import pytest

from merger import messages
from merger.errors import InputError
from merger.mapping import load
from merger.mapping.models import KINDS
from merger.quality import RULES, lint, read_roster

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^### (MAP\d{3}): (.*?)(?=^###? |\Z)", TEXT, re.MULTILINE | re.DOTALL))
BLOCKS = re.compile(r"^```(?:yaml|csv)\n# (\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ACTS = "legal_basis: [{number: 1/NQ, date: 2025-06-16}]\n"
DAY = date(2025, 7, 1)


def codes_of(folder, blocks):
    """The codes that lint finds in examples, whose heads are added here."""
    roster = None
    for number, (kind, body) in enumerate(blocks):
        if kind == "roster":
            (folder / "roster.csv").write_text(body, "utf-8")
            roster = read_roster(folder / "roster.csv", DAY)
            continue
        model = KINDS[f"merger/{kind}/1"]
        head = f"schema: merger/{kind}/1\nid: example-{number}\n"
        if "effective" in model.model_fields and "effective:" not in body:
            head += f"effective: {DAY}\n"
        if "legal_basis" in model.model_fields and "legal_basis:" not in body:
            head += ACTS
        (folder / f"{number}.yaml").write_text(head + body, "utf-8")
    return {one.code for one in lint(load([folder]), roster).findings}


def examples(code, word):
    said = SECTIONS[code]
    part = said.partition("\nFails:\n")[2]
    fails, _, passes = part.partition("\nPasses:\n")
    return BLOCKS.findall(fails if word == "Fails" else passes)


def test_every_rule_has_a_section_and_every_section_a_rule():
    assert list(SECTIONS) == list(RULES)


@pytest.mark.parametrize("code", RULES)
def test_the_failing_example_has_exactly_this_finding(code, tmp_path):
    assert codes_of(tmp_path, examples(code, "Fails")) == {code}


@pytest.mark.parametrize("code", RULES)
def test_the_passing_example_has_no_finding(code, tmp_path):
    blocks = examples(code, "Passes")
    assert blocks
    assert codes_of(tmp_path, blocks) == set()


@pytest.mark.parametrize("code", RULES)
def test_the_section_says_how_much_the_rule_weighs(code):
    assert f"({RULES[code].severity.value.capitalize()}.)" in " ".join(SECTIONS[code].split())


def test_every_rule_has_its_words_in_both_languages():
    for language in messages.LANGUAGES:
        said = messages.catalogue(language, "quality")
        assert {f"{code}.{key}" for code in RULES for key in ("message", "mend")} <= said.keys()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code;name\n1;Xã A\n;Xã B\n", "list.csv:3:1: roster-without-code a row without a code"),
        ("code,name\n1,Xã A\n1,Xã B\n", "list.csv:3:1: roster-twice 1 stands in the list twice"),
        ("code,name\n1,Xã A\n2\n", "list.csv:3:1: DOC215 the row has 1 cells, the header 2"),
        ('code,name\n1,"Xã A\n', "list.csv:2:3: DOC205 "),
        (f"code,name\n1,{'x' * 200_000}\n", "list.csv:2:3: DOC216 "),
        ("code\n1\n", 'list.csv:1:1: DOC101 the key "name" is missing here'),
    ],
)  # fmt: skip
def test_an_official_list_that_cannot_be_used_is_refused_with_its_line(text, said, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        read_roster(path, DAY)
    assert said in str(caught.value)
