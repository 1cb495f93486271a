"""Made-up words that look Vietnamese and are none: each begins with f, j, w or z, as no Vietnamese word does.

So no made-up name is anybody's, and none can be found again in what it stands for.
"""

import unicodedata
from functools import cache
from itertools import product
from random import Random

FIRST = "fjwz"
SECOND = ("", *"bdghklmrsvx")
VOWELS = (*"aăâeêioôơuưy", "iê", "uô", "ươ")
ENDS = ("", *"cimnoptu", "ch", "ng", "nh")
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
OLD, NEW = "old", "new"
RHYMES = ("oa", "oe", "uy")
"""Rhymes whose tone is written on the second letter by old rule (`hoà`) and on the first by the new."""
MOST = 2000
"""So many words of a shape are enough to tell people apart."""


@cache
def words(letters: int, marks: int, tone: str = "") -> tuple[str, ...]:
    """Lower-case words, composed, of so many letters.

    `marks`: how many characters longer they are when decomposed; as many as the letters can bear where
    that is more. `tone`: words whose tone stands where it used to be put (OLD), or those same words with
    the tone where it is put now (NEW).
    """
    if tone:
        return tuple(
            unicodedata.normalize(
                "NFC", f"{head}{rhyme}{mark}" if tone == OLD else f"{head}{rhyme[0]}{mark}{rhyme[1]}"
            )
            for head, rhyme, mark in product(_heads(letters - 2), RHYMES, TONES[1:])
        )[:MOST]
    if letters > 5:
        return _long(letters, marks)
    while True:
        found = _syllables().get((letters, marks))
        if found:
            return found
        marks -= 1


def tone_place(word: str) -> str:
    """OLD or NEW for a composed word whose tone may be put in two ways, else nothing."""
    if len(word) < 3 or word.isascii():
        return ""
    base = unicodedata.normalize("NFD", word.lower())
    if base[-1] in TONES[1:]:
        return OLD if base[-3:-1] in RHYMES and base[-4:-3] not in ("q", "") else ""
    return (
        NEW
        if base[-2] in TONES[1:] and base[-3] + base[-1] in RHYMES and base[-4:-3] not in ("q", "")
        else ""
    )


def new_style(word: str) -> str:
    """A lower-case word, its tone where the new rule puts it."""
    if tone_place(word) != OLD:
        return word
    base = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", base[:-2] + base[-1] + base[-2])


@cache
def _syllables() -> dict[tuple[int, int], tuple[str, ...]]:
    """Syllables by their letters and their marks, mixed in an order that is always the same."""
    found: dict[tuple[int, int], list[str]] = {}
    for first, second, vowel, end, tone in product(FIRST, SECOND, VOWELS, ENDS, TONES):
        word = unicodedata.normalize("NFC", first + second + vowel + tone + end)
        marks = len(unicodedata.normalize("NFD", word)) - len(word)
        found.setdefault((len(word), marks), []).append(word)
    found[1, 0] = list(FIRST)
    return {shape: tuple(Random(0).sample(some, min(MOST, len(some)))) for shape, some in found.items()}


@cache
def _heads(letters: int) -> tuple[str, ...]:
    """Beginnings of words before a rhyme of two letters."""
    if letters == 1:
        return tuple(FIRST)
    if letters == 2:
        return tuple(first + second for first, second in product(FIRST, SECOND) if second)
    return tuple(word + first for word in words(letters - 1, 0)[:30] for first in FIRST)


@cache
def _long(letters: int, marks: int) -> tuple[str, ...]:
    """Words of several syllables."""
    chance = Random(f"{letters} {marks}")
    made = []
    for _ in range(MOST):
        left, open_marks, word = letters, marks, ""
        while left:
            size = left if left <= 5 else min(chance.randint(2, 5), left - 2)
            share = min(2, open_marks) if left == size else min(chance.randint(0, 2), open_marks)
            word += chance.choice(words(size, share))
            left -= size
            open_marks -= share
        made.append(word)
    return tuple(made)
