"""What is wrong with mappings that can be read: each check on one that fails it and one that passes."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import dedent

import pytest

from merger import lineage, messages
from merger.errors import Finding, Severity
from merger.mapping import load, shipped
from merger.mapping.models import Follows
from merger.quality import RULES, check
from merger.quality.closure import MAPPED, TOLD_BY_RULES

UNITS = """\
schema: merger/units/1
id: units
effective: 2025-07-01
"""
AGENCIES = """\
schema: merger/agencies/1
id: agencies
effective: 2025-07-01
"""
COMPETENCE = """\
schema: merger/competence/1
id: competence
effective: 2025-07-01
"""
SERVICES = """\
schema: merger/services/1
id: services
fields: [{field: Đất đai}]
services: [{service: 1.000001 Cấp giấy, field: Đất đai}]
"""
LOCALITIES = """\
schema: merger/localities/1
id: localities
effective: 2025-07-01
"""
DECISIONS = """\
schema: merger/decisions/1
id: decisions
"""
WHOLE = "communes: [{into: 00001 Xã A, from: [00001 Xã A, 00002 Xã B]}]\n"
DIVIDED = """\
communes:
  - {into: 00001 Xã A, from: [00001 Xã A, {unit: 00002 Xã B, land: part, people: some}]}
  - {into: 00002 Xã C, from: [{unit: 00002 Xã B, land: part, people: some}]}
"""


def findings(folder: Path, *texts: str) -> list[Finding]:
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(dedent(text), "utf-8")
    return check(load([folder]))


def errors(found: Sequence[Finding]) -> list[Finding]:
    return [one for one in found if one.severity is Severity.ERROR]


def codes(found: Sequence[Finding]) -> list[str]:
    return [f"{Path(one.place.file).stem}:{one.place.line} {one.code}" for one in found]


def test_the_shipped_mappings_have_no_finding() -> None:
    assert check(load([shipped()])) == []


@pytest.mark.parametrize(
    "texts",
    [
        [UNITS + WHOLE],
        [UNITS + DIVIDED],
        [UNITS + "communes: [{keep: 00001 Xã A}]\n"],
        [UNITS + "districts: [{unit: 001 Huyện D, province: 01, communes: [00001, 00002]}]\n" + WHOLE],
        [UNITS + "districts: [{unit: 001 Huyện D, province: 01, communes: [00001, 00002]}]\n"],
        [
            UNITS
            + """\
communes:
  - {into: 00001 Xã A, from: [{unit: 00001 Xã A, land: part, people: all}]}
  - {into: 00002 Xã B, from: [{unit: 00001 Xã A, land: part, people: none}, 00002 Xã B]}
"""
        ],
        [
            UNITS
            + """\
communes:
  - {into: 00001 Xã A, from: [{unit: 00001 Xã A, land: whole, people: none}]}
  - {into: 00002 Xã B, from: [{unit: 00001 Xã A, land: none, people: some}, 00002 Xã B]}
  - {into: 00003 Xã C, from: [{unit: 00001 Xã A, land: none, people: some}]}
"""
        ],
        [
            UNITS + DIVIDED,
            LOCALITIES + "localities: [{unit: 00002 Xã B, into: 00002 Xã C, names: [Thôn 1, Thôn 2]}]\n",
            AGENCIES
            + """\
before:
  - {agency: H01.1 Sở Cũ, former: 000.00.01.H01, level: province, unit: '01', into: H01.2}
  - {agency: H01.3 UBND Xã B, level: commune, unit: '00002', into: unit}
  - {agency: H01.4 UBND Huyện, level: district, unit: '001', into: competence, documents: H01.2}
after:
  - {agency: H01.2 Sở Mới, level: province, function: land, unit: '01'}
  - {agency: H01.5 UBND Xã C, level: commune, unit: '00002'}
""",
            COMPETENCE
            + """\
