"""Which columns of the target hold keys of a dataset's rows."""

import sqlalchemy as sa

from merger.systems.expressions import Column
from merger.systems.profile import Profile
from merger.systems.stores import Store


def referring_columns(profile: Profile, dataset: str, store: Store) -> list[tuple[str, str]]:
    """The tables, and their columns, that hold keys of a dataset of the target, by the profile's references
    or by the database's own foreign keys (also those of tables that the profile does not name)."""
    here = profile.datasets[dataset]
    named = {
        (one.table, reference.column)
        for one in profile.datasets.values()
        for reference in one.references.values()
        if reference.to == dataset and not reference.on
    }
    return sorted(named | store.referring(here.table, here.key[0]))


def referring(profile: Profile, dataset: str, store: Store) -> list[Column]:
    """`referring_columns`, each of an alias of its table."""
    return [
        sa.column(name, _selectable=sa.table(table, schema=store.schema).alias(f"by{number}"))
        for number, (table, name) in enumerate(referring_columns(profile, dataset, store))
    ]
