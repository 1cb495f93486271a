"""Whether two spellings are one name."""

from merger.codes.names.types import type_and_letters


def fold(name: str) -> str:
    """A key under which two spellings of one name are equal, and names that differ in any mark are not.

    Not written into it: case, composition, place of tones, spaces, kinds of apostrophes and dashes or their
    absence, abbreviation of the type word, zeros before numbers, Roman or Arabic numerals, `Lý` or `Lí`,
    `Đắk`, `Đăk` or `Đak`. A key to compare with other keys: neither for reading nor to be folded again.
    """
    kind, bare = type_and_letters(name)
    return f"{kind} {bare}".strip()


def same_name(a: str, b: str) -> bool:
    """Whether two spellings name the same unit: as by `fold`, but types only count where both give one.

    Strong enough to identify a unit among those of one province or district; never for what is misspelt.
    """
    kind_a, bare_a = type_and_letters(a)
    kind_b, bare_b = type_and_letters(b)
    return bare_a == bare_b and (kind_a == kind_b or not kind_a or not kind_b)
