"""What stands in JSON documents that columns hold as text."""

import re

import sqlalchemy as sa

from merger.errors import Refused
from merger.systems.functions import mariadb, postgresql
from merger.systems.functions.construct import Construct, Element, quoted
from merger.systems.kinds import Kind

_STEP = re.compile(r"""\.(?:"([^"\\%]+)"|([^.\["\\%']+))|\[([0-9]+)\]""")


def json_value(value: Element, path: str, of: Kind = Kind.TEXT) -> Element:
    """What stands at a path (`$.a.b[0].c`) of a document: a text as it reads, a number in canonical form,
    true and false as 1 and 0, an object or array as it is written there, without blanks. NULL where nothing
    is there and where the value is no document."""
    return JSONValue(value, given=(path, steps(path), of))


def json_ok(value: Element, of: Kind = Kind.TEXT) -> sa.ColumnElement[bool]:
    """Whether a value is a document that can be read. NULL of NULL."""
    return JSONOk(value, given=of)


def steps(path: str) -> tuple[str | int, ...]:
    """The keys and the places (from 0) that a path goes through. Raises Refused."""
    found: list[str | int] = []
    at = 1
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise Refused("systems.json-path", path=path)
        found.append(int(step[3]) if step[3] else step[1] or step[2])
        at = step.end()
    return tuple(found)


class JSONValue(Construct):
    """`json_value`."""

    inherit_cache = True
    type = sa.Text()

    def sqlite(self, value: str) -> str:
        found = f"json_extract({value}, {quoted(self.given[0])})"
        return f"CASE WHEN {_ok_in_sqlite(value)} THEN merger_text({found}) END"

    def postgresql(self, value: str) -> str:
        return postgresql.json_value(value, self.given[1], self.given[2])

    def mariadb(self, value: str) -> str:
        return mariadb.json_value(value, self.given[1])


class JSONOk(Construct):
    """`json_ok`."""

    inherit_cache = True
    type = sa.Boolean()

    def sqlite(self, value: str) -> str:
        return _ok_in_sqlite(value)

    def postgresql(self, value: str) -> str:
        return postgresql.json_ok(value, self.given)

    def mariadb(self, value: str) -> str:
        return mariadb.json_ok(value)


def _ok_in_sqlite(value: str) -> str:
    """Python looks at what SQLite lets pass: what stands for no character, numbers that are out of reach."""
    doubtful = f"instr({value}, '\\u') > 0 OR {value} GLOB '*[0-9][eE]*'"
    return (
        f"CASE WHEN {value} IS NULL THEN NULL WHEN typeof({value}) = 'blob' OR NOT json_valid({value}) THEN 0"
        f" WHEN typeof({value}) = 'text' AND ({doubtful}) THEN merger_json_ok({value}) ELSE 1 END"
    )
