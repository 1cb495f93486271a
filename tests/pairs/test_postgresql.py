"""PostgreSQL as platforms hold it: hidden rows, keys of many types, triggers, narrow columns, settings.
Told before anything moves, or moved exactly, or refused with the batch taken back."""

import shutil
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.errors import InputError, MergerError, Refused
from merger.migrate import api
from merger.migrate.model import Plan
from merger.systems.stores import DatabaseFailed, open_source, open_target
from merger.testing.people import sign_by_all, trust_people
from merger.testing.servers import reader_url
from merger.testing.servers.fixtures import MakeDatabase
from tests.pairs.conftest import quiet

JOB = """\
schema: merger/job/1
id: small
author: writer
mapping: [mapping]
cutover: 2025-07-10T00:00:00+07:00
target: {system: platform, profile: platform.yaml, database: {url_env: SMALL_PLATFORM}}
sources:
  - {system: one, profile: one.yaml, database: {url_env: SMALL_ONE}}
policies: {approvals: 2, holds_allowed: 100, stale_codes: resolve, batch_rows: 3}
"""
SOURCE = "  {name}: {{table: '{table}', key: ['{key}'], to: {name}, columns: {{'{value}': '{value}'}}}}\n"
TARGET = "  {name}: {{table: '{table}', key: ['{key}'], keys: {{way: {way}}}}}\n"
CHILD = """\
  b: {table: b, key: [id], to: b, parent: a, references: {a: {to: a, column: a_id}},
      columns: {a_id: {reference: a, column: a_id}, v: v}}
"""
CHILDREN = (
    "  b: {table: b, key: [id], keys: {way: block}, parent: a, references: {a: {to: a, column: a_id}}}\n"
)
OLD = "CREATE TABLE a (id bigint PRIMARY KEY, v text)"
ROWS = "INSERT INTO a SELECT g, 'v' || g FROM generate_series(1, 7) g"
NEW = "CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text)"
LATER = "UPDATE a SET v = 'new' WHERE id = 2"


@dataclass
class Small:
    """A job from one database of PostgreSQL into another, whose tables hold little."""

    folder: Path
    one: sa.URL
    platform: sa.URL
    patch: pytest.MonkeyPatch

    def of(self, one: list[str], platform: list[str], *, names: str = "a", way: str = "block") -> None:
        """Makes the tables, each dataset with the key `id` and the column `v`, and reads the source as one
        who may read alone."""
        parts = [
            {"name": name, "table": name, "key": "id", "value": "v", "way": way} for name in names.split()
        ]
        self.profiles(
            "".join(SOURCE.format(**part) for part in parts),
            "".join(TARGET.format(**part) for part in parts),
        )  # fmt: skip
        self.run(self.one, *one)
        self.run(self.platform, *platform)
        self.patch.setenv("SMALL_ONE", reader_url(self.one).render_as_string(hide_password=False))
        self.patch.setenv("SMALL_PLATFORM", self.platform.render_as_string(hide_password=False))

    def profiles(self, source: str, target: str) -> None:
        for name, text in {"one": source, "platform": target}.items():
            head = f"schema: merger/profile/1\nid: {name}\ndatasets:\n"
            (self.folder / f"{name}.yaml").write_text(head + text, "utf-8")

    def plan(self, name: str = "plan") -> Plan:
        path = self.folder / f"{name}.json"
        plan = api.make_plan(self.folder / "job.yaml", path, (), False, quiet)
        sign_by_all(path)
        return plan

    def move(self, name: str = "plan", *, quick: bool = False) -> None:
        """Plans, runs and verifies; by the database's own hash too where it is to be `quick`."""
        self.plan(name)
        self.apply(name)
        for strength in sorted({False, quick}):
            found = api.verify(str(self.folder / f"{name}.json"), strength, False, quiet)
            differing = [(one.dataset, one.key, one.column, one.kind) for one in found.differences]
            assert (differing, found.state) == ([], "equal")

    def apply(self, name: str = "plan") -> None:
        api.apply(self.folder / f"{name}.json", 1, quiet)

    def roll_back(self, name: str = "plan") -> None:
        plan = str(self.folder / f"{name}.json")
        with pytest.raises(Refused):
            api.rollback(plan, quiet)
        sign_by_all(self.folder / f"{name}.rollback.json")
        api.rollback(plan, quiet)

    @staticmethod
    def run(url: sa.URL, *statements: str) -> None:
        engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for one in statements:
                connection.exec_driver_sql(one, execution_options={"no_parameters": True})

    def there(self, asked: str = "SELECT id, v FROM a ORDER BY id") -> list[tuple[object, ...]]:
        engine = sa.create_engine(self.platform, poolclass=sa.NullPool)
        with engine.connect() as connection:
            return [tuple(one) for one in connection.exec_driver_sql(asked).all()]


