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

CODES = ["A1", "A2", "B1", "C1", "C2", "D1", "D2", "E1", "F1", "007", "nothing", "", " ", 'Ä,"x"\n']


def mapping(folder: Path) -> Path:
    """The country as a mapping file in `folder`."""
    path = folder / "country.yaml"
    path.write_text(CHANGES, "utf-8")
    return path
