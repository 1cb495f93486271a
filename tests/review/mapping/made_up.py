"""A small country: a merger, a commune divided by land and people, earlier changes, agencies, localities."""

import re
from pathlib import Path

from merger.review.mapping.book import Book, Shelf

UNITS = """\
schema: merger/units/1
id: units
title: {vi: Sắp xếp tỉnh A, en: Reorganisation of province A}
effective: 2025-07-01
legal_basis:
  - {number: 1/QH, date: 2025-06-12, on: provinces}
  - {number: 1/NQ, date: 2025-06-16, on: communes}
province: {into: 90 Tỉnh A, from: [90 Tỉnh A, 91 Tỉnh B]}
districts:
  - {unit: 901 Huyện Hoà An, province: 90, communes: [90001, 90004, 90007]}
  - {unit: 911 Huyện E, province: 91, communes: [91001, 91010, 91013]}
communes:
  - {clause: 1, into: 90001 Xã Hòa Lạc, from: [90001 Xã Một,
     {unit: 90004 Xã Hai, land: part, people: some, share: 0.4}], area_km2: 12.5}
  # another list says that all of 90004 went here
  - {clause: 2, into: 90007 Phường Ba, words: "toàn bộ xã Ba và phần còn lại của xã Hai",
     from: [90007 Xã Ba, {unit: 90004 Xã Hai, land: part, people: some, share: 0.6}]}
  - {clause: 3, keep: 91001 Xã Bốn}
  - {clause: 4, into: 91010 Xã Ea H'leo, from: [91010 Xã Ea H'leo,
     {unit: 91013 Xã Sáu, land: part, people: none}]}
  - {clause: 5, into: 91013 Xã Sáu, from: [{unit: 91013 Xã Sáu, land: part, people: all}]}
changes:
  - {date: 2020-01-01, what: merge, from: 90003 Xã Cũ, to: 90004 Xã Hai, land: whole, people: all,
     source: 2/NQ, after: 2019-12-01, notes: {households: "2100"}}
  - {date: 2020-01-01, what: merge, from: 90004 Xã Hai, to: 90004 Xã Hai, land: whole, people: all,
     source: 2/NQ}
"""
OTHERS = """\
schema: merger/agencies/1
id: agencies
effective: 2025-07-01
before:
  - {agency: H90.21.4 UBND xã Hai, former: 000.04.21.H90, level: commune, function: committee, unit: 90004,
     into: unit}
after:
  - {agency: H90.30.1 UBND xã Hòa Lạc, level: commune, function: committee, unit: 90001}
  - {agency: H90.30.2 UBND phường Ba, level: commune, function: committee, unit: 90007}
---
schema: merger/services/1
id: services
fields: [{field: Đất đai, follows: land}, {field: Hộ tịch, follows: people}]
---
schema: merger/localities/1
id: localities
effective: 2025-07-01
legal_basis: [{number: 5/NQ, date: 2025-06-20}]
localities:
  - {unit: 90004 Xã Hai, into: 90001 Xã Hòa Lạc, names: [Thôn Một, Thôn Hai]}
  - {unit: 90004 Xã Hai, into: 90007 Phường Ba, names: [Thôn Ba]}
"""


def write(folder: Path, *edits: tuple[str, str], text: str = UNITS + "---\n" + OTHERS) -> Path:
    """The files in a folder, after edits each of which must hit."""
    for before, after in edits:
        assert before in text, before
        text = text.replace(before, after)
    folder.mkdir(parents=True, exist_ok=True)
    for part in text.split("---\n"):
        found = re.search("^id: (.*)$", part, re.MULTILINE)
        assert found
        (folder / f"{found[1]}.yaml").write_text(part, "utf-8")
    return folder


def book(folder: Path, *edits: tuple[str, str]) -> Book:
    return Shelf().book([write(folder, *edits)])
