import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest

from merger.errors import InputError
from merger.migrate import api
from merger.migrate.model import Plan
from tests.migrate.world import (
    SOURCE_DDL,
    ask_sql,
    changed,
    dossier,
    fates,
    fill,
    planned,
    quiet,
    run_sql,
    unsigned,
)

NOT_MOVED = {
    "one/citizens/c2": ("merge", "merged-id-number"),
    "one/citizens/c4": ("hold", "same-number-other-person"),
    "one/officers/1": ("hold", "collision"),
    "one/dossiers/d-finished": ("exclude", "finished-stays"),
    "one/dossiers/d-land-divided": ("hold", "divided"),
    "one/dossiers/d-person": ("hold", "person-decides"),
    "one/dossiers/d-unknown-unit": ("hold", "code-unknown"),
    "one/dossiers/d-empty-unit": ("hold", "code-missing"),
    "one/dossiers/d-null-unit": ("hold", "code-missing"),
    "one/dossiers/d-untranslated": ("hold", "untranslated"),
    "one/dossiers/d-bad-due": ("hold", "unreadable-time"),
    "one/dossiers/d-other-person": ("hold", "reference-held"),
    "one/dossiers/d-no-citizen": ("hold", "orphan"),
    "one/dossiers/d-same-number": ("hold", "collision-number"),
    "one/files/21": ("hold", "orphan"),
    "one/files/22": ("exclude", "finished-stays"),
    "one/files/23": ("hold", "parent-held"),
    "two/citizens/c1": ("merge", "merged-id-number"),
    "two/citizens/c4": ("hold", "same-number-other-person"),
    "two/dossiers/d-nowhere": ("hold", "divided"),
    "two/dossiers/d-same-number": ("hold", "collision-number"),
    "two/files/16": ("hold", "orphan"),
}
"""What becomes of the rows of `standard_rows` that do not simply move."""

TABLES = {"officers": "officer", "citizens": "citizen", "dossiers": "dossier", "files": "file"}


def files(folder: Path) -> dict[str, str]:
    return {
        one.name: sha256(one.read_bytes()).hexdigest() for one in sorted(folder.iterdir()) if one.is_file()
    }


def combinations(plan: Plan, system: str = "one") -> list[tuple[str | None, int]]:
    """The communes and counts of the decisions of a system's dossiers."""
    part = next(one for one in plan.datasets if (one.system, one.dataset) == (system, "dossiers"))
    place = part.parts.index("place")
    return sorted(((one.codes[place], one.rows) for one in part.decisions), key=repr)


def test_exactly_the_rows_that_nothing_decides_are_held(standard: Path) -> None:
    found = fates(standard, unsigned(standard))
    assert {key: (fate, why) for key, (fate, why, _) in found.items() if fate != "move"} == NOT_MOVED


def test_every_row_is_moved_held_or_excluded_in_all_and_by_old_unit(standard: Path) -> None:
    for part in unsigned(standard).datasets:
        rows = ask_sql(standard / f"{part.system}.db", f"SELECT count(*) FROM {TABLES[part.dataset]}")[0][0]
        assert part.in_scope == rows == part.to_move + part.held + sum(part.excluded.values())
        assert sum(part.held_by_reason.values()) == part.held
        assert [one.in_scope for one in part.by_unit] == [
            one.moved + one.held + one.excluded for one in part.by_unit
        ]
        for name, total in (("in_scope", rows), ("moved", part.to_move), ("held", part.held)):
            assert sum(getattr(one, name) for one in part.by_unit) == total


def test_rows_are_counted_under_the_unit_that_they_had(standard: Path) -> None:
    plan = unsigned(standard)
    part = next(one for one in plan.datasets if (one.system, one.dataset) == ("one", "dossiers"))
    counts = {one.unit: (one.name, one.in_scope, one.moved, one.held, one.excluded) for one in part.by_unit}
    assert counts["unknown"] == ("", 3, 0, 3, 0)
    assert counts["10003"] == ("Old Three", 2, 1, 1, 0)
    assert counts["10001@2025-07-01"] == ("Commune North", 1, 1, 0, 0)
    child = next(one for one in plan.datasets if (one.system, one.dataset) == ("one", "files"))
    assert {one.unit for one in child.by_unit} == {"10002", "unknown"}


