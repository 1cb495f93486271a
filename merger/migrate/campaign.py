"""A job with everything it names: mapping, lineage, agencies, profiles, databases."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from merger.errors import Finding, InputError, Place, Refused, Severity
from merger.lineage import Agencies, Lineage, Services, UnitVersion, build
from merger.mapping.document import Document, read_document
from merger.mapping.files import Contents, contents_of, digest, parse, shipped
from merger.mapping.models import UnitKind
from merger.mapping.tree import Loc
from merger.migrate.combination import Days
from merger.migrate.job import Job, System
from merger.quality import check
from merger.systems.circles import in_order
from merger.systems.profile import Database, Dataset, Profile
from merger.systems.profiles import load_profile
from merger.systems.stores import file_of, same_database, url_of
from merger.systems.times import local

if TYPE_CHECKING:
    from merger.addresses import Addresses

SHIPPED = "shipped:"
ROWS_A_BATCH = {False: 5000, True: 50_000}
"""By whether the target is a server."""


@dataclass(frozen=True)
class SourceSystem:
    """A system with its profile read. `order`: of a source's datasets, referred-to first; `province`: the
    old province whose list of services it uses; `where`: its database, as the job in the folder `beside`
    names it."""

    system: str
    profile: Profile
    profile_sha256: str
    order: tuple[str, ...]
    where: Database = field(default_factory=Database)
    beside: Path = Path()
    province: str = ""
    document: Document[Profile] | None = None

    @property
    def database(self) -> sa.URL:
        """Where its database is. Raises Refused where an environment variable that says it is not set."""
        return url_of(self.where, self.beside)

    @property
    def file(self) -> Path:
        """The file of its database. Raises Refused where it is none."""
        file = file_of(self.database)
        if file is None:
            raise Refused("migrate.only-file", system=self.system)
        return file


class _Understood:
    """A mapping, what lint finds in it, and what is built of it: computed once a process for the same bytes
    in the same files, since one command after another asks for them."""

    def __init__(self, contents: Contents) -> None:
        self.loaded = parse(contents)
        self.lineage = build(self.loaded.mapping)
        self.findings = tuple(check(self.loaded, self.lineage))


@lru_cache(maxsize=2)
def _understood(files: tuple[tuple[Path, bytes], ...], beside: tuple[tuple[Path, bytes], ...]) -> _Understood:
    return _Understood(Contents(files, beside=beside))


class Campaign:
    """A job, read and checked. Raises InputError with every error of every file it names."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.document: Document[Job] = read_document(path, Job)
        self.job = self.document.value
        findings: list[Finding] = []
        understood = self._mapping(findings)
        self.target = self._system(self.job.target, findings, ("target",))
        self.sources = [
            self._system(source, findings, ("sources", number))
            for number, source in enumerate(self.job.sources)
        ]
        findings += self._job_findings()
        errors = [one for one in findings if one.severity is Severity.ERROR]
        if understood is None or errors:
            raise InputError(errors)
        self._understood = understood
        self.mapping = understood.loaded
        self.warnings = findings

    @cached_property
    def lineage(self) -> Lineage:
        return self._understood.lineage

    @cached_property
    def agencies(self) -> Agencies:
        return Agencies(self.mapping.mapping, self.lineage)

    @cached_property
    def services(self) -> Services:
        return Services(self.mapping.mapping)

    @cached_property
    def addresses(self) -> "Addresses":
        """Reads addresses as surely as the job asks. Only for a job that has `addresses`."""
        from merger.addresses import Addresses

        assert self.job.addresses is not None
        return Addresses(self.lineage, at_least=self.job.addresses.confidence)

    @property
    def day(self) -> date:
        """The day for which successors are wanted: that of the cut-over, by the target's clocks."""
        return local(self.job.cutover, self.target.profile.zone).date()

    @property
    def batch_rows(self) -> int:
        """How many rows a batch has at most. A server's transaction costs more to begin and to end than a
        file's."""
        usual = ROWS_A_BATCH[file_of(self.target.database) is None]
        return self.job.policies.batch_rows or usual

    @property
    def mapping_digest(self) -> str:
        return digest(self.mapping)

    @property
    def trust(self) -> Path:
        return self.path.parent / self.job.trust

    @property
    def fed(self) -> list[str]:
        """The target's datasets into which rows of any source move."""
        return sorted({one.profile.datasets[name].to for one in self.sources for name in one.order})

    def days(self, profile: Profile) -> Days:
        """The days on which a code may change its meaning for the rows of a system."""
        starts = {one.isoformat() for one in self.lineage.change_dates()}
        starts |= {one.effective.isoformat() for one in self.mapping.mapping.agencies}
        starts |= {day.isoformat() for day in self.services.days}
        for doubtful in profile.doubtful:
            starts |= {doubtful.first.isoformat(), (doubtful.last + timedelta(days=1)).isoformat()}
        starts.discard(date.min.isoformat())
        return Days((date.min.isoformat(), *sorted(starts)))

    def localities(self) -> dict[str, list[str]]:
        """Locality names of divided units, by unit code."""
        out: dict[str, list[str]] = {}
        for file in self.mapping.mapping.localities:
            for one in file.localities:
                out.setdefault(one.unit.code, []).extend(one.names)
        return out

    def unit_label(self, version: UnitVersion) -> str:
        """How counts name a unit version: its code, and the day it began where an older one bore that."""
        first = self.lineage.versions(version.kind, version.code)[0]
        return version.code if version == first else f"{version.code}@{version.valid_from}"

    def unit_name(self, label: str) -> str:
        """The name of the commune that a label of `unit_label` stands for; empty for `unknown`."""
        code, _, begun = label.partition("@")
        versions = self.lineage.versions(UnitKind.COMMUNE, code)
        wanted = [one for one in versions if not begun or one.valid_from.isoformat() == begun]
        return wanted[0].name if wanted else ""

    def source(self, system: str) -> SourceSystem:
        return next(one for one in self.sources if one.system == system)

    def _mapping(self, findings: list[Finding]) -> _Understood | None:
        missing = [
            self._finding("no-such-file", ("mapping", number), file=name)
            for number, name in enumerate(self.job.mapping)
            if not self._place_of(name).exists()
        ]
        if missing:
            findings += missing
            return None
        try:
            contents = contents_of([self._place_of(name) for name in self.job.mapping])
            drawn = tuple((path, one) for path, one in contents.beside if isinstance(one, bytes))
            whole = not contents.findings and len(drawn) == len(contents.beside)
            understood = _understood(contents.files, drawn) if whole else _Understood(contents)
        except InputError as error:
            findings += error.findings
            return None
        findings += understood.findings
        return understood

    def _place_of(self, name: str) -> Path:
        if name.startswith(SHIPPED):
            return shipped() / name.removeprefix(SHIPPED)
        return self.path.parent / name

    def _system(self, system: System, findings: list[Finding], loc: Loc) -> SourceSystem:
        profile_path = self.path.parent / system.profile
        try:
            if not profile_path.is_file():
                raise InputError([self._finding("no-such-file", (*loc, "profile"), file=system.profile)])
            document = load_profile(profile_path)
        except InputError as error:
            findings += error.findings
            empty = Profile.model_validate({"schema": "merger/profile/1", "id": "unread", "datasets": {}})
            return SourceSystem(system.system, empty, "", ())
        order = () if loc == ("target",) else in_order(document.value)
        return SourceSystem(
            system.system, document.value, document.sha256, order, system.database, self.path.parent,
            system.province, document,
        )  # fmt: skip

    def _job_findings(self) -> Iterable[Finding]:
        """What a job says that its profiles do not know."""
        target = self.target.profile.datasets
        systems = {one.system: one.profile.datasets for one in self.sources}
        seen: set[str] = set()
        for number, one in enumerate(self.job.sources):
            if one.system in seen or one.system == self.job.target.system:
                yield self._finding("duplicate-system", ("sources", number), system=one.system)
            seen.add(one.system)
        for number, source in enumerate(self.sources):
            if _same(source, self.target):
                yield self._finding("same-database", ("sources", number, "database"), system=source.system)
        for name, datasets in systems.items():
            for dataset_name, dataset in datasets.items():
                if dataset.to and target and dataset.to not in target:
                    yield self._finding(
                        "unknown-target", ("sources",), system=name, dataset=dataset_name, target=dataset.to
                    )
        yield from self._rule_findings(target)
        read = any(unit.address for every in systems.values() for one in every.values()
                   for unit in one.units.values() if one.to)  # fmt: skip
        if self.job.addresses is not None and not read and all(systems.values()):
            yield self._finding("no-address", ("addresses",))
        known = {dataset for datasets in systems.values() for dataset in datasets}
        for number, exclusion in enumerate(self.job.exclude):
            for name in set(exclusion.systems) - set(systems):
                yield self._finding("unknown-system", ("exclude", number), system=name)
            for name in set(exclusion.datasets) - known:
                yield self._finding("unknown-dataset", ("exclude", number), dataset=name)

    def _rule_findings(self, target: Mapping[str, Dataset]) -> Iterable[Finding]:
        """Rules for collisions that settle nothing, or more than they should."""
        seen: set[tuple[str, str]] = set()
        for number, rule in enumerate(self.job.collisions):
            named = {"dataset": rule.dataset, "unique": rule.unique}
            if target and (rule.dataset not in target or rule.unique not in target[rule.dataset].unique):
                yield self._finding("unknown-unique", ("collisions", number), **named)
                continue
            if (rule.dataset, rule.unique) in seen:
                yield self._finding("rule-twice", ("collisions", number), **named)
            seen.add((rule.dataset, rule.unique))
            if not target:
                continue
            dataset = target[rule.dataset]
            columns = set(dataset.unique[rule.unique])
            keeps = rule.column in columns - set(dataset.key) and "{value}" in rule.with_
            if rule.rule == "qualify" and not keeps:
                yield self._finding("qualify-nothing", ("collisions", number), **named)
            if rule.rule == "merge" and not set(rule.second) - columns:
                yield self._finding("no-second", ("collisions", number), **named)

    def _finding(self, code: str, loc: Loc, **fields: object) -> Finding:
        place: Place = self.document.place(loc)
        return Finding("migrate", code, Severity.ERROR, place, fields)


def _same(one: SourceSystem, other: SourceSystem) -> bool:
    """Whether two systems have one database, as far as that is said."""
    try:
        return same_database(one.database, other.database)
    except Refused:
        return False
