"""The rules of PostgreSQL's tables, by its catalogue."""

import re
from typing import Any

import sqlalchemy as sa

from merger.systems.kinds import Kind
from merger.systems.rules.model import Cell, Rule
from merger.systems.stores import Store

_CHECKS = sa.text("""
    WITH RECURSIVE domain (attname, type) AS (
        SELECT attname, atttypid FROM pg_attribute
        WHERE attrelid = to_regclass(:table) AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT attname, typbasetype FROM domain JOIN pg_type t ON t.oid = type AND typtype = 'd')
    SELECT conname AS name, pg_get_expr(conbin, conrelid) AS said, NULL AS of, ARRAY(
            SELECT CAST(attname AS text) FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey)
        ) AS needs
    FROM pg_constraint WHERE conrelid = to_regclass(:table) AND contype = 'c'
    UNION ALL
    SELECT conname, pg_get_expr(conbin, 0), attname, ARRAY[CAST(attname AS text)]
    FROM domain JOIN pg_constraint ON contypid = type AND contype = 'c'""")
_INDEXES = sa.text("""
    SELECT c.relname AS name, i.indisexclusion AS pairs, pg_get_expr(i.indpred, i.indrelid) AS only,
        coalesce(CAST(to_jsonb(i) ->> 'indnullsnotdistinct' AS boolean), false) AS nulls,
        0 = ANY (CAST(i.indkey AS int2[])) AS made,
        ARRAY(SELECT pg_get_indexdef(c.oid, n, true) FROM generate_series(1, i.indnkeyatts) n) AS parts,
        ARRAY(SELECT format_type(a.atttypid, NULL) FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum <= i.indnkeyatts ORDER BY a.attnum) AS types,
        (SELECT bool_and(coalesce(o.collisdeterministic, true)) FROM pg_attribute a
            LEFT JOIN pg_collation o ON o.oid = a.attcollation WHERE a.attrelid = c.oid) AS exact,
        ARRAY(SELECT CAST(a.attname AS text) FROM pg_attribute a WHERE a.attrelid = i.indrelid AND (
            a.attnum = ANY ((CAST(i.indkey AS int2[]))[0:i.indnkeyatts - 1]) OR a.attnum IN (
                SELECT d.refobjsubid FROM pg_depend d WHERE d.classid = CAST('pg_class' AS regclass)
                    AND d.objid = c.oid AND d.refobjid = i.indrelid AND d.refobjsubid > 0))) AS needs
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = to_regclass(:table) AND (i.indisunique OR i.indisexclusion) AND NOT i.indisprimary
    ORDER BY 1""")
_CELLS = sa.text("""
    WITH RECURSIVE base (attname, type, modifier) AS (
        SELECT attname, atttypid, atttypmod FROM pg_attribute
        WHERE attrelid = to_regclass(:table) AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT attname, typbasetype, typtypmod FROM base JOIN pg_type t ON t.oid = type AND typtype = 'd')
    SELECT b.attname AS name, format_type(b.type, b.modifier) AS declared,
        a.attidentity <> '' AS counted, a.attgenerated <> '' AS made,
        pg_get_expr(d.adbin, d.adrelid) AS said, ARRAY(
            SELECT CAST(n.attname AS text) FROM pg_depend p
            JOIN pg_attribute n ON n.attrelid = p.refobjid AND n.attnum = p.refobjsubid
            WHERE p.classid = CAST('pg_attrdef' AS regclass) AND p.objid = d.oid
                AND p.refobjid = a.attrelid AND n.attname <> b.attname) AS needs
    FROM base b JOIN pg_type t ON t.oid = b.type AND t.typtype <> 'd'
    JOIN pg_attribute a ON a.attrelid = to_regclass(:table) AND a.attname = b.attname
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum""")
_VALUE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\bVALUE\b""")
_FORMS = {
    "numeric": "trim_scale({})",
    "citext": "lower(CAST({} AS text))",
    "character": "rtrim(CAST({} AS text))",
}
"""How equal values are written alike, by the type of an index's column."""


def rules_of(store: Store, table: str) -> list[Rule]:
    """The checks of a table and of its columns' domains, and its unique indexes but for the primary key."""
    asked = {"table": store.quoted(table)}
    checks = [
        Rule(one.name, "check", frozenset(one.needs), (_check(store, one),))
        for one in store.connection.execute(_CHECKS, asked)
    ]
    return checks + [_index(one) for one in store.connection.execute(_INDEXES, asked)]


def _check(store: Store, found: Any) -> str:
    """The SQL of a check; in a domain's, VALUE stands for the column's."""
    if found.of is None:
        return str(found.said)
    column = store.quoted(found.of)
    return _VALUE.sub(lambda one: column if one[0] == "VALUE" else one[0], found.said)


def _index(found: Any) -> Rule:
    needs = frozenset(found.needs)
    if found.pairs or not found.exact:
        return Rule(found.name, "other", needs)
    parts = tuple(
        f"CAST({_FORMS.get(type_, '{}').format(part)} AS text)"
        for part, type_ in zip(found.parts, found.types, strict=True)
    )
    simple = not (found.only or found.nulls or found.made)
    plain = tuple(sorted(needs)) if simple else ()
    return Rule(found.name, "unique", needs, parts, found.only or "", found.nulls, plain)


def cells_of(store: Store, table: str) -> list[Cell]:
    """The columns of a table."""
    known = store.columns(table)
    found = []
    for one in store.connection.execute(_CELLS, {"table": store.quoted(table)}):
        text = "decode({}, 'hex')" if known[one.name].kind is Kind.BYTES else "{}"
        given = f"CAST({text} AS {one.declared})"
        if one.made:
            found.append(Cell(one.name, given, None, one.said, frozenset(one.needs)))
            continue
        counted = one.counted or "nextval(" in (one.said or "")
        default = None if counted else f"CAST({one.said or 'NULL'} AS {one.declared})"
        found.append(Cell(one.name, given, default))
    return found