@pytest.fixture
def small(tmp_path: Path, database: MakeDatabase, monkeypatch: pytest.MonkeyPatch) -> Small:
    with as_file(files("merger.testing.pairs") / "files" / "mapping") as mapping:
        shutil.copytree(mapping, tmp_path / "mapping")
    trust_people(tmp_path / "trust.json")
    (tmp_path / "job.yaml").write_text(JOB, "utf-8")
    monkeypatch.setenv("MERGER_STATE", str(tmp_path / "state"))
    return Small(tmp_path, database("postgresql", "one"), database("postgresql", "platform"), monkeypatch)


def trigger(when: str, body: str) -> list[str]:
    """A trigger of the platform's on its table."""
    function = f"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
    return [NEW, function, f"CREATE TRIGGER t {when} ON a FOR EACH ROW EXECUTE FUNCTION f()"]


def codes(raised: pytest.ExceptionInfo[InputError]) -> set[str]:
    return {one.code for one in raised.value.findings}


def test_rows_that_a_policy_hides_from_the_account_are_told_and_never_left_out(small: Small) -> None:
    policy = ["ALTER TABLE a ENABLE ROW LEVEL SECURITY", "CREATE POLICY p ON a USING (id < 4)"]
    small.of([OLD, ROWS, *policy], [NEW])
    with pytest.raises(InputError, match="may hide rows of table a from this account") as raised:
        small.plan()
    assert codes(raised) == {"hidden-rows"}
    with open_source(reader_url(small.one)) as store, pytest.raises(DatabaseFailed, match="not let this"):
        store.connection.exec_driver_sql("SELECT count(*) FROM a").scalar()


def test_keys_that_the_database_always_gives_out_itself_are_given_by_the_run(small: Small) -> None:
    old = "CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint, v text)"
    new = NEW.replace("TABLE a", "TABLE b").replace("v text", "a_id bigint REFERENCES a, v text")
    small.of([OLD, ROWS, old, "INSERT INTO b SELECT id, id, v FROM a"], [NEW, new])
    part = {"name": "a", "table": "a", "key": "id", "value": "v", "way": "block"}
    small.profiles(SOURCE.format(**part) + CHILD, TARGET.format(**part) + CHILDREN)
    small.move()
    small.run(small.one, "INSERT INTO b VALUES (90, 1, 'late')", "DELETE FROM b WHERE id = 4", LATER)
    small.move("later")
    joined = "SELECT b.v, a.v FROM b JOIN a ON a.id = a_id ORDER BY b.id"
    assert small.there(joined) == [
        ("v1", "v1"), ("v2", "new"), ("v3", "v3"), ("v5", "v5"), ("v6", "v6"), ("v7", "v7"), ("late", "v1"),
    ]  # fmt: skip