rules:
  - {rule: land, levels: [district], fields: [Đất đai], to: {function: land}}
  - {rule: one, levels: [district], services: [1.000001], to: {agency: H01.2}}
  - {rule: rest, to: commune}
  - {rule: rest-of-documents, works: [documents], to: person}
""",
            SERVICES,
            DECISIONS
            + """\
decisions:
  - {decision: one, author: x, date: 2025-07-02, reason: y, when: {unit: '00002'}, then: {unit: '00001'}}
""",
        ],
        [COMPETENCE + "rules: [{rule: a, services: [1.1], fields: [Đất], to: {agency: H01.9}}]\n"],
        [LOCALITIES + "localities: [{unit: 00002 Xã B, into: 00002 Xã C, names: [Thôn 1]}]\n"],
    ],
)
def test_what_is_right_has_no_finding(tmp_path: Path, texts: list[str]) -> None:
    assert errors(findings(tmp_path, *texts)) == []


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            [
                UNITS
                + """\
communes:
  - {into: 00001 Xã A, from: [00001 Xã A]}
  - {into: 00002 Xã B, from: [{unit: 00001 Xã A, land: part, people: some}, 00002 Xã B]}
"""
            ],
            ["0:6 MAP101"],
        ),
        (
            [
                UNITS
                + """\
communes:
  - {keep: 00001 Xã A}
  - {into: 00002 Xã B, from: [{unit: 00001 Xã A, land: part}, 00002 Xã B]}
"""
            ],
            ["0:6 MAP101"],
        ),
        (
            [UNITS + "communes: [{into: 00001 Xã A, from: [00001 Xã A, 00001 Xã A]}]\n"],
            ["0:4 MAP102"],
        ),
        (
            [UNITS + WHOLE, UNITS.replace("id: units", "id: more") + "communes: [{into: 00001 Xã A}]\n"],
            ["0:4 MAP103"],
        ),
        (
            [UNITS + "districts: [{unit: 001 D, province: 01, communes: [00001, 00009]}]\n" + WHOLE],
            ["0:4 MAP104"],
        ),
        (
            [
                UNITS
                + """\
districts:
  - {unit: 001 D, province: 01, communes: [00001]}
  - {unit: 002 E, province: 01, communes: [00001]}
"""
            ],
            ["0:6 MAP105"],
        ),
        (
            [
                UNITS
                + """\
province: {into: 1 Tỉnh A, from: [01 Tỉnh A]}
districts:
  - {unit: 01 Huyện D, province: 01, communes: [001]}
communes:
  - {into: 00001 Xã A, from: [001 Xã A]}
changes:
  - {date: 2020-01-01, from: 2 Xã B, to: 00001 Xã A}
"""
            ],
            ["0:4 MAP106", "0:6 MAP106", "0:6 MAP106", "0:8 MAP106", "0:10 MAP106"],
        ),
        (
            [UNITS + "communes: [{into: 00001 Xã A, from: [{unit: 00001 Xã A, land: part, people: all}]}]\n"],
            ["0:4 MAP107"],
        ),
        (
            [
                UNITS
                + "communes: [{into: 00001 Xã A, from: [{unit: 00001 Xã A, land: whole, people: some}]}]\n"
            ],
            ["0:4 MAP108"],
        ),
        (
            [UNITS + DIVIDED.replace("people: some}", "people: some, share: 0.4}")],
            ["0:5 MAP109"],
        ),
        ([UNITS + DIVIDED.replace("[{unit: 00002 Xã B", "[{unit: 00002 Xã Bê")], ["0:6 MAP110"]),
        (
            [
                UNITS + DIVIDED,
                LOCALITIES + "localities: [{unit: 00009 X, into: 00002 Xã C, names: [Thôn 1]}]\n",
            ],
            ["1:4 MAP201"],
        ),
        (
            [
                UNITS + DIVIDED,
                LOCALITIES + "localities: [{unit: 00001 Xã A, into: 00002 Xã C, names: [1]}]\n",
            ],
            ["1:4 MAP202"],
        ),
        (
            [
                LOCALITIES
                + """\
