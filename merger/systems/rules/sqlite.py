"""The rules of SQLite's tables, by the statements that made them."""

import re
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from merger.systems.rules.model import Rule
from merger.systems.stores import Store

_INDEXES = sa.text(
    "SELECT each.name, info.name AS part, upper(info.coll) AS coll, each.partial,"
    " (SELECT sql FROM {schema}.sqlite_master WHERE type = 'index' AND name = each.name) AS sql"
    " FROM pragma_index_list(:table, :schema) each JOIN pragma_index_xinfo(each.name, :schema) info"
    " ON info.key WHERE each.\"unique\" AND each.origin <> 'pk' ORDER BY each.name, info.seqno"
)
_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/|\s+|[^\W\d][\w$]*|.",
    re.DOTALL,
)
_ORDER = re.compile(r"(?is)(?:\s+COLLATE\s+(?:\"[^\"]+\"|\w+))?(?:\s+(?:ASC|DESC))?\s*$")
_QUOTED = {'"': '"', "`": "`", "[": "]"}


def made_by(store: Store, table: str) -> str:
    """The statement that made a table; empty of what is none."""
    asked = f"SELECT sql FROM {store.schema}.sqlite_master WHERE type = 'table' AND lower(name) = lower(?)"
    return str(store.connection.exec_driver_sql(asked, (table,)).scalar() or "")


def rules_of(store: Store, table: str) -> list[Rule]:
    """The checks of a table, and its unique indexes but for the primary key."""
    names = list(store.columns(table))
    rules = [
        Rule(name, "check", _named(said, names), (said,)) for name, said in _checks(made_by(store, table))
    ]
    asked = sa.text(str(_INDEXES).format(schema=store.schema))
    indexes: dict[str, list[sa.Row[tuple[object, ...]]]] = {}
    for one in store.connection.execute(asked, {"table": table, "schema": store.schema}):
        indexes.setdefault(one.name, []).append(one)
    for name, parts in indexes.items():
        said, where = (
            _parts(parts[0].sql) if parts[0].sql else ([store.quoted(one.part) for one in parts], "")
        )
        plain = () if where or any(one.part is None for one in parts) else tuple(one.part for one in parts)
        texts = tuple(_part(part, one.coll) for part, one in zip(said, parts, strict=True))
        needs = _named(" ".join((*said, where)), names)
        rules.append(Rule(name, "unique", needs, texts, where, plain=plain))
    return rules


def _checks(made: str) -> Iterator[tuple[str, str]]:
    """(name, expression) of the checks of a table; one without a name is called by what it says."""
    tokens = _tokens(made)
    words = [at for at, one in enumerate(tokens) if not one.isspace()]
    for number, at in enumerate(words[:-1]):
        after = words[number + 1]
        if tokens[at].upper() == "CHECK" and tokens[after] == "(":
            said = "".join(_group(tokens, after)).strip()
            named = number > 1 and tokens[words[number - 2]].upper() == "CONSTRAINT"
            yield (_bare(tokens[words[number - 1]]) if named else said), said


def _tokens(made: str) -> list[str]:
    """The words, signs and blanks of a statement, its comments left out."""
    return [" " if one.startswith(("--", "/*")) else one for one in _TOKEN.findall(made)]


def _group(tokens: Sequence[str], at: int) -> list[str]:
    """What stands between a bracket that opens and the one that closes it."""
    depth = 0
    for end in range(at, len(tokens)):
        depth += (tokens[end] == "(") - (tokens[end] == ")")
        if depth == 0:
            return list(tokens[at + 1 : end])
    return list(tokens[at + 1 :])


def _parts(made: str) -> tuple[list[str], str]:
    """The expressions of an index, and which rows it has; empty for all."""
    tokens = _tokens(made)
    start = tokens.index("(")
    inside = _group(tokens, start)
    parts, depth = [""], 0
    for token in inside:
        depth += (token == "(") - (token == ")")
        if token == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += token
    rest = "".join(tokens[start + len(inside) + 2 :]).strip()
    return [_ORDER.sub("", one).strip() for one in parts], rest[len("WHERE") :].strip()


def _part(said: str, collation: str) -> str:
    """What an index takes a value for, as text: whole numbers as such, texts as its collation does."""
    form = {"NOCASE": "lower({})", "RTRIM": "rtrim({}, ' ')"}.get(collation, "{}").format(f"({said})")
    return (
        f"CASE typeof({said}) WHEN 'null' THEN NULL WHEN 'text' THEN quote({form})"
        f" WHEN 'real' THEN quote(CASE WHEN ({said}) = CAST(({said}) AS INTEGER)"
        f" THEN CAST(({said}) AS INTEGER) ELSE ({said}) END) ELSE quote({said}) END"
    )


def _named(said: str, names: Sequence[str]) -> frozenset[str]:
    """The columns that an expression names."""
    known = {one.lower(): one for one in names}
    words = {_bare(one).lower() for one in _TOKEN.findall(said) if not one.startswith("'")}
    return frozenset(known[one] for one in words & known.keys())


def _bare(name: str) -> str:
    """A name without what it is quoted with."""
    end = _QUOTED.get(name[0])
    return name[1:-1].replace(end * 2, end) if end and len(name) > 1 else name
