"""The sheets of a workbook and their columns: which part of which file stands in which cell.

Files of polygons have no sheet: they are drawn in programs for maps.

A sheet's name and a column's key never change; headings, notes and words come from the messages, in both
languages. The first three rows of a sheet are its keys (hidden) and its Vietnamese and English headings.
"""

from dataclasses import dataclass
from enum import StrEnum

from merger.mapping.models import KINDS

INTRODUCTION = "Introduction"
FINDINGS = "Findings"
FILES = "Files"
HEAD_ROWS = 3


class Form(StrEnum):
    """How a value is written in a cell."""

    TEXT = "text"  # as it stands
    NAME = "name"  # without spaces around it
    CODE = "code"  # a text without spaces, whose zeros matter
    WORD = "word"  # one word of a vocabulary, in Vietnamese, in English, or as the format writes it
    WORDS = "words"  # several, separated by semicolons
    LIST = "list"  # texts separated by semicolons
    GOES = "goes"  # a list of codes; or code=new code, code=new code new code
    PAIRS = "pairs"  # key=value, separated by semicolons; ~ is an empty value
    DAY = "day"
    NUMBER = "number"
    WHOLE = "whole"
    YES = "yes"  # yes, or empty


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `at`: the keys that lead to its value in an entry, as a file writes them.

    `needed`: a row must fill it. `stated`: an empty text, list or set of pairs is written as such.
    `digits`: how many a code has in the scheme `vn`. `words`: the vocabulary. `old`: it says something of
    the predecessor of a row.
    """

    key: str
    at: tuple[str, ...]
    form: Form = Form.TEXT
    needed: bool = False
    stated: bool = False
    digits: int = 0
    words: str = ""
    width: int = 16
    old: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet. `schema` and `part`: the files to which its rows belong, and the list there that they fill."""

    name: str
    schema: str
    part: str
    columns: tuple[Column, ...]


UNITS, AGENCIES, COMPETENCE, SERVICES, LOCALITIES, DECISIONS, POLYGONS = KINDS
ANY = ""

WORDS: dict[str, tuple[str, ...]] = {
    "schema": (UNITS, AGENCIES, COMPETENCE, SERVICES, LOCALITIES, DECISIONS),
    "codes": ("vn", "other"),
    "land": ("whole", "part", "none", "unspecified"),
    "people": ("all", "some", "none", "unspecified"),
    "what": ("merge", "split", "rename", "recode", "transfer", "create", "abolish"),
    "level": ("province", "district", "commune"),
    "dated": ("effective", "signed"),
    "follows": ("people", "land"),
    "works": ("dossiers", "documents"),
    "to": ("commune", "person", "function", "agency"),
    "weight": ("error", "warning"),
    "yes": ("yes", "no"),
}
"""The vocabularies: what the format writes; the messages hold each word in both languages."""

FILE = Column("file", (), Form.CODE, width=22)


def _code(key: str, *at: str, digits: int = 0, needed: bool = False, old: bool = False) -> Column:
    return Column(key, at, Form.CODE, needed=needed, digits=digits, width=12, old=old)


def _name(key: str, *at: str, old: bool = False) -> Column:
    return Column(key, at, Form.NAME, width=30, old=old)


def _word(key: str, words: str, *at: str, needed: bool = False, old: bool = False) -> Column:
    return Column(key, at, Form.WORD, needed=needed, words=words, width=14, old=old)


def _stated(key: str, *at: str, form: Form = Form.TEXT, digits: int = 0, width: int = 24) -> Column:
    return Column(key, at, form, needed=True, stated=True, digits=digits, width=width)


def _text(key: str, width: int = 30, old: bool = False, at: tuple[str, ...] = ()) -> Column:
    return Column(key, at or (key,), width=width, old=old)


def _day(key: str, needed: bool = False) -> Column:
    return Column(key, (key,), Form.DAY, needed=needed, width=13)


def _shared(digits: int) -> tuple[Column, ...]:
    """What a row says of the unit that is taken from."""
    return (
        _code("old_code", "unit", "code", digits=digits, needed=True, old=True),
        _name("old_name", "unit", "name", old=True),
        _word("land", "land", "land", needed=True, old=True),
        _word("people", "people", "people", needed=True, old=True),
        Column("share", ("share",), Form.NUMBER, width=8, old=True),
        _text("old_words", at=("words",), old=True),
        _text("old_note", at=("note",), old=True),
    )