localities:
  - {unit: 00002 Xã B, into: 00001 Xã A, names: [Thôn 1]}
  - {unit: 00002 Xã B, into: 00002 Xã C, names: [thôn 2, thôn 1]}
"""
            ],
            ["0:6 MAP203"],
        ),
        (
            [
                UNITS + WHOLE,
                AGENCIES
                + """\
before:
  - {agency: H1.1 A, level: commune, unit: '00009', into: unit}
after:
  - {agency: H1.2 B, level: commune, unit: '00002'}
""",
            ],
            ["1:5 MAP204", "1:7 MAP204"],
        ),
        (
            [
                AGENCIES + "after: [{agency: H1.2 B, level: province, function: land, unit: '01'}]\n",
                COMPETENCE
                + """\
rules:
  - {rule: a, levels: [commune], to: {agency: H1.9}}
  - {rule: b, levels: [district], to: {function: water}}
""",
            ],
            ["1:5 MAP205", "1:6 MAP206"],
        ),
        (
            [
                SERVICES.replace("giấy, field: Đất đai", "giấy, field: Đất"),
                COMPETENCE
                + """\
rules:
  - {rule: a, services: [1.000002], to: person}
  - {rule: b, fields: [Đất], to: person}
""",
            ],
            ["0:4 MAP208", "1:5 MAP207", "1:6 MAP208"],
        ),
        (
            [
                UNITS + WHOLE,
                DECISIONS
                + """\
decisions:
  - {decision: a, author: x, date: 2025-07-02, reason: y, when: {unit: '00002'}, then: {unit: '00002'}}
""",
            ],
            ["1:4 MAP209"],
        ),
        (
            [
                AGENCIES
                + """\
before:
  - {agency: H1.1 A, former: 000.01, level: province, unit: '01', into: unit}
  - {agency: H1.1 B, level: province, unit: '01', into: unit}
  - {agency: H1.3 C, former: 000.01, level: province, unit: '01', into: unit}
"""
            ],
            ["0:6 MAP301", "0:7 MAP301"],
        ),
        (
            [
                AGENCIES
                + """\
before:
  - {agency: H1.1 A, level: province, unit: '01', into: H1.9}
  - {agency: H1.2 A, level: province, unit: '01', into: unit, documents: H1.8}
"""
            ],
            ["0:5 MAP302", "0:6 MAP302"],
        ),
        (
            [
                AGENCIES
                + """\
before:
  - {agency: H1.1 A, level: province, unit: '01', into: H1.2}
  - {agency: H1.2 B, level: province, unit: '01', into: H1.1}
  - {agency: H1.3 C, level: province, unit: '01', into: H1.2}
"""
            ],
            ["0:5 MAP303", "0:6 MAP303"],
        ),
        (
            [
                COMPETENCE
                + """\
rules:
  - {rule: a, fields: [Đất, Nước], to: person}
  - {rule: b, levels: [district], fields: [Đất], to: commune}
  - {rule: c, to: person}
  - {rule: d, services: [1.1], to: person}
"""
            ],
            ["0:6 MAP304"],
        ),
        (
            [
                COMPETENCE
                + """\
rules:
  - {rule: a, levels: [district], to: person}
  - {rule: a, levels: [commune], to: person}
"""
            ],
            ["0:6 MAP305"],
        ),
        ([UNITS + "communes: [{into: 00001 Xa\u0303 A, from: [00001 Xa\u0303 A]}]\n"], ["0:4 MAP401"]),
    ],
)
def test_what_is_wrong_is_found_at_its_place(tmp_path: Path, texts: list[str], expected: list[str]) -> None:
    asked = {one.partition(" ")[2] for one in expected}
    found = [one for one in findings(tmp_path, *texts) if one.code in asked]
    assert codes(found) == expected


def test_findings_say_in_both_languages_what_is_wrong_and_how_to_mend_it(tmp_path: Path) -> None:
    text = """\
