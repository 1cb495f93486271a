"""What the book of runs holds: entries of its ledger, and what a plan must say."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
Word = tuple[str, Any] | None
Fate = tuple[str, str]
"""`move`, `hold` or `exclude`, and why."""
Where = tuple[str, Any]
"""A dataset and a key in the source."""

WITHDRAWN, UPDATED, MOVED = "withdrawn", "updated", "moved"


@dataclass
class Entry:
    """What the ledger has of a row. `content`: what was moved, references as words."""

    content: Row
    target: Any
    run: str
    merged: bool = False
    state: str = MOVED
    changed_by: str | None = None

    @property
    def stands(self) -> bool:
        return self.state != WITHDRAWN


@dataclass
class Planned:
    """What a plan must say, and what its run goes by: rows held and merged by name, and the combinations that
    it saw. `counts`: by dataset and fate."""

    scope: str
    held: dict[Where, str]
    merges: dict[Any, Word]
    combinations: set[tuple[Any, ...]]
    counts: dict[str, Counter[Fate]] = field(default_factory=dict)
    new: dict[str, list[Any]] = field(default_factory=dict)
    merged: list[Any] = field(default_factory=list)
    changed: dict[str, list[Any]] = field(default_factory=dict)
    gone: dict[str, list[Any]] = field(default_factory=dict)
