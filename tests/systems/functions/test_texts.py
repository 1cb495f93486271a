from types import ModuleType

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql

from merger.errors import Refused
from merger.systems.functions import (
    as_text,
    exact,
    first,
    json_value,
    replaced,
    trimmed,
)  # fmt: skip
from merger.systems.kinds import Kind
from merger.systems.times import BLANKS
from tests.systems.functions import traps
from tests.systems.functions.conftest import Asked


def test_texts_are_compared_byte_by_byte_under_every_collation(asked: Asked) -> None:
    alike = ["Hòa", "Hoà", "Ho\u0300a", "hòa", "Hoa", "Hòa ", "HÒA"]
    table = asked.table(alike)
    v = exact(table.c.v)
    assert asked.ask(table, v == "Hòa") == [(True,), *[(False,)] * 6]
    groups = asked.connection.execute(sa.select(sa.func.count()).select_from(table).group_by(v)).all()
    assert len(groups) == len(alike)
    in_order = asked.connection.execute(sa.select(v).order_by(v)).scalars().all()
    assert in_order == sorted(alike, key=lambda one: one.encode())


def test_numbers_are_compared_as_numbers() -> None:
    number = sa.column("n", sa.Integer())
    assert exact(number) is number


def test_postgresql_joins_exact_texts_by_hash(three: list[Asked]) -> None:
    table = three[1].table([str(one) for one in range(50)])
    three[1].connection.exec_driver_sql("ANALYZE t")
    other = table.alias("o")
    asked = sa.select(sa.func.count()).select_from(table.join(other, exact(table.c.v) == exact(other.c.v)))
    text = str(asked.compile(three[1].connection))
    plan = "\n".join(three[1].connection.exec_driver_sql(f"EXPLAIN {text}").scalars())
    assert "Hash Join" in plan


def test_texts_are_trimmed_cut_and_replaced_alike(asked: Asked) -> None:
    table = asked.table(traps.TEXTS)
    v = table.c.v
    found = asked.ask(
        table, trimmed(v, BLANKS), first(v, 2), replaced(v, "X", "y"), as_text(v, Kind.TEXT),
    )  # fmt: skip
    for text, (bare, cut, other, same) in zip(traps.TEXTS, found, strict=True):
        if text is None:
            assert (bare, cut, other, same) == (None,) * 4
        else:
            wanted = (text.strip(BLANKS), text[:2], text.replace("X", "y"), text)
            assert (bare, cut, other, same) == wanted


def test_one_statement_with_another_path_is_another_statement(asked: Asked) -> None:
    table = asked.table(['{"a": 1, "b": 2}'])
    for name, value in (("a", "1"), ("b", "2"), ("a", "1")):
        ((found,),) = asked.ask(table, json_value(table.c.v, f"$.{name}"))
        assert str(found) == value


@pytest.mark.parametrize("dialect", [mssql, mysql])
def test_another_database_is_refused_by_name(dialect: ModuleType) -> None:
    name = dialect.__name__.rpartition(".")[2]
    with pytest.raises(Refused, match=f"databases of the kind {name} cannot compute what this needs"):
        exact(sa.column("v", sa.Text())).compile(dialect=dialect.dialect())
