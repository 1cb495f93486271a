"""What is wrong with mappings that can be read: each check on one that fails it and one that passes."""

from pathlib import Path

import pytest
from checked_files import (
    AGENCIES,
    COMPETENCE,
    DECISIONS,
    DIVIDED,
    LOCALITIES,
    SERVICES,
    UNITS,
    WHOLE,
    codes,
    errors,
    findings,
)

from merger.mapping import load, shipped
from merger.quality import check


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
