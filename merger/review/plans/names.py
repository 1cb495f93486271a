"""Names of what a plan says in codes, as far as its job can be read."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from merger.errors import MergerError
from merger.lineage import UnitVersion
from merger.mapping.models import UnitKind
from merger.migrate.campaign import Campaign
from merger.review.plans.groups import Group
from merger.review.plans.reading import campaign_of


@dataclass(frozen=True, slots=True)
class Locality:
    """Where the localities of a divided unit went: the new unit and their names."""

    into: str
    name: str
    names: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Names:
    """Names by code; empty ones without a campaign."""

    campaign: Campaign | None

    def agency(self, code: str) -> str:
        """Of an old or a new agency."""
        if self.campaign is None or not code:
            return ""
        known = self.campaign.agencies
        found = known.agency_at(code, self.campaign.day) or known.agency_at(code, date.min)
        return found.agency.name if found else ""

    def service(self, code: str) -> str:
        """Of a service, by its national or its written code."""
        return self.campaign.services.facts(code).name if self.campaign and code else ""

    def unit(self, label: str) -> str:
        """Of a commune, by the label that plans count it under."""
        return self.campaign.unit_name(label) if self.campaign else ""

    def of(self, field: str, code: str | None, system: str, dataset: str, day: str | None = None) -> str:
        """Of a code that rows of a dataset bear in a field, in the period that begins on `day`; where that is
        not known, of all units that have borne it."""
        if self.campaign is None or not code:
            return ""
        source = next((one for one in self.campaign.sources if one.system == system), None)
        fields = source.profile.datasets.get(dataset) if source else None
        if source is None or fields is None:
            return ""
        if field in fields.units:
            versions = list(self.campaign.lineage.versions(fields.units[field].kind, code))
            if day:
                later = [one for one in self.campaign.days(source.profile).starts if one > day]
                versions = [one for one in versions if _within(one, day, later[0] if later else None)]
            return " / ".join(dict.fromkeys(one.name for one in versions))
        if field in fields.agencies:
            return self.agency(code)
        return self.service(code) if field == "service" else ""

    def decided(self, field: str, code: str, system: str, dataset: str) -> str:
        """Of a code that a decision gives: as of the day of the cut-over."""
        return self.of(field, code, system, dataset, self.campaign.day.isoformat()) if self.campaign else ""

    def kind(self, field: str, system: str, dataset: str) -> str:
        """The kind of unit that a field names; empty for other fields."""
        listed = self.campaign.sources if self.campaign else ()
        found = [one.profile.datasets.get(dataset) for one in listed if one.system == system]
        unit = found[0].units.get(field) if found and found[0] else None
        return unit.kind.value if unit else ""

    def rule(self, rule: str, language: str) -> str:
        """The title that the job gives to a rule of its own."""
        listed = self.campaign.job.exclude if self.campaign else ()
        titles = [one.title for one in listed if one.rule == rule and one.title]
        return str(getattr(titles[0], language)) if titles else ""

    def state(self, system: str, dataset: str, state: str, language: str) -> str:
        """What people call a state of a dataset's rows, with the source's own word behind it."""
        listed = self.campaign.sources if self.campaign else ()
        described = next((one.profile.datasets.get(dataset) for one in listed if one.system == system), None)
        title = described.states.get(state) if described else None
        return f"{getattr(title, language)} ({state})" if title else state

    def localities(self, group: Group) -> tuple[Locality, ...]:
        """The lists of localities of the unit that a group is about: where to look."""
        if self.campaign is None:
            return ()
        codes = {code for _, code in group.cause}
        day = self.campaign.day
        out = []
        for file in self.campaign.mapping.mapping.localities:
            for one in file.localities:
                if one.unit.code in codes:
                    into = self.campaign.lineage.version_at(UnitKind.COMMUNE, one.into.code, day)
                    name = into.name if into else one.into.name or ""
                    out.append(Locality(one.into.code, name, tuple(one.names), file.id))
        return tuple(out)


def _within(version: UnitVersion, first: str, after: str | None) -> bool:
    """Whether a unit was there on a day from `first` on and before `after`."""
    return (after is None or version.valid_from.isoformat() < after) and version.valid_to.isoformat() > first


def names_of(job: Path) -> Names:
    """The names that a job's mapping knows; none where it cannot be read."""
    try:
        return Names(campaign_of(job))
    except MergerError:
        return Names(None)