_ENTRY = (
    FILE,
    Column("clause", ("clause",), Form.NAME, width=9),
    _code("new_code", "into", "code", digits=5, needed=True),
)
_ENTRY_NUMBER = Column("entry", (), Form.NAME, width=8)

_AGENCY = (
    FILE,
    _code("agency_code", "agency", "code", needed=True),
    _name("agency_name", "agency", "name"),
    Column("former", ("former",), Form.NAME, width=20),
    _word("level", "level", "level", needed=True),
    Column("function", ("function",), Form.NAME),
    _stated("serves", "unit", form=Form.CODE, width=12),
    Column("parent", ("parent",), Form.CODE),
)

SHEETS = (
    Sheet(FILES, ANY, "", (
        _code("file", "id"),
        _word("schema", "schema", "schema", needed=True),
        Column("title_vi", ("title", "vi"), stated=True, width=50),
        Column("title_en", ("title", "en"), stated=True, width=50),
        _day("effective"),
        _word("codes", "codes", "codes"),
        Column("example", ("example",), Form.YES, width=9),
        _text("note"),
        *(
            Column(f"counts_{of}", ("counts", of), Form.PAIRS, width=24)
            for of in ("before", "after", "kept", "districts", "communes", "changes", "days")
        ),
        Column("counts_areas", ("counts", "areas"), Form.WHOLE, width=9),
    )),
    Sheet("LegalBasis", ANY, "legal_basis", (
        FILE,
        _stated("number", "number"),
        _day("date", needed=True),
        _text("on"),
    )),
    Sheet("Provinces", UNITS, "province", (
        FILE,
        _code("new_code", "into", "code", digits=2, needed=True),
        _name("new_name", "into", "name"),
        *_shared(2),
    )),
    Sheet("Districts", UNITS, "districts", (
        FILE,
        _code("district_code", "unit", "code", digits=3, needed=True),
        _name("district_name", "unit", "name"),
        _stated("province_code", "province", form=Form.CODE, digits=2, width=12),
        Column("commune_codes", ("communes",), Form.GOES, width=60),
    )),
    Sheet("Communes", UNITS, "communes", (
        *_ENTRY,
        _name("new_name", "into", "name"),
        *_shared(5),
        Column("keep", (), Form.YES, width=9),
        Column("area_km2", ("area_km2",), Form.NUMBER, width=10),
        Column("lat", ("point", "0"), Form.NUMBER, width=11),
        Column("lon", ("point", "1"), Form.NUMBER, width=11),
        _text("words"),
        _text("note"),
        _ENTRY_NUMBER,
    )),
    Sheet("Areas", UNITS, "areas", (
        *_ENTRY,
        _name("area_name", "name", old=True),
        _code("district_code", "district", "code", digits=3, old=True),
        _name("district_name", "district", "name", old=True),
        _word("land", "land", "land", needed=True, old=True),
        _text("words", old=True),
        _text("note", old=True),
        _ENTRY_NUMBER,
    )),
    Sheet("Changes", UNITS, "changes", (
        FILE,
        _day("date", needed=True),
        _word("what", "what", "what", needed=True),
        _word("unit_kind", "level", "kind"),
        _code("from_code", "from", "code"),
        _name("from_name", "from", "name"),
        _code("to_code", "to", "code"),
        _name("to_name", "to", "name"),
        _word("land", "land", "land"),
        _word("people", "people", "people"),
        Column("share", ("share",), Form.NUMBER, width=8),
        _day("after"),
        _word("dated", "dated", "dated"),
        Column("event", ("event",), Form.NAME),
        Column("seq", ("seq",), Form.WHOLE, width=8),
        _text("source"),
        _text("note"),
        Column("notes", ("notes",), Form.PAIRS, width=30),
    )),
    Sheet("AgenciesBefore", AGENCIES, "before", (
        *_AGENCY,
        _stated("into", "into", form=Form.CODE, width=16),
        Column("documents", ("documents",), Form.CODE),
    )),
    Sheet("AgenciesAfter", AGENCIES, "after", _AGENCY),
    Sheet("Rules", COMPETENCE, "rules", (
        FILE,
        Column("rule", ("rule",), Form.CODE, needed=True, width=22),
        Column("levels", ("levels",), Form.WORDS, words="level", width=20),
        Column("functions", ("functions",), Form.LIST, width=24),
        Column("services", ("services",), Form.LIST, width=30),
        Column("fields", ("fields",), Form.LIST, width=30),
        Column("levels_after", ("levels_after",), Form.WORDS, words="level", width=20),
        Column("works", ("works",), Form.WORDS, words="works", width=20),
        _word("to", "to", "to", needed=True),
        Column("to_value", (), Form.NAME, width=20),
        _text("source"),
        _text("note"),
    )),
    Sheet("Services", SERVICES, "services", (
        FILE,
        _code("service_code", "service", "code", needed=True),
        _name("service_name", "service", "name"),
        _stated("field", "field", form=Form.NAME),
        Column("levels", ("levels",), Form.WORDS, words="level", width=20),
        Column("levels_after", ("levels_after",), Form.WORDS, words="level", width=20),
        _word("follows", "follows", "follows"),
        _text("source"),
    )),
    Sheet("ServicesBefore", SERVICES, "before", (
        FILE,
        _code("service_code", "service", "code", needed=True),
        _name("service_name", "service", "name"),
        Column("province_code", ("province",), Form.CODE, needed=True, width=12),
        Column("service_into", ("into",), Form.LIST, width=30),
        Column("ended", ("ended",), Form.YES, width=9),
        Column("decided", ("decided",), Form.CODE, width=24),
    )),
    Sheet("ServiceDecisions", SERVICES, "decisions", (
        FILE,
        Column("service_decision", ("decision",), Form.CODE, needed=True, width=24),
        Column("author", ("author",), Form.NAME, needed=True, width=24),
        _day("date", needed=True),
        Column("reason", ("reason",), needed=True, width=40),
        Column("about", ("about",), Form.LIST, width=40),
        _stated("answer", "answer"),
    )),
    Sheet("Fields", SERVICES, "fields", (
        FILE,
        _stated("field", "field", form=Form.NAME),
        _word("follows", "follows", "follows"),
    )),
    Sheet("Localities", LOCALITIES, "localities", (
        FILE,
        _code("old_code", "unit", "code", digits=5, needed=True),
        _name("old_name", "unit", "name"),
        _code("new_code", "into", "code", digits=5, needed=True),
        _name("new_name", "into", "name"),
        _stated("names", "names", form=Form.LIST, width=70),
    )),
    Sheet("Decisions", DECISIONS, "decisions", (
        FILE,
        _stated("decision", "decision", form=Form.NAME),
        _stated("author", "author", form=Form.NAME),
        _day("date", needed=True),
        _stated("reason", "reason", width=40),
        _stated("when", "when", form=Form.PAIRS, width=40),
        Column("then", ("then",), Form.PAIRS, width=30),
        Column("exclude", ("exclude",), Form.NAME, width=20),
    )),
    Sheet("UnitDecisions", DECISIONS, "units", (
        FILE,
        _stated("decision", "decision", form=Form.NAME),
        _stated("author", "author", form=Form.NAME),
        _day("date", needed=True),
        _stated("reason", "reason", width=40),
        _word("unit_kind", "level", "kind"),
        _code("old_code", "unit", "code", needed=True),
        _name("old_name", "unit", "name"),
        Column("divided_on", ("on",), Form.DAY, needed=True, width=13),
        _code("new_code", "into", "code", needed=True),
        _name("new_name", "into", "name"),
    )),
    Sheet("Suppressions", ANY, "suppress", (
        FILE,
        Column("suppressed", ("rule",), Form.CODE, needed=True, width=10),
        Column("of", ("of",), Form.NAME, width=24),
        Column("reason", ("reason",), needed=True, width=60),
    )),
    Sheet("OpenPoints", ANY, "open", (
        FILE,
        Column("open_code", ("code",), Form.CODE, needed=True, width=10),
        Column("open_of", ("of",), Form.NAME, width=14),
        Column("open_at", ("at",), Form.NAME, width=24),
        Column("settle", ("settle",), needed=True, width=60),
        _word("weight", "weight", "weight"),
        Column("by", ("by",), Form.NAME, width=24),
        Column("settled_reason", ("reason",), width=60),
    )),
)  # fmt: skip

BY_NAME = {sheet.name: sheet for sheet in SHEETS}
