"""Which finding silences which, what is suppressed, and where a finding of several places is shown."""

from pathlib import Path

from checked_files import UNITS, codes, findings

from merger.mapping import load
from merger.quality import check


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
