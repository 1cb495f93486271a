import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.errors import Refused
from merger.systems.expressions import Row
from merger.systems.profile import Profile, Value
from merger.systems.stores import Store, open_source, sqlite_url

PROFILE = Profile.model_validate(
    {
        "schema": "merger/profile/1",
        "id": "p",
        "datasets": {
            "dossiers": {"table": "dossier", "key": ["id"]},
            "citizens": {"table": "citizen", "key": ["code"]},
        },
    }
)
DDL = """
CREATE TABLE citizen (code TEXT PRIMARY KEY, name TEXT, birth TEXT);
INSERT INTO citizen VALUES ('c1', 'A', '1980-01-02'), ('c2', NULL, 'soon');
CREATE TABLE dossier (id INTEGER PRIMARY KEY, citizen TEXT, more TEXT, day TEXT, status, names TEXT);
INSERT INTO dossier VALUES
  (1, 'c1', '{"a": {"b": [{"c": "x"}, {"c": 7}]}, "n": null}', '20250630', '1', 'an##anh##lan'),
  (2, 'c2', '{"a": ', 'hôm qua', 4, 'an'),
  (3, NULL, NULL, NULL, NULL, NULL),
  (4, 'c9', '', '', '77', '');
"""


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "source.db"
    connection = sqlite3.connect(path)
    connection.executescript(DDL)
    connection.close()
    with open_source(sqlite_url(path)) as store:
        yield store


def values(source: Store, **value: object) -> list[object]:
    """The value of every dossier, by key."""
    row = Row(source, PROFILE, "dossiers", "old")
    return selected(source, row, row.value(Value.model_validate(value)).sql)


def selected(source: Store, row: Row, expression: sa.ColumnElement[object]) -> list[object]:
    asked = sa.select(expression).select_from(row.source).order_by(row.key.sql)
    return list(source.connection.execute(asked).scalars())


def unreadable(source: Store, **value: object) -> list[tuple[str, list[int]]]:
    """The reasons why a value cannot be carried over, and the dossiers that it holds."""
    row = Row(source, PROFILE, "dossiers", "old")
    found = row.unreadable(Value.model_validate(value))
    return [
        (reason, [number for number, bad in enumerate(selected(source, row, broken), 1) if bad])
        for reason, broken in found
    ]


def test_a_column_is_copied_as_it_is(source: Store) -> None:
    assert values(source, column="status") == ["1", 4, None, "77"]


def test_constant_and_system_are_the_same_for_every_row(source: Store) -> None:
    assert values(source, constant=7) == [7] * 4
    assert values(source, constant="x") == ["x"] * 4
    assert values(source, system=True) == ["old"] * 4


def test_a_lookup_finds_the_row_whose_key_equals_the_column(source: Store) -> None:
    assert values(source, lookup="citizen -> citizens.name") == ["A", None, None, None]


def test_two_lookups_through_one_column_share_their_join(source: Store) -> None:
    row = Row(source, PROFILE, "dossiers", "old")
    name = row.value(Value.model_validate({"lookup": "citizen -> citizens.name"}))
    birth = row.value(Value.model_validate({"lookup": "citizen->citizens.birth"}))
    assert str(row.source.compile(dialect=source.connection.dialect)).count("LEFT OUTER JOIN") == 1
    assert selected(source, row, name.sql.concat(birth.sql)) == ["A1980-01-02", None, None, None]


def test_a_lookup_into_no_dataset_is_refused(source: Store) -> None:
    row = Row(source, PROFILE, "dossiers", "old")
    with pytest.raises(Refused, match=r"profile p looks values up in dataset nowhere.*Correct the profile"):
        row.value(Value.model_validate({"lookup": "citizen -> nowhere.name"}))


def test_a_path_inside_json_is_read(source: Store) -> None:
    assert values(source, column="more", json="$.a.b[0].c") == ["x", None, None, None]
    assert values(source, column="more", json="$.a.b[1].c") == ["7", None, None, None]
    assert values(source, column="more", json="$.n") == [None] * 4


def test_what_should_be_json_and_is_not_holds_the_row(source: Store) -> None:
    assert unreadable(source, column="more", json="$.a") == [("unreadable-json", [2, 4])]


def test_times_become_local_times_or_days(source: Store) -> None:
    assert values(source, column="day", time="yyyyMMdd") == ["2025-06-30 00:00:00", None, None, None]
    assert values(source, column="day", time="yyyyMMdd", day=True) == ["2025-06-30", None, None, None]
    moved = values(source, column="day", time="yyyyMMdd", zone="America/New_York")
    assert moved == ["2025-06-30 11:00:00", None, None, None]


def test_an_unreadable_time_holds_the_row_and_a_missing_one_does_not(source: Store) -> None:
    assert unreadable(source, column="day", time="yyyyMMdd") == [("unreadable-time", [2])]
    assert unreadable(source, lookup="citizen -> citizens.birth", time="iso") == [("unreadable-time", [2])]


def test_values_are_translated_whether_they_are_numbers_or_text(source: Store) -> None:
    assert values(source, column="status", values={"1": "new", "4": "going"}) == ["new", "going", None, None]


def test_a_value_without_translation_holds_the_row(source: Store) -> None:
    assert unreadable(source, column="status", values={"1": "new", "4": "going"}) == [("untranslated", [4])]


def test_every_way_of_failing_is_told(source: Store) -> None:
    told = unreadable(source, column="more", json="$.a", time="iso", values={"x": "y"})
    assert [reason for reason, _ in told] == ["unreadable-json", "unreadable-time", "untranslated"]


def test_decided_values_and_references_cannot_be_unreadable(source: Store) -> None:
    assert unreadable(source, decided="place.code") == []
    assert unreadable(source, reference="citizens", column="citizen") == []


def test_a_user_name_is_qualified_by_its_system(source: Store) -> None:
    assert values(source, column="names", qualify=True) == ["an##anh##lan@old", "an@old", None, ""]


def test_names_of_a_list_are_qualified_one_by_one_though_one_is_part_of_another(source: Store) -> None:
    listed = values(source, column="names", qualify=True, separator="##")
    assert listed == ["an@old##anh@old##lan@old", "an@old", None, ""]


def test_a_default_replaces_null_and_not_the_empty_text(source: Store) -> None:
    assert values(source, column="names", default="nobody") == ["an##anh##lan", "an", "nobody", ""]
    assert values(source, column="day", time="yyyyMMdd", default="never")[1:] == ["never"] * 3


def test_decided_values_and_references_come_from_the_caller(source: Store) -> None:
    row = Row(source, PROFILE, "dossiers", "old")
    given = {"place.code": sa.literal("10001"), "citizens": sa.literal("7")}
    assert row.value(Value.model_validate({"decided": "place.code"}), given).sql is given["place.code"]
    assert row.value(Value.model_validate({"reference": "citizens"}), given).sql is given["citizens"]
