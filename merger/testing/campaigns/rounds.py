"""Every unit of the first day on record, asked about after the last reorganisation, and the way back."""

from collections import Counter
from datetime import date, timedelta

from merger.lineage import Lineage, Outcome, Request, build
from merger.mapping import load, shipped
from merger.mapping.models import Mapping, UnitKind
from merger.testing.campaigns import outcome as campaign

UNANSWERED = (Outcome.UNKNOWN, Outcome.NOT_VALID)


def run(note: campaign.Note) -> campaign.Outcome:
    """How many communes of before all earlier changes have one successor, and why the others have none; a
    commune that has no answer, or a successor not in force, is a failure."""
    result = campaign.Outcome("earlier-rounds")
    mapping = load([shipped()]).mapping
    lineage = build(mapping)
    first, eve, last = _days(mapping, lineage)
    note(f"earlier-rounds: {first}, {eve}, {last}")
    for at, to in ((first, last), (eve, last), (last, first), (last, eve)):
        counts: Counter[str] = Counter()
        for version in lineage.roster(UnitKind.COMMUNE, at):
            found = lineage.resolve(Request(version.code, UnitKind.COMMUNE, at, to))
            counts[f"{found.outcome} ({found.reason})"] += 1
            listed = all(lineage.version_at(UnitKind.COMMUNE, one.code, to) for one in found.successors)
            if found.outcome in UNANSWERED or not listed:
                result.failures.append(f"{version.code} of {at} on {to}: {found.outcome}, {found.reason}")
        result.notes.append(f"{at} to {to}, {counts.total():,} communes:")
        result.notes += [f"  {number:,} {what}" for what, number in counts.most_common()]
        result.counts[f"{at} to {to}"] = counts.total()
    return result


def _days(mapping: Mapping, lineage: Lineage) -> tuple[date, date, date]:
    """The day before the first change, the day before the last reorganisation of communes, and its day."""
    last = max(file.effective for file in mapping.units if file.communes)
    return lineage.change_dates()[0] - timedelta(days=1), last - timedelta(days=1), last
