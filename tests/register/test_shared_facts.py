"""Codes of a real province of 2021, 455 rows as a system held them: read, continued, registered."""

import csv
import os
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from merger.codes import eid
from merger.codes.eid import Eid
from merger.lineage import Agencies, build
from merger.mapping import LoadedMapping, load
from merger.mapping.models import AgenciesFile
from merger.mapping.write import to_yaml
from merger.quality import lint
from merger.register import allocate, differences, entries_of, fill, read_register, write_register

pytestmark = pytest.mark.shared

DAY = date(2025, 7, 1)
UNSEEN = re.compile("[\u200b-\u200f\ufeff]")


@pytest.fixture(scope="module")
def rows() -> list[tuple[str, str]]:
    named = os.environ.get("MERGER_SHARED")
    places = [Path(named)] if named else [parent / "shared" for parent in Path(__file__).resolve().parents]
    for place in places:
        path = place / "data" / "standards" / "agencies_000xx_H53_and_ministries.csv"
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                return [(row["code_qcvn102"], row["name"]) for row in csv.DictReader(file)]
    pytest.skip("the folder ../shared is not beside this checkout")


def test_all_but_the_one_malformed_code_are_read_and_convert_there_and_back(rows):
    read = {code: eid.parse(code) for code, _ in rows}
    bad = [code for code, one in read.items() if not isinstance(one, Eid)]
    assert (len(rows), bad) == (455, ["000.1137.H53"])
    for code, one in read.items():
        if isinstance(one, Eid):
            new = eid.to_new(one)
            assert isinstance(new, Eid)
            back = eid.to_former(new)
            assert isinstance(back, Eid)
            assert (back.text, eid.identity(new)) == (code, eid.identity(one))
    twice = [code for code, count in Counter(code for code, _ in rows).items() if count > 1]
    assert len(twice) == 7


def entries(rows: list[tuple[str, str]]) -> list[dict[str, str]]:
    """The agencies of before: the first of each code, in the new form, with the older one beside it."""
    found: dict[str, dict[str, str]] = {}
    for code, name in rows:
        read = eid.parse(code)
        if not isinstance(read, Eid):
            continue
        new = eid.to_new(read)
        assert isinstance(new, Eid)
        top = new.levels[0]
        said = {
            "agency": f"{new.text} {UNSEEN.sub('', name)}",
            "former": code,
            "level": "province",
            "function": "committee" if new.level == 1 else "office",
            "unit": top[1:],
            "into": top if top != new.text and top == "H53" else new.text,
        }
        found.setdefault(code, said)
    return list(found.values())


@pytest.fixture(scope="module")
def mapping(rows, tmp_path_factory) -> LoadedMapping:
    before = entries(rows)
    after = [
        {key: one[key] for key in ("agency", "level", "function", "unit")}
        for one in before
        if one["into"] == one["agency"].split(" ")[0]
    ]
    after += [
        {"agency": f"new Sở Mới {number}", "level": "province", "function": "office", "unit": "53"}
        for number in range(1, 21)
    ] + [
        {"agency": f"new UBND xã {number}", "level": "commune", "function": "committee",
         "unit": f"{25000 + number}", "parent": "H53"}
        for number in range(1, 97)
    ]  # fmt: skip
    said = {"schema": "merger/agencies/1", "id": "real", "effective": DAY, "before": before, "after": after}
    folder = tmp_path_factory.mktemp("real")
    (folder / "real.yaml").write_text(to_yaml(AgenciesFile.model_validate(said)), "utf-8")
    return load([folder])


def test_new_agencies_get_codes_that_nobody_had(mapping, rows, tmp_path):
    found = allocate(mapping)
    used = {eid.identity(one) for code, _ in rows if isinstance(one := eid.parse(code), Eid)}
    given = [one.code for one in found.codes]
    assert len(set(given)) == 116
    assert not {eid.identity(eid.parse(code)) for code in given} & used
    communes = [one for one in found.codes if one.wanted.agency.level == "commune"]
    assert {len(one.code) for one in communes} == {len("H53.101")}
    assert all(not one.former for one in communes)
    departments = [one for one in found.codes if one.wanted.agency.level == "province"]
    assert all(one.former for one in departments)
    (filled,) = fill(mapping, found).files
    (tmp_path / "real.yaml").write_bytes(filled.content)
    codes = {one.code for one in lint(load([tmp_path])).findings}
    assert codes & {"MAP301", "MAP321", "MAP322", "MAP323", "MAP324"} == set()


def test_the_register_holds_every_agency_once_and_reads_back(mapping, rows, tmp_path):
    (filled,) = fill(mapping, allocate(mapping)).files
    (tmp_path / "real.yaml").write_bytes(filled.content)
    whole = load([tmp_path / "real.yaml"]).mapping
    agencies = Agencies(whole, build(whole))
    eve, day = (entries_of(agencies, one) for one in (date(2025, 6, 30), DAY))
    assert (len(eve), len(day)) == (447, 447 + 116)
    gone = {code for code, _ in rows if code.endswith(".H53") and isinstance(eid.parse(code), Eid)}
    gone -= {"000.00.00.H53"}
    assert len(gone) == 370
    assert {one.former for one in day if one.state == "closed"} == gone
    for suffix in (".csv", ".json", ".xlsx"):
        path = tmp_path / f"register{suffix}"
        path.write_bytes(write_register(day, DAY, suffix))
        assert read_register(path) == day
    counted = Counter(one.how for one in differences(eve, day))
    assert (counted["closed"], counted["opened"]) == (370, 116)
