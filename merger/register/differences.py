"""What differs between two registers of agencies: opened, closed, renamed, moved, renumbered, handed on."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from merger.codes.names import fold
from merger.messages import text
from merger.register.entries import Entry, by_code


class How(StrEnum):
    """What happened to an agency between two registers, in the order of its weight.

    `entered`: it is in the new register alone, as one that is closed already. `dropped`: it is in the old one
    alone, which should never happen to a register. `opened` is in the new one alone, and works.
    """

    DROPPED = "dropped"
    CLOSED = "closed"
    REOPENED = "reopened"
    OPENED = "opened"
    ENTERED = "entered"
    RENUMBERED = "renumbered"
    RENAMED = "renamed"
    MOVED = "moved"
    SUCCESSORS = "successors"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference of one agency. `aspect`: the column that differs; `until` and `now` what it holds.

    `open`: of an agency that was closed, some work goes to nobody whom the definitions name.
    """

    how: How
    code: str
    name: str
    aspect: str = ""
    until: str = ""
    now: str = ""
    open: bool = False

    @property
    def message(self) -> str:
        """The difference in words."""
        fields = {"code": self.code, "name": self.name, "until": self.until or "–", "now": self.now or "–"}
        if self.how is How.CHANGED:
            fields["aspect"] = text(f"register.column.{self.aspect}")
        return text(f"register.said.{self.how}{'-open' if self.open else ''}", **fields)


_ASPECTS = {
    "name": How.RENAMED,
    "unit": How.MOVED,
    "parent": How.MOVED,
    "successors": How.SUCCESSORS,
    "succession": How.SUCCESSORS,
}
_TOLD_BY_STATE = frozenset({"valid_to", "successors", "succession", "act"})
_ORDER = {how: number for number, how in enumerate(How)}

Key = tuple[str, int]


def differences(old: Iterable[Entry], new: Iterable[Entry]) -> tuple[Difference, ...]:
    """Every difference, the heaviest first, then by code. Of a register and itself there is none."""
    until, now = dict(by_code(tuple(old))), dict(by_code(tuple(new)))
    renumbered = {**_renumbered(until, now), **{a: b for b, a in _renumbered(now, until).items()}}
    came_from = {after: before for before, after in renumbered.items()}
    found = list(_of_pairs(renumbered, until, now))
    for key in sorted(until.keys() | now.keys()):
        before, after = until.get(key), now.get(key)
        if before and after:
            told = key in renumbered or key in came_from
            found += _of_one(before, after, told_by_number=told)
        elif before and key not in renumbered:
            found.append(Difference(How.DROPPED, before.code, before.name, until=before.state))
        elif after and key not in came_from:
            how = How.OPENED if after.state == "active" else How.ENTERED
            found.append(Difference(how, after.code, after.name, now=after.state))
    return tuple(sorted(found, key=lambda one: (_ORDER[one.how], one.code, one.aspect)))


def grouped(found: Iterable[Difference]) -> Iterator[tuple[How, list[Difference]]]:
    """The differences of each kind."""
    listed = list(found)
    for how in How:
        own = [one for one in listed if one.how is how]
        if own:
            yield how, own


def _of_one(before: Entry, after: Entry, *, told_by_number: bool) -> Iterator[Difference]:
    """What differs of an agency that is in both registers."""
    ends = before.state != after.state
    if ends and not told_by_number:
        if after.state == "closed":
            now = " ".join(after.successors)
            still_open = after.succession == "open"
            yield Difference(How.CLOSED, after.code, after.name, "successors", before.state, now, still_open)
        else:
            yield Difference(How.REOPENED, after.code, after.name, "state", before.state, after.state)
    for aspect in Entry.model_fields:
        if aspect in ("code", "state") or (ends and aspect in _TOLD_BY_STATE):
            continue
        until, now = _said(before, aspect), _said(after, aspect)
        if until != now:
            how = _ASPECTS.get(aspect, How.CHANGED)
            yield Difference(how, after.code, after.name or before.name, aspect, until, now)


def _of_pairs(pairs: dict[Key, Key], until: dict[Key, Entry], now: dict[Key, Entry]) -> Iterator[Difference]:
    for before, after in sorted(pairs.items()):
        code, name = after[0], (now.get(after) or until[before]).name
        yield Difference(How.RENUMBERED, code, name, "code", before[0], code)


def _renumbered(until: dict[Key, Entry], now: dict[Key, Entry]) -> dict[Key, Key]:
    """Agencies that work on under another code: closed with the one successor that is the same agency, or
    with no trace left but that agency."""
    opened = {key: entry for key, entry in now.items() if key not in until and entry.state == "active"}
    alike = Counter(_likeness(entry) for entry in opened.values())
    codes = {key[0]: key for key in opened}
    found: dict[Key, Key] = {}
    for key, entry in until.items():
        closed = now.get(key)
        if entry.state != "active" or (closed and closed.state == "active"):
            continue
        if closed and closed.succession == "one" and closed.successors[0] in codes:
            other = codes[closed.successors[0]]
            if _likeness(opened[other]) == _likeness(entry):
                found[key] = other
        elif closed is None and alike[_likeness(entry)] == 1:
            found[key] = next(one for one in opened if _likeness(opened[one]) == _likeness(entry))
    taken = Counter(found.values())
    return {key: other for key, other in found.items() if taken[other] == 1}


def _likeness(entry: Entry) -> tuple[str, ...]:
    return fold(entry.name), entry.level.value, entry.function, entry.unit


def _said(entry: Entry, aspect: str) -> str:
    value = getattr(entry, aspect)
    if value is None:
        return ""
    return " ".join(value) if isinstance(value, tuple) else str(value)
