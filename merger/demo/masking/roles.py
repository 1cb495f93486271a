"""What the columns of systems hold, as profiles and job say it; what they do not speak of is masked.

Columns that must agree are one group: a key and what refers to it, a source's column and the target's that it
is moved into, the column of a foreign key. A group is left as it is only where some profile names it as a
code, a state, a day, a key or as public, and none names it as personal.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from merger.migrate.job import Job
from merger.systems.profile import Dataset, Profile, Reference, Value

Path = tuple[str, ...]
"""A column, then the steps inside its JSON; `*` is any place of a list."""
Node = tuple[str, str, Path]
"""System, table and path."""


class Use(StrEnum):
    """What is done to a column: left as it is, for what it holds, or masked."""

    CODE = "code"
    STATE = "state"
    DAY = "day"
    PUBLIC = "public"
    KEY = "key"
    NUMBER = "number"
    LOCALITY = "locality"
    JSON = "json"
    MASKED = "masked"
    LEFT_OUT = "left-out"


MASKED = (Use.MASKED, Use.NUMBER, Use.LOCALITY, Use.JSON)
"""What leaves nothing of a value that could be somebody's."""


@dataclass
class Role:
    """What is known of a column or a group.

    `decides`: a code, state or day that plans go by. `listed`: values that profiles and rules name.
    `times`: how days are written, with their zone. `separators`: between user names in one text. `affixes`:
    what qualifying puts before and behind a value.
    """

    decides: Use | None = None
    personal: bool = False
    public: bool = False
    key: bool = False
    number: bool = False
    locality: bool = False
    listed: set[str] = field(default_factory=set)
    times: set[tuple[str, str]] = field(default_factory=set)
    separators: set[str] = field(default_factory=set)
    affixes: set[tuple[str, str]] = field(default_factory=set)

    def take(self, other: "Role") -> None:
        """Adds what is known of another column of the group."""
        self.decides = self.decides or other.decides
        for name in ("personal", "public", "key", "number", "locality"):
            setattr(self, name, getattr(self, name) or getattr(other, name))
        for name in ("listed", "times", "separators", "affixes"):
            getattr(self, name).update(getattr(other, name))

    @property
    def use(self) -> Use:
        """What is done to it."""
        if self.decides:
            return self.decides
        if self.locality:
            return Use.LOCALITY
        if self.number:
            return Use.NUMBER
        if self.personal:
            return Use.MASKED
        if self.public:
            return Use.PUBLIC
        if self.times:
            return Use.DAY
        return Use.KEY if self.key else Use.MASKED