communes:
  - {into: 00001 Xã A, from: [00001 Xã A]}
  - {into: 00002 Xã B, from: [{unit: 00001 Xã A, land: part}, 00002 Xã B]}
"""
    (finding,) = errors(findings(tmp_path, UNITS + text))
    assert finding.message.startswith("00001 Xã A goes into 00001 Xã A and cannot go here too")
    assert f"({tmp_path}/0.yaml:5:31)" in finding.mend
    messages.use("vi")
    try:
        assert finding.message.startswith("00001 Xã A đã nhập vào 00001 Xã A nên không thể nhập vào đây nữa")
    finally:
        messages.use("en")


def test_a_malformed_code_is_a_warning(tmp_path: Path) -> None:
    text = "communes: [{into: 1 Xã A, from: [00001 Xã A]}]\n"
    (finding,) = [one for one in findings(tmp_path, UNITS + text) if one.code == "MAP106"]
    assert finding.severity is Severity.WARNING
    assert finding.message == '"1" does not have the 5 digits of the statistics office\'s codes'


def test_every_check_has_its_words_in_both_languages() -> None:
    for part in ("quality", "mapping"):
        english, vietnamese = (messages.catalogue(language, part) for language in ("en", "vi"))
        assert english.keys() == vietnamese.keys()
        for key in english:
            assert messages.fields_of(english[key]) == messages.fields_of(vietnamese[key]), key


def test_a_finding_silences_a_less_exact_one_of_its_own_file_only(tmp_path: Path) -> None:
    act = "legal_basis: [{{number: {}/NQ, date: 2019-06-16}}]\n"
    nothing = "{unit: 90001 Xã Một, land: none, people: none}"
    (tmp_path / "earlier.yaml").write_text(
        f"schema: merger/units/1\nid: earlier\neffective: 2020-01-01\n{act.format(1)}communes:\n"
        f"  - {{clause: 1, into: 90001 Xã Một, from: [90001 Xã Một]}}\n"
        f"  - {{clause: 2, into: 90002 Xã Hai, from: [90002 Xã Hai, {nothing}]}}\n"
        "suppress: [{rule: MAP113, reason: seen}]\n",
        "utf-8",
    )
    (tmp_path / "now.yaml").write_text(
        f"{UNITS}{act.format(2)}communes:\n"
        "  - {clause: 1, into: 90001 Xã Một, from: [{unit: 90001 Xã Một, land: part, people: all}]}\n",
        "utf-8",
    )
    assert [(one.code, Path(one.place.file).name) for one in check(load([tmp_path]))] == [
        ("MAP107", "now.yaml")
    ]


def test_a_finding_silences_a_less_exact_one_of_its_own_day_only(tmp_path: Path) -> None:
    text = (
        f"{UNITS}legal_basis: [{{number: 1/NQ, date: 2025-06-16}}]\n"
        "communes:\n"
        "  - {clause: 1, into: 90001 Xã Một, from: [90001 Xã Một, 90002 Xã Hai]}\n"
        "  - {clause: 2, into: 90004 Xã Ba, from: [90004 Xã Ba, 90002 Xã Hai]}\n"
        "changes:\n"
        "  - {date: 2010-01-01, from: 90002 Xã Hai, to: 90002 Xã Hai, land: whole, people: all, source: a}\n"
        "  - {date: 2010-01-01, from: 90002 Xã Hai, to: 90001 Xã Một, land: whole, people: all, source: a}\n"
    )
    assert codes(findings(tmp_path, text)) == ["0:7 MAP101", "0:9 MAP513", "0:9 MAP514"]


def test_a_finding_silences_a_less_exact_one_of_its_own_kind_of_unit_only(tmp_path: Path) -> None:
    ends = "land: whole, people: all, source: a"
    text = (
        f"{UNITS}codes: other\nlegal_basis: [{{number: 1/NQ, date: 2025-06-16}}]\n"
        "province: {into: 90 Tỉnh A, from: [90 Tỉnh A]}\n"
        "communes:\n"
        "  - {clause: 1, into: 1 Xã Một, from: [1 Xã Một, 90 Xã Hai]}\n"
        "  - {clause: 2, into: 4 Xã Ba, from: [4 Xã Ba, 90 Xã Hai]}\n"
        "changes:\n"
        f"  - {{date: 2025-07-01, kind: province, from: 90 Tỉnh A, to: 91 Tỉnh B, {ends}}}\n"
    )
    assert codes(findings(tmp_path, text)) == ["0:6 MAP513", "0:6 MAP514", "0:9 MAP101"]


def test_a_suppression_by_a_name_that_several_bear_suppresses_nothing(tmp_path: Path) -> None:
    text = f"""\
{UNITS}suppress: [{{rule: MAP145, of: Xã A, reason: seen}}]
changes:
  - {{date: 2020-01-01, what: abolish, from: 00001 Xã A}}
  - {{date: 2020-01-01, what: abolish, from: 00004 Xã A}}
  - {{date: 2020-01-01, what: abolish, from: 00007 Xã B, source: 2/NQ}}
