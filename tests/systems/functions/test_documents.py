import pytest
from hypothesis import given
from hypothesis import strategies as st

from merger.errors import Refused
from merger.systems import values
from merger.systems.canonical import text_of
from merger.systems.functions import canonical, json_ok, json_value, unfit
from merger.systems.functions.documents import steps
from merger.systems.kinds import Kind
from tests.systems.functions.conftest import Asked
from tests.systems.functions.test_forms import QUICK

DOCUMENTS = [
    '{"a": {"b": [1, 2.50, "x\\u00e9", null, true]}, "c":"d"}', "[1,2,3]", '[1 , 2 ,{"a" : false}]', '"x"',
    "1", "01", "-1", "-", "1.", "1.5e5", "1e", ".5", "tru", "true", "null", "{}", "[]", "[,]", "[1,]",
    '{"a":}', '{"a":1,}', "{a:1}", "{'a':1}", '"a\tb"', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\u0000"', '"\\x"',
    '"\\u12"', '"a', 'a"', '"', '""', "\x01", "[\x02]", '{"a":1 "b":2}', "[1 2]", '["a""b"]', " [ ] ", "[1]x",
    '{"a":-0}', '{"a":{"b":[{"c":[[[]]]}]}}', '{"a":1E+2}', '{"a":1e400}', '{"a":12345678901234567890}',
    '{"a":1.0}', '{"a":9223372036854775807}', '{"a":0.1e-6}', '{"a":"\\"q\\" : [1]"}',
    '{"a b":"x"}', '{"a":"\\/"}', "NaN",
    '{"a":{"k":" x : 1 "}}', "[Infinity]", '{"a":"it\'s %s"}', '{"a":"\U0001f600"}', "+1", "[1.e5]", "[1e+]",
    "[--1]", "[1e++2]", '{"b":1,"aa":2,"a":1.50}', '{"a":1e2,"é":1}', "[[1],[2]]", "[1}", "{1:2}",
    '{"a" "b"}', '{"a":[1,{"b":"z"}]}', "", "x", None,
]  # fmt: skip
PATHS = ["$", "$.a", "$.a.b", "$.a.b[1]", "$.a.b[2]", "$.a.b[4]", "$[0]", "$[0][0]", "$.c", '$."a b"',
         "$.a[1].b"]  # fmt: skip


def test_every_database_knows_a_document(asked: Asked) -> None:
    table = asked.table(DOCUMENTS)
    for text, (known,) in zip(DOCUMENTS, asked.ask(table, json_ok(table.c.v)), strict=True):
        assert (known and bool(known)) == (None if text is None else values.is_document(text)), text


def test_every_database_finds_the_same_in_a_document(three: list[Asked]) -> None:
    found = []
    for asked in three:
        table = asked.table(DOCUMENTS)
        rows = asked.ask(table, *[json_value(table.c.v, path) for path in PATHS])
        found.append([tuple(one if one is None else text_of(one) for one in row) for row in rows])
    assert found[0] == found[1]
    assert found[0] == found[2]
    assert found[0][0] == (
        '{"a":{"b":[1,2.50,"x\\u00e9",null,true]},"c":"d"}', '{"b":[1,2.50,"x\\u00e9",null,true]}',
        '[1,2.50,"x\\u00e9",null,true]', "2.5", "xé", "1", None, None, "d", None, None,
    )  # fmt: skip


def test_postgresql_and_the_reference_write_documents_as_jsonb_alike(three: list[Asked]) -> None:
    known = [text for text in DOCUMENTS if text is not None and values.is_document(text)]
    for asked in three[:2]:
        table = asked.table(known)
        found = asked.ask(table, canonical(table.c.v, Kind.JSONB, Kind.TEXT))
        assert [text for (text,) in found] == [values.jsonb(text) for text in known]


SAID = [
    '{"b":1,"aa":2.50,"a":[1,-0,0.0,1e2,150000.5,12345678901234567890,1.5e-7,100,-2.5,0.001,1E+5]}',
    '{"Ho\\u00e0":"\\ud83d\\ude42 \\/ \\" \\\\ \\n \\u000a \\u0022 \\u005c \\u001f"}',
    '{"Ho":"\\\\u00e0 \\\\\\u00e0\\u00e1 \\\\/"}',
    '{"a ":1,"a":2,"a!":3,"a\\"":4,"a\\\\":5,"B":6,"\\u007a":7,"Á":8,"y":9,"":10}', '{"a":"],","b":",}"}',
    '{"x":"{\\"a\\":1,\\"a\\":2}"}', '{"a":{"x":1},"b":{"x":1},"c":[{"x":1},{"x":1}]}',
    "0.1e1", "-0.0", "[[],{}]",
]  # fmt: skip
NOT_SAID = ['{"a":1,"a":2}', '{"x":[{"k":{"a":1,"b":2,"a":3}}]}', '"\\u001F"', '{"a":1', '"\\u0000"']


def test_servers_and_the_reference_write_what_documents_say_alike(three: list[Asked]) -> None:
    known = [*SAID, *(one for one in DOCUMENTS if one is not None and values.fits(one, Kind.NORMAL))]
    for asked in three[1:]:
        table = asked.table(known)
        found = asked.ask(table, canonical(table.c.v, Kind.NORMAL, Kind.TEXT))
        assert [text for (text,) in found] == [values.canonical(text, Kind.NORMAL) for text in known], (
            asked.dialect
        )


def test_documents_that_mariadb_cannot_say_as_others_do_are_unfit(three: list[Asked]) -> None:
    mariadb = three[2]
    every = [*SAID, *NOT_SAID, *DOCUMENTS]
    table = mariadb.table(every)
    bad = unfit(table.c.v, Kind.NORMAL, Kind.TEXT)
    assert bad is not None
    found = [bool(one) for (one,) in mariadb.ask(table, bad)]
    assert found == [not values.fits(one, Kind.NORMAL) for one in every]
    assert found[: len(SAID) + len(NOT_SAID)] == [False] * len(SAID) + [True] * len(NOT_SAID)


@QUICK
@given(st.lists(st.text(st.sampled_from('{}[]",:1e.-+ \\ua0tx'), max_size=12), min_size=20))
def test_no_text_is_a_document_in_one_database_alone(three: list[Asked], texts: list[str]) -> None:
    for asked in three:
        table = asked.table(texts)
        found = [bool(one) for (one,) in asked.ask(table, json_ok(table.c.v))]
        assert found == [values.is_document(text) for text in texts], asked.dialect


@pytest.mark.parametrize("path", ["$.a[#-1]", "$.a[", "$..a", '$."a', "$x"])
def test_a_path_that_databases_read_each_in_their_own_way_is_refused(path: str) -> None:
    with pytest.raises(Refused, match=r"cannot be read; nothing was changed\. Write it as"):
        steps(path)