class Roles:
    """The columns of one or several systems. Filled first, asked then."""

    def __init__(self) -> None:
        self._own: dict[Node, Role] = {}
        self._above: dict[Node, Node] = {}
        self._groups: dict[Node, Role] | None = None

    def add_source(self, system: str, profile: Profile, target: tuple[str, Profile] | None) -> None:
        """What a source's profile says; with the target's also of the target's columns."""
        for dataset in profile.datasets.values():
            self._add_dataset(system, profile, dataset)
            if target is not None and dataset.to in target[1].datasets:
                table = target[1].datasets[dataset.to].table
                for column, value in dataset.columns.items():
                    self._add_move(system, profile, dataset, value, (target[0], table, (column,)))

    def add_target(self, system: str, profile: Profile) -> None:
        """What the target's profile says."""
        for dataset in profile.datasets.values():
            self._add_dataset(system, profile, dataset)
            for column in (*dataset.holder_columns, *dataset.place_columns):
                self.role((system, dataset.table, (column,))).decides = Use.CODE
            keys = dataset.keys
            if keys.counter_table:
                for column in (*keys.counter_where, keys.counter_column):
                    self.role((system, keys.counter_table, (column,))).public = True

    def add_rules(self, job: Job, profiles: dict[str, Profile]) -> None:
        """The values and columns that the rules of a job name."""
        for rule in job.exclude:
            for system in rule.systems or [one.system for one in job.sources]:
                for name, dataset in profiles[system].datasets.items():
                    if rule.column and (name in rule.datasets or not rule.datasets):
                        self.role((system, dataset.table, (rule.column,))).listed.update(rule.values)
        target = job.target.system
        for one in job.collisions:
            if one.rule == "qualify" and one.dataset in profiles[target].datasets:
                table = profiles[target].datasets[one.dataset].table
                for source in job.sources:
                    before, _, behind = one.with_.replace("{system}", source.system).partition("{value}")
                    self.role((target, table, (one.column,))).affixes.add((before, behind))

    def add_keys(self, system: str, table: str, columns: Iterable[str]) -> None:
        """The primary key of a table."""
        for column in columns:
            self.role((system, table, (column,))).key = True

    def add_foreign_key(self, system: str, table: str, column: str, other: str, key: str) -> None:
        """A foreign key that the database declares."""
        self._join((system, table, (column,)), (system, other, (key,)))
        self.role((system, table, (column,))).key = True

    def role(self, node: Node) -> Role:
        """What is known of one column by itself; empty at first."""
        self._groups = None
        return self._own.setdefault(node, Role())

    def of(self, node: Node) -> Role:
        """What is known of a column and its group. A place inside JSON is personal or public as its column
        is, unless it is named itself."""
        own = self._own.get(node, Role())
        group = self._group(node)
        column = self._own.get((node[0], node[1], node[2][:1]), Role())
        whole = replace(own, listed=set(own.listed), times=set(own.times), separators=set(own.separators),
                        affixes=set(own.affixes))  # fmt: skip
        whole.take(group)
        if own.personal and not own.decides:
            whole.decides = None
        if len(node[2]) > 1:
            whole.personal = whole.personal or column.personal
            whole.public = whole.public or (column.public and not whole.personal)
        return whole

    def named(self) -> set[str]:
        """The values that profiles and rules name themselves: states, kinds, words for yes and no."""
        return {value for role in self._own.values() for value in role.listed}

    def inside(self, system: str, table: str, column: str) -> list[Path]:
        """The paths inside the JSON of a column that something is known of."""
        return [
            path
            for where, name, path in self._own
            if (where, name, path[0]) == (system, table, column) and len(path) > 1
        ]

    def _group(self, node: Node) -> Role:
        if self._groups is None:
            self._groups = {}
            for one, role in self._own.items():
                self._groups.setdefault(self._top(one), Role()).take(role)
        return self._groups.get(self._top(node), Role())

    def _top(self, node: Node) -> Node:
        while (above := self._above.get(node, node)) != node:
            node = above
        return node

    def _join(self, one: Node, other: Node) -> None:
        self.role(one)
        self.role(other)
        self._above[self._top(one)] = self._top(other)

    def _add_dataset(self, system: str, profile: Profile, dataset: Dataset) -> None:
        def at(value: Value) -> Role:
            return self.role(self._node(system, profile, dataset, value))

        table = dataset.table
        self.add_keys(system, table, dataset.key)
        for column in dataset.personal:
            self.role((system, table, (column,))).personal = True
        for column in dataset.public:
            self.role((system, table, (column,))).public = True
        for unit in dataset.units.values():
            at(unit.value).decides = Use.CODE
        for agency in dataset.agencies.values():
            at(agency.value).decides = Use.CODE
        if dataset.service:
            at(dataset.service).decides = Use.CODE
        if dataset.status:
            at(dataset.status).decides = Use.STATE
            at(dataset.status).listed.update((*dataset.pending, *dataset.finished))
        for value in (dataset.dated_by, dataset.deadline):
            if value:
                at(value).decides = Use.DAY
        if dataset.number:
            at(dataset.number).number = True
        if dataset.locality:
            at(dataset.locality).locality = True
        for value in dataset.values().values():
            self._add_value(system, profile, dataset, value)
        for reference in dataset.references.values():
            self._add_reference(system, profile, dataset, reference)

    def _add_value(self, system: str, profile: Profile, dataset: Dataset, value: Value) -> None:
        if not value.column and not value.lookup:
            return
        role = self.role(self._node(system, profile, dataset, value))
        role.listed.update(value.values)
        if value.time:
            role.times.add((value.time, value.zone or profile.zone))
        if value.separator:
            role.separators.add(value.separator)
        if value.lookup:
            local, name, _ = value.looked_up()
            other = profile.datasets[name]
            self._join((system, dataset.table, (local,)), (system, other.table, other.key[:1]))
            self.role((system, dataset.table, (local,))).key = True

    def _add_reference(self, system: str, profile: Profile, dataset: Dataset, reference: Reference) -> None:
        other = profile.datasets[reference.to]
        here = (system, dataset.table, (reference.column, *steps_of(reference.json_path)))
        self._join(here, (system, other.table, (reference.on or other.key[0],)))
        self.role(here).key = True

    def _add_move(self, system: str, profile: Profile, dataset: Dataset, value: Value, to: Node) -> None:
        role = self.role(to)
        if value.decided:
            role.public = True
        role.listed.update(value.values.values())
        role.listed.update(str(one) for one in (value.constant, value.default) if one is not None)
        if value.system:
            role.listed.add(system)
        if value.qualify:
            role.affixes.add(("", f"@{system}"))
            role.separators.update({value.separator} - {""})
        if (value.column or value.lookup) and not value.values and not value.reference:
            self._join(self._node(system, profile, dataset, value), to)

    def _node(self, system: str, profile: Profile, dataset: Dataset, value: Value) -> Node:
        if value.lookup:
            _, name, column = value.looked_up()
            return system, profile.datasets[name].table, (column, *steps_of(value.json_path))
        return system, dataset.table, (value.column, *steps_of(value.json_path))


_STEP = re.compile(r'\."((?:[^"\\]|\\.)*)"|\.([^.\[]+)|\[([^\]]*)\]')


def steps_of(json_path: str) -> Path:
    """The steps of a path inside JSON: `$.fees[0].amount` is fees, any place of the list, amount."""
    return tuple("*" if place else quoted or bare for quoted, bare, place in _STEP.findall(json_path))
