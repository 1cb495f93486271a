"""Surveys a campaign's sources: combinations asked for, decided, and every row's state made an expression.

The survey is what plan, apply and verify have in common. A dry run decides anew; apply and verify take
the decisions of the plan, so that a combination which the plan has not seen is held, never decided.
"""

from dataclasses import dataclass, field, replace

from merger.migrate.addressed import AddressReader, fields_of
from merger.migrate.campaign import Campaign, SourceSystem
from merger.migrate.combination import Combination, Group
from merger.migrate.decide import Decider
from merger.migrate.decisions import Decisions
from merger.migrate.groups import combinations_of, groups_of
from merger.migrate.ledger import Ledger
from merger.migrate.looks import find_addresses, find_localities, find_points
from merger.migrate.model import Candidate, Plan
from merger.migrate.row_keys import require_keys
from merger.migrate.service_classes import ServiceClasses, classify
from merger.migrate.since import load_earlier
from merger.migrate.stage import Stage
from merger.migrate.state import state_of
from merger.systems.kinds import Kind
from merger.systems.stores import Column as Reflected
from merger.systems.stores import Store


@dataclass
class Surveyed:
    """One opened system's stages, and what was decided for its root datasets."""

    source: SourceSystem
    stages: dict[str, Stage]
    services: ServiceClasses = field(default_factory=lambda: ServiceClasses({}))
    combinations: dict[str, list[Combination]] = field(default_factory=dict)
    decisions: dict[str, Decisions] = field(default_factory=dict)
    candidates: dict[tuple[str, int], tuple[Candidate, ...]] = field(default_factory=dict)


class Survey:
    """Surveys the opened systems of a campaign. `columns`: of a target's table, by its name."""

    def __init__(self, campaign: Campaign, target: Store, ledger: Ledger) -> None:
        self.campaign = campaign
        self.target = target
        self.ledger = ledger
        self._numbers = {
            (source.system, name): number
            for number, (source, name) in enumerate(
                (source, name) for source in campaign.sources for name in source.order
            )
        }

    def columns(self, dataset: str, source: SourceSystem) -> dict[str, Reflected]:
        """The columns of a target's dataset, as rows of a source are to be written for them."""
        known = self.target.columns(self.campaign.target.profile.datasets[dataset].table)
        if source.database.get_backend_name() not in ("mariadb", "mysql"):
            return known
        return {
            name: replace(one, kind=Kind.NORMAL) if one.kind is Kind.JSONB else one
            for name, one in known.items()
        }

    def stages(self, source: SourceSystem, store: Store) -> dict[str, Stage]:
        """The stages of an opened system, those that others refer to first."""
        profile = source.profile
        stages = {
            name: Stage(
                store, profile, name, source.system, self._numbers[source.system, name],
                self.columns(profile.datasets[name].to, source),
                fields_of(self.campaign.job, profile.datasets[name]),
            )
            for name in source.order
        }  # fmt: skip
        for stage in stages.values():
            stage.prepare(self.campaign.days(profile), self.campaign.job.exclude, stages)
            target = self.campaign.target.profile.datasets[stage.dataset.to]
            if target.keys.way == "keep":
                stage.kept_key = stage.columns[target.key[0]]
        return stages

    def decide(self, source: SourceSystem, store: Store, scope: tuple[str, ...] = ()) -> Surveyed:
        """Asks for and decides the combinations of an opened source."""
        found = self._begin(source, store)
        reader = AddressReader(self.campaign, source.profile)
        groups: dict[str, list[Group]] = {}
        codes: set[str] = set()
        for name, stage in found.stages.items():
            load_earlier(stage, self.ledger)
            stage.load_exceptions([])
            if stage.parent is None:
                self._look(stage, reader)
                groups[name] = groups_of(stage, self.campaign.job.cutover)
                codes.update(one.service for one in groups[name] if one.service)
        found.services = classify(self.campaign, codes, source.profile.recodes_services)
        decider = Decider(
            self.campaign, source.system, source.profile, found.services.members, scope, source.province,
            reader.evidence,
        )  # fmt: skip
        for name, grouped in groups.items():
            self._decide(found, found.stages[name], grouped, decider)
        return found

    def _decide(self, found: Surveyed, stage: Stage, groups: list[Group], decider: Decider) -> None:
        stage.load_services(found.services.labels)
        combinations = combinations_of(stage, groups, found.services.labels)
        found.combinations[stage.name] = [one for one, _ in combinations]
        decisions = found.decisions[stage.name] = Decisions(stage.parts())
        loaded = []
        decided: list[Group] = []
        for one, some in combinations:
            outcome, candidates = decider.decide(stage.name, one.codes)
            number = decisions.add(one.codes, outcome, one.rows)
            decided += [group.decided(number, state_of(outcome)) for group in some]
            loaded.append((tuple(one.codes.values()), number, outcome))
            if candidates:
                found.candidates[stage.name, number] = candidates
        stage.load_decisions(loaded)
        stage.groups = decided

    def follow(self, source: SourceSystem, store: Store, plan: Plan) -> Surveyed:
        """Surveys an opened source by the decisions of a plan."""
        parts = {one.dataset: one for one in plan.datasets if one.system == source.system}
        found = self._begin(source, store)
        found.services = ServiceClasses(plan.service_classes[source.system])
        reader = AddressReader(self.campaign, source.profile)
        for name, stage in found.stages.items():
            load_earlier(stage, self.ledger)
            if stage.parent is None:
                stage.load_services(found.services.labels)
                self._look(stage, reader)
                decisions = found.decisions[name] = Decisions.of(parts[name])
                stage.load_decisions(
                    (one.codes, number, decisions.outcome(number))
                    for number, one in enumerate(decisions.decisions)
                )
            stage.load_exceptions(parts[name].exceptions)
        return found

    def combinations(self, source: SourceSystem, store: Store, plan: Plan) -> dict[str, list[str]]:
        """The keys of an opened source's combinations, by root dataset; services by the plan's classes."""
        found = self._begin(source, store)
        found.services = ServiceClasses(plan.service_classes[source.system])
        reader = AddressReader(self.campaign, source.profile)
        keys: dict[str, list[str]] = {}
        for stage in found.stages.values():
            load_earlier(stage, self.ledger)
            if stage.parent is None:
                stage.load_services(found.services.labels)
                self._look(stage, reader)
                keys[stage.name] = stage.combinations()
        return keys

    def _begin(self, source: SourceSystem, store: Store) -> Surveyed:
        found = Surveyed(source, self.stages(source, store))
        for stage in found.stages.values():
            require_keys(stage)
        return found

    def _look(self, stage: Stage, reader: AddressReader) -> None:
        find_localities(stage, self.campaign.localities())
        find_points(stage, self.campaign.lineage.areas)
        find_addresses(stage, reader)
