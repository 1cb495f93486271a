"""The units of an entry in the order in which the clause of the resolution names them."""

import re
from collections.abc import Sequence

from merger.codes.names import unmarked

_GLUED = "thành|và|sau"  # words that transcriptions join to the name before them


def positions(clause: str, units: Sequence[tuple[str, str]]) -> list[int]:
    """Where each unit (name, district) is first named in a clause; its length for what is not found.

    Longer names are looked for first and each place serves one unit. Of several places the one is
    taken that the district follows in brackets, for that is how namesakes are told apart.
    """
    left = clause
    found = dict.fromkeys(range(len(units)), len(clause))
    for index in sorted(found, key=lambda one: (-len(units[one][0]), units[one])):
        name, district = units[index]
        places = (
            _places(rf"(?<!\w){_spaced(name)}(?!\w)", left)
            or _places(rf"{_spaced(name)}(?=\W|{_GLUED})", left)
            or _places(rf"(?<!\w){_spaced(unmarked(name))}(?!\w)", unmarked(left))
        )
        if not places:
            continue
        told = [place for place in places if _tells(left, place.end(), district)]
        start, end = (told or places)[0].span()
        found[index] = start
        left = left[:start] + "\0" * (end - start) + left[end:]
    return [found[index] for index in range(len(units))]


def _places(pattern: str, text: str) -> list[re.Match[str]]:
    return list(re.finditer(pattern, text))


def _spaced(name: str) -> str:
    """The name as a pattern: spaces between its words, and after an apostrophe, may differ."""
    return r"\s*".join(re.escape(part) for part in re.split(r"\s+|(?<=')", name))


def _tells(text: str, end: int, district: str) -> bool:
    bracket = re.match(r"\s*\(([^)]*)\)", text[end:])
    return bracket is not None and district in bracket[1]
