"""People are merged only where that is proved, and only as long as it stays true."""

from pathlib import Path

import pytest

from merger.errors import InputError, MergerError
from merger.migrate import api
from merger.migrate.planning import load_plan
from tests.migrate.test_collisions import citizen, short
from tests.migrate.world import (
    PLATFORM_DDL,
    ask_sql,
    changed,
    dossier,
    fill,
    moved_by,
    planned,
    quiet,
    run_sql,
)

OTHER = "same-number-other-person"
HELD = ("hold", OTHER)
CARDS = """\
  cards:
    table: card
    key: [id]
    references: {citizen: {to: citizens, column: citizen_id}}
    to: cards
    columns: {applicantId: {reference: citizen, column: citizen_id}, kind: kind}
  dossiers:
    table"""
TARGET_CARDS = """\
  cards:
    table: p_card
    key: [id]
    unique: {kind: [applicantId, kind]}
    references: {applicant: {to: applicants, column: applicantId}}
  files:
    table: p_file"""


def people(world: Path) -> list[tuple[object, ...]]:
    """What the platform has of people, but for its own."""
    return ask_sql(world / "platform.db", "SELECT name, idNo FROM p_applicant WHERE id > 1 ORDER BY id")


def linked(world: Path) -> list[tuple[object, ...]]:
    """The identity numbers that the moved dossiers lead to."""
    asked = "SELECT idNo FROM p_dossier d JOIN p_applicant a ON a.id = d.applicantId"
    return ask_sql(world / "platform.db", asked)


def two_people_in_one(world: Path) -> None:
    """One person in two systems; the second has a dossier there."""
    fill(world / "one.db", "citizen", [citizen("a", "5")])
    fill(world / "two.db", "citizen", [citizen("b", "5")])


def dossier_of_the_second(world: Path) -> None:
    fill(world / "two.db", "dossier", [dossier("x", citizen_id="b", agency="Z02.05", commune="10005")])


def held(world: Path, plan: str) -> dict[str, dict[str, int]]:
    """Reasons of holds, by system and dataset."""
    found, _ = load_plan(world / plan)
    return {f"{one.system}/{one.dataset}": one.held_by_reason for one in found.datasets if one.held}


def test_what_is_missing_proves_nothing(empty: Path) -> None:
    said = [("5", None), ("6", ""), ("7", " \u00a0"), ("", "1980"), ("\t", "1980"), ("000000001 ", "1980")]
    for number, (idno, birth) in enumerate(said):
        for system in ("one", "two"):
            fill(empty / f"{system}.db", "citizen", [citizen(f"c{number}", idno, birth=birth)])
    assert set(short(empty).values()) == {HELD}


def test_a_placeholder_in_other_case_or_form_is_nobodys_number(empty: Path) -> None:
    changed(empty / "job.yaml", '"000000001"]', '"không có"]')
    for number, text in enumerate(["KHÔNG CÓ", "kho\u0302ng co\u0301", "Không có"]):
        fill(empty / "one.db", "citizen", [citizen(f"a{number}", text)])
        fill(empty / "two.db", "citizen", [citizen(f"b{number}", text)])
    assert set(short(empty).values()) == {HELD}


def test_a_number_that_two_of_the_targets_own_rows_have_leads_to_neither(empty: Path) -> None:
    run_sql(
        empty / "platform.db", "DROP TABLE p_applicant",
        "CREATE TABLE p_applicant"
        " (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, idNo TEXT, birth TEXT)",
        "INSERT INTO p_applicant VALUES (1, 'A', '5', '1980'), (2, 'A', '5', '1980')",
    )  # fmt: skip
    fill(empty / "one.db", "citizen", [citizen("a", "5")])
    assert short(empty)["one/citizens/a"] == HELD


@pytest.mark.parametrize(
    ("database", "statement"),
    [
        ("two", "UPDATE citizen SET idno = '6'"),
        ("one", "UPDATE citizen SET idno = '6'"),
    ],
)
def test_who_parted_between_plan_and_run_is_not_merged(empty: Path, database: str, statement: str) -> None:
    two_people_in_one(empty)
    dossier_of_the_second(empty)
    plan = planned(empty)
    run_sql(empty / f"{database}.db", statement)
    with pytest.raises(MergerError, match="1 rows of two/citizens that were to be merged no longer agree"):
        api.apply(plan, 1, quiet)
    assert linked(empty) == []