KEYS = {
    "n": ("numeric", ["-3", "1.5", "7", "8", "9", "20000000000000000000000"]),
    "i": ('varchar(20) COLLATE "vi-x-icu"', ["đơn 1", "Đơn 1", "don 1", "a", "b", "c"]),
    "c": ("citext", ["a", "B", "c", "D", "e", "f"]),
    "e": ("mood", ["worst", "bad", "so-so", "good", "best", "Bad"]),
    "d": ("whole", ["1", "2", "3", "4", "5", "-6"]),
    "y": ("date", ["2025-07-01", "2025-07-02", "2025-07-03", "2025-07-04", "2025-07-05", "2025-07-06"]),
    "x": ("text COLLATE folded", ["a", "B", "c", "D", "e", "f"]),
}  # fmt: skip
TYPES = [
    "CREATE EXTENSION citext", "CREATE DOMAIN whole AS integer CHECK (VALUE < 100)",
    "CREATE TYPE mood AS ENUM ('worst', 'bad', 'so-so', 'good', 'best', 'Bad')",
    "CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
]  # fmt: skip


def test_keys_of_many_types_are_kept_followed_changed_and_taken_out(small: Small) -> None:
    made = [f"CREATE TABLE {name} (id {type_} PRIMARY KEY, v text)" for name, (type_, _) in KEYS.items()]
    rows = [
        f"INSERT INTO {name} SELECT CAST(unnest AS {type_.partition(' COLLATE')[0]}), 'v' FROM"
        f" unnest(CAST('{{{','.join(keys)}}}' AS text[]))"
        for name, (type_, keys) in KEYS.items()
    ]
    small.of([*TYPES, *made, *rows], [*TYPES, *made], names=" ".join(KEYS), way="keep")
    small.move(quick=True)
    for name, (_, keys) in KEYS.items():
        small.run(small.one, f"UPDATE {name} SET v = 'new' WHERE CAST(id AS text) = '{keys[0]}'")
        small.run(small.one, f"DELETE FROM {name} WHERE CAST(id AS text) = '{keys[-1]}'")
    small.move("later")
    for name, (_, keys) in KEYS.items():
        found = dict(small.there(f"SELECT CAST(id AS text), v FROM {name}"))
        assert found == dict.fromkeys(keys[:-1], "v") | {keys[0]: "new"}


@pytest.mark.parametrize(
    ("when", "body"),
    [
        ("BEFORE INSERT", "NEW.v := upper(NEW.v); RETURN NEW;"),
        ("BEFORE INSERT", "NEW.id := nextval(pg_get_serial_sequence('a', 'id')); RETURN NEW;"),
    ],
    ids=["value", "key"],
)
def test_a_batch_that_a_trigger_alters_is_taken_back(small: Small, when: str, body: str) -> None:
    small.of([OLD, ROWS], trigger(when, body))
    small.plan()
    with pytest.raises(MergerError, match="3 of its 3 rows then stood otherwise in table a"):
        small.apply()
    assert small.there() == small.there("SELECT * FROM merger_row") == []
    small.run(small.platform, "DROP TRIGGER t ON a")
    small.apply()
    assert [value for _, value in small.there()] == [f"v{number}" for number in range(1, 8)]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            "IF NEW.v = 'v2' THEN RETURN NULL; END IF; RETURN NEW;",
            "have settled 3 rows and settled 2: a trigger",
        ),
        ("RAISE EXCEPTION 'not %', NEW.v;", r"did not take batch 1 of one/a \(SQLSTATE P0001\)"),
    ],
)
def test_a_trigger_that_leaves_rows_out_or_refuses_them_is_told(small: Small, body: str, told: str) -> None:
    small.of([OLD, ROWS], trigger("BEFORE INSERT", body))
    small.plan()
    with pytest.raises(MergerError, match=told):
        small.apply()
    assert small.there() == small.there("SELECT * FROM merger_row") == []


def test_rows_that_the_target_keeps_are_not_taken_for_taken_out_or_changed(small: Small) -> None:
    small.of([OLD, ROWS], trigger("BEFORE UPDATE OR DELETE", "RETURN NULL;"))
    small.move()
    with pytest.raises(MergerError, match="7 rows were to be taken out of table a of the target and 0 were"):
        small.roll_back()
    assert len(small.there()) == len(small.there("SELECT * FROM merger_row")) == 7


