"""Whether the tables and columns that profiles and job name are in the databases."""

from collections.abc import Iterator

from merger.errors import Finding, Place, Severity
from merger.mapping.tree import Loc
from merger.migrate.campaign import Campaign, SourceSystem
from merger.migrate.ledger.tables import metadata
from merger.systems.circles import late_columns
from merger.systems.kinds import Kind
from merger.systems.profile import Dataset
from merger.systems.stores import Store

_NO_KEYS = frozenset({Kind.FLOAT, Kind.MOMENT, Kind.JSON, Kind.JSONB})
"""Kinds of which a key is written otherwise in the ledger than in the target."""
Columns = dict[str, set[str] | None]


def absent(campaign: Campaign, system: SourceSystem, store: Store, target: Store) -> Iterator[Finding]:
    """A finding, at its place in profile or job, for everything that an opened system does not have, or has
    and nobody can carry."""
    for one in _absent(campaign, system, store, target):
        said = one.fields
        known = store.uncarried(str(said["table"])) if one.code == "no-column" else {}
        type_ = known.get(str(said.get("column")))
        yield one if type_ is None else _problem("uncarried-column", one.place, **said, type=type_)


def _absent(campaign: Campaign, system: SourceSystem, store: Store, target: Store) -> Iterator[Finding]:
    columns = columns_of(store, system)
    for name, dataset in system.profile.datasets.items():
        there = columns[name]
        if there is None:
            yield _finding("no-table", system, ("datasets", name, "table"), table=dataset.table)
            continue
        if store.hides_rows(dataset.table):
            yield _finding("hidden-rows", system, ("datasets", name, "table"), table=dataset.table)
        for loc, column in named(dataset):
            if column not in there:
                yield _finding(
                    "no-column", system, ("datasets", name, *loc), table=dataset.table, column=column
                )
        for loc, other, column in _named_elsewhere(dataset):
            if column not in (columns.get(other) or {column}):
                table = system.profile.datasets[other].table
                yield _finding("no-column", system, ("datasets", name, *loc), table=table, column=column)
    if system is campaign.target:
        yield from _lasting(system, store)
        yield from _settled(campaign, columns)
    else:
        yield from _moved(campaign, system, columns, columns_of(target, campaign.target))
        yield from _unfillable(campaign, system, columns, target)


def columns_of(store: Store, system: SourceSystem) -> Columns:
    """The columns of each dataset's table, None for a table that is not there."""
    return {
        name: set(store.columns(dataset.table)) if store.has_table(dataset.table) else None
        for name, dataset in system.profile.datasets.items()
    }


def named(dataset: Dataset) -> Iterator[tuple[Loc, str]]:
    """The columns of its own table that a dataset names, each with its place in the profile."""
    for number, column in enumerate(dataset.key):
        yield ("key", number), column
    for name, reference in dataset.references.items():
        yield ("references", name), reference.column
    for name, columns in dataset.unique.items():
        yield from ((("unique", name, number), column) for number, column in enumerate(columns))
    for part in ("holder_columns", "place_columns"):
        yield from (((part, number), column) for number, column in enumerate(getattr(dataset, part)))
    yield from ((("widths", column), column) for column in dataset.widths)
    for loc, value in dataset.values().items():
        local = value.looked_up()[0] if value.lookup else value.column
        if local:
            yield loc, local


def _named_elsewhere(dataset: Dataset) -> Iterator[tuple[Loc, str, str]]:
    """(place in the profile, dataset, column) of the columns of other datasets that a dataset names."""
    for loc, value in dataset.values().items():
        if value.lookup:
            yield loc, *value.looked_up()[1:]
    for name, reference in dataset.references.items():
        if reference.on:
            yield ("references", name, "on"), reference.to, reference.on