def test_holds_add_up_to_the_held_rows(standard: Path) -> None:
    plan = unsigned(standard)
    for part in plan.datasets:
        holds = [one for one in plan.holds if (one.system, one.dataset) == (part.system, part.dataset)]
        assert sum(one.rows for one in holds) == part.held
        assert {one.reason for one in holds} == set(part.held_by_reason)
    assert len({one.id for one in plan.holds}) == len(plan.holds)


def test_a_hold_names_its_codes_and_the_possible_successors(standard: Path) -> None:
    plan = unsigned(standard)
    (held,) = [one for one in plan.holds if one.codes.get("place") == "10003"]
    assert [(one.field, one.code, one.name) for one in held.candidates] == [
        ("place", "10001", "Commune North"),
        ("place", "10003", "Commune Middle"),
    ]
    assert held.codes["service"] == "1.000002.000.00.00.Z01"
    assert any("1/ACT" in one or "units" in one for one in held.evidence)


def test_a_dry_run_changes_nothing_but_its_plan(standard: Path) -> None:
    before = files(standard)
    unsigned(standard)
    after = files(standard)
    assert after.keys() - before.keys() == {"plan.json"}
    assert {name: after[name] for name in before} == before


def test_a_plan_says_the_same_when_it_is_made_again(standard: Path) -> None:
    one, other = unsigned(standard, name="a.json"), unsigned(standard, name="b.json")
    fixed = {"id": "", "created": one.created}
    assert one.model_copy(update=fixed) == other.model_copy(update=fixed)
    assert api.load_plan(standard / "a.json") == one


def test_the_kind_of_a_plan_follows_from_what_was_asked_and_run(standard: Path) -> None:
    assert unsigned(standard).kind == "bulk"
    assert unsigned(standard, scope=("10001",)).kind == "pilot"
    path = planned(standard, final=True, name="final.json")
    assert api.load_plan(path).kind == "final"
    api.apply(path, 1, quiet)
    assert unsigned(standard, name="later.json").kind == "catch-up"


def test_only_a_final_plan_fingerprints_every_cell(standard: Path) -> None:
    bulk = unsigned(standard).source_fingerprints["one"]
    final = api.load_plan(planned(standard, final=True)).source_fingerprints["one"]
    assert (bulk.content, len(final.content)) == ("", 64)
    assert (bulk.schema_, bulk.combinations) == (final.schema_, final.combinations)


def alike(folder: Path) -> list[str | None]:
    """Dossiers whose communes look alike; answers the communes."""
    texts = ["Hòa", "Hoà", "Ho\u0300a", "HÒA", "hòa", "Hòa ", " Hòa", "Hoa", "", None, "10002", "10002 "]
    fill(
        folder / "one.db", "dossier", [dossier(f"n{number}", commune=one) for number, one in enumerate(texts)]
    )
    return texts


def test_communes_that_look_alike_are_different_combinations(empty: Path) -> None:
    texts = alike(empty)
    assert combinations(unsigned(empty)) == sorted(((one, 1) for one in texts), key=repr)


@pytest.mark.parametrize("collation", ["NOCASE", "RTRIM"])
def test_a_collation_of_the_source_does_not_join_combinations(empty: Path, collation: str) -> None:
    ddl = SOURCE_DDL.replace("commune TEXT", f"commune TEXT COLLATE {collation}")
    ddl = ddl.replace("agency TEXT, received_by", f"agency TEXT COLLATE {collation}, received_by")
    assert ddl.count(collation) == 2
    (empty / "one.db").unlink()
    connection = sqlite3.connect(empty / "one.db")
    connection.executescript(ddl)
    connection.close()
    texts = alike(empty)
    fill(empty / "one.db", "dossier", [dossier("lower", agency="z01.05"), dossier("space", agency="Z01.05 ")])
    plan = unsigned(empty)
    part = next(one for one in plan.datasets if (one.system, one.dataset) == ("one", "dossiers"))
    assert len(part.decisions) == len(texts) + 2
    found = fates(empty, plan)
    assert found["one/dossiers/d-n10"][0] == "move"
    assert found["one/dossiers/d-n11"][:2] == ("hold", "code-unknown")


