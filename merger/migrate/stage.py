"""The stage: for every row of a dataset, what becomes of it, as an expression over the source.

Nothing is decided here and nothing is written. The distinct combinations of codes are asked for
(`combinations`), decided elsewhere, and joined back as a literal table, so that a row's state follows from
its combination, from the rows that it refers to (whose tables are joined, and theirs in turn; along circles
see `bound`), and from what its values allow, in that order. Dry run, apply and verify use the same stage;
only what they select differs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from merger.migrate.addressed import part_of
from merger.migrate.bound import bind
from merger.migrate.carrying import uncarried
from merger.migrate.combination import NOTHING, Days, Group, known
from merger.migrate.excluding import excluded
from merger.migrate.job import Exclusion
from merger.migrate.meant import meant, reference_cases
from merger.migrate.model import Fate, Outcome, RowException
from merger.migrate.state import EXCLUDED, HELD, Staged, state_of, survivor_word
from merger.systems.circles import circle_of, late, late_columns
from merger.systems.expressions import Column, Row
from merger.systems.functions import exact, period, period_of_time
from merger.systems.kinds import TIMES
from merger.systems.profile import SERVICE, Profile, Reference, Role, UnitField
from merger.systems.stores import Column as Reflected
from merger.systems.stores import Plain, Store


class Stage:
    """One dataset of one system of an opened source.

    `columns` are the target's columns, by name. `addressed`: the unit fields whose rows without a code are
    looked at for an address. `groups`: the rows, where they were counted and decided (merger.migrate.groups).
    `kept_key`: the target's column that takes the rows' keys as they are, where it does.
    `survivors`: by the keys of rows that are merged, the words for those that survive;
    `earlier`: of those that earlier runs merged. `circle`, `late`: the circle that the dataset is of, and its
    references that are tied when all rows are there (merger.systems.circles); `ties`: the target's columns
    that these fill; `bound`: whether it is known which rows are held by them.
    """

    def __init__(
        self,
        store: Store,
        profile: Profile,
        name: str,
        system: str,
        number: int,
        columns: Mapping[str, Reflected] | None = None,
        addressed: Mapping[str, UnitField] | None = None,
    ) -> None:
        self.store = store
        self.profile = profile
        self.name = name
        self.system = system
        self.dataset = profile.datasets[name]
        self.gives = tuple(given_names(profile, name))
        self.columns = columns or {}
        self.addressed = addressed or {}
        self.exclusions: Sequence[Exclusion] = ()
        self.days = Days(())
        self.others: Mapping[str, Stage] = {}
        self.kept_key: Reflected | None = None
        self.survivors: dict[str, str] = {}
        self.earlier: dict[str, str] = {}
        self.groups: Sequence[Group] = ()
        self.circle = circle_of(profile, name)
        self.late = late(profile, name)
        self.ties = late_columns(profile, name)
        self.bound = False
        self._number = number
        self._tables: dict[str, sa.FromClause] = {}
        self._kept: tuple[sa.FromClause, bool] | None = None

    @property
    def label(self) -> str:
        return f"{self.system}/{self.name}"

    @property
    def root(self) -> "Stage":
        """The stage whose decisions this one's rows go by."""
        return self.others[self.profile.root_of(self.name)]

    @property
    def parent(self) -> Reference | None:
        return self.dataset.references[self.dataset.parent] if self.dataset.parent else None

    def prepare(self, days: Days, exclusions: Sequence[Exclusion], others: Mapping[str, "Stage"]) -> None:
        """What rows' states go by. `others`: all stages of the system."""
        self.days, self.exclusions, self.others = days, exclusions, others

    def row(self) -> Row:
        """A fresh row expression over the source."""
        return Row(self.store, self.profile, self.name, self.system)

    def load(self, what: str, columns: Mapping[str, Plain], rows: Iterable[Sequence[object]]) -> None:
        """Loads a table that rows are joined with by its first column; nothing is joined where it is
        empty."""
        self._forget_states()
        self._load(what, columns, rows)

    def load_bound(self, rows: Iterable[tuple[str, str]]) -> None:
        """The states of the rows that a late reference holds. What states go by did not change otherwise."""
        self._kept = None
        self._load("bound", {"key": "text", "state": "text"}, rows)
        self.bound = True

    def _load(self, what: str, columns: Mapping[str, Plain], rows: Iterable[Sequence[object]]) -> None:
        listed = list(rows)
        self._tables.pop(what, None)
        if listed:
            self._tables[what] = self.store.literals(
                f"{what}_{self._number}", columns, listed, key=[next(iter(columns))]
            )

    def _forget_states(self) -> None:
        for one in (self, *self.others.values()):
            one._kept = None
            one.bound = False

    def has(self, what: str) -> bool:
        """Whether a table was loaded and is not empty."""
        return what in self._tables

    def loaded(self, what: str, row: Row) -> sa.FromClause | None:
        """A loaded table, to be joined to a row under a name of its own; None where it is empty."""
        table = self._tables.get(what)
        return None if table is None else table.alias(row.tables.alias(what[0]))

    def tally(self, asked: sa.Select[*tuple[Any, ...]], row: Row) -> list[tuple[Any, ...]]:
        """`Store.tally` of a question about the rows that `row` stands for."""
        half = self.store.half(self.dataset.table, self.dataset.key, row.key.sql)
        return self.store.tally(asked.select_from(row.source), half)

    # --- combinations

    def load_services(self, labels: Mapping[str, str]) -> None:
        """The class of each service."""
        self.load(
            "services", {"code": "text", "label": "text"},
            labels.items(),
        )  # fmt: skip

    def combinations(self) -> list[str]:
        """The keys of the distinct combinations, byte by byte, NULL a value like any other."""
        row = self.row()
        parts = self.parts_of(row)
        asked = sa.select(*[part.label(f"p{at}") for at, part in enumerate(parts.values())])
        return [known(codes) for codes in self.store.distinct(asked.select_from(row.source))]

    def parts(self) -> list[str]:
        """The names of the codes of a combination, in order."""
        names = [name for name, unit in self.dataset.units.items() if unit.role is not Role.ORIGIN]
        names += [name for name, agency in self.dataset.agencies.items() if agency.role is Role.HOLDER]
        optional = {"service": self.dataset.service, "day": self.dataset.dated_by,
                    "locality": self.dataset.locality, "point": self.dataset.point}  # fmt: skip
        names += [name for name, value in optional.items() if value is not None]
        return [*names, *map(part_of, self.addressed), "rule"]

    def load_decisions(self, decided: Iterable[tuple[Sequence[str | None], int, Outcome]]) -> None:
        """(codes of a combination, number of the decision, outcome) of each combination."""
        parts = [f"p{number}" for number in range(len(self.parts()))]
        given = [f"g{number}" for number in range(len(self.gives))]
        columns: dict[str, Plain] = dict.fromkeys(parts, "text")
        columns |= {"id": "integer", "state": "text", **dict.fromkeys(given, "text")}
        self._forget_states()
        self._tables.pop("decisions", None)
        rows = [
            (*(NOTHING if code is None else code for code in codes), number, state_of(one),
             *(one.gives.get(name) for name in self.gives))
            for codes, number, one in decided
        ]  # fmt: skip
        if rows:
            self._tables["decisions"] = self.store.literals(
                f"decisions_{self._number}", columns, rows, key=parts
            )

    def given(self, gives: sa.FromClause | None) -> dict[str, Column]:
        """What a joined decision gives, by name (`<field>.code`); NULL where there are no decisions."""
        if gives is None:
            return {name: sa.cast(sa.null(), sa.Text) for name in self.gives}
        return {name: gives.c[f"g{number}"] for number, name in enumerate(self.gives)}

    def load_exceptions(self, exceptions: Iterable[RowException]) -> None:
        """Rows that their combination alone does not settle."""
        exceptions = list(exceptions)
        held = {one.key: HELD + one.why for one in exceptions if one.fate is Fate.HOLD}
        self.survivors = {
            one.key: survivor_word(self.system, self.name, one) for one in exceptions if one.fate is Fate.MOVE
        }
        survivors = self.earlier | self.survivors
        self.load(
            "exceptions", {"key": "text", "state": "text", "survivor": "text"},
            [(key, held.get(key), survivors.get(key)) for key in {**held, **survivors}],
        )  # fmt: skip

    # --- states

    def staged(self) -> Staged:
        """Every row with what becomes of it."""
        return self._staged(self.row())

    def graft(self, row: Row, name: str) -> tuple[Staged, Column | None]:
        """This dataset's row that the reference `name` of `row` means, joined to it; and, where that can be,
        when several are meant. Of one that a late reference means nothing is said but where it survives."""
        other, several = meant(self, row, name)
        if name in late(row.profile, row.name):
            into = self._join_exceptions(other)
            survivor = None if into is None else into.c.survivor
            nothing = sa.cast(sa.null(), sa.Text)
            return Staged(other, nothing, sa.cast(sa.null(), sa.BigInteger), None, survivor, {}), several
        if self.store.dialect == "sqlite":
            return self._kept_staged(other), several
        return self._staged(other), several

    def _kept_staged(self, row: Row) -> Staged:
        """A row that others refer to, its state looked up in a scratch table: SQLite would compute it anew
        wherever the states of those others name it, several times a row."""
        if self._kept is None:
            staged = self.staged()
            into = sa.cast(sa.null(), sa.Text) if staged.into is None else staged.into
            columns: dict[str, Plain] = {
                "key": "text",
                "state": "text",
                "decision": "integer",
                "into": "text",
            }
            kept = self.store.literals(f"states_{self._number}", columns, [], key=["key"])
            asked = sa.select(staged.row.key_text, staged.state, staged.decision, into)
            states = asked.select_from(staged.row.source)
            filled = sa.insert(kept).from_select(list(columns), states)  # type: ignore[arg-type]
            self.store.connection.execute(filled)
            self._kept = kept, staged.into is not None
        table, merges = self._kept
        kept_row = table.alias(row.tables.alias("k"))
        row.join(kept_row, kept_row.c.key == row.key_text)
        decisions = self.root.loaded("decisions", row)
        if decisions is not None:
            row.join(decisions, decisions.c.id == kept_row.c.decision)
        decision = sa.type_coerce(kept_row.c.decision, sa.BigInteger)
        return Staged(row, kept_row.c.state, decision, decisions, kept_row.c.into if merges else None, {})

    def _staged(self, row: Row) -> Staged:
        if self.late and not self.bound:
            bind(self)
        cases: list[tuple[Column, object]] = []
        along: list[tuple[Column, object]] = []
        decision: Column = sa.cast(sa.null(), sa.BigInteger)
        gives: sa.FromClause | None = None
        referred: dict[str, Staged] = {}
        if self.parent is None:
            gives = self._join_decisions(row)
            if gives is None:
                cases.append((sa.true(), HELD + "not-in-plan"))
            else:
                decision = sa.type_coerce(gives.c.id, sa.BigInteger)
                cases.append((gives.c.id.is_(None), HELD + "not-in-plan"))
                cases.append((gives.c.state.is_not(None), gives.c.state))
        for name, reference in self.dataset.references.items():
            if reference.to not in self.others:
                continue
            other, several = self.others[reference.to].graft(row, name)
            referred[name] = other
            if several is not None:
                cases.append((several, HELD + "ambiguous-reference"))
            if name == self.dataset.parent:
                decision, gives = other.decision, other.gives
                rule = self.rule(row)
                cases.append((rule.is_not(None), sa.literal(EXCLUDED).concat(rule)))
            first, held = reference_cases(row, name, other)
            cases += first
            (along if reference.to in self.circle else cases).append(held)
        cases += [(broken, state) for state, broken in uncarried(self, row)]
        into: Column | None = None
        exceptions = self._join_exceptions(row)
        if exceptions is not None:
            cases.append((exceptions.c.state.is_not(None), exceptions.c.state))
            into = exceptions.c.survivor
        cases += along  # at the end: what comes back to a row in a circle is not why it was held
        bound = self.loaded("bound", row)
        if bound is not None:
            row.join(bound, self.store.matching(bound, {"key": row.key_text}))
            cases.append((bound.c.state.is_not(None), bound.c.state))
        state = sa.case(*cases, else_=sa.null()) if cases else sa.null()
        return Staged(row, state, decision, gives, into, referred)

    def _join_exceptions(self, row: Row) -> sa.FromClause | None:
        exceptions = self.loaded("exceptions", row)
        if exceptions is not None:
            row.join(exceptions, self.store.matching(exceptions, {"key": row.key_text}))
        return exceptions

    def _join_decisions(self, row: Row) -> sa.FromClause | None:
        decisions = self.loaded("decisions", row)
        if decisions is None:
            return None
        parts = self.parts_of(row).values()
        row.join(
            decisions,
            self.store.matching(
                decisions, {f"p{number}": part for number, part in enumerate(parts)}, nothing=NOTHING
            ),
        )
        return decisions

    def parts_of(self, row: Row) -> dict[str, Column]:
        """The codes of a root row's combination, each compared byte by byte."""
        parts: dict[str, Column] = {}
        for name, unit in self.dataset.units.items():
            if unit.role is not Role.ORIGIN:
                parts[name] = row.raw(unit.value).text
        for name, agency in self.dataset.agencies.items():
            if agency.role is Role.HOLDER:
                parts[name] = row.raw(agency.value).text
        if self.dataset.service is not None:
            service = row.raw(self.dataset.service).text
            classes = self.loaded("services", row)
            if classes is not None:
                row.join(classes, self.store.matching(classes, {"code": service}))
                service = exact(sa.func.coalesce(classes.c.label, service))
            parts["service"] = service
        if self.dataset.dated_by is not None:
            parts["day"] = exact(self.period(row))
        for name, wanted in (("locality", self.dataset.locality), ("point", self.dataset.point)):
            if wanted is not None:
                parts[name] = self._looked_at(row, name)
        for name in self.addressed:
            parts[part_of(name)] = self._looked_at(row, f"address-{name}")
        parts["rule"] = self.rule(row)
        return parts

    def _looked_at(self, row: Row, what: str) -> Column:
        """What was found by looking at rows one by one."""
        found = self.loaded(what, row)
        if found is None:
            return sa.cast(sa.null(), sa.Text)
        row.join(found, self.store.matching(found, {"key": row.key_text}))
        return exact(found.c.said)

    def period(self, row: Row) -> Column:
        """The first day of the period that the row's day lies in."""
        if self.dataset.dated_by is None:
            return sa.cast(sa.null(), sa.Text)
        dated, starts = self.dataset.dated_by, " ".join(self.days.starts)
        raw = row.raw(dated)
        if dated.time and raw.kind in TIMES and not (dated.values or dated.qualify or dated.default):
            zone = dated.zone or self.profile.zone
            return period_of_time(raw.sql, raw.kind, zone, self.profile.zone, starts)
        return period(row.value(dated.model_copy(update={"day": True})).as_text, starts)

    def rule(self, row: Row) -> Column:
        """The rule that excludes a row, NULL where none does: a row that was moved stays in scope for
        ever."""
        rules: list[tuple[Column, object]] = [
            (when, one.rule) for one in self.exclusions if (when := excluded(row, one)) is not None
        ]
        if not rules:
            return sa.cast(sa.null(), sa.Text)
        moved = self.loaded("moved", row)
        if moved is not None:
            row.join(moved, self.store.matching(moved, {"key": row.key_text}))
            rules.insert(0, (moved.c.key.is_not(None), sa.null()))
        return sa.case(*rules, else_=sa.null())

    def places(self) -> Iterator[UnitField]:
        """The units that say where a matter lies."""
        return (unit for unit in self.dataset.units.values() if unit.role is Role.PLACE)


def given_names(profile: Profile, name: str) -> list[str]:
    """What the plan decides for rows of a dataset: `<field>.code` and so on, as its columns may ask."""
    dataset = profile.datasets[name]
    units = [field for field, unit in dataset.units.items() if unit.role is not Role.ORIGIN]
    agencies = [field for field, agency in dataset.agencies.items() if agency.role is Role.HOLDER]
    services = [SERVICE] if profile.recodes_services and dataset.service is not None else []
    return [f"{field}.{what}" for field in units for what in ("code", "name", "parent", "parent_name")] + [
        f"{field}.{what}" for field in (*agencies, *services) for what in ("code", "name")
    ]
