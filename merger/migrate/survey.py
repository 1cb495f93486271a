"""Surveys the sources of a campaign: combinations asked for, decided, and every row staged.

The survey is what plan, apply and verify have in common. A dry run decides anew; apply and verify take
the decisions of the plan, so that a combination which the plan has not seen is held, never decided.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from merger.migrate.addressed import AddressReader, fields_of
from merger.migrate.campaign import Campaign, SourceSystem
from merger.migrate.combination import Combination
from merger.migrate.decide import Decider
from merger.migrate.decisions import Decisions
from merger.migrate.ledger import Ledger
from merger.migrate.model import Candidate, Plan, RowException
from merger.migrate.service_classes import ServiceClasses, classify
from merger.migrate.stage import Stage
from merger.systems.sqlite import Workbench

Exceptions = Mapping[tuple[str, str], list[RowException]]


@dataclass
class Surveyed:
    """One system's stages, and what was decided for its root datasets."""

    source: SourceSystem
    stages: dict[str, Stage]
    services: ServiceClasses = field(default_factory=lambda: ServiceClasses({}))
    combinations: dict[str, list[Combination]] = field(default_factory=dict)
    decisions: dict[str, Decisions] = field(default_factory=dict)
    candidates: dict[tuple[str, int], tuple[Candidate, ...]] = field(default_factory=dict)


class Survey:
    """Stages the systems of a campaign over one working connection."""

    def __init__(self, bench: Workbench, campaign: Campaign, ledger: Ledger) -> None:
        self.bench = bench
        self.campaign = campaign
        self.ledger = ledger
        self._numbers = {
            (source.system, name): number
            for number, (source, name) in enumerate(
                (source, name) for source in campaign.sources for name in source.order
            )
        }

    def stages(self, source: SourceSystem) -> dict[str, Stage]:
        """The (not yet built) stages of a system, in the order in which they can be built."""
        targets = self.campaign.target.profile.datasets
        return {
            name: Stage(
                self.bench, source.profile, name, source.system, self._numbers[source.system, name],
                targets[source.profile.datasets[name].to].table,
                fields_of(self.campaign.job, source.profile.datasets[name]),
            )
            for name in source.order
        }  # fmt: skip

    @contextmanager
    def attached(self, source: SourceSystem) -> Iterator[None]:
        """The source attached, and one consistent view of it."""
        with self.bench.source(source.database):
            yield

    def decide(self, source: SourceSystem, scope: tuple[str, ...]) -> Surveyed:
        """Asks for and decides the combinations of an attached source, and stages its rows."""
        found = self.decisions(source, scope)
        for stage in found.stages.values():
            self._build(found, stage)
        return found

    def decisions(self, source: SourceSystem, scope: tuple[str, ...] = ()) -> Surveyed:
        """Asks for and decides the combinations of an attached source; its rows are not staged yet."""
        found = self._begin(source)
        codes = {code for stage in found.stages.values() for code in stage.service_codes()}
        found.services = classify(self.campaign, codes, source.profile.recodes_services)
        reader = AddressReader(self.campaign, source.profile)
        decider = Decider(
            self.campaign, source.system, source.profile, found.services.members, scope, source.province,
            reader.evidence,
        )  # fmt: skip
        for name, stage in found.stages.items():
            self._ask(found, stage, reader)
            if stage.parent is None:
                decisions = found.decisions[name] = Decisions(stage.parts())
                loaded = []
                for one in found.combinations[name]:
                    outcome, candidates = decider.decide(name, one.codes)
                    number = decisions.add(one.codes, outcome, one.rows)
                    loaded.append((one.key, number, outcome))
                    if candidates:
                        found.candidates[name, number] = candidates
                stage.load_decisions(loaded)
        return found

    def follow(self, source: SourceSystem, plan: Plan) -> Surveyed:
        """Stages an attached source by the decisions of a plan."""
        parts = {one.dataset: one for one in plan.datasets if one.system == source.system}
        found = self._begin(source)
        found.services = ServiceClasses(plan.service_classes[source.system])
        reader = AddressReader(self.campaign, source.profile)
        for name, stage in found.stages.items():
            self._ask(found, stage, reader)
            if stage.parent is None:
                decisions = found.decisions[name] = Decisions.of(parts[name])
                numbers = decisions.numbers()
                known = [
                    (one.key, numbers[codes])
                    for one in found.combinations[name]
                    if (codes := tuple(one.codes.values())) in numbers
                ]
                stage.load_decisions((key, number, decisions.outcome(number)) for key, number in known)
            stage.load_exceptions(parts[name].exceptions)
            self._build(found, stage)
        return found

    def combinations(self, source: SourceSystem, plan: Plan) -> dict[str, list[Combination]]:
        """The combinations of an attached source's root datasets, with the plan's classes of services."""
        found = self._begin(source)
        found.services = ServiceClasses(plan.service_classes[source.system])
        reader = AddressReader(self.campaign, source.profile)
        for stage in found.stages.values():
            self._ask(found, stage, reader)
        return found.combinations

    def rebuild(self, surveyed: Surveyed, exceptions: Exceptions) -> None:
        """Stages an attached source again, now that its colliding rows are known."""
        for name, stage in surveyed.stages.items():
            stage.clear_rows()
            stage.load_exceptions(exceptions.get((surveyed.source.system, name), []))
            self._build(surveyed, stage)

    def _begin(self, source: SourceSystem) -> Surveyed:
        found = Surveyed(source, self.stages(source))
        for stage in found.stages.values():
            stage.require_keys()
            stage.reset()
        return found

    def _ask(self, found: Surveyed, stage: Stage, reader: AddressReader) -> None:
        if stage.parent is None:
            stage.load_services(found.services.labels)
            stage.find_localities(self.campaign.localities())
            stage.find_points(self.campaign.lineage.areas)
            days = self.campaign.days(found.source.profile)
            stage.find_addresses(reader, days, self.campaign.job.exclude)
            found.combinations[stage.name] = stage.combinations(days, self.campaign.job.exclude)

    def _build(self, found: Surveyed, stage: Stage) -> None:
        days = self.campaign.days(found.source.profile)
        moved = self.ledger.moved(stage.system, stage.name)
        stage.build(days, self.campaign.job.exclude, found.stages, moved)
