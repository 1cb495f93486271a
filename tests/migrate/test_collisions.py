from pathlib import Path

from merger.migrate import api
from tests.migrate.world import (
    ask_sql,
    changed,
    dossier,
    fates,
    fill,
    moved_by,
    platform,
    quiet,
    run_sql,
    unsigned,
)


def citizen(key: str, idno: str | None, name: str = "A", birth: str | None = "1980") -> dict[str, object]:
    return {"id": key, "name": name, "idno": idno, "birth": birth}


def short(folder: Path) -> dict[str, tuple[str, str]]:
    return {key: (fate, why) for key, (fate, why, _) in fates(folder, unsigned(folder)).items()}


def test_without_a_rule_both_rows_stay(empty: Path) -> None:
    changed(empty / "job.yaml", "  - {dataset: dossiers, unique: number, rule: hold}\n", "")
    for system in ("one", "two"):
        fill(empty / f"{system}.db", "dossier", [dossier("same"), dossier(f"other-{system}")])
    found = short(empty)
    assert [found[f"{system}/dossiers/d-same"] for system in ("one", "two")] == [("hold", "collision")] * 2
    assert found["one/dossiers/d-other-one"] == found["two/dossiers/d-other-two"] == ("move", "")


def test_a_rule_that_holds_is_named_in_the_reason(empty: Path) -> None:
    fill(empty / "one.db", "dossier", [dossier("a", number="n"), dossier("b", number="n"), dossier("c")])
    found = short(empty)
    assert found["one/dossiers/d-a"] == found["one/dossiers/d-b"] == ("hold", "collision-number")
    assert found["one/dossiers/d-c"] == ("move", "")


def test_a_value_that_the_target_has_already_is_a_collision_and_its_row_is_left_alone(empty: Path) -> None:
    own = platform(empty)["p_dossier"]
    fill(empty / "one.db", "dossier", [dossier("mine", number="Z01.101-250702-0001"), dossier("free")])
    assert short(empty)["one/dossiers/d-mine"] == ("hold", "collision-number")
    moved_by(empty)
    assert platform(empty)["p_dossier"][: len(own)] == own
    assert len(platform(empty)["p_dossier"]) == len(own) + 1


def test_numbers_that_only_look_alike_do_not_collide(empty: Path) -> None:
    texts = ["Hòa", "Hoà", "Ho\u0300a", "HÒA", "Hòa "]
    fill(empty / "one.db", "dossier", [dossier(f"n{n}", number=text) for n, text in enumerate(texts)])
    assert set(short(empty).values()) == {("move", "")}


def test_a_held_row_claims_nothing(empty: Path) -> None:
    fill(empty / "one.db", "dossier", [dossier("held", number="n", commune="99999")])
    fill(empty / "two.db", "dossier", [dossier("free", number="n")])
    found = short(empty)
    assert found["one/dossiers/d-held"] == ("hold", "code-unknown")
    assert found["two/dossiers/d-free"] == ("move", "")


def test_user_names_are_qualified_by_their_system(standard: Path) -> None:
    own = platform(standard)["p_officer"]
    moved_by(standard)
    names = [row[1] for row in platform(standard)["p_officer"]]
    assert names == ["an@one", "anh@one", "an@two", "anh@two"]
    assert platform(standard)["p_officer"][:1] == own


def test_what_is_qualified_may_still_collide_with_the_targets_own_and_is_held(standard: Path) -> None:
    assert short(standard)["one/officers/1"] == ("hold", "collision")


def test_paths_are_qualified_and_both_files_kept(standard: Path) -> None:
    moved_by(standard)
    paths = {row[2] for row in platform(standard)["p_file"]}
    assert {"one/a/1.pdf", "two/a/1.pdf", "own/a.pdf"} <= paths


def test_the_same_person_becomes_one_row_and_keeps_all_links(standard: Path) -> None:
    moved_by(standard)
    db = standard / "platform.db"
    ((key,),) = ask_sql(db, "SELECT id FROM p_applicant WHERE idNo = '012345678901'")
    linked = ask_sql(db, "SELECT number FROM p_dossier WHERE applicantId = ?", key)
    assert {number[:3] for (number,) in linked} == {"Z01", "Z02"}
    assert len(linked) == 10 + 10


def test_a_person_whom_the_target_knows_is_merged_into_its_row_which_stays_as_it_is(standard: Path) -> None:
    own = platform(standard)["p_applicant"][0]
    moved_by(standard)
    assert platform(standard)["p_applicant"][0] == own
    linked = ask_sql(standard / "platform.db", "SELECT count(*) FROM p_dossier WHERE applicantId = ?", own[0])
    assert linked == [(10,)]


def test_a_placeholder_is_nobodys_number_and_both_people_are_kept(standard: Path) -> None:
    moved_by(standard)
    found = ask_sql(
        standard / "platform.db", "SELECT name, idNo FROM p_applicant WHERE name LIKE 'Ai%' ORDER BY 1"
    )
    assert found == [("Ai Khác", None), ("Ai Đó", None)]


