"""The databases of a campaign, opened together: the target, and its sources while they are asked."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from merger.errors import Refused
from merger.migrate.campaign import Campaign, SourceSystem
from merger.migrate.ledger import Ledger
from merger.migrate.ledger.places import shown
from merger.systems.stores import (
    SourceStore,
    TargetStore,
    let_go,
    open_pair,
    open_source,
    open_target,
    read_once,
)


class Workbench:
    """The target of a campaign, open; read-only unless asked otherwise."""

    def __init__(self, campaign: Campaign, *, write: bool = False) -> None:
        self.campaign = campaign
        self._stack = ExitStack()
        self.target: TargetStore = self._stack.enter_context(
            open_target(campaign.target.database, write=write)
        )
        self.ledger = Ledger(self.target.connection, self.target.schema)
        if self.ledger.of_later_version:
            self.close()
            raise Refused("migrate.ledger-newer", target=shown(campaign.target.database))
        self._stack.enter_context(read_once())

    def __enter__(self) -> "Workbench":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._stack.close()

    def require_writable(self) -> None:
        """Raises Refused where the target's server lets nobody write."""
        why = self.target.takes_no_rows()
        if why is not None:
            raise Refused(f"migrate.target-{why}", target=self.target.place)

    @contextmanager
    def source(self, source: SourceSystem) -> Iterator[SourceStore]:
        """A source opened for reading, with one consistent view of it."""
        with open_source(source.database, tables=tables_of(source)) as store, store.snapshot():
            yield store

    @contextmanager
    def anew(self, source: SourceSystem) -> Iterator[SourceStore]:
        """`source`, as it is now also where its rows were copied before; what was copied is let go of."""
        let_go()
        with self.source(source) as store:
            yield store

    @contextmanager
    def tables(self, source: SourceSystem) -> Iterator[SourceStore]:
        """A source opened to look at what its tables are now, also where its rows were copied before."""
        with open_source(source.database, tables=tables_of(source), rows=0) as store:
            yield store

    @contextmanager
    def sources(self) -> Iterator[dict[str, SourceStore]]:
        """All sources opened at once, by system."""
        with ExitStack() as stack:
            yield {one.system: stack.enter_context(self.source(one)) for one in self.campaign.sources}

    @contextmanager
    def pair(self, source: SourceSystem) -> Iterator[SourceStore]:
        """A source opened to move rows from: over the target's own connection where both can share it."""
        with open_pair(source.database, self.target, tables=tables_of(source)) as store:
            if store.connection is self.target.connection:
                yield store  # a transaction of the target is the view of the source too
            else:
                with store.snapshot():
                    yield store

    @contextmanager
    def still(self, store: SourceStore) -> Iterator[None]:
        """One consistent view of the target, while it is read beside a source."""
        if store.connection is self.target.connection:
            yield
        else:
            with self.target.snapshot():
                yield


def tables_of(source: SourceSystem) -> dict[str, set[str]]:
    """The tables of a system, each with the columns that its rows are looked up by."""
    out: dict[str, set[str]] = {}
    for dataset in source.profile.datasets.values():
        out.setdefault(dataset.table, set()).update(dataset.key)
    return out