@pytest.mark.parametrize("statement", ["UPDATE p_applicant SET idNo = '7'", "DELETE FROM p_applicant"])
def test_nobody_is_merged_into_a_row_of_the_platform_that_became_another(empty: Path, statement: str) -> None:
    known = {"name": "Trần Bê", "idno": "012345678999", "birth": "1990-01-01"}
    fill(empty / "two.db", "citizen", [{"id": "b", **known}])
    plan = planned(empty)
    run_sql(empty / "platform.db", statement)
    with pytest.raises(MergerError, match="no longer agree"):
        api.apply(plan, 1, quiet)
    moved_by(empty, "later.json")
    assert ask_sql(empty / "platform.db", "SELECT count(*) FROM p_applicant WHERE idNo = '012345678999'") == [
        (1,)
    ]


@pytest.mark.parametrize("changed_one", ["one", "two"])
def test_merged_people_who_part_later_are_held_with_what_belongs_to_them(
    empty: Path, changed_one: str
) -> None:
    two_people_in_one(empty)
    moved_by(empty)
    before = people(empty)
    run_sql(empty / f"{changed_one}.db", "UPDATE citizen SET idno = '6', name = 'Z'")
    dossier_of_the_second(empty)
    moved_by(empty, "later.json")
    both = {"two/citizens": {OTHER: 1}, "two/dossiers": {"reference-held": 1}}
    assert held(empty, "later.json") == both | ({"one/citizens": {OTHER: 1}} if changed_one == "one" else {})
    assert people(empty) == before
    assert linked(empty) == []
    assert api.verify(str(empty / "later.json"), False, False, quiet).state == "equal"


def test_merged_people_who_change_alike_stay_one(empty: Path) -> None:
    two_people_in_one(empty)
    moved_by(empty)
    for system in ("one", "two"):
        run_sql(empty / f"{system}.db", "UPDATE citizen SET birth = '1981'")
    dossier_of_the_second(empty)
    moved_by(empty, "later.json")
    assert held(empty, "later.json") == {}
    assert linked(empty) == [("5",)]


def test_nobody_is_merged_into_a_moved_row_that_is_about_to_become_another(empty: Path) -> None:
    fill(empty / "one.db", "citizen", [citizen("a", "5")])
    moved_by(empty)
    run_sql(empty / "one.db", "UPDATE citizen SET idno = '6', name = 'Z'")
    fill(empty / "two.db", "citizen", [citizen("b", "5")])
    dossier_of_the_second(empty)
    moved_by(empty, "second.json")
    assert held(empty, "second.json") == {"two/citizens": {OTHER: 1}, "two/dossiers": {"reference-held": 1}}
    moved_by(empty, "third.json")
    assert people(empty) == [("Z", "6"), ("A", "5")]
    assert linked(empty) == [("5",)]


@pytest.mark.parametrize(
    ("statements", "waiting"),
    [
        (["UPDATE citizen SET idno = '012345678999' WHERE id = 'a'"], 1),
        (["UPDATE citizen SET idno = idno || 'x'", "UPDATE citizen SET idno = '5' WHERE id = 'k'",
          "UPDATE citizen SET idno = '9' WHERE id = 'a'"], 2),
    ],
    ids=["the-platforms-own", "exchanged"],
)  # fmt: skip
def test_a_moved_row_whose_value_becomes_anothers_is_held(
    empty: Path, statements: list[str], waiting: int
) -> None:
    fill(empty / "one.db", "citizen", [citizen("a", "5"), citizen("k", "9")])
    moved_by(empty)
    before = people(empty)
    run_sql(empty / "one.db", *statements)
    moved_by(empty, "later.json")
    assert held(empty, "later.json") == {"one/citizens": {OTHER: waiting}}
    assert people(empty) == before
    assert api.verify(str(empty / "later.json"), False, False, quiet).state == "equal"


def test_a_moved_row_takes_a_value_that_another_one_gave_up_one_run_later(empty: Path) -> None:
    fill(empty / "one.db", "citizen", [citizen("a", "5"), citizen("k", "9")])
    moved_by(empty)
    run_sql(empty / "one.db", "UPDATE citizen SET idno = '10' WHERE id = 'k'",
            "UPDATE citizen SET idno = '9' WHERE id = 'a'")  # fmt: skip
    moved_by(empty, "second.json")
    assert people(empty) == [("A", "5"), ("A", "10")]
    moved_by(empty, "third.json")
    assert people(empty) == [("A", "9"), ("A", "10")]