def _lasting(system: SourceSystem, store: Store) -> Iterator[Finding]:
    """The tables, the ledger's too, into which what was written cannot be taken back."""
    places = {
        table: ("datasets", name, *part)
        for name, dataset in system.profile.datasets.items()
        for table, part in (
            (dataset.keys.counter_table, ("keys", "counter_table")), (dataset.table, ("table",))
        )
    }  # fmt: skip
    wanted = [*places, *(one.name for one in metadata.sorted_tables)]
    for table, engine in store.without_transactions(wanted).items():
        yield _finding(
            "no-transactions", system, places.get(table, ("datasets",)), table=table, engine=engine
        )


def _settled(campaign: Campaign, columns: Columns) -> Iterator[Finding]:
    """What the job's collision rules name and the target does not have."""
    for number, rule in enumerate(campaign.job.collisions):
        there = columns[rule.dataset]
        wanted = [(("second", at), column) for at, column in enumerate(rule.second)]
        wanted += [(("column",), rule.column)] if rule.column else []  # type: ignore[list-item]
        for loc, column in wanted:
            if there is not None and column not in there:
                table = campaign.target.profile.datasets[rule.dataset].table
                place = campaign.document.place(("collisions", number, *loc))
                yield _problem("no-column", place, table=table, column=column, system=campaign.target.system)


def _moved(campaign: Campaign, system: SourceSystem, columns: Columns, target: Columns) -> Iterator[Finding]:
    """Where a source's rows would go that the target does not have, and what the job's rules name of them."""
    for name in system.order:
        dataset = system.profile.datasets[name]
        there = target[dataset.to]
        for column in dataset.columns:
            if there is not None and column not in there:
                table = campaign.target.profile.datasets[dataset.to].table
                loc = ("datasets", name, "columns", column)
                yield _finding("no-target-column", system, loc, table=table, column=column)
        for number, collision in enumerate(campaign.job.collisions):
            if collision.dataset == dataset.to and not set(collision.second) <= set(dataset.columns):
                place = campaign.document.place(("collisions", number, "second"))
                yield _problem("second-not-moved", place, system=system.system, dataset=name)
    for number, rule in enumerate(campaign.job.exclude):
        for name in system.order:
            applies = (not rule.systems or system.system in rule.systems) and (
                not rule.datasets or name in rule.datasets
            )
            if applies and rule.column and rule.column not in (columns[name] or {rule.column}):
                place = campaign.document.place(("exclude", number, "column"))
                table = system.profile.datasets[name].table
                yield _problem("no-column", place, table=table, column=rule.column, system=system.system)


def _unfillable(
    campaign: Campaign, system: SourceSystem, columns: Columns, target: Store
) -> Iterator[Finding]:
    """Columns that only the target's database fills, or that must be empty at first and may not be, and keys
    that cannot be told from the ledger's texts."""
    for name in system.order:
        dataset = system.profile.datasets[name]
        into = campaign.target.profile.datasets[dataset.to]
        there = target.columns(into.table)
        for column in dataset.columns:
            if column in there and there[column].generated:
                loc = ("datasets", name, "columns", column)
                yield _finding("generated-column", system, loc, table=into.table, column=column)
        for column in late_columns(system.profile, name):
            if column in there and not there[column].nullable:
                loc = ("datasets", name, "columns", column)
                yield _finding("late-not-null", system, loc, table=into.table, column=column)
        key = there.get(into.key[0])
        if key is not None and target.dialect == "postgresql" and key.kind in _NO_KEYS and columns[name]:
            yield _finding(
                "unfit-key", system, ("datasets", name, "to"), table=into.table, column=key.name,
                type=key.declared,
            )  # fmt: skip


def _finding(code: str, system: SourceSystem, loc: Loc, **fields: object) -> Finding:
    assert system.document is not None
    return _problem(code, system.document.place(loc), system=system.system, **fields)


def _problem(code: str, place: Place, **fields: object) -> Finding:
    return Finding("migrate", code, Severity.ERROR, place, fields)
