"""What a sentence says: which unit is made of how much of which others. Read from its tree.

How far words reach in a list is settled here: an amount (`một phần ... của`) and a kind of unit reach until
the next one; a remainder ends with its `sau khi sắp xếp ...`, behind which the amount before it goes on.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from lark import Token as Leaf
from lark import Tree

from merger.errors import Place
from merger.mapping.drafting.text import Text

Branch = Tree[Leaf]


class Much(StrEnum):
    """How much of a unit's land, or of its people, a clause takes."""

    WHOLE = "whole"
    PART = "part"
    REST = "rest"
    NONE = "none"
    UNSAID = "unsaid"


@dataclass(frozen=True, slots=True)
class Named:
    """A unit as a clause names it. `kind` is the word for what it is, in small letters, empty if there is
    none.

    `district` and `province` are what the clause says of where it lies (`huyện Hà`), `shared` the
    district that it says of a later unit of the list, `manager` who manages an area.
    """

    kind: str
    name: str
    place: Place
    district: str = ""
    province: str = ""
    shared: str = ""
    manager: str = ""

    @property
    def full(self) -> str:
        """Kind and name as written."""
        return f"{self.kind} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class Taking:
    """One unit that goes, whole or in part, into the target of its clause.

    `clauses` are those that a remainder refers to. `resumed`: the amount was not said of this unit but goes
    on behind a remainder. `words` quotes the clause from the amount to the unit.
    """

    unit: Named
    land: Much
    people: Much
    words: str
    clauses: tuple[str, ...] = ()
    resumed: bool = False
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """What one clause does: `target` is made of `takings`. `kept`: the takings stay as they are."""

    clause: str
    place: Place
    target: Named | None
    takings: tuple[Taking, ...]
    declared: str = ""

    @property
    def kept(self) -> bool:
        return self.target is None


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of units that the resolution states, by kind; the kind is empty for units of any."""

    place: Place
    owner: str
    total: int | None = None
    units: dict[str, int] = field(default_factory=dict)
    formed: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Amount:
    land: Much
    people: Much
    start: int
    resumed: bool = False


_NUMBER = re.compile(r"[0-9]+")
_UNSAID = (Much.UNSAID, Much.UNSAID)
_QUANTITY = {"ALL": Much.WHOLE, "PART": Much.PART}
_WHOLE = (Much.WHOLE, Much.WHOLE)


def statements_of(tree: Branch, clause: str, text: Text) -> tuple[Statement | None, Counts | None]:
    """What the sentence says: a statement, the counts, or both (counts that name the units kept)."""
    body = next(child for child in tree.children if isinstance(child, Tree))
    if body.data == "counted":
        return _counted(body, clause, text)
    reader = _Series(text)
    place = text.place(_start(body))
    if body.data == "kept":
        takings = reader.read(_elements(body), _WHOLE, _start(body))
        return Statement(clause, place, None, tuple(takings)), None
    made = _child(body, "made") or _child(body, "existing")
    assert made is not None
    target = reader.named(made, "")
    given = _WHOLE if body.data == "renamed" else _UNSAID
    takings = reader.read(_elements(body), given, _start(body))
    if made.data == "existing":  # what the unit is that others are joined to: itself, as far as it remains
        rest = Taking(target, Much.REST, Much.REST, text.words(_start(made), _end(made)), goes_on=True)
        takings = [*takings, rest]
    return Statement(clause, place, target, tuple(takings), _declared(made)), None


class _Series:
    """Reads the members of a list one after the other."""

    def __init__(self, text: Text) -> None:
        self.text = text

    def read(self, elements: Sequence[Branch], given: tuple[Much, Much], start: int) -> list[Taking]:
        """The members; `given` is how much is meant where no amount is said, words begin at `start`."""
        amount = _Amount(*given, start=start)
        referred: tuple[str, ...] = ()
        outer: list[_Amount] = []
        group: list[int] = []  # the members of a remainder that is still open
        kind = ""
        takings: list[Taking] = []
        for element in elements:
            extent, head = _child(element, "extent"), _child(element, "head")
            if extent is not None:
                if amount.land is not Much.REST and amount.people is not Much.REST:
                    outer.append(amount)
                amount = _amount(extent)
                referred = _clauses(extent)
                kind, group = "", []
            if head is not None:
                kind = _kind(head)
            unit = self.named(element, kind)
            words = self.text.words(amount.start if not amount.resumed else outer[0].start, _end(element))
            group.append(len(takings))
            takings.append(Taking(unit, amount.land, amount.people, words, referred, resumed=amount.resumed))
            if _child(element, "after") is None:
                continue
            clauses = _clauses(element)
            if Much.REST in (amount.land, amount.people):
                for index in group:
                    takings[index] = replace(takings[index], clauses=clauses, words=words)
                amount, referred, group = _resumed(outer), (), []
        return _with_shared(takings)

    def named(self, branch: Branch, kind: str) -> Named:
        """The unit that a member of a list, or a target, names."""
        name = _child(branch, "name")
        head = _child(branch, "head")
        where = {"DISTRICT": "", "PROVINCE": ""}
        manager = ""
        for place in _children(branch, "place"):
            for located in _children(place, "located"):
                leaf = located.children[0]
                assert isinstance(leaf, Leaf)
                where[leaf.type] = _words(located)
            for one in _children(place, "manager"):
                manager = " ".join(
                    str(leaf) for leaf in _all_leaves(one) if leaf.type not in ("MANAGED", "MANAGES")
                )
        if name is None:
            return Named(kind, "", self.text.place(_start(branch)))
        words = _words(name)
        if head is None and words[0].islower():
            kind = ""  # not a member of the list's kind: an area that the law describes
        if branch.data in ("made", "existing"):
            kind = [_plain(leaf) for leaf in _leaves(branch, "COMMUNE")][-1]
        at = self.text.place(_start(name))
        return Named(kind, words, at, where["DISTRICT"], where["PROVINCE"], manager=manager)


def _clauses(branch: Branch) -> tuple[str, ...]:
    """The clauses to which a remainder refers."""
    after = _child(branch, "after")
    if after is None:
        return ()
    numbers = (found for leaf in _leaves(after, "REFERENCE") for found in _NUMBER.findall(str(leaf)))
    return tuple(number.lstrip("0") for number in numbers)


def _amount(extent: Branch) -> _Amount:
    much, partly = Much.UNSAID, False
    said: dict[str, Much] = {}
    parts: set[str] = set()
    for child in extent.children:
        if isinstance(child, Leaf):
            if child.type == "LEFT":
                said = _left(said, parts)
            continue
        if child.data == "quantity":
            leaf = child.children[0]
            assert isinstance(leaf, Leaf)
            much, partly = _QUANTITY[leaf.type], str(leaf).startswith("một")
        elif child.data == "rest":
            much, partly = Much.REST, False
        elif child.data in ("land", "people"):
            said[str(child.data)] = much
            if partly:
                parts.add(str(child.data))
    if not said:
        return _Amount(much, much, _start(extent))
    return _Amount(said.get("land", Much.NONE), said.get("people", Much.NONE), _start(extent))


def _left(said: dict[str, Much], parts: set[str]) -> dict[str, Much]:
    """What `còn lại` makes of an amount: the remainder of what it is said of, which `một phần` is not.

    A part of the land and all remaining people are both; where a part of everything is said to be what
    remains, nobody can know.
    """
    if said.keys() <= parts:
        return dict.fromkeys(said, Much.UNSAID)
    return {matter: much if matter in parts else Much.REST for matter, much in said.items()}


def _resumed(outer: list[_Amount]) -> _Amount:
    """The amount that goes on behind a remainder: the one before it, if there is only one that it can be."""
    said = {(one.land, one.people) for one in outer if (one.land, one.people) != _UNSAID}
    land, people = said.pop() if len(said) == 1 else _UNSAID
    return _Amount(land, people, 0, resumed=True)


def _with_shared(takings: list[Taking]) -> list[Taking]:
    shared = ""
    out = []
    for taking in reversed(takings):
        if taking.unit.district:
            shared = taking.unit.district
        elif shared:
            taking = replace(taking, unit=replace(taking.unit, shared=shared))
        out.append(taking)
    return out[::-1]


def _declared(made: Branch) -> str:
    """The kind of unit that is announced before the name (`xã mới có tên gọi là ...`), if any."""
    kinds = [_plain(leaf) for leaf in _leaves(made, "COMMUNE")]
    return kinds[0] if len(kinds) > 1 else ""


def _counted(body: Branch, clause: str, text: Text) -> tuple[Statement | None, Counts]:
    counts = Counts(text.place(_start(body)), _words(next(_children(body, "name"))))
    waiting: list[tuple[str, int]] = []
    elements: list[Branch] = []
    total: int | None = None
    among = False
    kept_from = _start(body)
    for item in _children(body, "item"):
        among = among or any(True for _ in _leaves(item, "AMONG"))
        if not among and any(leaf.type == "COUNTING" for leaf in item.children if isinstance(leaf, Leaf)):
            waiting = []
        for child in item.children:
            if not isinstance(child, Tree):
                continue
            if child.data == "tally":
                number, kind = (leaf for leaf in child.children if isinstance(leaf, Leaf))
                said = (
                    "" if kind.type == "UNITS" else _plain(kind),
                    int(str(number)) if number.isdecimal() else -1,
                )
                if total is None and not among and said[0] == "":
                    total = said[1]
                elif not among:
                    counts.units[said[0]] = counts.units.get(said[0], 0) + said[1]
                else:
                    waiting.append(said)
            elif child.data == "mark":
                unchanged = any(True for _ in _leaves(child, "UNCHANGED"))
                kept_from = _start(child) if unchanged else kept_from
                into = counts.kept if unchanged else counts.formed
                for kind_, number_ in waiting:
                    into[kind_] = into.get(kind_, 0) + number_
                waiting = []
            elif child.data == "element":
                elements.append(child)
    takings = _Series(text).read(elements, _WHOLE, kept_from)
    kept = Statement(clause, counts.place, None, tuple(takings)) if takings else None
    return kept, replace(counts, total=total)


def _elements(body: Branch) -> list[Branch]:
    series = _child(body, "series")
    return list(_children(body if series is None else series, "element"))


def _kind(head: Branch) -> str:
    return next((_plain(leaf) for kind in _children(head, "kind") for leaf in _leaves(kind)), "")


def _plain(leaf: Leaf) -> str:
    words = str(leaf).lower()
    return "huyện" if words == "huyện đảo" else words


def _child(branch: Branch, data: str) -> Branch | None:
    return next(_children(branch, data), None)


def _children(branch: Branch, data: str) -> Iterator[Branch]:
    return (child for child in branch.children if isinstance(child, Tree) and child.data == data)


def _leaves(branch: Branch, kind: str = "") -> Iterator[Leaf]:
    return (child for child in branch.children if isinstance(child, Leaf) and kind in ("", child.type))


def _all_leaves(branch: Branch) -> Iterator[Leaf]:
    for child in branch.children:
        if isinstance(child, Leaf):
            yield child
        else:
            yield from _all_leaves(child)


def _words(branch: Branch) -> str:
    return " ".join(_all_leaves(branch))


def _start(branch: Branch) -> int:
    return min(leaf.start_pos or 0 for leaf in _all_leaves(branch))


def _end(branch: Branch) -> int:
    return max(leaf.end_pos or 0 for leaf in _all_leaves(branch))
