"""How many units the official lists have: control totals that stand beside what is counted."""

from collections import Counter
from collections.abc import Iterable, Sequence

from merger.mapping.models import Change, Counts
from national.facts import Facts, Row


def counts(facts: Facts, code: str) -> Counts:
    """The communes before, after and kept by type, the districts by province and the communes by district
    of what the new province `code` is made of, as the lists count them."""
    old = facts.old_provinces(code)
    districts = [row for row in facts.districts.values() if row["province_code"] in old]
    before = [one for row in districts for one in facts.communes_of.get(row["code"], ())]
    after = facts.new_of[code]
    return Counts(
        before=_by_type(before),
        after=_by_type(after),
        kept=_by_type(row for row in after if row["formation"] == "unchanged"),
        districts=dict(Counter(row["province_code"] for row in districts)),
        areas=sum(len(facts.special.get(row["code"], ())) for row in after),
        communes={row["code"]: len(facts.communes_of.get(row["code"], ())) for row in districts},
    )


def counts_of(changes: Sequence[Change]) -> Counts:
    """The changes of a file by what happens and by day."""
    return Counts(
        changes=dict(sorted(Counter(one.what for one in changes).items())),
        days=dict(sorted(Counter(one.date.isoformat() for one in changes).items())),
    )


def _by_type(rows: Iterable[Row]) -> dict[str, int]:
    return dict(sorted(Counter(row["type"].lower() for row in rows).items()))
