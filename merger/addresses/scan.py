"""A stretch of an address as words, with what words of the language say and every name of a unit in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from merger.addresses.names import Name, Names
from merger.addresses.words import HARD, SOFT, SOFT_SIGNS, TOKEN, Word, vocabulary

LONGEST = 400
"""So many words of a stretch are looked at, the last ones."""

KEPT = 500_000
"""So many different pieces are kept in mind."""
LONG = 40
"""Longer pieces are not."""

BELOW, HOUSE, EMPTY = "below", "house", "empty"

Kinds = frozenset[str]

Mention = tuple[int, int, int, Name, Kinds | None, int, bool, str]
"""Start with the word for its kind, start and end of the name (in words), the name, the kinds said, how many
of its ends lie within running text, whether it stands where roads and hamlets stand or within a longer name,
and how it is written (empty if a letter is wrong)."""

Found = tuple[int, int, int, Name, Kinds | None, bool]
"""The same before it is known what stands beside it."""

Known = tuple[str, str, Any, Any, Any]
"""A word without marks and with them, and the trees of the names, of the words of the language before names
and behind them that begin with it (each None if none does)."""


Piece = tuple[tuple[Known, ...], tuple[int, ...], int]
"""The words of what stands between two blanks, the sign before each, and the sign behind the last."""


@dataclass(slots=True)
class Scan:
    """`words` of a stretch; `breaks`: the sign before each, and the end. `kinds`: the kinds of unit said
    right before a word, and `starts` where these words begin."""

    words: list[Known]
    breaks: list[int]
    kinds: dict[int, Kinds]
    starts: dict[int, int]
    mentions: list[Mention]


class _Marks(NamedTuple):
    """What words of the language say: where roads and hamlets are named (`below`), the number of a hamlet
    (`numbered`), where such a word begins (`opening`), and where none within a name does (`walls`)."""

    below: set[int]
    numbered: set[int]
    opening: set[int]
    walls: set[int]


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
        self._known: dict[str, Piece] = {}

    def scan(self, text: str, thorough: bool = False, base: int = 0) -> Scan:
        """All of a stretch, in time that grows with its length up to `LONGEST`.

        Unless `thorough`, a name within a longer one is left out if no word says that it is a unit. `base` is
        added to where the mentions are.
        """
        words: list[Known] = []
        breaks: list[int] = []
        sign = HARD
        known = self._known
        for piece in text.split():
            told = known.get(piece)
            if told is None:
                told = self._know(piece)
            more, signs, after = told
            if more:
                words += more
                breaks += signs
                if sign:
                    breaks[-len(signs)] = sign
                sign = after
            elif not sign:
                sign = after
        if len(words) > LONGEST:
            del words[:-LONGEST], breaks[:-LONGEST]
            breaks[0] = HARD
        breaks.append(HARD)
        scan = Scan(words, breaks, {}, {}, [])
        self._look(scan, thorough, base)
        return scan

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where in a stretch each of the words of its scan is, in characters."""
        found = [match.span() for match in TOKEN.finditer(text)]
        return [(start, end) for start, end in found for _ in self._words(text[start:end])][-LONGEST:]

    def _know(self, piece: str) -> Piece:
        """What stands between two blanks, kept in mind: most words are met again and again."""
        if len(self._known) > KEPT:
            self._known.clear()
        words: list[Known] = []
        signs: list[int] = []
        sign = 0
        root, before, behind = self._names.root, self._before, self._behind
        for token in TOKEN.findall(piece):
            told = self._words(token)
            if told:
                signs += (sign, *(0,) * (len(told) - 1))
                sign = 0
            elif not sign and token in SOFT_SIGNS:
                sign = SOFT
            for plain, marked in told:
                words.append((plain, marked, root.next.get(plain), before.get(plain), behind.get(plain)))
        found = (tuple(words), tuple(signs), sign)
        if len(piece) <= LONG:
            self._known[piece] = found
        return found

    def _words(self, token: str) -> tuple[Word, ...]:
        """The words of a token; a sign is none."""
        return self._names.words(token) if token[0].isalnum() else ()

    def _look(self, scan: Scan, thorough: bool, base: int) -> None:
        words, breaks, kinds, starts = scan.words, scan.breaks, scan.kinds, scan.starts
        end = len(words)
        found: list[Found] = []
        marks = _Marks(set(), set(), set(), set())
        below, numbered, opening, walls = marks
        after = 0
        for at, word in enumerate(words):
            if word[3] is not None and at >= after:
                after = self._mark(scan, at, word[3], marks)
        closing: set[int] = set()
        covered = 0
        for at, word in enumerate(words):
            node = word[2]
            if node is None:
                continue
            said = kinds.get(at)
            go = at + 1
            longest = 0
            while True:
                name = node.name
                if name is not None:
                    kind, low = said, False
                    if kind is None:
                        low = at in below and at not in closing
                        if go < end and words[go][4] is not None and breaks[go] != HARD:
                            kind, low = _behind(words, go, low)
                            if kind is not None and starts.get(go + 1) == go:
                                del kinds[go + 1], starts[go + 1]  # it was said of the name before
                    if kind is not None or (not name.numeric and (thorough or go > covered)):
                        start = starts[at] if said is not None else at
                        found.append((start, at, go, name, kind, low or (kind is None and go <= covered)))
                        longest = go
                if breaks[go] == HARD or go in walls:
                    break
                node = node.next.get(words[go][0])
                if node is None:
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
            text = words[at][1] if go - at == 1 else " ".join([word[1] for word in words[at:go]])
            add((base + start, base + at, base + go, name, kind, loose, low, text))

    def _mark(self, scan: Scan, at: int, node: Any, marks: _Marks) -> int:
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
        marks.opening.add(at)
        if stop - at > 1 or words[at][1] not in self._names.inner:
            marks.walls.add(at)
        if best is EMPTY:
            breaks[stop] = HARD
        elif best is BELOW:
            if not breaks[stop]:
                marks.below.add(stop)
                marks.numbered.add(stop)
        elif best is not HOUSE and breaks[stop] != HARD:
            scan.kinds[stop] = best
            scan.starts[stop] = at
        return stop

    def misspelt(self, scan: Scan, base: int) -> list[Mention]:
        """What may be names with one letter wrong: stretches of words, or what follows a word for a kind."""
        found: list[Mention] = []
        words, breaks = scan.words, scan.breaks
        end = len(words)
        for at in range(end):
            said = scan.kinds.get(at)
            if said is None and (not breaks[at] or words[at][3] is not None or words[at][0].isdigit()):
                continue
            joined = ""
            for go in range(at + 1, min(end, at + 5) + 1):
                joined += words[go - 1][0]
                closed = breaks[go] > 0
                if (closed or said is not None or go - at > 1) and not self._names.has(joined):
                    for name in self._names.like(joined):
                        start = base + scan.starts.get(at, at)
                        found.append((start, base + at, base + go, name, said, int(not closed), False, ""))
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