def test_what_the_platform_corrected_of_a_moved_row_is_no_collision(empty: Path) -> None:
    fill(empty / "one.db", "citizen", [citizen("a", "5")])
    moved_by(empty)
    run_sql(empty / "platform.db", "UPDATE p_applicant SET idNo = '55' WHERE idNo = '5'",
            "INSERT INTO p_applicant (name, idNo) VALUES ('Own', '5')")  # fmt: skip
    moved_by(empty, "later.json")
    assert held(empty, "later.json") == {}


def cards(world: Path) -> None:
    """People have cards, one of a kind each."""
    for name in ("one", "two"):
        run_sql(
            world / f"{name}.db", "CREATE TABLE card (id INTEGER PRIMARY KEY, citizen_id TEXT, kind TEXT)"
        )
    run_sql(
        world / "platform.db",
        "CREATE TABLE p_card (id INTEGER PRIMARY KEY AUTOINCREMENT, applicantId INTEGER, kind TEXT,"
        " UNIQUE (applicantId, kind))",
    )
    changed(world / "source.yaml", "  dossiers:\n    table", CARDS)
    changed(world / "platform.yaml", "  files:\n    table: p_file", TARGET_CARDS)


def card(world: Path, system: str, number: int, owner: str, kind: str) -> None:
    fill(world / f"{system}.db", "card", [{"id": number, "citizen_id": owner, "kind": kind}])


def test_what_belongs_to_merged_people_collides_by_the_person_who_survives(empty: Path) -> None:
    cards(empty)
    two_people_in_one(empty)
    card(empty, "one", 1, "a", "x")
    card(empty, "two", 1, "b", "x")
    card(empty, "two", 2, "b", "y")
    found = short(empty)
    assert found["one/cards/1"] == found["two/cards/1"] == ("hold", "collision")
    moved_by(empty)
    assert ask_sql(empty / "platform.db", "SELECT applicantId, kind FROM p_card") == [(2, "y")]


def test_what_the_platform_gave_to_a_moved_person_collides_with_what_comes_later(empty: Path) -> None:
    cards(empty)
    two_people_in_one(empty)
    moved_by(empty)
    run_sql(empty / "platform.db", "INSERT INTO p_card (applicantId, kind) VALUES (2, 'x')")
    card(empty, "two", 1, "b", "x")
    moved_by(empty, "later.json")
    assert held(empty, "later.json") == {"two/cards": {"collision": 1}}


def test_who_survives_is_moved_before_who_is_merged(empty: Path) -> None:
    more = (
        "  a-owners:\n    table: owner\n    key: [id]\n    to: applicants\n"
        "    references: {known: {to: citizens, column: known, optional: true}}\n"
        "    columns: {name: name, idNo: idno, birth: birth}\n  dossiers:\n    table"
    )
    changed(empty / "source.yaml", "  dossiers:\n    table", more)
    for system in ("one", "two"):
        run_sql(empty / f"{system}.db", "CREATE TABLE owner"
                " (id TEXT PRIMARY KEY, name TEXT, idno TEXT, birth TEXT, known TEXT)")  # fmt: skip
    fill(empty / "one.db", "citizen", [citizen("c", "5")])
    fill(empty / "one.db", "owner", [citizen("o", "5")])
    moved_by(empty)
    assert people(empty) == [("A", "5")]


def test_what_the_target_keeps_unique_by_itself_is_found_though_its_profile_does_not_say_so(
    empty: Path,
) -> None:
    run_sql(empty / "platform.db", "CREATE UNIQUE INDEX whose ON p_applicant (name, birth)")
    fill(empty / "one.db", "citizen", [citizen("a", "5"), citizen("b", "6"), citizen("c", "7", name="C")])
    found = short(empty)
    assert found["one/citizens/a"] == found["one/citizens/b"] == ("hold", "collision")
    assert found["one/citizens/c"] == ("move", "")


