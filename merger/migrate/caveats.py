"""What a person must know of how a source was read: that it is a replica, and how it follows its primary;
that some of its tables are not read as of one moment."""

from collections.abc import Mapping
from typing import Final

from merger.messages import current, text_in
from merger.migrate.campaign import SourceSystem
from merger.migrate.model import Caveat
from merger.systems.stores import SourceStore

RECORDED = "caveats:"
NO_VIEW: Final = "no-one-view"
NOT_FOLLOWING = frozenset({"behind", "paused", "cut-off"})
"""The states of a replica of which it is known that its primary may have more than it shows."""


def caveats_of(source: SourceSystem, store: SourceStore) -> tuple[Caveat, ...]:
    """Of an opened source."""
    found = []
    following = store.following()
    if following is not None:
        found.append(Caveat(code=following.state, seconds=following.seconds))
    tables = store.without_transactions({one.table for one in source.profile.datasets.values()})
    if tables:
        named = tuple(f"{table} ({engine})" for table, engine in sorted(tables.items()))
        found.append(Caveat(code=NO_VIEW, tables=named))
    return tuple(found)


def not_following(store: SourceStore) -> str:
    """In words, how a source that is a replica does not follow its primary; empty where nothing is known
    against it."""
    following = store.following()
    if following is None or following.state not in NOT_FOLLOWING:
        return ""
    return caveat_told(Caveat(code=following.state, seconds=following.seconds))


def caveat_told(caveat: Caveat, language: str = "") -> str:
    """A caveat in words; `language`: that of messages unless said."""
    language = language or current()
    said = text_in(language, f"migrate.caveat.{caveat.code}", tables=", ".join(caveat.tables))
    if caveat.seconds is None:
        return said
    return f"{said}; {text_in(language, 'migrate.caveat.age', seconds=caveat.seconds)}"


def caveats_recorded(caveats: Mapping[str, tuple[Caveat, ...]]) -> dict[str, str]:
    """Caveats as the audit trail keeps them: by their codes."""
    return {f"{RECORDED}{system}": ",".join(one.code for one in some) for system, some in caveats.items()}
