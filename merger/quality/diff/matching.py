"""Statements of two sides matched by what they are about, and what the matched ones say differently."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from merger.errors import Place
from merger.quality.diff.model import Difference, Group, How
from merger.quality.diff.view import Where

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that a file says: `key` is what it is about, `aspects` what it says of it.

    `looser` are further keys, tried one after the other with what nothing on the other side has the key
    of, and only where they fit one statement on each side. `shown` are values of aspects that are shown
    otherwise than they are compared, `elsewhere` aspects that belong under another heading. `told`: that
    it was added or removed is said in another way already.
    """

    group: Group
    key: Key
    subject: str
    aspects: Mapping[str, str]
    where: Where
    looser: tuple[Key, ...] = ()
    shown: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, Group] = field(default_factory=dict)
    told: bool = False
    code: str = ""
    kind: str = ""


def compare_statements(old: Iterable[Statement], new: Iterable[Statement]) -> Iterator[Difference]:
    """What was added, removed and changed. Statements that stand on both sides are no difference."""
    gone, come = _unequal(old, new)
    for level in range(1 + max((len(one.looser) for one in (*gone, *come)), default=0)):
        matched = list(_matched(gone, come, level))
        for one, other in matched:
            yield from _changed(one, other)
        done = {id(one) for pair in matched for one in pair}
        gone = [one for one in gone if id(one) not in done]
        come = [one for one in come if id(one) not in done]
    yield from (_alone(one, "removed") for one in gone if not one.told)
    yield from (_alone(one, "added") for one in come if not one.told)


def _unequal(old: Iterable[Statement], new: Iterable[Statement]) -> tuple[list[Statement], list[Statement]]:
    """Both sides without what stands on both, as often as it does."""
    by_content = defaultdict(list)
    for one in old:
        by_content[_content(one)].append(one)
    come = []
    for other in new:
        same = by_content[_content(other)]
        if same:
            same.pop()
        else:
            come.append(other)
    return [one for rest in by_content.values() for one in rest], come


def _content(one: Statement) -> Key:
    return (one.group, one.key, *sorted(one.aspects.items()))


def _matched(
    gone: list[Statement], come: list[Statement], level: int
) -> Iterator[tuple[Statement, Statement]]:
    olds, news = _by_key(gone, level), _by_key(come, level)
    for key, own in olds.items():
        others = news.get(key, [])
        if level == 0 or len(own) == len(others) == 1:
            yield from zip(own, others, strict=False)


def _by_key(statements: list[Statement], level: int) -> dict[Key, list[Statement]]:
    found = defaultdict(list)
    for one in sorted(statements, key=lambda one: sorted(one.aspects.items())):
        keys = (one.key, *one.looser)
        if level < len(keys):
            found[(one.group, *keys[level])].append(one)
    return found


def _changed(one: Statement, other: Statement) -> Iterator[Difference]:
    for aspect in dict.fromkeys([*other.aspects, *one.aspects]):
        until, now = one.aspects.get(aspect, ""), other.aspects.get(aspect, "")
        if until != now:
            yield Difference(
                group=other.elsewhere.get(aspect, other.group),
                how="changed",
                subject=other.subject,
                aspect=aspect,
                until=one.shown.get(aspect, until),
                now=other.shown.get(aspect, now),
                place=_place(other),
                code=other.code,
                kind=other.kind,
            )


def _alone(one: Statement, how: How) -> Difference:
    return Difference(
        group=one.group,
        how=how,
        subject=one.subject,
        aspect="",
        until="",
        now="",
        place=_place(one),
        in_old=how == "removed",
        code=one.code,
        kind=one.kind,
    )


def _place(one: Statement) -> Place:
    document, loc = one.where
    return document.place(loc)