def test_numbers_that_the_target_alone_takes_for_one_are_held_and_merge_nobody(empty: Path) -> None:
    run_sql(empty / "platform.db", "CREATE UNIQUE INDEX folded ON p_applicant (idNo COLLATE NOCASE)")
    fill(empty / "one.db", "citizen", [citizen("a", "5x"), citizen("b", "5X"), citizen("c", "6X")])
    fill(empty / "two.db", "citizen", [citizen("c", "6X")])
    found = short(empty)
    assert found["one/citizens/a"] == found["one/citizens/b"] == HELD
    assert found["two/citizens/c"] == ("merge", "merged-id-number")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("second: [name, birth], ", "", "no-second"),
        ("second: [name, birth], ", "second: [idNo], ", "no-second"),
        ('column: userName, with: "{value}@{system}"', 'with: "{value}@{system}"', "qualify-nothing"),
        ('column: userName, with: "{value}@{system}"', 'column: fullName, with: "{value}@{system}"',
         "qualify-nothing"),
        ('column: userName, with: "{value}@{system}"', 'column: userName, with: "{system}"',
         "qualify-nothing"),
        ("dataset: dossiers, unique: number", "dataset: files, unique: path", "rule-twice"),
    ],
)  # fmt: skip
def test_a_rule_that_settles_nothing_is_told(empty: Path, old: str, new: str, said: str) -> None:
    changed(empty / "job.yaml", old, new)
    with pytest.raises(InputError) as raised:
        short(empty)
    assert said in {one.code for one in raised.value.findings}


FOLDED = "CREATE UNIQUE INDEX folded ON p_applicant (lower(name))"


def test_what_the_target_refuses_is_told_by_the_name_of_its_rule(empty: Path) -> None:
    fill(empty / "one.db", "citizen", [citizen("a", "5"), citizen("b", "6", name="a")])
    plan = planned(empty)
    run_sql(empty / "platform.db", FOLDED)
    with pytest.raises(MergerError, match="index 'folded'"):
        api.apply(plan, 1, quiet)


def test_people_whom_an_index_over_an_expression_takes_for_one_are_held(empty: Path) -> None:
    run_sql(empty / "platform.db", FOLDED)
    fill(empty / "one.db", "citizen", [citizen("a", "5"), citizen("b", "6", name="a")])
    found = short(empty)
    assert {found[f"one/citizens/{key}"] for key in "ab"} == {("hold", "collision-folded")}


def test_a_kept_key_that_the_target_would_write_otherwise_holds_its_row(empty: Path) -> None:
    changed(empty / "platform.yaml", "table: p_applicant\n    key: [id]\n    keys: {way: block}",
            "table: p_applicant\n    key: [id]\n    keys: {way: keep}")  # fmt: skip
    fill(empty / "one.db", "citizen", [citizen("007", "5"), citizen("7", "6")])
    found = short(empty)
    assert found["one/citizens/007"] == ("hold", "altered-by-target")
    assert found["one/citizens/7"] == ("move", "")


def people_by_texts(world: Path) -> None:
    """The platform's people have texts for keys, which they keep; its own person is `007`."""
    changed(world / "platform.yaml", "table: p_applicant\n    key: [id]\n    keys: {way: block}",
            "table: p_applicant\n    key: [id]\n    keys: {way: keep}")  # fmt: skip
    dossiers = PLATFORM_DDL[PLATFORM_DDL.index("CREATE TABLE p_dossier") :].split(";")[0]
    run_sql(
        world / "platform.db", "DROP TABLE p_dossier", "DROP TABLE p_applicant",
        dossiers.replace("applicantId INTEGER", "applicantId TEXT"),
        "CREATE TABLE p_applicant (id TEXT PRIMARY KEY, name TEXT, idNo TEXT UNIQUE, birth TEXT)",
        "INSERT INTO p_applicant VALUES ('007', 'A', '5', '1980')",
    )  # fmt: skip


def test_somebody_is_merged_into_a_person_of_the_platform_whose_key_is_a_text_of_digits(empty: Path) -> None:
    people_by_texts(empty)
    fill(empty / "two.db", "citizen", [citizen("b", "5")])
    dossier_of_the_second(empty)
    moved_by(empty)
    assert ask_sql(empty / "platform.db", "SELECT applicantId FROM p_dossier") == [("007",)]
    assert ask_sql(empty / "platform.db", "SELECT target_key, merged FROM merger_row WHERE merged") == [
        ("007", 1)
    ]
    assert api.verify(str(empty / "plan.json"), False, False, quiet).state == "equal"


@pytest.mark.parametrize("key", ["008", "8", "--8"])
def test_nobody_is_merged_into_a_moved_row_that_is_about_to_become_another_by_a_text(
    empty: Path, key: str
) -> None:
    people_by_texts(empty)
    fill(empty / "one.db", "citizen", [citizen(key, "6")])
    moved_by(empty)
    run_sql(empty / "one.db", "UPDATE citizen SET idno = '7', name = 'Z'")
    fill(empty / "two.db", "citizen", [citizen("b", "6")])
    dossier_of_the_second(empty)
    moved_by(empty, "second.json")
    assert held(empty, "second.json") == {"two/citizens": {OTHER: 1}, "two/dossiers": {"reference-held": 1}}
    found = api.find(empty / "job.yaml", key)
    assert [(one.state, one.target_key) for one in found] == [("moved", key)]


