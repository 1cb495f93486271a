"""Words of a clause as tokens of the drafting language.

Phrases (`sau khi sắp xếp`) are one token each; every other word is a word of a name. What conversion glued
together (`cácxãPhúc`) or tore apart (`tự nh iên`) is mended here, and said.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from merger.mapping.drafting.text import Text

LONGEST = 40
"""Letters of a word beyond which nobody looks for missing spaces in it."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its kind (a terminal of the grammar), its words as read, and where it stands in the clause."""

    kind: str
    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a clause, and where a mistake of conversion was mended."""

    tokens: tuple[Token, ...]
    mended: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: str  # word, number, measure, or a mark's kind
    text: str
    start: int
    end: int


_APOSTROPHES = "'’‘ʼ`´"
_PIECES = re.compile(
    rf"""
      (?P<MEASURE>[0-9][0-9.,]*\s*(?:km2|km²|ha|người|nhân\ khẩu)\b)
    | (?P<NUMBER>[0-9]+(?:/[0-9]+)*(?:[A-Z]\b)?)
    | (?P<SHORT>(?:TP|TX|TT|[HQP])\.)
    | (?P<WORD>[^\W\d_](?:\w|[{_APOSTROPHES}](?=\w)|(?<=[A-ZĐ])[{_APOSTROPHES}](?=\s+[A-ZĐ]))*)
    | (?P<COMMA>,) | (?P<SEMICOLON>;) | (?P<COLON>:) | (?P<DOT>\.)
    | (?P<DASH>[-–—‑−]) | (?P<LEFT_BRACKET>\() | (?P<RIGHT_BRACKET>\))
    | (?P<QUOTE>["“”«»{_APOSTROPHES}])
    | (?P<OTHER>\S)
    """,
    re.VERBOSE,
)
_KINDS_OF_UNITS = frozenset({"COMMUNE", "DISTRICT", "PROVINCE"})
_SAID_TWICE = frozenset(
    {"OF", "THE", "AND", "COMMUNE", "DISTRICT", "CLAUSE", "ALL", "PART", "LAND", "PEOPLE", "BY"}
)
_DIGITS_BEHIND = re.compile(r"([^\W\d_]+)([0-9]+)")
_NUMBER_BEFORE = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    phrases: dict[str, dict[tuple[str, ...], str]]  # by first word
    words: frozenset[str]
    short: dict[str, str]
    after_names: frozenset[str]
    incomplete: frozenset[str]


@cache
def _vocabulary() -> _Vocabulary:
    read: dict[str, Any] = tomllib.loads(
        resources.files(__package__).joinpath("vocabulary.toml").read_text("utf-8")
    )
    phrases: dict[str, dict[tuple[str, ...], str]] = {}
    words: set[str] = set()
    for kind, written in read["phrases"].items():
        for phrase in written:
            key = tuple(phrase.split())
            phrases.setdefault(key[0], {})[key] = kind
            words.update(key)
    return _Vocabulary(
        phrases=phrases,
        words=frozenset(words),
        short=read["short"],
        after_names=frozenset(read["glued"]["after_names"]),
        incomplete=frozenset(read["incomplete"]["words"]),
    )


def tokens_of(clause: Text, names: AbstractSet[str] = frozenset()) -> Tokens:
    """The tokens of a clause. `names` are words of names that are known: these are never taken apart."""
    pieces: list[_Piece] = []
    mended: list[int] = []
    for piece in _joined(list(_pieces(clause.chars)), clause.chars, mended):
        split = _split(piece) if piece.kind == "WORD" and piece.text not in names else [piece]
        if len(split) > 1:
            mended.append(piece.start)
        pieces += split
    tokens: list[Token] = []
    index = 0
    while index < len(pieces):
        token, index = _token(pieces, index, tokens)
        if token.kind in ("SKIPPED", "QUOTE"):
            continue
        before = tokens[-1] if tokens else None
        if before and token.kind in _SAID_TWICE and (before.kind, before.words) == (token.kind, token.words):
            mended.append(token.start)
            continue
        tokens.append(token)
    return Tokens(tuple(_with_references(tokens)), tuple(sorted(mended)))


def _with_references(tokens: list[Token]) -> Iterator[Token]:
    """The tokens, every list of clauses (`khoản 1, khoản 3 và 7 Điều này`) one of them."""
    index = 0
    while index < len(tokens):
        end = _end_of_reference(tokens, index)
        if end == index:
            yield tokens[index]
            index += 1
            continue
        said = tokens[index:end]
        yield Token("REFERENCE", " ".join(token.words for token in said), said[0].start, said[-1].end)
        index = end


def _end_of_reference(tokens: list[Token], index: int) -> int:
    """Where a list of clauses that begins at `index` ends; `index` if none begins there."""

    def kind(at: int) -> str:
        return tokens[at].kind if at < len(tokens) else ""

    if (kind(index), kind(index + 1)) != ("CLAUSE", "NUMBER"):
        return index
    end = index + 2
    while True:
        step = end
        while kind(step) in ("COMMA", "AND"):
            step += 1
        step += kind(step) == "CLAUSE"
        if step == end or kind(step) != "NUMBER":
            return end + (kind(end) == "HERE")
        end = step + 1


def _pieces(chars: str) -> Iterator[_Piece]:
    for match in _PIECES.finditer(chars):
        yield _Piece(match.lastgroup or "OTHER", match[0], match.start(), match.end())


def _joined(pieces: list[_Piece], chars: str, mended: list[int]) -> Iterator[_Piece]:
    """Words of the vocabulary that a space tore apart, made whole."""
    words = _vocabulary().words
    index = 0
    while index < len(pieces):
        one = pieces[index]
        two = pieces[index + 1] if index + 1 < len(pieces) else None
        if (
            two is not None
            and one.kind == two.kind == "WORD"
            and one.text + two.text in words
            and not (one.text in words and two.text in words)
            and chars[one.end : two.start].isspace()
        ):
            mended.append(one.start)
            yield _Piece("WORD", one.text + two.text, one.start, two.end)
            index += 2
        else:
            yield one
            index += 1


def _split(piece: _Piece) -> list[_Piece]:
    """The words that a missing space glued together; the piece itself where that is not seen."""
    out = []
    at = piece.start
    for text in _words(piece.text):
        kind = "NUMBER" if _NUMBER_BEFORE.fullmatch(text) else "WORD"
        out.append(_Piece(kind, text, at, at + len(text)))
        at += len(text)
    return out


def _words(text: str) -> list[str]:
    known = _vocabulary()
    if text in known.words or len(text) > LONGEST:
        return [text]
    numbered = _DIGITS_BEHIND.fullmatch(text)
    if numbered and numbered[1].casefold() in known.words:
        return [numbered[1], numbered[2]]
    large = next((index for index, letter in enumerate(text) if letter.isupper()), len(text))
    if large:
        phrase = _phrase(text[:large])
        return [*phrase, *(_words(text[large:]) if large < len(text) else [])] if phrase else [text]
    for index in range(1, len(text)):
        phrase = _phrase(text[index:]) if text[index].islower() else []
        if phrase and phrase[0] in known.after_names and (len(phrase[0]) > 2 or _spoken(text[:index])):
            return [text[:index], *phrase]
    return [text]


def _spoken(text: str) -> bool:
    """Whether the text holds a vowel, as every word does."""
    return any(letter in "aeiouy" for letter in unicodedata.normalize("NFD", text.casefold()))


def _phrase(text: str) -> list[str]:
    """The text as words of the vocabulary set end to end; empty if it is not made of them."""
    known = _vocabulary().words
    best: list[list[str] | None] = [[], *([None] * len(text))]
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - 8), end - 1):
            before = best[start]
            so_far = best[end]
            if before is None or text[start:end] not in known:
                continue
            if so_far is None or len(before) + 1 < len(so_far):
                best[end] = [*before, text[start:end]]
    return best[-1] or []


def _token(pieces: list[_Piece], index: int, before: list[Token]) -> tuple[Token, int]:
    piece = pieces[index]
    known = _vocabulary()
    short = known.short.get(piece.text)
    if short is not None and (piece.kind == "SHORT" or _followed_by_word(pieces, index)):
        kind = known.phrases[short.split()[0]][tuple(short.split())]
        return Token(kind, short, piece.start, piece.end), index + 1
    if piece.kind == "WORD":
        found = _longest(pieces, index, before)
        if found:
            kind, phrase = found
            end = index + len(phrase)
            return Token(kind, " ".join(phrase), piece.start, pieces[end - 1].end), end
        if piece.text in known.incomplete:
            return Token("OTHER", piece.text, piece.start, piece.end), index + 1
    return Token(piece.kind, piece.text, piece.start, piece.end), index + 1


def _followed_by_word(pieces: list[_Piece], index: int) -> bool:
    return index + 1 < len(pieces) and pieces[index + 1].kind in ("WORD", "NUMBER")


def _longest(pieces: list[_Piece], index: int, before: list[Token]) -> tuple[str, tuple[str, ...]] | None:
    """The longest phrase that begins at the piece, with its kind."""
    first = pieces[index].text
    known = _vocabulary().phrases
    small = first[0].lower() + first[1:]
    begins = not before or before[-1].kind in ("DOT", "COLON")
    for word in dict.fromkeys((first, small)):
        for phrase, kind in sorted(known.get(word, {}).items(), key=lambda one: -len(one[0])):
            follows = [piece.text for piece in pieces[index + 1 : index + len(phrase)]]
            if tuple(follows) != phrase[1:]:
                continue
            after = pieces[index + len(phrase) : index + len(phrase) + 1]
            if (
                word == first
                or begins
                or (kind in _KINDS_OF_UNITS and _names_kind(before[-1], phrase, after))
            ):
                return kind, phrase
    return None


def _names_kind(before: Token, phrase: tuple[str, ...], after: list[_Piece]) -> bool:
    """Whether a kind of unit written with a large letter is one here, not a word of a name.

    In `phường Phường Mới` it is a word of the name, in `phường Phường 4` the kind said twice.
    """
    if before.words == " ".join(phrase):
        return bool(after) and after[0].kind == "NUMBER"
    return before.kind not in ("WORD", "NUMBER", "DASH", *_KINDS_OF_UNITS)
