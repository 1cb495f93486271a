"""Documents by what they say: the text that MariaDB's JSON_NORMALIZE (from 10.7 on) makes of one, without
escapes that need not be. MariaDB cannot write a document as PostgreSQL's `jsonb` does, so where rows go from
the one to the other, both write it like this: names in order of their bytes, no blanks, numbers as `1.25E1`.
"""

from merger.systems.functions import mariadb as maria
from merger.systems.functions import postgresql as postgres
from merger.systems.functions.construct import quoted
from merger.systems.kinds import Kind
from merger.systems.values import LOUD_CONTROL

_BETWEEN = "chr(1)"
"""Stands where a comma may be: no text of a document holds the character itself."""
_ESCAPED = {"0022": '"', "005[cC]": "\\\\", "0008": "b", "0009": "t", "000a": "n", "000c": "f", "000d": "r"}
_SAME_NAME = r'[{,]("(?:[^"\\]|\\.)*+"):("(?:[^"\\]|\\.)*+"|[^][{}",]++|[[{](?:(?2)|[,:])*+[]}]),\1:'
"""Names stand in order, so those that are equal stand side by side."""


def postgresql(value: str, of: Kind) -> str:
    """The text of a value of PostgreSQL's; of a text that is no document, the text."""
    if of is Kind.NORMAL:
        return f"({_normal(value)})"
    text = f"CAST({value} AS text)"
    return f"CASE WHEN {postgres.json_ok(text)} THEN ({_normal(f'CAST({text} AS jsonb)')}) ELSE {text} END"


def _normal(document: str) -> str:
    kind, text = "jsonb_typeof(v)", "CAST(v AS text)"
    nested = f"{kind} IN ('object', 'array')"
    after = f"CASE WHEN at = '{{}}' THEN '' ELSE {_BETWEEN} END"
    named = (
        "SELECT e.value, 'c' || substr(q.name, 2, length(q.name) - 2), q.name || ':'"
        f" FROM jsonb_each(CASE WHEN {kind} = 'object' THEN v ELSE '{{}}' END) AS e,"
        " LATERAL (SELECT CAST(to_json(e.key) AS text) AS name) AS q"
    )
    listed = (
        "SELECT e.value, 'c' || lpad(CAST(e.ordinality AS text), 12, '0'), ''"
        f" FROM jsonb_array_elements(CASE WHEN {kind} = 'array' THEN v ELSE '[]' END) WITH ORDINALITY AS e"
    )
    scalar = f"CASE {kind} WHEN 'number' THEN {_number(text)} ELSE {text} END"
    opened = f"CASE {kind} WHEN 'object' THEN '{{' WHEN 'array' THEN '[' ELSE {scalar} END"
    closed = f"CASE {kind} WHEN 'object' THEN '}}' ELSE ']' END"
    whole = "string_agg(token, '' ORDER BY at COLLATE \"C\")"
    for bracket in "]}":
        whole = f"replace({whole}, {_BETWEEN} || '{bracket}', '{bracket}')"
    return (
        f"WITH RECURSIVE node(v, at, name) AS (SELECT {document}, CAST('{{}}' AS text[]), ''"
        f" UNION ALL SELECT c.v, n.at || c.at, c.name FROM node AS n,"
        f" LATERAL ({named} UNION ALL {listed}) AS c(v, at, name))"
        f" SELECT replace({whole}, {_BETWEEN}, ',') FROM ("
        f"SELECT at, name || {opened} || CASE WHEN {nested} THEN '' ELSE {after} END AS token FROM node"
        f" UNION ALL SELECT array_append(at, 'd'), {closed} || {after} FROM node WHERE {nested}) AS tokens"
    )


def _number(text: str) -> str:
    return (
        "(SELECT CASE WHEN s = '' THEN '0.0E0' ELSE CASE WHEN left(t, 1) = '-' THEN '-' ELSE '' END"
        " || left(s, 1) || '.' || coalesce(nullif(rtrim(substr(s, 2), '0'), ''), '0')"
        " || 'E' || CAST(length(split_part(ltrim(t, '-'), '.', 1)) - 1 - length(d) + length(s) AS text) END"
        f" FROM (SELECT t, d, ltrim(d, '0') AS s FROM (SELECT {text} AS t,"
        f" translate({text}, '-.', '') AS d) AS a) AS b)"
    )


def mariadb(value: str, _: Kind) -> str:
    """The text of a document of MariaDB's."""
    slashes = _replaced(f"JSON_COMPACT({maria.cast(value)})", r"(?s)(\\[^/])|\\(/)", r"\1\2")
    text = slashes
    for code, character in _ESCAPED.items():
        text = _replaced(text, rf"(?<!\\)((?:\\\\)*)\\u(?i:{code})", rf"\1\\{character}")
    doubled = f"REPLACE({text}, {_literal(chr(92))}, {_literal(chr(92) * 2)})"
    left = _replaced(doubled, r"(?<!\\)((?:\\{4})*)\\\\u(?!00[01])([0-9a-fA-F]{4})", r"\1\\u\2")
    shown = f"""REPLACE({left}, '"', {_literal(chr(92) + '"')})"""
    plain = f"""JSON_UNQUOTE(CONCAT('"', {shown}, '"'))"""
    escaped = f"LOCATE({_literal(chr(92))}, {value}) > 0"
    return f"CASE WHEN {escaped} THEN JSON_NORMALIZE({plain}) ELSE JSON_NORMALIZE({value}) END"


def mariadb_ok(value: str) -> str:
    """Whether MariaDB can write a document so: not where a name stands twice in one object, or a control
    character is written in capitals."""
    normal = mariadb(value, Kind.TEXT)
    return (
        f"CASE WHEN NOT COALESCE({maria.json_ok(value)}, 0) THEN 0"
        f" WHEN {maria.cast(value)} COLLATE utf8mb4_nopad_bin REGEXP {_literal(LOUD_CONTROL)} THEN 0"
        f" ELSE NOT COALESCE(({normal}) REGEXP {_literal('(?s)' + _SAME_NAME)}, 1) END"
    )


def _replaced(text: str, pattern: str, by: str) -> str:
    exactly = f"{text} COLLATE utf8mb4_nopad_bin"
    return f"REGEXP_REPLACE({exactly}, {_literal(pattern)}, {_literal(by)})"


def _literal(text: str) -> str:
    return quoted(text.replace("\\", "\\\\"))