OFFICES = """\
  offices:
    table: office
    key: [id]
    to: offices
    columns: {name: name, kind: kind}
  dossiers:
    table"""
TARGET_OFFICES = """\
  offices:
    table: p_office
    key: [id]
    keys: {way: keep}
    unique: {name: [name]}
  files:
    table: p_file"""


def test_the_ledger_keeps_each_kind_of_key_where_rows_are_merged_by_both(empty: Path) -> None:
    changed(empty / "source.yaml", "  dossiers:\n    table", OFFICES)
    changed(empty / "source.yaml", "    columns: {name: name, idNo: idno, birth: birth}",
            "    references: {office: {to: offices, column: office_id, optional: true}}\n"
            "    columns: {name: name, idNo: idno, birth: birth, officeId: {reference: office,"
            " column: office_id}}")  # fmt: skip
    changed(empty / "platform.yaml", "  files:\n    table: p_file", TARGET_OFFICES)
    changed(empty / "job.yaml", "  - {dataset: dossiers, unique: number, rule: hold}",
            "  - {dataset: dossiers, unique: number, rule: hold}\n"
            "  - {dataset: offices, unique: name, rule: merge, second: [kind]}")  # fmt: skip
    run_sql(empty / "platform.db", "ALTER TABLE p_applicant ADD officeId TEXT",
            "CREATE TABLE p_office (id TEXT PRIMARY KEY, name TEXT UNIQUE, kind TEXT)",
            "INSERT INTO p_office VALUES ('o-1', 'Market', 'shop')")  # fmt: skip
    for system in ("one", "two"):
        run_sql(empty / f"{system}.db", "ALTER TABLE citizen ADD office_id TEXT",
                "CREATE TABLE office (id TEXT PRIMARY KEY NOT NULL, name TEXT, kind TEXT)",
                f"INSERT INTO office VALUES ('{system}', 'Market', 'shop')")  # fmt: skip
        fill(empty / f"{system}.db", "citizen", [citizen(system, "5") | {"office_id": system}])
    moved_by(empty)
    asked = "SELECT source_key, merged, typeof(target_key) FROM merger_row ORDER BY dataset_id, source_key"
    assert ask_sql(empty / "platform.db", asked) == [
        ("one", 1, "text"), ("one", 0, "integer"), ("two", 1, "text"), ("two", 1, "integer"),
    ]  # fmt: skip
    run_sql(empty / "one.db", "DELETE FROM citizen")
    moved_by(empty, "later.json")
    assert people(empty) == [("A", "5")]


def test_rows_are_merged_into_two_of_the_platforms_own_rows_that_have_one_key(empty: Path) -> None:
    officers = (
        '{dataset: officers, unique: user-name, rule: qualify, column: userName, with: "{value}@{system}"}'
    )
    changed(
        empty / "job.yaml",
        officers,
        "{dataset: officers, unique: user-name, rule: merge, second: [fullName]}",
    )
    refers = "references:\n      officer: {to: officers, column: note, optional: true}\n      citizen:"
    changed(empty / "source.yaml", "references:\n      citizen:", refers)
    changed(empty / "source.yaml", "      note: note", "      note: {reference: officer, column: note}")
    known = {"name": "Trần Bê", "idno": "012345678999", "birth": "1990-01-01"}
    fill(empty / "two.db", "citizen", [{"id": "b", **known}])
    fill(empty / "two.db", "officer", [{"id": 5, "user_name": "an@one", "full_name": "Own Officer"}])
    row = dossier("x", citizen_id="b", note="5", agency="Z02.05", commune="10005")
    fill(empty / "two.db", "dossier", [row])
    moved_by(empty)
    asked = "SELECT applicantId, note FROM p_dossier WHERE id <> 7"
    assert ask_sql(empty / "platform.db", asked) == [(1, "1")]


def test_texts_of_any_look_may_be_keys_of_rows_that_collide(empty: Path) -> None:
    fill(empty / "one.db", "citizen", [citizen("--5", "5"), citizen("-٣", "5"), citizen("9" * 5000, "5")])
    assert sorted(short(empty).values()) == [
        ("merge", "merged-id-number"),
        ("merge", "merged-id-number"),
        ("move", ""),
    ]