@pytest.mark.parametrize("change", [LATER, "DELETE FROM a WHERE id = 5"])
def test_a_change_that_a_trigger_drops_is_refused(small: Small, change: str) -> None:
    small.of([OLD, ROWS], trigger("BEFORE UPDATE OR DELETE", "RETURN NULL;"))
    small.move()
    small.run(small.one, change)
    small.plan("later")
    with pytest.raises(MergerError, match="should have settled 1 rows and settled 0"):
        small.apply("later")
    assert small.there("SELECT state FROM merger_row WHERE state <> 'moved'") == []


def test_values_that_the_columns_have_no_room_for_hold_their_rows(small: Small) -> None:
    old = "CREATE TABLE {} (id bigint PRIMARY KEY, v {})"
    new = "CREATE TABLE {} (id bigserial PRIMARY KEY, v {})"
    types = {"w": ("text", "varchar(3)"), "n": ("numeric", "numeric(4,2)"), "s": ("bigint", "smallint"),
             "f": ("float8", "numeric(4,2)"), "k": ("varchar(2)", "varchar(3)")}  # fmt: skip
    rows = [
        "INSERT INTO w VALUES (1, 'đơn'), (2, 'đơn ơi'), (3, 'ab  '), (4, NULL)",
        "INSERT INTO n VALUES (1, 99.99), (2, 100), (3, 0.125), (4, -99.99), (5, 1.50)",
        "INSERT INTO s VALUES (1, 32767), (2, 32768), (3, -32768), (4, -32769)",
        "INSERT INTO f VALUES (1, 0.5), (2, 1e10), (3, 'NaN'), (4, 0.125)",
        "INSERT INTO k VALUES (1, 'ab')",
    ]
    small.of(
        [old.format(name, one) for name, (one, _) in types.items()] + rows,
        [new.format(name, one) for name, (_, one) in types.items()],
        names=" ".join(types),
    )
    found = {one.dataset: (one.to_move, one.held_by_reason) for one in small.plan().datasets}
    narrow = "no-room"
    assert found == {"w": (2, {narrow: 2}), "n": (3, {narrow: 2}), "s": (2, {narrow: 2}),
                     "f": (1, {narrow: 2, "altered-by-target": 1}), "k": (1, {})}  # fmt: skip
    small.apply()
    assert api.verify(str(small.folder / "plan.json"), False, False, quiet).state == "equal"


def test_columns_that_only_the_database_fills_and_keys_that_cannot_be_followed_are_told(small: Small) -> None:
    new = "CREATE TABLE a (id timestamptz PRIMARY KEY, v text GENERATED ALWAYS AS ('x') STORED)"
    small.of([OLD, ROWS], [new], way="keep")
    with pytest.raises(InputError) as raised:
        small.plan()
    assert codes(raised) == {"generated-column", "unfit-key"}


def test_rows_of_tables_that_inherit_may_have_the_same_key_and_are_told(small: Small) -> None:
    heir = ["CREATE TABLE heir () INHERITS (a)", "INSERT INTO heir VALUES (3, 'again')"]
    small.of([OLD, ROWS, *heir], [NEW])
    with pytest.raises(Refused, match="1 that share theirs"):
        small.plan()


def test_names_may_hold_whatever_names_may(small: Small) -> None:
    names = {"name": "a", "table": 'Hồ sơ "%(x)s" %', "key": "Mã %s", "value": "Tên :x", "way": "block"}
    table = names["table"].replace('"', '""')
    made = f'CREATE TABLE "{table}" ("Mã %s" bigserial PRIMARY KEY, "Tên :x" text)'
    small.of([made, f"INSERT INTO \"{table}\" SELECT g, 'v' FROM generate_series(1, 7) g"], [made])
    small.profiles(SOURCE.format(**names), TARGET.format(**names))
    small.move()
    small.run(small.one, f'DELETE FROM "{table}" WHERE "Mã %s" = 3')
    small.move("later")
    small.roll_back("later")


def test_a_quick_verification_compares_databases_of_different_encodings(small: Small) -> None:
    name = f"{small.one.database}_latin"
    made = f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0"
    small.run(small.one, made)
    try:
        small.one = small.one.set(database=name)
        small.of([OLD, ROWS, "INSERT INTO a VALUES (50, 'é')"], [NEW])
        small.move(quick=True)
    finally:
        small.run(small.platform, f"DROP DATABASE {name} WITH (FORCE)")


