"""An address as words, with what the words of the language say, and every name of a unit that occurs in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from merger.addresses.names import Name, Names
from merger.addresses.words import BREAKS, HARD, TOKEN, vocabulary

LONGEST = 400
"""So many words and signs of a text are looked at, the last ones."""

KEPT = 500_000
"""So many different words are kept in mind."""

BELOW, HOUSE, EMPTY = "below", "house", "empty"

Kinds = frozenset[str]

Mention = tuple[int, int, int, Name, Kinds | None, int, bool]
"""Start with the word for its kind, start and end of the name (in words), the name, the kinds said, how many
of its ends lie within running text, and whether it stands where roads and hamlets stand or within a longer
name."""

Found = tuple[int, int, int, Name, Kinds | None, bool]
"""The same before it is known what stands beside it."""

Known = tuple[str, str, Any, Any, Any]
"""A word without marks and with them, and the trees of the names, of the words of the language before names
and behind them that begin with it (each None if none does)."""


@dataclass(slots=True)
class Scan:
    """`words` of the text; `tokens`: which piece of the text each is from; `breaks`: the sign before it, and
    the end; `stretch`: the number of the stretch between hard signs in which it lies. `kinds`: the kinds of
    unit said right before a word, and `starts` where these words begin."""

    words: list[Known]
    tokens: list[int]
    breaks: list[int]
    stretch: list[int]
    kinds: dict[int, Kinds]
    starts: dict[int, int]
    mentions: list[Mention]


class Scanner:
    """Reads addresses by the names of a lineage."""

    def __init__(self, names: Names) -> None:
        self._names = names
        words = vocabulary()
        self._before = _tree(
            dict.fromkeys(words.below, BELOW)
            | dict.fromkeys(words.house, HOUSE)
            | dict.fromkeys(words.empty, EMPTY)
            | dict(words.before),
            words.marked,
        )
        self._behind = _tree(dict.fromkeys(words.below_behind, BELOW) | dict(words.behind), words.marked)
        self._known: dict[str, tuple[Known, ...] | int] = {}

    def scan(self, text: str, thorough: bool = False) -> Scan:
        """All of it, in time that grows with the length of the text up to `LONGEST`.

        Unless `thorough`, a name within a longer one is left out if no word says that it is a unit.
        """
        words: list[Known] = []
        tokens: list[int] = []
        breaks: list[int] = []
        stretch: list[int] = []
        sign, part, at = HARD, 0, -1
        known = self._known
        found = TOKEN.findall(text)
        if len(found) > LONGEST:
            found[: len(found) - LONGEST] = [","] * (len(found) - LONGEST)
        for token in found:
            at += 1
            told = known.get(token)
            if told is None:
                told = self._know(token)
            if told.__class__ is int:
                if told > sign:  # type: ignore[operator]
                    sign = told  # type: ignore[assignment]
                continue
            if sign == HARD:
                part += 1
            for word in told:  # type: ignore[union-attr]
                words.append(word)
                tokens.append(at)
                breaks.append(sign)
                stretch.append(part)
                sign = 0
        breaks.append(HARD)
        scan = Scan(words, tokens, breaks, stretch, {}, {}, [])
        self._look(scan, thorough)
        return scan

    def _know(self, token: str) -> tuple[Known, ...] | int:
        if len(self._known) > KEPT:
            self._known.clear()
        told: tuple[Known, ...] | int
        if token[0].isalnum():
            root, before, behind = self._names.root, self._before, self._behind
            told = tuple(
                (plain, marked, root.get(plain), before.get(plain), behind.get(plain))
                for plain, marked in self._names.words(token)
            )
        else:
            told = BREAKS.get(token, 0)
        self._known[token] = told
        return told

    def _look(self, scan: Scan, thorough: bool) -> None:
        words, breaks, kinds, starts = scan.words, scan.breaks, scan.kinds, scan.starts
        end = len(words)
        found: list[Found] = []
        below: set[int] = set()
        opening: set[int] = set()
        closing: set[int] = set()
        numbered: set[int] = set()
        walls: set[int] = set()
        after = covered = 0
        for at in range(end):
            if at >= after and words[at][3] is not None:
                after = self._mark(scan, at, words[at][3], below, opening, numbered, walls)
        for at in range(end):
            names = words[at][2]
            if names is None:
                continue
            said = kinds.get(at)
            go = at + 1
            longest = 0
            while True:
                name = names.get("")
                if name is not None and (said is not None or not name.numeric):
                    kind, low = said, said is None and at in below and at not in closing
                    if kind is None and go < end and words[go][4] is not None and breaks[go] != HARD:
                        kind, low = _behind(words, go, low)
                    if kind is not None or thorough or go > covered:
                        start = starts[at] if said is not None else at
                        found.append((start, at, go, name, kind, low or (kind is None and go <= covered)))
                        longest = go
                elif name is not None and go < end and words[go][4] is not None and not breaks[go]:
                    kind, low = _behind(words, go, False)
                    if kind is not None:
                        found.append((at, at, go, name, kind, low))
                        longest = go
                if breaks[go] == HARD or go in walls:
                    break
                names = names.get(words[go][0])
                if names is None:
                    break
                go += 1
            if longest:
                if longest - at > 1 or said is not None:
                    opening.add(at)
                    closing.add(longest)
                if longest > covered:
                    covered = longest
                if thorough:
                    found = [_inside(one) if one[1] == at and one[2] < longest else one for one in found]
                else:
                    while len(found) > 1 and found[-2][1] == at and found[-2][4] is None:
                        del found[-2]
        add = scan.mentions.append
        for start, at, go, name, kind, low in found:
            loose = 0
            if start == at and not breaks[at] and at not in closing:
                loose = 1
                if not low and words[at - 1][0].isdigit() and at - 1 not in numbered:
                    low = True
            if not breaks[go] and go not in opening and (kind is None or start < at):
                loose += 1
            add((start, at, go, name, kind, loose, low))

    def _mark(
        self,
        scan: Scan,
        at: int,
        node: Any,
        below: set[int],
        opening: set[int],
        numbered: set[int],
        walls: set[int],
    ) -> int:
        """What a word of the language says of what follows it. Answers where it ends."""
        words, breaks = scan.words, scan.breaks
        best: Any = None
        stop = at
        go = at + 1
        while True:
            said = node.get("")
            if said is not None and _as_marked(words, at, go, said[1]):
                best, stop = said[0], go
            if breaks[go] == HARD:
                break
            node = node.get(words[go][0])
            if node is None:
                break
            go += 1
        if best is None:
            return at
        opening.add(at)
        if stop - at > 1 or words[at][1] not in self._names.inner:
            walls.add(at)
        if best is EMPTY:
            breaks[stop] = HARD
        elif best is BELOW:
            if not breaks[stop]:
                below.add(stop)
                numbered.add(stop)
        elif best is not HOUSE and breaks[stop] != HARD:
            scan.kinds[stop] = best
            scan.starts[stop] = at
        return stop

    def misspelt(self, scan: Scan) -> list[Mention]:
        """What may be names with one letter wrong: stretches of words, or what follows a word for a kind."""
        found: list[Mention] = []
        words, breaks = scan.words, scan.breaks
        end = len(words)
        for at in range(end):
            said = scan.kinds.get(at)
            if said is None and not breaks[at]:
                continue
            joined = ""
            for go in range(at + 1, min(end, at + 5) + 1):
                joined += words[go - 1][0]
                closed = breaks[go] > 0
                if closed or said is not None or go - at > 1:
                    for name in self._names.like(joined):
                        found.append((scan.starts.get(at, at), at, go, name, said, int(not closed), False))
                if breaks[go] == HARD:
                    break
        return found


def _inside(one: Found) -> Found:
    return one if one[4] is not None else (*one[:5], True)


def _behind(words: list[Known], at: int, low: bool) -> tuple[Kinds | None, bool]:
    """What a word of the language says of what stands before it."""
    node = words[at][4]
    said = node.get("")
    if said is None and at + 1 < len(words):
        deeper = node.get(words[at + 1][0])
        said = deeper.get("") if deeper else None
    if said is None:
        return None, low
    return (None, True) if said[0] is BELOW else (said[0], low)


def _as_marked(words: list[Known], start: int, end: int, forms: frozenset[str]) -> bool:
    """Whether words with marks have those of the form meant: `Dương` is no `đường`."""
    if end - start == 1:
        plain, marked = words[start][:2]
        return marked == plain or marked in forms
    return True


def _tree(forms: dict[str, Any], marked: dict[str, frozenset[str]]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for form, said in forms.items():
        for words in {tuple(form.split()), (form.replace(" ", ""),)}:
            node = root
            for word in words:
                node = node.setdefault(word, {})
            node[""] = (said, marked.get(form, frozenset()))
    return root
