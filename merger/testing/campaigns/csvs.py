"""CSV files of changes and pairs of units, made unusable in every way we know."""

from collections.abc import Callable, Mapping
from random import Random

CHANGES = """date,event_id,kind,from_code,from_name,to_code,to_name,extent,share,population,seq,source
2019-12-01,a,merge,90001,Xã Một,90001,Xã Một,whole,,all,,1/NQ
2019-12-01,a,merge,90004,"Xã Hai, cũ",90001,Xã Một,part,0.25,none,,1/NQ
2019-12-01,a,merge,90004,"Xã Hai, cũ",90007,Phường Hòa,part,0.75,all,,1/NQ
2020-02-01,b,rename,90007,Phường Hòa,90007,Phường Hoà,whole,1,all,,
2021-05-01,,create,,,90010,Xã Đạ,unspecified,,unspecified,1,"dòng một
dòng hai"
2022-05-01,,abolish,90010,Xã Đạ,,,unspecified,,unspecified,2,
"""
CROSSWALK = """old_code,old_name,new_code,new_name,extent,population,share,evidence
90001,Xã Một,90001,Xã Một,whole,all,,1/NQ §1
90004,Xã Hai,90001,Xã Một,part,none,0.25,1/NQ §1
90004,Xã Hai,90007,Phường Hòa,part,all,0.75,1/NQ §2
90007,"Phường Hòa, cũ",90007,Phường Hòa,whole,all,1,1/NQ §2
"""

Damage = Callable[[Random, bytes], bytes]


def _lines(content: bytes) -> list[bytes]:
    """The header and rows (the one of two lines as one)."""
    return content.replace("một\ndòng".encode(), b"mot dong").splitlines(keepends=True)


def _cell(chance: Random, content: bytes, column: int, new: bytes) -> bytes:
    """The file with one cell of a row without quotes replaced."""
    lines = _lines(content)
    at = chance.choice([at for at, line in enumerate(lines) if at and b'"' not in line])
    cells = lines[at].rstrip(b"\n").split(b",")
    cells[column] = new
    lines[at] = b",".join(cells) + b"\n"
    return b"".join(lines)


def _named(column: bytes, *values: bytes) -> Damage:
    def damage(chance: Random, content: bytes) -> bytes:
        names = content.splitlines()[0].split(b",")
        return _cell(chance, content, names.index(column), chance.choice(values))

    return damage


def _nothing(chance: Random, _content: bytes) -> bytes:
    return chance.choice([b"", b"\n\n", b"\xef\xbb\xbf", b",,,\n", b"\xef\xbb\xbf\r\n\r\n"])


def _header_only(_chance: Random, content: bytes) -> bytes:
    return content.splitlines(keepends=True)[0]


def _no_header(_chance: Random, content: bytes) -> bytes:
    return b"".join(_lines(content)[1:])


def _missing_column(_chance: Random, content: bytes) -> bytes:
    return content.replace(b"extent", b"extend", 1)


def _column_twice(_chance: Random, content: bytes) -> bytes:
    return b"\n".join(line + b"," + (b"extent" if not at else b"") for at, line in enumerate(_lines(content)))


def _semicolons(_chance: Random, content: bytes) -> bytes:
    return content.replace(b",", b";")


def _open_quote(chance: Random, content: bytes) -> bytes:
    return _cell(chance, content, chance.randrange(5), b'"open')


def _quote_inside(chance: Random, content: bytes) -> bytes:
    return _cell(chance, content, chance.randrange(5), b'"a"b')


def _too_many_cells(chance: Random, content: bytes) -> bytes:
    return _cell(chance, content, 1, b"a,b,c")


def _too_few_cells(_chance: Random, content: bytes) -> bytes:
    return content + b"2020-01-01,x\n"


def _not_utf_8(chance: Random, content: bytes) -> bytes:
    encoding = chance.choice(["utf-16-le", "utf-16-be", "utf-16", "utf-32", "cp1258", "latin-1"])
    if encoding in ("cp1258", "latin-1"):
        return _cell(chance, content, 1, "Hòa".encode(encoding, "replace").replace(b"?", b"\xf2"))
    return content.decode("utf-8").encode(encoding)


def _bad_byte(chance: Random, content: bytes) -> bytes:
    place = chance.randrange(len(content))
    return content[:place] + chance.choice([b"\xff", b"\xc0\xaf", b"\xed\xa0\x80"]) + content[place:]


def _invisible(chance: Random, content: bytes) -> bytes:
    text = content.decode("utf-8")
    place = chance.randrange(len(text))
    letter = chance.choice(["\u202e", "\u200b", "\x00", "\x1b", "\u2066"])
    return (text[:place] + letter + text[place:]).encode()


def _huge_cell(chance: Random, content: bytes) -> bytes:
    return _cell(chance, content, 1, b"x" * chance.choice([32_768, 1_000_000]))


def _columns(_chance: Random, content: bytes) -> bytes:
    return content.replace(b"\n", b"," * 1_000_000 + b"\n", 1)


def _other_file(chance: Random, _content: bytes) -> bytes:
    return chance.choice([b"PK\3\4" + bytes(100), b"%PDF-1.7\n1 0 obj", b"\x89PNG\r\n\x1a\n", b"schema: a\n"])


SHARED: Mapping[str, Damage] = {
    "nothing in it": _nothing,
    "header only": _header_only,
    "no header": _no_header,
    "missing column": _missing_column,
    "column twice": _column_twice,
    "semicolons": _semicolons,
    "quote not closed": _open_quote,
    "text behind a quote": _quote_inside,
    "too many cells": _too_many_cells,
    "too few cells": _too_few_cells,
    "other encoding": _not_utf_8,
    "not UTF-8": _bad_byte,
    "invisible character": _invisible,
    "huge cell": _huge_cell,
    "a million columns": _columns,
    "another kind of file": _other_file,
    "unknown extent": _named(b"extent", b"half", b"WHOLE!", b"1"),
    "unknown population": _named(b"population", b"most", b"0.5"),
    "impossible share": _named(b"share", b"2", b"-1", b"nan", b"1e400", b"half"),
}
SURE_CHANGES: Mapping[str, Damage] = {
    **SHARED,
    "impossible day": _named(b"date", b"2019-02-30", b"1/2/2019", b"", b"0000-00-00", b"99999-01-01"),
    "unknown kind": _named(b"kind", b"", b"fusion", b"MERGE!"),
    "impossible order": _named(b"seq", b"-1", b"x", b"1.5", b"9" * 5000),
}
SURE_CROSSWALK: Mapping[str, Damage] = SHARED


def large(content: str) -> list[tuple[str, Callable[[], bytes]]]:
    """Files at the limits of what is read, and beyond."""
    header = content.splitlines()[0].encode()
    row = content.splitlines()[1].encode()
    return [
        ("21 MB of commas", lambda: header + b"\n" + b"," * 21_000_000),
        ("19 MB of commas", lambda: header + b"\n" + b"," * 19_000_000),
        ("19 MB of quotes", lambda: header + b"\n" + b'"' * 19_000_000),
        ("19 MB of pairs of quotes", lambda: header + b"\n" + b'"",' * 6_300_000),
        ("19 MB of empty lines", lambda: header + b"\n" + b"\n" * 19_000_000),
        ("19 MB of short rows", lambda: header + b"\n" + b"a,b\n" * 4_700_000),
        ("19 MB in one cell", lambda: header + b"\n" + b"x" * 19_000_000),
        ("200,000 rows alike", lambda: header + b"\n" + (row + b"\n") * 200_000),
    ]