def test_texts_that_a_type_takes_for_one_stay_apart(database: MakeDatabase) -> None:
    url = database("postgresql")
    Small.run(
        url, "CREATE EXTENSION citext", "CREATE TABLE a (v citext)", "INSERT INTO a VALUES ('A'), ('a')"
    )
    with open_source(url) as store:
        found = store.distinct(sa.select(store.table("a").c.v))
        column = store.columns("a")["v"]
    assert (sorted(found), column.declared) == ([("A",), ("a",)], "citext")


def test_what_is_not_ready_is_told_in_words(database: MakeDatabase) -> None:
    url = database("postgresql")
    Small.run(url, "CREATE MATERIALIZED VIEW a AS SELECT 1 AS id WITH NO DATA")
    with open_source(url) as store, pytest.raises(DatabaseFailed, match="not ready to be asked"):
        store.connection.exec_driver_sql("SELECT * FROM a").all()


def test_what_is_set_for_the_database_does_not_end_or_change_a_session(database: MakeDatabase) -> None:
    url = database("postgresql")
    hostile = dict.fromkeys(
        ("statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout"), "1min"
    ) | {"xmloption": "document", "row_security": "on"}
    with open_target(url, write=True) as store:
        known = store.connection.exec_driver_sql("SELECT name FROM pg_settings").scalars().all()
        for name in hostile.keys() & set(known):
            store.run(f"ALTER DATABASE \"{url.database}\" SET {name} = '{hostile[name]}'")
    wanted = dict.fromkeys(hostile, "0") | {"xmloption": "content", "row_security": "off"}
    for opened in (open_source(url), open_target(url, write=True)):
        with opened as store:
            asked = sa.text("SELECT name, setting FROM pg_settings WHERE name IN :names")
            names = sa.bindparam("names", [*hostile], expanding=True)
            found = {one.name: one.setting for one in store.connection.execute(asked.bindparams(names))}
        assert found == {name: wanted[name] for name in found}


def test_a_right_on_some_of_the_columns_that_are_filled_is_not_enough(small: Small) -> None:
    reader = reader_url(small.platform)
    small.of([OLD, ROWS], [NEW, "CREATE TABLE whole (id bigint)"])
    rights = ["GRANT CREATE ON SCHEMA public TO merger_reader",
              "GRANT INSERT (id), UPDATE, DELETE ON a TO merger_reader",
              f'GRANT TEMPORARY ON DATABASE "{small.platform.database}" TO merger_reader']  # fmt: skip
    small.run(small.platform, *rights)
    small.patch.setenv("SMALL_PLATFORM", reader.render_as_string(hide_password=False))

    def told() -> str:
        (found,) = [
            one.detail
            for one in api.check(small.folder / "job.yaml")
            if one.code == "rights" and one.state == "failed"
        ]
        return found

    assert told().endswith("INSERT (a)")


def test_a_server_that_knows_no_encoding_is_a_source_and_a_target(small: Small) -> None:
    names = [f"{small.one.database}_{part}" for part in ("old", "new")]
    for name in names:
        made = (
            f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0"
        )
        small.run(small.platform, made)
    try:
        rows = ROWS.replace("'v'", "'Hòa '")
        small.of([], [])
        small.one, small.platform = (
            url.set(database=name, query={"client_encoding": "utf8"})
            for url, name in zip((small.one, small.platform), names, strict=True)
        )
        small.run(small.one, OLD, rows)
        small.run(small.platform, NEW)
        small.patch.setenv("SMALL_ONE", small.one.set(query={}).render_as_string(hide_password=False))
        small.patch.setenv(
            "SMALL_PLATFORM", small.platform.set(query={}).render_as_string(hide_password=False)
        )
        small.move()
        assert small.there()[0] == (1, "Hòa 1")
    finally:
        for name in names:
            small.run(small.platform.set(database="postgres", query={}), f"DROP DATABASE {name} WITH (FORCE)")