"""
    found = findings(tmp_path, text)
    assert codes(found) == ["0:4 MAP903", "0:6 MAP145", "0:7 MAP145"]
    assert "several units with such a finding bear that name: 00001, 00004" in found[0].message
    exact = text.replace("of: Xã A", "of: 00001 Xã A")
    assert codes(findings(tmp_path, exact)) == ["0:7 MAP145"]


def test_names_told_differently_on_the_eve_are_shown_where_that_day_names_them(tmp_path: Path) -> None:
    text = (
        f"{UNITS}changes:\n"
        "  - {date: 2010-01-01, what: rename, from: 90001 Xã Cũ, to: 90001 Xã Một, source: a}\n"
        "  - {date: 2010-01-01, what: merge, from: 90001 Xã Già, to: 90001 Xã Một, source: a}\n"
        "  - {date: 2015-01-01, what: rename, from: 90001 Xã Một, to: 90001 Phường Một, source: a}\n"
    )
    assert [one for one in codes(findings(tmp_path, text)) if "MAP519" in one] == ["0:5 MAP519"]


def test_every_finding_of_the_lineage_comes_out_under_a_rule() -> None:
    told = MAPPED.keys() | TOLD_BY_RULES.keys()
    words = messages.catalogue("en", "lineage")
    assert told == {key.removesuffix(".message") for key in words if key.endswith(".message")}
    assert told == set(reported())
    assert {*MAPPED.values(), *TOLD_BY_RULES.values()} <= RULES.keys()


REPORTING = ("report", "reports", "_report", "_error")


def reported() -> Iterator[str]:
    """The codes that the lineage's own code reports; `{dimension}-…` is one of each."""
    for path in Path(lineage.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            code = node.args[0]
            if called in REPORTING and isinstance(code, ast.Constant):
                yield str(code.value)
            elif called in REPORTING and isinstance(code, ast.JoinedStr):
                assert isinstance(code.values[1], ast.Constant)
                yield from (f"{dimension}{code.values[1].value}" for dimension in Follows)


def test_an_agency_entered_twice_and_not_alike_is_found(tmp_path: Path) -> None:
    text = f"""\
{AGENCIES}before:
  - {{agency: X01 Sở A, level: province, unit: "01", into: Y01}}
  - {{agency: X01 Sở A, level: province, unit: "01", into: Y02}}
after:
  - {{agency: Y01 Sở B, level: province, unit: "01"}}
  - {{agency: Y02 Sở C, level: province, unit: "01"}}
"""
    assert "0:6 MAP301" in codes(findings(tmp_path, text))
