"""The stage: for every row of a dataset, what becomes of it and which key it gets in the target.

Nothing is decided here. The distinct combinations of codes are asked for (`combinations`), decided
elsewhere, and joined back (`build`), so that a row's fate follows from its combination, from the rows
that it refers to, and from what its values allow, in that order. Dry run, apply and verify build the
same stage; only what they do with it differs.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from merger.codes.names import LocalityNames
from merger.errors import Refused
from merger.lineage import UNREADABLE, Areas, is_unreadable, point_of
from merger.migrate.addressed import BLANKS, AddressReader, part_of
from merger.migrate.altered import altered
from merger.migrate.combination import Combination, Days, combined, decoded
from merger.migrate.job import Exclusion
from merger.migrate.model import Fate, Outcome, RowException
from merger.systems.expressions import Column, Row
from merger.systems.profile import SERVICE, Profile, Reference, Role, UnitField
from merger.systems.sqlite import SOURCE, Workbench

FATES = {Fate.MOVE: 0, Fate.HOLD: 1, Fate.EXCLUDE: 2}
FATE_OF = {number: fate for fate, number in FATES.items()}
MOVE, HOLD, EXCLUDE = 0, 1, 2
CHUNK = 5000


class Stage:
    """The scratch tables of one dataset of one system, in the working connection's `temp`.

    `rows`: key, decision, fate, why, merged (into another row), done (in the ledger), target_key,
    ordinal. `decisions`: one row a combination. `localities`, `points`, `addresses`, `exceptions`: rows
    looked at by key. `addressed`: the unit fields whose rows without a code are looked at for an address.
    """

    def __init__(
        self,
        bench: Workbench,
        profile: Profile,
        name: str,
        system: str,
        number: int,
        target_table: str = "",
        addressed: Mapping[str, UnitField] | None = None,
    ) -> None:
        self.bench = bench
        self.profile = profile
        self.name = name
        self.system = system
        self.dataset = profile.datasets[name]
        self.rows = _temp(
            f"stage_{number}",
            *("key", "decision", "fate", "why", "merged", "done", "target_key", "ordinal"),
        )
        self.gives = tuple(given_names(profile, name))
        self.decisions = _temp(f"decision_{number}", "combination", "id", "fate", "why", *self.gives)
        self.localities = _temp(f"locality_{number}", "key", "locality")
        self.points = _temp(f"point_{number}", "key", "point")
        self.addressed = addressed or {}
        self.addresses = _temp(f"address_{number}", "field", "key", "said")
        self.exceptions = _temp(
            f"exception_{number}", "key", "fate", "why", "into_system", "into_dataset", "into_key"
        )
        self.services = _temp(f"service_{number}", "code", "label")
        self.target_table = target_table
        self._number = number

    @property
    def label(self) -> str:
        return f"{self.system}/{self.name}"

    @property
    def parent(self) -> Reference | None:
        return self.dataset.references[self.dataset.parent] if self.dataset.parent else None

    def row(self) -> Row:
        """A fresh row expression over the attached source."""
        return Row(self.profile, self.name, self.system, SOURCE)

    def reset(self) -> None:
        """Empty scratch tables."""
        given = "".join(f', "{name}"' for name in self.gives)
        key = f"key {self.type_of(self.dataset.key[0])}"
        self._make(self.rows, f"({key} PRIMARY KEY, decision INTEGER, fate INTEGER, why TEXT, merged INTEGER,"
                   " done INTEGER, target_key, ordinal INTEGER) WITHOUT ROWID")  # fmt: skip
        self._make(self.decisions, "(combination TEXT PRIMARY KEY, id INTEGER, fate INTEGER, why TEXT"
                   f"{given}) WITHOUT ROWID")  # fmt: skip
        self.bench.connection.exec_driver_sql(
            f'CREATE UNIQUE INDEX temp."{self.decisions.name}_id" ON "{self.decisions.name}" (id)'
        )
        self._make(self.services, "(code TEXT PRIMARY KEY, label TEXT) WITHOUT ROWID")
        self._make(self.localities, f"({key} PRIMARY KEY, locality TEXT) WITHOUT ROWID")
        self._make(self.points, f"({key} PRIMARY KEY, point TEXT) WITHOUT ROWID")
        self._make(self.addresses, f"(field TEXT, {key}, said TEXT, PRIMARY KEY (field, key)) WITHOUT ROWID")
        self._make(self.exceptions, "(key TEXT PRIMARY KEY, fate INTEGER, why TEXT, into_system TEXT,"
                   " into_dataset TEXT, into_key TEXT) WITHOUT ROWID")  # fmt: skip

    def find_localities(self, names: Mapping[str, Sequence[str]]) -> None:
        """Looks at the rows of divided units for a locality. `names`: unit code to locality names."""
        if self.dataset.locality is None or not names:
            return
        row = self.row()
        text = row.value(self.dataset.locality)
        known = {code: LocalityNames(here) for code, here in names.items()}
        found: list[dict[str, object]] = []
        for unit in self._places():
            code = sa.cast(row.raw(unit.value), sa.Text)
            asked = sa.select(row.key, code, text).where(code.in_(list(names))).select_from(row.source)
            for key, unit_code, words in self.bench.connection.execute(asked):
                found_here = known[unit_code].found_in(words) if words else ()
                locality = found_here[0] if len(found_here) == 1 else None
                if locality is not None:
                    found.append({"key": key, "locality": locality})
        self._insert(self.localities, found)

    def find_points(self, areas: Areas) -> None:
        """Looks at the rows of units that are divided among drawn ones for a point.

        What is kept is in which units it lies, in the words of `Areas.located`, or that it cannot be read,
        never the point.
        """
        if self.dataset.point is None or not areas:
            return
        row = self.row()
        point = row.value(self.dataset.point.lat), row.value(self.dataset.point.lon)
        found: dict[object, set[str]] = {}
        for unit in self._places():
            code = sa.cast(row.raw(unit.value), sa.Text)
            asked = sa.select(code).select_from(row.source).where(code.is_not(None)).distinct()
            codes = list(self.bench.connection.execute(asked).scalars())
            drawn = [one for one in codes if areas.around(unit.kind, one)]
            rows = sa.select(row.key, code, *point).where(code.in_(drawn)).select_from(row.source)
            for key, unit_code, *values in self.bench.connection.execute(rows):
                place = point_of(*values)
                if place is not None:
                    found.setdefault(key, set()).update(areas.located(unit.kind, unit_code, place).split())
                elif is_unreadable(*values):
                    found[key] = {UNREADABLE}
        self._insert(
            self.points, ({"key": key, "point": " ".join(sorted(words))} for key, words in found.items())
        )

    def find_addresses(self, reader: AddressReader, days: Days, exclusions: Iterable[Exclusion]) -> None:
        """Looks at the rows in which a unit has no code for an address.

        What is kept is what it says in codes, never its text. Rows that a rule excludes are not looked at.
        """
        for name, unit in self.addressed.items():
            assert unit.address is not None
            row = self.row()
            service = sa.cast(row.raw(self.dataset.service), sa.Text) if self.dataset.service else sa.null()
            parts = row.value(unit.address), self._period(row, days), service
            asked = sa.select(row.key, *parts).where(self._without_code(row, unit, exclusions))
            found = [
                {"field": name, "key": key, "said": reader.read(self.dataset, unit, *values)}
                for key, *values in self.bench.connection.execute(asked.select_from(row.source))
            ]
            self._insert(self.addresses, found)
            if found:
                reader.forget()

    def count_addresses(self, exclusions: Sequence[Exclusion]) -> int:
        """How many rows `find_addresses` looks at, once for each of their fields."""
        rows = 0
        for unit in self.addressed.values():
            row = self.row()
            asked = sa.select(sa.func.count()).where(self._without_code(row, unit, exclusions))
            rows += self.bench.connection.execute(asked.select_from(row.source)).scalar() or 0
        return rows

    def _without_code(self, row: Row, unit: UnitField, exclusions: Iterable[Exclusion]) -> Column:
        code = sa.cast(row.raw(unit.value), sa.Text)
        none = code.is_(None) | (sa.func.trim(code, BLANKS) == "")
        return none & self._rule(row, exclusions).is_(None)

    def service_codes(self) -> list[str]:
        """The distinct services of the rows, as the source writes them."""
        if self.dataset.service is None:
            return []
        row = self.row()
        code = sa.func.hex(row.raw(self.dataset.service))
        asked = sa.select(code).select_from(row.source).group_by(code)
        return [text for (one,) in self.bench.connection.execute(asked) if (text := decoded(one)[0])]

    def load_services(self, labels: Mapping[str, str]) -> None:
        """The class of each service."""
        self._insert(self.services, [{"code": code, "label": label} for code, label in labels.items()])

    def combinations(self, days: Days, exclusions: Iterable[Exclusion]) -> list[Combination]:
        """The distinct combinations with their counts: grouped byte by byte, NULL a value like any other."""
        row, parts = self._parts(days, exclusions)
        key = combined(list(parts.values())).label("combination")
        asked = sa.select(key, sa.func.count()).select_from(row.source).group_by(key).order_by(key)
        names = list(parts)
        return [
            Combination(text, dict(zip(names, decoded(text), strict=True)), count)
            for text, count in self.bench.connection.execute(asked)
        ]

    def parts(self) -> list[str]:
        """The names of the codes of a combination, in order."""
        names = [name for name, unit in self.dataset.units.items() if unit.role is not Role.ORIGIN]
        names += [name for name, agency in self.dataset.agencies.items() if agency.role is Role.HOLDER]
        optional = {"service": self.dataset.service, "day": self.dataset.dated_by,
                    "locality": self.dataset.locality, "point": self.dataset.point}  # fmt: skip
        names += [name for name, value in optional.items() if value is not None]
        return [*names, *map(part_of, self.addressed), "rule"]

    def load_decisions(self, decided: Iterable[tuple[str, int, Outcome]]) -> None:
        """(combination key, number of the decision, outcome) of each combination."""
        self._insert(
            self.decisions,
            (
                {"combination": key, "id": number, "fate": FATES[one.fate], "why": one.why}
                | {name: one.gives.get(name) for name in self.gives}
                for key, number, one in decided
            ),
        )

    def load_exceptions(self, exceptions: Iterable[RowException]) -> None:
        """Rows that their combination alone does not settle."""
        self._insert(
            self.exceptions,
            [
                {"key": one.key, "fate": FATES[one.fate], "why": one.why,
                 "into_system": one.into_system or None, "into_dataset": one.into_dataset or None,
                 "into_key": one.into_key or None}
                for one in exceptions
            ],
        )  # fmt: skip

    def clear_rows(self) -> None:
        """Forgets what became of the rows and their exceptions, to build the stage again."""
        self.bench.connection.execute(sa.delete(self.rows))
        self.bench.connection.execute(sa.delete(self.exceptions))

    def build(
        self,
        days: Days,
        exclusions: Sequence[Exclusion],
        stages: Mapping[str, "Stage"],
        ledger: sa.Select[*tuple[Any, ...]],
    ) -> None:
        """Every row's fate. `stages`: the datasets that this one refers to, built before.

        `ledger` selects (source_key, target_key) of the rows of this dataset that were moved before.
        """
        row, parts = self._parts(days, exclusions)
        moved = ledger.subquery("moved")
        row.join(moved, moved.c.source_key == sa.cast(row.key, sa.Text))
        exceptions = self.exceptions.alias("x")
        row.join(exceptions, exceptions.c.key == sa.cast(row.key, sa.Text))
        cases: list[tuple[Column, object, object]] = []
        decision: Column = sa.null()
        if self.parent is None:
            decisions = self.decisions.alias("d")
            row.join(decisions, decisions.c.combination == combined(list(parts.values())))
            decision = decisions.c.id
            cases.append((decisions.c.id.is_(None), HOLD, "not-in-plan"))
            cases.append((decisions.c.fate != MOVE, decisions.c.fate, decisions.c.why))
        for name, reference in self._references_in(stages):
            joined, several = self._joined(row, name, stages[reference.to])
            if several is not None:
                cases.append((several, HOLD, "ambiguous-reference"))
            if name == self.dataset.parent:
                decision = joined.c.decision
                cases.append((parts["rule"].is_not(None), EXCLUDE, parts["rule"]))
            cases += self._reference_cases(row, name, reference, joined)
        cases += [(broken, HOLD, why) for why, broken in self._unreadable(row)]
        cases.append((exceptions.c.key.is_not(None), exceptions.c.fate, exceptions.c.why))
        fate = sa.case(*[(when, _literal(fate)) for when, fate, _ in cases], else_=MOVE)
        why = sa.case(*[(when, _literal(why)) for when, _, why in cases], else_=None)
        merged = sa.case((exceptions.c.into_key.is_not(None) & (exceptions.c.fate == MOVE), 1), else_=0)
        done = sa.case((moved.c.source_key.is_(None), 0), else_=1)
        self.bench.connection.execute(
            sa.insert(self.rows).from_select(
                ["key", "decision", "fate", "why", "merged", "done", "target_key"],
                sa.select(row.key, decision, fate, why, merged, done, moved.c.target_key).select_from(
                    row.source
                ),
            )
        )

    def counts(self) -> list[tuple[int | None, int, str, bool, int]]:
        """(decision, fate, why, done, rows) of the built stage."""
        rows = self.rows.c
        asked = sa.select(rows.decision, rows.fate, rows.why, rows.done, sa.func.count()).group_by(
            rows.decision, rows.fate, rows.why, rows.done
        )
        return [
            (decision, fate, why or "", bool(done), count)
            for decision, fate, why, done, count in self.bench.connection.execute(asked)
        ]

    def by_service(self, decisions: Sequence[int]) -> list[tuple[int, str | None, int]]:
        """(decision, service as the source writes it, rows) of the held rows of these decisions."""
        row = self.row()
        rows = self.rows.alias("st")
        row.source = sa.join(rows, row.table, rows.c.key == row.key)
        service = row.raw(self.dataset.service) if self.dataset.service else sa.null()
        shown = sa.case((service.is_(None), "~"), else_=sa.func.hex(service))
        asked = (
            sa.select(rows.c.decision, shown, sa.func.count())
            .select_from(row.source)
            .where(rows.c.decision.in_(decisions), rows.c.fate == HOLD, rows.c.done == 0)
            .group_by(rows.c.decision, shown)
        )
        return [
            (decision, decoded(text)[0], count)
            for decision, text, count in self.bench.connection.execute(asked)
        ]

    def unmoved_keys(self) -> set[str]:
        """The keys of the rows that get no row of their own in the target."""
        rows = self.rows.c
        asked = sa.select(sa.cast(rows.key, sa.Text)).where(
            sa.or_(rows.fate != MOVE, rows.merged == 1), rows.done == 0
        )
        return set(self.bench.connection.execute(asked).scalars())

    def require_keys(self) -> None:
        """Raises Refused where rows, or those that values are looked up in, cannot be told apart."""
        without, shared = self.bad_keys()
        if without or shared:
            raise Refused(
                "migrate.key-trouble", system=self.system, dataset=self.name, without=without, shared=shared
            )
        for name in self.dataset.looked_up():
            _, shared = Stage(self.bench, self.profile, name, self.system, 0).bad_keys()
            if shared:
                raise Refused(
                    "migrate.key-trouble", system=self.system, dataset=name, without=0, shared=shared
                )

    def bad_keys(self) -> tuple[int, int]:
        """How many rows have no key, and how many share theirs, byte for byte, with another."""
        row = self.row()
        total, keyed, distinct = self.bench.connection.execute(
            sa.select(
                sa.func.count(), sa.func.count(row.key),
                sa.func.count(sa.case((row.key.is_not(None), sa.func.hex(row.key))).distinct()),
            ).select_from(row.table)
        ).one()  # fmt: skip
        return total - keyed, keyed - distinct

    def _parts(self, days: Days, exclusions: Iterable[Exclusion]) -> tuple[Row, dict[str, Column]]:
        row = self.row()
        parts: dict[str, Column] = {}
        if self.parent is None:
            for name, unit in self.dataset.units.items():
                if unit.role is not Role.ORIGIN:
                    parts[name] = row.raw(unit.value)
            for name, agency in self.dataset.agencies.items():
                if agency.role is Role.HOLDER:
                    parts[name] = row.raw(agency.value)
            if self.dataset.service is not None:
                service = sa.cast(row.raw(self.dataset.service), sa.Text)
                classes = self.services.alias("c")
                row.join(classes, classes.c.code == service)
                parts["service"] = sa.func.coalesce(classes.c.label, service)
            if self.dataset.dated_by is not None:
                parts["day"] = self._period(row, days)
            if self.dataset.locality is not None:
                localities = self.localities.alias("e")
                row.join(localities, localities.c.key == row.key)
                parts["locality"] = localities.c.locality
            if self.dataset.point is not None:
                points = self.points.alias("p")
                row.join(points, points.c.key == row.key)
                parts["point"] = points.c.point
            for name in self.addressed:
                said = self.addresses.alias(f"a_{name}")
                row.join(said, (said.c.field == name) & (said.c.key == row.key))
                parts[part_of(name)] = said.c.said
        parts["rule"] = self._rule(row, exclusions)
        return row, parts

    def _period(self, row: Row, days: Days) -> Column:
        """The first day of the period that the row's day lies in."""
        if self.dataset.dated_by is None:
            return sa.null()
        dated = row.value(self.dataset.dated_by.model_copy(update={"day": True}))
        return sa.func.merger_period(dated, " ".join(days.starts))

    def _rule(self, row: Row, exclusions: Iterable[Exclusion]) -> Column:
        """The rule that excludes a row, NULL where none does."""
        rules = [(when, one.rule) for one in exclusions if (when := self._excluded(row, one)) is not None]
        return sa.case(*rules, else_=None) if rules else sa.null()

    def _excluded(self, row: Row, rule: Exclusion) -> Column | None:
        if (rule.systems and self.system not in rule.systems) or (
            rule.datasets and self.name not in rule.datasets
        ):
            return None
        if rule.not_pending:
            if self.dataset.status is None or not self.dataset.pending:
                return None
            status = sa.cast(row.raw(self.dataset.status), sa.Text)
            if self.dataset.finished:
                return status.in_(self.dataset.finished)
            return status.not_in(self.dataset.pending)
        return sa.cast(row.column(rule.column), sa.Text).in_(rule.values)

    def _places(self) -> Iterator[UnitField]:
        return (unit for unit in self.dataset.units.values() if unit.role is Role.PLACE)

    def _references_in(self, stages: Mapping[str, "Stage"]) -> list[tuple[str, Reference]]:
        return [(name, one) for name, one in self.dataset.references.items() if one.to in stages]

    def _unreadable(self, row: Row) -> list[tuple[str, Column]]:
        found = [broken for value in self.dataset.columns.values() for broken in row.unreadable(value)]
        if self.target_table:
            found += altered(self.bench, self.target_table, self.dataset, row)
        return found

    def join_reference(self, row: Row, name: str, other: "Stage") -> sa.FromClause:
        """Joins the stage of the one row that the reference `name` refers to."""
        return self._joined(row, name, other)[0]

    def _joined(self, row: Row, name: str, other: "Stage") -> tuple[sa.FromClause, Column | None]:
        """The joined stage, and, where that can be, when a row refers to several rows."""
        reference = self.dataset.references[name]
        joined = other.rows.alias(f"r_{name}")
        value = row.reference(reference)
        if not reference.on:
            row.join(joined, joined.c.key == value)
            return joined, None
        found = self._found_by(other, reference.on).alias(f"f_{name}")
        row.join(found, found.c.value == value)
        row.join(joined, (joined.c.key == found.c.key) & (found.c.rows == 1))
        return joined, found.c.rows > 1

    def _found_by(self, other: "Stage", column: str) -> sa.TableClause:
        """A scratch table of another dataset's keys by the values of one of its columns."""
        table = _temp(f"found_{other._number}_{column}", "value", "key", "rows")
        kinds = f"value {other.type_of(column)} PRIMARY KEY, key {other.type_of(other.dataset.key[0])}"
        self._make(table, f"({kinds}, rows INTEGER) WITHOUT ROWID")
        theirs = other.row()
        value = theirs.column(column)
        self.bench.connection.execute(
            sa.insert(table).from_select(
                ["value", "key", "rows"],
                sa.select(value, sa.func.min(theirs.key), sa.func.count())
                .where(value.is_not(None)).select_from(theirs.table).group_by(sa.collate(value, "BINARY")),
            )
        )  # fmt: skip
        return table

    def _reference_cases(
        self, row: Row, name: str, reference: Reference, joined: sa.FromClause
    ) -> list[tuple[Column, object, object]]:
        value = row.reference(reference)
        missing: Column = joined.c.key.is_(None)
        if name == self.dataset.parent:
            return [
                (missing, HOLD, "orphan"),
                ((joined.c.done == 1) & (joined.c.fate != MOVE), HOLD, "parent-changed"),
                (joined.c.fate == HOLD, HOLD, "parent-held"),
                (joined.c.fate == EXCLUDE, EXCLUDE, joined.c.why),
            ]
        if reference.optional:
            missing = missing & value.is_not(None) & (value != "")
        stays = joined.c.done == 0
        return [
            (missing, HOLD, "orphan"),
            (stays & (joined.c.fate == HOLD), HOLD, "reference-held"),
            (stays & (joined.c.fate == EXCLUDE), HOLD, "reference-excluded"),
        ]

    def type_of(self, column: str) -> str:
        """The declared type of a column of the dataset's table."""
        declared = self.bench.type_of(SOURCE, self.dataset.table, column)
        return re.sub(r"[^A-Za-z0-9_ (),]", "", declared)

    def _make(self, table: sa.TableClause, columns: str) -> None:
        self.bench.connection.exec_driver_sql(f'DROP TABLE IF EXISTS temp."{table.name}"')
        self.bench.connection.exec_driver_sql(f'CREATE TEMP TABLE "{table.name}" {columns}')

    def _insert(self, table: sa.TableClause, rows: Iterable[dict[str, object]]) -> None:
        for chunk in chunks(rows):
            self.bench.connection.execute(sa.insert(table), chunk)


def chunks(rows: Iterable[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    """Rows in lists of at most CHUNK, so that memory stays flat."""
    rest = iter(rows)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def given_names(profile: Profile, name: str) -> list[str]:
    """What the plan decides for rows of a dataset: `<field>.code` and so on, as its columns may ask."""
    dataset = profile.datasets[name]
    units = [field for field, unit in dataset.units.items() if unit.role is not Role.ORIGIN]
    agencies = [field for field, agency in dataset.agencies.items() if agency.role is Role.HOLDER]
    services = [SERVICE] if profile.recodes_services and dataset.service is not None else []
    return [f"{field}.{what}" for field in units for what in ("code", "name", "parent", "parent_name")] + [
        f"{field}.{what}" for field in (*agencies, *services) for what in ("code", "name")
    ]


def _temp(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *[sa.column(column) for column in columns], schema="temp")


def _literal(value: object) -> Column:
    return value if isinstance(value, sa.ColumnElement) else sa.literal(value)