def test_rows_still_in_the_write_ahead_log_of_a_source_are_planned(standard: Path) -> None:
    writer = sqlite3.connect(standard / "two.db", isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.execute("INSERT INTO dossier (id, number, commune) VALUES ('late', 'late', '10005')")
    assert "two/dossiers/late" in fates(standard, unsigned(standard))
    writer.close()


def test_a_row_without_a_key_of_its_own_is_told_by_the_check(empty: Path) -> None:
    ddl = "CREATE TABLE citizen (id TEXT, name TEXT, idno TEXT, birth TEXT)"
    run_sql(
        empty / "one.db", "DROP TABLE citizen", ddl, *["INSERT INTO citizen VALUES ('c1', 'a', 'b', 'c')"] * 2
    )
    bad = [(one.code, one.detail) for one in api.check(empty / "job.yaml") if one.state == "failed"]
    assert bad == [("keys", "one: citizens: 0 rows without a key, 1 that share theirs")]


def test_the_check_finds_missing_tables_columns_and_counters(empty: Path) -> None:
    run_sql(empty / "one.db", "ALTER TABLE dossier DROP COLUMN note", "DROP TABLE file")
    run_sql(empty / "platform.db", "DELETE FROM counter")
    bad = {(one.code, one.detail) for one in api.check(empty / "job.yaml") if one.state == "failed"}
    (columns,) = [detail for code, detail in bad if code == "columns"]
    assert "source.yaml:" in columns
    assert "table dossier has no column note" in columns
    assert "has no table file" in columns
    assert any(code == "counter" and "p_dossier" in detail for code, detail in bad)


def test_finished_is_what_the_profile_calls_so_else_what_is_not_pending_and_never_null(empty: Path) -> None:
    rows = [dossier("none", status=None), dossier("blank", status=""), dossier("other", status="7")]
    fill(empty / "one.db", "dossier", [*rows, dossier("done", status="9")])
    found = fates(empty, unsigned(empty))
    assert {key.rpartition("-")[2]: one[1] for key, one in found.items()} == {
        "none": "", "blank": "untranslated", "other": "untranslated", "done": "finished-stays",
    }  # fmt: skip
    changed(empty / "source.yaml", '    finished: ["9"]\n', "")
    left = {
        key.rpartition("-")[2] for key, one in fates(empty, unsigned(empty)).items() if one[0] == "exclude"
    }
    assert left == {"blank", "other", "done"}


def test_a_table_of_the_target_that_nothing_moves_into_needs_no_counter(empty: Path) -> None:
    run_sql(empty / "platform.db", "CREATE TABLE p_ward (id INTEGER PRIMARY KEY, code TEXT)")
    changed(empty / "platform.yaml", "  files:\n    table: p_file",
            "  wards: {table: p_ward, key: [id]}\n  files:\n    table: p_file")  # fmt: skip
    assert [one for one in api.check(empty / "job.yaml") if one.state == "failed"] == []


def test_the_check_finds_columns_that_the_target_requires_and_nobody_fills(empty: Path) -> None:
    run_sql(empty / "platform.db", "ALTER TABLE p_dossier ADD COLUMN wanted TEXT NOT NULL DEFAULT 'x'")
    assert [one for one in api.check(empty / "job.yaml") if one.state == "failed"] == []
    changed(empty / "source.yaml", "      number: number\n      ward", "      ward")
    bad = [(one.code, one.detail) for one in api.check(empty / "job.yaml") if one.state == "failed"]
    assert bad == [(("required"), f"{system}: dossiers → p_dossier.number") for system in ("one", "two")]


def test_a_database_that_is_not_there_is_told_by_the_check(empty: Path) -> None:
    (empty / "one.db").unlink()
    (bad,) = [one for one in api.check(empty / "job.yaml") if one.state == "failed"]
    assert bad.code == "reach"
    assert "there is no database at" in bad.detail


@pytest.mark.parametrize(
    ("old", "new", "code", "at", "message"),
    [
        ("{system: two, profile", "{system: one, profile", "duplicate-system", "{system: one",
         "system one is named"),
        ("dataset: officers, unique: user-name", "dataset: officers, unique: name", "unknown-unique",
         "{dataset: officers, unique: name", "the rule for collisions names officers/name"),
        ("datasets: [dossiers], not", "datasets: [papers], not", "unknown-dataset", "{rule: finished",
         "the exclusion names dataset papers"),
        ("datasets: [dossiers], not", "systems: [three], not", "unknown-system", "{rule: finished",
         "the exclusion names system three"),
    ],
)  # fmt: skip
def test_a_job_that_names_what_is_not_there_is_told_where(
    empty: Path, old: str, new: str, code: str, at: str, message: str
) -> None:
    changed(empty / "job.yaml", old, new)
    with pytest.raises(InputError) as caught:
        unsigned(empty)
    finding = next(one for one in caught.value.findings if one.code == code)
    line = (empty / "job.yaml").read_text("utf-8").splitlines()[finding.place.line - 1]
    assert line[finding.place.column - 1 :].startswith(at)
    assert finding.message.startswith(message)
    assert finding.mend


def test_a_dataset_without_place_in_the_target_is_told(empty: Path) -> None:
    changed(empty / "source.yaml", "to: applicants", "to: people")
    with pytest.raises(InputError, match="dataset citizens of system one goes to people") as caught:
        unsigned(empty)
    assert [one.code for one in caught.value.findings] == ["unknown-target"] * 2


@pytest.mark.parametrize(
    ("content", "code", "line", "column", "message"),
    [
        (b"\n\xff", "not-utf-8", 2, 1, "is not UTF-8 text"),
        (b'{\n "a": }', "not-json", 2, 7, "is not JSON"),
        (b"{}", "not-ours", 1, 1, "is not what the toolkit writes: schema"),
        (b"[" * 100_000, "too-deep", 1, 1, "is nested too deeply"),
    ],
)
def test_what_is_no_plan_is_told_where(
    tmp_path: Path, content: bytes, code: str, line: int, column: int, message: str
) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        api.load_plan(path)
    found = caught.value.findings[0]
    assert (found.code, found.place.line, found.place.column) == (code, line, column)
    assert message in found.message


def test_a_plan_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json:1:1: no-file there is no such file"):
        api.load_plan(tmp_path / "none.json")


def test_a_pilot_of_a_commune_that_is_not_there_is_unusable(standard: Path) -> None:
    scope = ("10002", "nope", "10001")
    with pytest.raises(InputError) as caught:
        api.make_plan(standard / "job.yaml", standard / "pilot.json", scope, False, quiet)
    assert [one.message for one in caught.value.findings] == [
        "on 2025-07-10 no commune bears the code 10002",
        "on 2025-07-10 no commune bears the code nope",
    ]
    assert not (standard / "pilot.json").exists()


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "source.yaml",
            "    table: officer\n",
            "    table: officers\n",
            "the database of one has no table officers",
        ),
        ("source.yaml", "fullName: full_name", "fullName: name", "table officer has no column name"),
        ("source.yaml", "fullName: full_name", "fulName: full_name", "the target has no such column"),
        ("platform.yaml", "holder_columns: [agency]", "holder_columns: [agent]", "has no column agent"),
        ("job.yaml", "second: [name, birth]", "second: [name, born]", "has no column born"),
        ("job.yaml", "rule: finished-stays, ", "rule: x, column: nix, values: [a], ", "has no column nix"),
        ("job.yaml", "path: one.db", "path: platform.db", "one reads the very database that is the target"),
    ],
)
def test_what_a_database_does_not_have_is_found_before_anything_is_asked(
    empty: Path, file: str, old: str, new: str, message: str
) -> None:
    changed(empty / file, old, new)
    with pytest.raises(InputError) as error:
        api.make_plan(empty / "job.yaml", empty / "p.json", (), False, quiet)
    assert message in str(error.value)
    assert all(one.place.file.endswith(file) and one.place.line > 1 for one in error.value.findings)
    assert not (empty / "p.json").exists()
