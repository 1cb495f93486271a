"""Whether the accounts may do what a job needs, and no more."""

from merger.messages import text
from merger.migrate.campaign import Campaign, SourceSystem
from merger.migrate.ledger import Ledger
from merger.migrate.ledger.tables import metadata
from merger.migrate.model import Check, State
from merger.migrate.presence import named
from merger.systems.profile import Profile
from merger.systems.stores import Store, rights_in, rights_on
from merger.systems.stores.rights import CREATE, SELECT, TEMPORARY, WRITES


def source_rights(source: SourceSystem, store: Store) -> Check:
    """A source is to be read; that its account may write it as well is told, and not needed."""
    unread: list[str] = []
    written: list[str] = []
    for table, columns in _tables(source.profile, store).items():
        rights = rights_on(store, table, columns)
        if rights is None:
            return _unknown(source)
        if SELECT not in rights:
            unread.append(table)
        if rights.intersection(WRITES):
            written.append(table)
    if unread:
        return _check(source, "failed", "unread", tables=", ".join(unread))
    if written and store.dialect != "sqlite":
        return _check(source, "ok", "may-write", tables=", ".join(written))
    return _check(source, "ok", "reads")


def target_rights(campaign: Campaign, store: Store, ledger: Ledger) -> Check:
    """The target's tables and the ledger are to be written, and temporary tables made."""
    target = campaign.target
    at_large = rights_in(store)
    if at_large is None:
        return _unknown(target)
    missing = [TEMPORARY] if TEMPORARY not in at_large else []
    tables = {table: set[str]() for table in _tables(target.profile, store)}
    for source in campaign.sources:
        for dataset in (source.profile.datasets[name] for name in source.order):
            table = target.profile.datasets[dataset.to].table
            if table in tables:
                tables[table] |= dataset.columns.keys() & store.columns(table).keys()
    if ledger.there and not ledger.first_version:
        tables |= {table: set() for table in metadata.tables}
    elif CREATE not in at_large:
        missing.append(CREATE)
    for table, columns in tables.items():
        rights = rights_on(store, table, columns) or frozenset()
        if lacking := [one for one in (SELECT, *WRITES) if one not in rights]:
            missing.append(f"{' '.join(lacking)} ({table})")
    if missing:
        return _check(target, "failed", "lacks", rights=", ".join(missing))
    return _check(target, "ok", "writes")


def _tables(profile: Profile, store: Store) -> dict[str, set[str]]:
    """The tables that a profile names and that are there, counters too, with the columns that it names."""
    found: dict[str, set[str]] = {}
    for dataset in profile.datasets.values():
        if store.has_table(dataset.table):
            columns = {column for _, column in named(dataset)} & store.columns(dataset.table).keys()
            found.setdefault(dataset.table, set()).update(columns)
        counter = dataset.keys.counter_table
        if counter and store.has_table(counter):
            found.setdefault(counter, set())
    return found


def _unknown(system: SourceSystem) -> Check:
    return _check(system, "not-run", "unknown-rights")


def _check(system: SourceSystem, state: State, word: str, **fields: str) -> Check:
    detail = f"{system.system}: {text(f'migrate.detail.{word}', **fields)}"
    return Check(code="rights", state=state, detail=detail)
