"""A made-up country for tables: units that merge, are divided with and without shares, change twice, end."""

from pathlib import Path

CHANGES = """\
schema: merger/units/1
id: tables-test
codes: other
effective: 2020-01-01
changes:
  - {date: 2010-01-01, what: merge, from: A1 One, to: B1 Big, land: whole, people: all, source: s}
  - {date: 2010-01-01, what: merge, from: A2 Two, to: B1 Big, land: whole, people: all, source: s}
  - {date: 2015-01-01, what: split, from: B1 Big, to: C1 North, land: part, people: some,
     share: 0.25, source: s}
  - {date: 2015-01-01, what: split, from: B1 Big, to: C2 South, land: part, people: some,
     share: 0.75, source: s}
  - {date: 2015-01-01, what: split, from: D1 Wide, to: C2 South, land: part, people: some, source: s}
  - {date: 2015-01-01, what: split, from: D1 Wide, to: D2 Rest, land: part, people: some, source: s}
  - {date: 2018-01-01, what: abolish, from: E1 Gone, land: whole, people: all, source: s}
  - {date: 2018-01-01, what: recode, from: F1 Same, to: 007 Same, land: whole, people: all, source: s}
"""

LOCALITIES = """\
schema: merger/localities/1
id: tables-places
effective: 2015-01-01
localities:
  - {unit: D1 Wide, into: C2 South, names: [Thôn Một]}
  - {unit: D1 Wide, into: D2 Rest, names: [Thôn Hai]}
"""

CODES = ["A1", "A2", "B1", "C1", "C2", "D1", "D2", "E1", "F1", "007", "nothing", "", " ", 'Ä,"x"\n']


def mapping(folder: Path) -> Path:
    """The country as mapping files in a folder within `folder`."""
    within = folder / "country"
    within.mkdir()
    (within / "country.yaml").write_text(CHANGES, "utf-8")
    (within / "places.yaml").write_text(LOCALITIES, "utf-8")
    return within
