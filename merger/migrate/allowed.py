"""Whether the accounts may do what a job needs, and no more."""

from collections.abc import Iterator

from merger.messages import text
from merger.migrate.campaign import SourceSystem
from merger.migrate.ledger import Ledger
from merger.migrate.ledger.tables import metadata
from merger.migrate.model import Check, State
from merger.systems.profile import Profile
from merger.systems.stores import Store, rights_in, rights_on
from merger.systems.stores.rights import CREATE, SELECT, TEMPORARY, WRITES


def source_rights(source: SourceSystem, store: Store) -> Check:
    """A source is to be read; that its account may write it as well is told, and not needed."""
    unread: list[str] = []
    written: list[str] = []
    for table in dict.fromkeys(_tables(source.profile, store)):
        rights = rights_on(store, table)
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


def target_rights(target: SourceSystem, store: Store, ledger: Ledger) -> Check:
    """The target's tables and the ledger are to be written, and temporary tables made."""
    at_large = rights_in(store)
    if at_large is None:
        return _unknown(target)
    missing = [TEMPORARY] if TEMPORARY not in at_large else []
    tables = list(dict.fromkeys(_tables(target.profile, store)))
    if ledger.there and not ledger.first_version:
        tables += metadata.tables
    elif CREATE not in at_large:
        missing.append(CREATE)
    for table in tables:
        rights = rights_on(store, table) or frozenset()
        if lacking := [one for one in (SELECT, *WRITES) if one not in rights]:
            missing.append(f"{' '.join(lacking)} ({table})")
    if missing:
        return _check(target, "failed", "lacks", rights=", ".join(missing))
    return _check(target, "ok", "writes")


def _tables(profile: Profile, store: Store) -> Iterator[str]:
    """The tables that a profile names and that are there, counters too."""
    for dataset in profile.datasets.values():
        for table in (dataset.table, dataset.keys.counter_table):
            if table and store.has_table(table):
                yield table


def _unknown(system: SourceSystem) -> Check:
    return _check(system, "not-run", "unknown-rights")


def _check(system: SourceSystem, state: State, word: str, **fields: str) -> Check:
    detail = f"{system.system}: {text(f'migrate.detail.{word}', **fields)}"
    return Check(code="rights", state=state, detail=detail)
