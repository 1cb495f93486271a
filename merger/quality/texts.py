"""Whether texts are written so that equal ones are equal, and are what they seem to be."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

from merger.errors import Place
from merger.quality.subject import Hit, Subject

_ODD_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t]|(?<=\\S)  +(?=\\S)")
_PLAIN = re.compile(r"[\x00-\x7f\u00c0-\u024f\u1e00-\u1eff\u0300-\u036f]*")


def texts_are_composed(subject: Subject) -> Iterator[Hit]:
    """A line holds letters whose marks are written apart (not Unicode NFC)."""
    for document in subject.loaded.documents:
        text = document.content.decode("utf-8-sig")
        if unicodedata.is_normalized("NFC", text):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            composed = unicodedata.normalize("NFC", line)
            if composed != line:
                same = next((i for i, (a, b) in enumerate(zip(line, composed, strict=False)) if a != b), 0)
                yield Hit(Place(file=str(document.path), line=number, column=same + 1), "")


def letters_are_latin(subject: Subject) -> Iterator[Hit]:
    """A value holds a letter or digit of another script, which may look like a Latin one.

    Files of another country's codes hold its names in its letters.
    """
    for place, text in _texts(subject, _holds_strange, foreign=False):
        strange = next(filter(_is_strange, text))
        fields = {
            "letter": strange,
            "name": unicodedata.name(strange, f"U+{ord(strange):04X}"),
            "text": text[:60],
        }
        yield Hit(place, text, fields)


def spaces_are_plain(subject: Subject) -> Iterator[Hit]:
    """A value holds a space that is no plain one, or two together."""
    for place, text in _texts(subject, _ODD_SPACE.search):
        found = _ODD_SPACE.search(text)
        assert found is not None
        yield Hit(place, text, {"space": f"U+{ord(found[0][0]):04X}", "text": " ".join(text.split())[:60]})


def _texts(
    subject: Subject, wanted: Callable[[str], object], *, foreign: bool = True
) -> Iterator[tuple[Place, str]]:
    """The values for which `wanted` holds, of files that hold anything odd; `foreign`: also of files of
    another country's codes."""
    for document in subject.loaded.documents:
        if not foreign and not subject.in_scheme(document.value):
            continue
        text = document.content.decode("utf-8-sig")
        if not _PLAIN.fullmatch(text) or "  " in text or "\t" in text:
            yield from document.texts(wanted)


def _holds_strange(text: str) -> bool:
    return any(map(_is_strange, text))


@lru_cache(maxsize=4096)
def _is_strange(letter: str) -> bool:
    if letter.isascii() or not (letter.isalpha() or letter.isdigit()) or letter in "ªº²³¹":
        return False
    return (
        not unicodedata.name(letter, "").startswith("LATIN ")
        or unicodedata.normalize("NFKC", letter) != letter
    )