def test_the_same_number_of_another_person_is_held(empty: Path) -> None:
    fill(empty / "one.db", "citizen", [citizen("a", "1"), citizen("b", "2")])
    fill(empty / "two.db", "citizen", [citizen("a", "1", birth="1981"), citizen("b", "2", birth=None)])
    found = short(empty)
    assert set(found.values()) == {("hold", "same-number-other-person")}


def test_one_other_person_holds_the_whole_group(empty: Path) -> None:
    fill(empty / "one.db", "citizen", [citizen("a", "1"), citizen("b", "1")])
    fill(empty / "two.db", "citizen", [citizen("c", "1", name="Z")])
    assert set(short(empty).values()) == {("hold", "same-number-other-person")}


def test_people_without_a_number_are_not_compared(empty: Path) -> None:
    fill(empty / "one.db", "citizen", [citizen("a", None), citizen("b", None)])
    assert set(short(empty).values()) == {("move", "")}


def test_nobody_is_merged_into_a_row_that_is_held(empty: Path) -> None:
    changed(
        empty / "platform.yaml",
        "unique: {id-number: [idNo]}",
        "unique: {id-number: [idNo], person: [name, birth]}",
    )
    changed(empty / "job.yaml", "second: [name, birth]", "second: [name]")
    fill(empty / "one.db", "citizen", [citizen("a", "1"), citizen("b", "2")])
    fill(empty / "two.db", "citizen", [citizen("c", "1", birth="1999")])
    assert set(short(empty).values()) == {("hold", "collision")}


def test_a_held_row_of_another_dataset_with_the_same_key_does_not_matter(empty: Path) -> None:
    fill(empty / "one.db", "officer", [{"id": 1, "user_name": "an", "full_name": "x"}])
    fill(empty / "one.db", "citizen", [citizen("1", "5")])
    fill(empty / "two.db", "citizen", [citizen("c", "5")])
    found = short(empty)
    assert found["one/officers/1"] == ("hold", "collision")
    assert found["one/citizens/1"] == ("move", "")
    assert found["two/citizens/c"] == ("merge", "merged-id-number")


def test_two_datasets_of_one_system_may_merge_into_each_other(empty: Path) -> None:
    more = (
        "  owners:\n    table: owner\n    key: [id]\n    to: applicants\n"
        "    columns: {name: name, idNo: idno, birth: birth}\n  dossiers:\n"
    )
    changed(empty / "source.yaml", "  dossiers:\n    table", more + "    table")
    for system in ("one", "two"):
        run_sql(
            empty / f"{system}.db",
            "CREATE TABLE owner (id TEXT PRIMARY KEY, name TEXT, idno TEXT, birth TEXT)",
        )
    fill(empty / "one.db", "citizen", [citizen("c", "5")])
    fill(empty / "one.db", "owner", [citizen("o", "5")])
    fill(empty / "two.db", "owner", [citizen("p", "5")])
    moved_by(empty)
    assert [row[1:3] for row in platform(empty)["p_applicant"]] == [("Trần Bê", "012345678999"), ("A", "5")]
    assert api.verify(str(empty / "plan.json"), False, False, quiet).state == "equal"


def test_keys_that_are_kept_are_claimed_too(empty: Path) -> None:
    changed(empty / "platform.yaml", "table: p_officer\n    key: [id]\n    keys: {way: block}",
            "table: p_officer\n    key: [id]\n    keys: {way: keep}")  # fmt: skip
    fill(empty / "one.db", "officer", [{"id": 1, "user_name": "a", "full_name": "x"},
                                       {"id": 2, "user_name": "b", "full_name": "x"}])  # fmt: skip
    fill(empty / "two.db", "officer", [{"id": 2, "user_name": "c", "full_name": "x"},
                                       {"id": 3, "user_name": "d", "full_name": "x"}])  # fmt: skip
    found = short(empty)
    assert {key for key, (fate, _) in found.items() if fate == "hold"} == {
        "one/officers/1", "one/officers/2", "two/officers/2",
    }  # fmt: skip
    moved_by(empty)
    assert [row[:2] for row in platform(empty)["p_officer"]] == [(1, "an@one"), (3, "d@two")]


def test_a_person_into_whom_another_was_merged_is_kept_when_gone_from_one_source(empty: Path) -> None:
    one = {"id": "a", "name": "Lê", "idno": "7", "birth": "1990-01-01"}
    fill(empty / "one.db", "citizen", [one])
    fill(empty / "two.db", "citizen", [{**one, "id": "b"}])
    moved_by(empty)
    run_sql(empty / "one.db", "DELETE FROM citizen")
    moved_by(empty, "later.json")
    assert ask_sql(empty / "platform.db", "SELECT name FROM p_applicant WHERE idNo = '7'") == [("Lê",)]
    told = api.verify(str(empty / "plan.json"), False, False, quiet)
    assert ("citizens", "a", "extra") in {(each.dataset, each.key, each.kind) for each in told.differences}
