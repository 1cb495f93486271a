"""What differs between databases, as elements of SQLAlchemy that each database writes in its own words."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal

from merger.errors import Refused

Element = sa.ColumnElement[Any]
DIALECTS = ("sqlite", "postgresql", "mariadb")
"""The dialects in which constructs are written."""
_CLOSED = (sa.ColumnClause, sa.BindParameter, FunctionElement, sa.Cast)


class Construct(FunctionElement[Any]):
    """An expression with one method for each database: `sqlite`, `postgresql`, `mariadb`.

    They get the SQL of the operands (closed: it can stand beside any operator) and return SQL without a
    percent sign. `given` is what was fixed when the expression was made. Raises Refused for a dialect without
    a method.
    """

    inherit_cache = True
    in_utf8 = False
    """Whether MariaDB writes it in utf8mb4, and by no collation that it names."""
    _traverse_internals = [  # noqa: RUF012 (declared so by SQLAlchemy)
        *FunctionElement._traverse_internals, ("given", InternalTraversal.dp_plain_obj),
    ]  # fmt: skip

    def __init__(self, *operands: Element, given: Any = ()) -> None:
        super().__init__(*operands)
        self.given = given

    def operand(self, number: int = 0) -> Element:
        """One of the operands, as it was given."""
        found: Element = list(self.clauses)[number]
        return found

    def operands(self, dialect: str) -> list[Element]:  # noqa: ARG002 most are the same everywhere
        """What the dialect's method gets."""
        return list(self.clauses)

    @property
    def of_column(self) -> bool:
        """Whether the operand is a column, which costs nothing to name several times: SQLite computes
        whatever else stands there as often as it is named."""
        return isinstance(self.operand(), sa.ColumnClause)


@compiles(Construct)
def _written(construct: Construct, compiler: SQLCompiler, **options: Any) -> str:
    dialect = compiler.dialect.name
    write: Callable[..., str] | None = getattr(construct, dialect, None) if dialect in DIALECTS else None
    if write is None:
        raise Refused("systems.no-construct", dialect=dialect)
    operands = construct.operands(dialect)
    return f"({write(*[_closed(one, compiler, options) for one in operands])})"


def _closed(operand: Element, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    written = compiler.process(operand, **options)
    return written if isinstance(operand, _CLOSED) else f"({written})"


def quoted(text: str) -> str:
    """A text as a literal of SQL. Only for what the toolkit itself writes: no backslash, no percent sign."""
    return "'" + text.replace("'", "''") + "'"


def element(value: object) -> Element:
    """A value as an expression."""
    return value if isinstance(value, sa.ColumnElement) else sa.literal(value)
