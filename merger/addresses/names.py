"""All names of units as a tree of words, and words as people run them together or type them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from merger.addresses.entries import Entries, Entry
from merger.addresses.words import ROMANS, Word, fold_word, initials, vocabulary, words_of
from merger.mapping.models import UnitKind

SHORTEST_TYPO = 5
"""Names of fewer letters are never taken for misspelt: one letter makes another name of them."""

_ARABIC = {number: roman for roman, number in ROMANS.items()}
_TONES = {"f": "\u0300", "s": "\u0301", "x": "\u0303", "r": "\u0309", "j": "\u0323"}
_TYPED = (("dd", "đ"), ("uow", "ươ"), ("uwow", "ươ"), ("aa", "â"), ("aw", "ă"), ("ee", "ê"), ("oo", "ô"),
          ("ow", "ơ"), ("uw", "ư"))  # fmt: skip
_LAST_VOWEL = re.compile("[aăâeêioôơuưy](?=[^aăâeêioôơuưy]*$)")


class Node:
    """Where a word leads: the name that ends there, if any, and by the next word where that leads."""

    __slots__ = ("name", "next")

    def __init__(self) -> None:
        self.name: Name | None = None
        self.next: dict[str, Node] = {}


Written = tuple[Entry, str]
"""A unit, and how its name is written with marks."""


@dataclass(slots=True, eq=False)
class Name:
    """A name without its marks, and all units that bear it. `within`: its communes by what lies above them,
    each with how its name is written."""

    plain: str
    numeric: bool
    short: bool = False
    provinces: list[Written] = field(default_factory=list)
    districts: list[Written] = field(default_factory=list)
    communes: list[Written] = field(default_factory=list)
    within: dict[Entry, list[Written]] = field(default_factory=dict)

    def of(self, kind: UnitKind) -> list[Written]:
        """The units of a kind."""
        if kind is UnitKind.PROVINCE:
            return self.provinces
        return self.districts if kind is UnitKind.DISTRICT else self.communes


class Names:
    """The names of all entries. `root` is where every name begins; `kinds` are the words for kinds of units;
    `inner` the words, with marks and without, that occur in names elsewhere than at the beginning."""

    def __init__(self, entries: Entries) -> None:
        self.root = Node()
        self.kinds: dict[UnitKind, set[str]] = {kind: set() for kind in UnitKind}
        self._glued: dict[str, list[tuple[Word, ...]]] = {}
        self._single: dict[str, list[tuple[Word, ...]]] = {}
        self._deleted: dict[str, list[Name]] = {}
        self.inner: set[str] = set()
        self._syllables = set(_marker_words())
        self._prefixes = sorted(
            {form.replace(" ", "") for form in vocabulary().before}, key=len, reverse=True
        )
        aliases = vocabulary().names
        for entry in entries:
            self.kinds[entry.kind].add(entry.type)
            for words in _spellings(entry.words):
                self._enter(entry, words)
            for alias in aliases.get(entry.name, ()):
                self._enter(entry, tuple(words_of(alias)))
            if entry.kind is UnitKind.PROVINCE:
                for words in _initials(entry):
                    self._enter(entry, words, short=True)

    def _enter(self, entry: Entry, words: tuple[Word, ...], short: bool = False) -> None:
        node = self.root
        for plain, _ in words:
            self._syllables.add(plain)
            node = node.next.setdefault(plain, Node())
        self.inner.update(form for word in words[1:] for form in word)
        joined = "".join(plain for plain, _ in words)
        name = node.name
        if name is None:
            numeric = numeric_name(joined)
            name = node.name = Name(" ".join(plain for plain, _ in words), numeric, short)
            if not short and not numeric and len(joined) >= SHORTEST_TYPO:
                for key in _deletions(joined):
                    self._deleted.setdefault(key, []).append(name)
        marked = " ".join(word for _, word in words)
        written = name.of(entry.kind)
        if any(entry is one for one, _ in written):
            return
        written.append((entry, marked))
        if not numeric_name(joined):
            (self._glued if len(words) > 1 else self._single).setdefault(joined, []).append(words)
        if entry.kind is UnitKind.COMMUNE:
            for above in entry.above:
                name.within.setdefault(above, []).append((entry, marked))

    def has(self, joined: str) -> bool:
        """Whether a run of letters is a name as it stands."""
        return joined in self._glued or joined in self._single

    def like(self, joined: str) -> list[Name]:
        """The names that are one letter away from a run of letters: one more, less, other, or two swapped."""
        found: dict[int, Name] = {}
        for key in _deletions(joined):
            for name in self._deleted.get(key, ()):
                if _one_apart(joined, name.plain.replace(" ", "")):
                    found[id(name)] = name
        return list(found.values())

    def words(self, token: str) -> tuple[Word, ...]:
        """The words of a token: mostly one; several where words were run together."""
        word = fold_word(token)
        plain, marked = word
        if plain in self._syllables:
            return (word,)
        for prefix in ("", *self._prefixes):
            if not plain.startswith(prefix):
                continue
            rest = self._glued.get(plain[len(prefix) :])
            if rest is None and len(prefix) > 1:
                rest = self._single.get(plain[len(prefix) :])
            if rest:
                return (*(((prefix, prefix),) if prefix else ()), *_marked_as(marked[len(prefix) :], rest))
        if plain == marked:
            typed = fold_word(_typed(plain))
            if typed[0] in self._syllables:
                return (typed,)
        return (word,)


def numeric_name(joined: str) -> bool:
    """Whether a name is a number, which means nothing without a word for a kind of unit before it."""
    return joined.isdigit() or joined in ROMANS


def _marker_words() -> Iterable[str]:
    words = vocabulary()
    for forms in (words.before, words.behind, words.below, words.below_behind, words.empty):
        for form in forms:
            yield from form.split()
            yield form.replace(" ", "")


def _spellings(words: tuple[Word, ...]) -> Iterable[tuple[Word, ...]]:
    """A name, and the same with its last numeral Roman or Arabic."""
    yield words
    last = words[-1][0]
    other = _ARABIC.get(last) or (ROMANS.get(last) if last not in ("vi", "xi") else None)
    if other:
        yield (*words[:-1], (other, other))


def _initials(entry: Entry) -> Iterable[tuple[Word, ...]]:
    """`HN`; for a name of two parts `BRVT` and `BR VT`."""
    parts = [
        initials(words_of(part))
        for part in re.split(" [-–] ", entry.name.split(" ", entry.type.count(" ") + 1)[-1])
    ]
    if len("".join(parts)) > 1:
        yield (("".join(parts), "".join(parts)),)
    if len(parts) > 1:
        yield tuple((part, part) for part in parts)


def _deletions(joined: str) -> set[str]:
    return {joined, *(joined[:at] + joined[at + 1 :] for at in range(len(joined)))}


def _one_apart(a: str, b: str) -> bool:
    """Whether one change makes one of two different words of the other."""
    if a == b:
        return False
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    rest_a, rest_b = a[start:], b[start:]
    if rest_a[1:] == rest_b[1:] or rest_a[1:] == rest_b or rest_a == rest_b[1:]:
        return True
    return rest_a[:2] == rest_b[:2][::-1] and rest_a[2:] == rest_b[2:]


def _marked_as(marked: str, spellings: Sequence[tuple[Word, ...]]) -> tuple[Word, ...]:
    """The words of a run of letters, with the marks it has."""
    for words in spellings:
        if "".join(word for _, word in words) == marked:
            return words
    return tuple((plain, plain) for plain, _ in spellings[0])


def _typed(plain: str) -> str:
    """What somebody wanted to type whose keyboard did not turn `Phuwowngf` into `Phường`."""
    tone = next((letter for letter in reversed(plain) if letter in _TONES and plain.index(letter) > 0), "")
    at = plain.rfind(tone) if tone else -1
    if at > 0:
        plain = plain[:at] + plain[at + 1 :]
    for keys, letter in _TYPED:
        plain = plain.replace(keys, letter)
    found = _LAST_VOWEL.search(plain)
    if not tone or found is None:
        return plain
    return plain[: found.end()] + _TONES[tone] + plain[found.end() :]
