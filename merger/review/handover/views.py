"""What the hand-over pages show: the plans and runs of the folder, their agencies, searched and ordered."""

import os
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Lock
from time import monotonic

from merger.codes.names import unmarked
from merger.migrate import api
from merger.migrate.model import Summary
from merger.report.handing import HandOver, hand_overs
from merger.review.web.desk import Desk
from merger.review.web.failures import Missing

PER_PAGE = 50
SIDES = ("old", "new")
ORDERS: dict[str, Callable[[HandOver], tuple[object, ...]]] = {
    "code": lambda hand: (hand.agency.code,),
    "rows": lambda hand: (-hand.rows, hand.agency.code),
    "due": lambda hand: (-hand.overdue - hand.due_soon, hand.agency.code),
    "kept": lambda hand: (-hand.kept, hand.agency.code),
}
"""How a list of agencies may be ordered."""
_KEPT = 3
_FRESH = 30.0
"""So many summaries are kept, for so many seconds: a run goes on while people read."""


Searched = Sequence[tuple[str, HandOver]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A plan of the folder, or a run whose plan is not there any more. `ran`: whether it was run."""

    path: Path
    identifier: str
    place: str
    ran: bool
    changed: datetime


@dataclass(frozen=True, slots=True)
class Agencies:
    """One page of a list of agencies: `hands` of all that were `found`."""

    hands: tuple[HandOver, ...]
    found: int
    page: int
    pages: int


def entries(desk: Desk) -> list[Entry]:
    """The plans and runs that have hand-over records, the last written first."""
    plans = set(desk.plans())
    runs = {run: run.with_name(run.name.removesuffix(".run.json") + ".json") for run in desk.runs()}
    ran = set(runs.values())
    listed = [
        Entry(
            path,
            desk.identifier(path),
            path.relative_to(desk.folder).as_posix(),
            path in ran or path in runs,
            datetime.fromtimestamp(path.stat().st_mtime, UTC),
        )
        for path in (*plans, *(run for run, plan in runs.items() if plan not in plans))
    ]
    return sorted(listed, key=lambda one: (one.changed, one.place), reverse=True)


@dataclass(frozen=True)
class Read:
    """A plan or run as it was read: its summary, and the records of both sides."""

    summary: Summary

    @cached_property
    def old(self) -> list[HandOver]:
        return hand_overs(self.summary, gives=True)

    @cached_property
    def new(self) -> list[HandOver]:
        return hand_overs(self.summary, gives=False)

    def hands(self, side: str) -> list[HandOver]:
        """The records of the old or the new agencies. Raises Missing."""
        if side not in SIDES:
            raise Missing(side)
        return self.old if side == "old" else self.new

    @cached_property
    def _old(self) -> Searched:
        return searched(self.old)

    @cached_property
    def _new(self) -> Searched:
        return searched(self.new)

    def searched(self, side: str) -> Searched:
        """The same with what they are found by. Raises Missing."""
        self.hands(side)
        return self._old if side == "old" else self._new

    def hand(self, side: str, code: str) -> HandOver:
        """The record of one agency. Raises Missing."""
        for one in self.hands(side):
            if one.agency.code == code:
                return one
        raise Missing(code)


class Shelf:
    """What was read of plans and runs, kept for a short while."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], tuple[float, Read]] = OrderedDict()
        self._lock = Lock()

    def read(self, desk: Desk, identifier: str) -> Read:
        """The plan or run of this identifier. Raises Missing, InputError, Refused."""
        path = desk.path(identifier)
        if path not in desk.plans() and path not in desk.runs():
            raise Missing(identifier)
        key = (path, *_signature(path), *_signature(path.with_name(f"{path.stem}.run.json")))
        with self._lock:
            known = self._kept.get(key)
        if known is not None and monotonic() - known[0] < _FRESH:
            return known[1]
        read = Read(api.summary(os.fspath(path)))
        with self._lock:
            self._kept[key] = monotonic(), read
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return read


def searched(hands: Iterable[HandOver]) -> Searched:
    """Records with what they are found by: code, older code and name, without marks."""
    return [(unmarked(f"{hand.agency.code} {hand.agency.former} {hand.agency.name}"), hand) for hand in hands]


def agencies(
    hands: Searched, asked: str = "", order: str = "code", page: int = 1, per_page: int = PER_PAGE
) -> Agencies:
    """The agencies whose code or name holds every word of `asked`, marks and case apart."""
    words = unmarked(asked).split()
    found = [hand for said, hand in hands if all(word in said for word in words)]
    found.sort(key=ORDERS.get(order, ORDERS["code"]))
    pages = max(1, -(-len(found) // per_page))
    page = min(max(1, page), pages)
    return Agencies(tuple(found[(page - 1) * per_page : page * per_page]), len(found), page, pages)


def file_name(words: Sequence[str], suffix: str) -> str:
    """The name of a file made of words: what systems do not take in names becomes a hyphen."""
    kept = (re.sub(r"[^A-Za-z0-9._-]+", "-", word).strip("-") for word in words)
    return "-".join(word for word in kept if word) + suffix


def _signature(path: Path) -> tuple[int, ...]:
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_ino, status.st_size, status.st_mtime_ns
