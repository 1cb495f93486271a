"""References to the same dataset and along circles of datasets, over pairs of databases.

By default each kind of database with itself, and once as a source and once as a target of another; with
`--all-pairs` all nine.
"""

import pytest

from merger.errors import InputError
from merger.migrate import api, applying
from merger.migrate.model import Difference
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL, SQLITE
from tests.pairs.circles import HELD, MOVED, Circles, Content
from tests.pairs.conftest import PAIRS, Pairs, quiet

NEXT = {SQLITE: POSTGRESQL, POSTGRESQL: MARIADB, MARIADB: SQLITE}
LITE, POSTGRES, MARIA = [pytest.param((one, one), id=f"{one}-{one}") for one in NEXT]
MIXED = pytest.param((MARIADB, POSTGRESQL), id="mariadb-postgresql")
EMPTY: Content = {"p_dossier": {}, "p_document": {}, "p_note": {}}
LATER: Content = {
    "p_dossier": {"d1": ("d5", None), "d2": ("d2", None), "d5": (None, "n10"), "d6": (None, "n14"),
                  "d7": ("d6", None), "d8": ("d7", None), "d11": (None, "n14"), "d12": ("d8", "n21"),
                  "d13": (None, "n16"), "d14": ("d13", None)},
    "p_document": {"n10": ("d5", None), "n13": ("d1", "n21"), "n14": ("d6", None), "n15": ("d2", "n14"),
                   "n16": ("d2", "n15"), "n17": ("d7", None), "n18": ("d5", None), "n19": ("d12", "n18"),
                   "n20": ("d13", None), "n21": ("d12", "n13")},
    "p_note": {"o2": ("n15",), "o3": ("n19",)},
}  # fmt: skip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "each_pair" in metafunc.fixturenames:
        everything = metafunc.config.getoption("--all-pairs")
        wanted = {(one, other) for one in NEXT for other in (one, NEXT[one])}
        pairs = [one for one in PAIRS if everything or one.values[0] in wanted]
        metafunc.parametrize("each_pair", pairs)


def go_on(world: Circles) -> None:
    """The old system goes on: the held dossier is mended, two circles of two rows are deleted, rows are
    linked to new ones, to others and to nothing."""
    world.run(
        "one",
        "UPDATE dossier SET commune = '10001' WHERE id = 6",
        "INSERT INTO document VALUES (21, 'n21', 12, 13)",
        "UPDATE document SET reply = 21 WHERE id = 13",
        "UPDATE document SET reply = NULL WHERE id = 18",
        "UPDATE dossier SET newest = 'n21', follows = 8 WHERE id = 12",
        "UPDATE dossier SET newest = NULL WHERE id = 1",
        "DELETE FROM document WHERE id IN (11, 12)",
        "DELETE FROM dossier WHERE id IN (3, 4)",
        "DELETE FROM note WHERE id = 1",
    )


def cells(differences: tuple[Difference, ...]) -> set[tuple[str, str, str]]:
    return {(one.dataset, one.key, one.column) for one in differences}


def test_rows_are_linked_to_rows_that_come_after_them_caught_up_and_rolled_back(
    each_pair: tuple[str, str], pairs: Pairs
) -> None:
    world = Circles(pairs, each_pair)
    plan = world.plan()
    assert {one.dataset: one.held_by_reason for one in plan.datasets} == HELD
    assert world.apply().state == "equal"
    assert world.content() == MOVED
    assert world.verify(quick=True).state == "equal"

    go_on(world)
    later = {one.dataset: one for one in world.plan("later").datasets}
    assert {name: (one.to_move, one.to_update, one.to_withdraw) for name, one in later.items()} == {
        "dossiers": (6, 2, 2), "documents": (6, 2, 2), "notes": (1, 0, 1),
    }  # fmt: skip
    assert later["dossiers"].held_by_reason == {"orphan": 1, "reference-held": 1}
    assert world.apply("later").state == "equal"
    assert world.content() == LATER
    assert world.verify("later", quick=True).state == "equal"

    final = world.plan("final", final=True)
    assert {(one.to_move, one.to_update, one.to_withdraw) for one in final.datasets} == {(0, 0, 0)}
    assert world.apply("final").state == "equal"

    result = world.roll_back("later")
    kept = {"p_dossier": ["d1", "d2", "d5", "d6", "d7", "d8", "d12"],
            "p_document": ["n10", "n13", "n14", "n18", "n19", "n21"], "p_note": ["o3"]}  # fmt: skip
    assert world.content() == {table: {one: LATER[table][one] for one in kept[table]} for table in kept}
    assert {(one.dataset, one.key) for one in result.kept} == {
        ("dossiers", "1"), ("dossiers", "6"), ("dossiers", "7"), ("dossiers", "8"), ("dossiers", "12"),
        ("documents", "13"), ("documents", "14"), ("documents", "18"), ("documents", "21"),
        ("dossiers", "3"), ("dossiers", "4"), ("documents", "11"), ("documents", "12"), ("notes", "1"),
    }  # fmt: skip


@pytest.mark.parametrize("pair", [LITE, POSTGRES, MARIA])
def test_a_run_is_rolled_back_whatever_its_rows_refer_to(pair: tuple[str, str], pairs: Pairs) -> None:
    world = Circles(pairs, pair)
    world.plan()
    world.apply()
    result = world.roll_back()
    assert (result.state, result.removed, result.kept_rows) == ("done", 14, 0)
    assert world.content() == EMPTY
    assert world.ledger() == []


@pytest.mark.parametrize("pair", [LITE, MARIA])
def test_rows_that_a_row_which_stays_refers_to_stay_linked_as_they_are(
    pair: tuple[str, str], pairs: Pairs
) -> None:
    world = Circles(pairs, pair)
    world.plan()
    world.apply()
    world.run(
        "platform",
        "INSERT INTO p_document (title, dossier_id, reply_id)"
        " SELECT 'stays', d.id, n.id FROM p_dossier d, p_document n WHERE d.title = 'd2' AND n.title = 'n11'",
    )
    result = world.roll_back()
    assert world.content() == {
        "p_dossier": {one: MOVED["p_dossier"][one] for one in ("d1", "d2", "d5")},
        "p_document": {**{one: MOVED["p_document"][one] for one in ("n10", "n11", "n12")},
                       "stays": ("d2", "n11")},
        "p_note": {},
    }  # fmt: skip
    assert result.kept_rows == 6


ALL_IN = "after-batch-commit:7"
"""The failpoint at which all rows are in and none is tied."""
MORE_KILLS = ["in-batch", "before-batch-commit", "after-batch-commit", "before-run-end"]


@pytest.mark.parametrize("pair", [LITE, POSTGRES, MARIA, MIXED])
def test_a_run_that_is_killed_between_putting_in_and_tying_goes_on_to_the_same_end(
    pair: tuple[str, str], pairs: Pairs
) -> None:
    whole = Circles(pairs, pair)
    whole.plan()
    whole.apply()
    world = Circles(pairs, pair)
    world.plan()
    world.killed_at(ALL_IN)
    found = world.verify()
    assert found.state == "different"
    assert ("dossiers", "1", "follows_id") in cells(found.differences)
    for failpoint in MORE_KILLS if pair == (SQLITE, SQLITE) else MORE_KILLS[1:2]:
        world.killed_at(failpoint)
    assert world.apply().state == "equal"
    assert world.content() == MOVED
    assert world.ledger() == whole.ledger()


@pytest.mark.parametrize("pair", [LITE, POSTGRES])
def test_a_run_that_was_killed_before_it_was_tied_can_be_rolled_back(
    pair: tuple[str, str], pairs: Pairs
) -> None:
    world = Circles(pairs, pair)
    world.plan()
    world.killed_at("after-batch-commit:9")
    plan = world.signed_rollback()
    for failpoint in ("before-untie-commit", "after-untie-commit", "after-rollback-commit:2"):
        world.killed_at(failpoint, "rollback")
    result = api.rollback(plan, quiet)
    assert (result.state, result.kept_rows) == ("done", 0)
    assert world.content() == EMPTY
    assert world.ledger() == []


@pytest.mark.parametrize("pair", [LITE, POSTGRES])
def test_rows_that_a_killed_run_did_not_tie_are_tied_by_the_next(pair: tuple[str, str], pairs: Pairs) -> None:
    world = Circles(pairs, pair)
    world.plan()
    world.killed_at(ALL_IN)
    world.plan("next")
    assert world.apply("next").state == "equal"
    assert world.content() == MOVED
    assert world.apply().state == "equal"
    assert world.content() == MOVED


@pytest.mark.parametrize("pair", [LITE, MARIA])
def test_a_withdrawal_that_was_killed_after_untying_goes_on(pair: tuple[str, str], pairs: Pairs) -> None:
    world = Circles(pairs, pair)
    world.plan()
    world.apply()
    go_on(world)
    world.plan("later")
    world.killed_at("before-untie-commit", name="later")
    world.killed_at("after-untie-commit", name="later")
    assert world.apply("later").state == "equal"
    assert world.content() == LATER


@pytest.mark.parametrize("pair", [LITE])
def test_what_platform_and_source_change_before_a_row_is_tied_is_not_lost(
    pair: tuple[str, str], pairs: Pairs
) -> None:
    world = Circles(pairs, pair)
    world.plan()
    world.killed_at(ALL_IN)
    world.run("platform", "UPDATE p_dossier SET title = 'ours' WHERE title = 'd3'")
    world.run("one", "UPDATE dossier SET title = 'theirs' WHERE id = 1")
    found = world.apply()
    assert cells(found.differences) == {
        ("dossiers", "3", "title"), ("dossiers", "1", "title"), ("dossiers", "1", "follows_id"),
        ("dossiers", "1", "newest_id"),
    }  # fmt: skip
    assert world.content()["p_dossier"]["ours"] == ("d4", None)
    assert world.content()["p_dossier"]["d1"] == (None, None)
    world.plan("next")
    world.apply("next")
    assert world.content()["p_dossier"]["theirs"] == ("d5", "n12")
    assert world.content()["p_dossier"]["ours"] == ("d4", None)


@pytest.mark.parametrize("pair", [LITE, MARIA])
def test_a_late_reference_that_somebody_empties_is_found(pair: tuple[str, str], pairs: Pairs) -> None:
    world = Circles(pairs, pair)
    world.plan()
    world.apply()
    world.run("platform", "UPDATE p_dossier SET newest_id = NULL WHERE title = 'd5'")
    found = world.verify()
    assert cells(found.differences) == {("dossiers", "5", "newest_id")}
    quick = world.verify(quick=True)
    assert {(one.dataset, one.key) for one in quick.differences} == {("dossiers", "5")}


@pytest.mark.parametrize("pair", [LITE, POSTGRES])
def test_a_pilot_holds_rows_that_refer_out_of_it_and_the_bulk_links_them_also_where_keys_are_kept(
    pair: tuple[str, str], pairs: Pairs
) -> None:
    world = Circles(pairs, pair, keep=True)
    world.run("one", "INSERT INTO dossier VALUES (15, '10005', 'd15', 1, NULL)",
              "INSERT INTO dossier VALUES (16, '10005', 'd16', 15, 'n18')")  # fmt: skip
    (dossiers, *_) = world.plan("pilot", ("10005",)).datasets
    assert dossiers.held_by_reason == {"day-unclear": 1, "reference-excluded": 1, "reference-held": 1}
    assert world.apply("pilot").state == "equal"
    assert world.content() == {
        "p_dossier": {"d5": (None, "n10")},
        "p_document": {"n10": ("d5", None), "n18": ("d5", "n10")},
        "p_note": {},
    }
    world.plan()
    assert world.apply().state == "equal"
    dossier = {**MOVED["p_dossier"], "d15": ("d1", None), "d16": ("d15", "n18")}
    assert world.content() == {**MOVED, "p_dossier": dossier}


@pytest.mark.parametrize("pair", [LITE, MARIA])
def test_rows_that_refer_to_a_merged_row_are_linked_to_the_one_that_survives(
    pair: tuple[str, str], pairs: Pairs
) -> None:
    world = Circles(pairs, pair, merging=True)
    world.run(
        "one",
        "INSERT INTO dossier VALUES (15, '10001', 'd1', 12, NULL)",
        "INSERT INTO dossier VALUES (16, '10001', 'd16', 15, 'n22')",
        "INSERT INTO document VALUES (22, 'n22', 15, 13)",
    )
    world.plan()
    assert world.apply().state == "equal"
    expected = {**MOVED, "p_dossier": {**MOVED["p_dossier"], "d16": ("d1", "n22")},
                "p_document": {**MOVED["p_document"], "n22": ("d1", "n13")}}  # fmt: skip
    assert world.content() == expected
    assert world.roll_back().kept_rows == 0
    assert world.content() == EMPTY


@pytest.mark.parametrize("pair", [LITE, POSTGRES])
def test_a_row_that_changed_on_both_sides_holds_what_refers_to_it(
    pair: tuple[str, str], pairs: Pairs
) -> None:
    world = Circles(pairs, pair)
    world.plan()
    world.apply()
    world.run("platform", "UPDATE p_document SET title = 'ours' WHERE title = 'n18'")
    world.run("one", "UPDATE document SET title = 'theirs' WHERE id = 18",
              "INSERT INTO dossier VALUES (15, '10001', 'd15', NULL, 'theirs')",
              "INSERT INTO dossier VALUES (16, '10001', 'd16', 15, NULL)")  # fmt: skip
    dossiers, documents, _ = world.plan("later").datasets
    assert dossiers.held_by_reason == {"day-unclear": 1, "orphan": 1, "reference-held": 8}
    assert documents.held_by_reason == {"changed-on-both-sides": 1, "parent-held": 3, "reference-held": 3}
    assert dossiers.to_move == 0
    world.apply("later")
    assert set(world.content()["p_dossier"]) == set(MOVED["p_dossier"])


@pytest.mark.parametrize("pair", [LITE, POSTGRES, MARIA, MIXED])
def test_workers_tie_what_one_does(
    pair: tuple[str, str], pairs: Pairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "WORTH_WORKERS", 0)
    world = Circles(pairs, pair)
    world.plan()
    assert world.apply(workers=2).state == "equal"
    assert world.content() == MOVED


def test_a_column_that_may_not_be_empty_at_first_is_refused(pairs: Pairs) -> None:
    world = Circles(pairs, (SQLITE, SQLITE))
    world.run(
        "platform",
        "PRAGMA foreign_keys = OFF",
        "DROP TABLE p_document",
        "CREATE TABLE p_document (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, dossier_id INTEGER,"
        " reply_id INTEGER NOT NULL)",
    )
    with pytest.raises(InputError) as refused:
        world.plan()
    assert [one.message for one in refused.value.findings] == [
        "one fills p_document.reply_id when all rows are there, since the row that is meant may come later;"
        " until then it is empty, and the column may not be"
    ]


@pytest.mark.parametrize("pair", [LITE])
def test_nobody_is_merged_into_a_row_that_a_later_dataset_holds_along_a_circle(
    pair: tuple[str, str], pairs: Pairs
) -> None:
    world = Circles(pairs, pair, merging=True)
    path = world.folder / "platform.yaml"
    unique = "table: p_document\n    unique: {title: [title]}\n"
    path.write_text(path.read_text("utf-8").replace("table: p_document\n", unique), "utf-8")
    world.run("platform", "INSERT INTO p_document (title) VALUES ('n10')")
    world.run("one", "INSERT INTO dossier VALUES (15, '10005', 'd5', NULL, NULL)")
    dossiers, documents, _ = world.plan().datasets
    assert documents.held_by_reason == {"collision": 1, "parent-held": 8, "reference-held": 2}
    assert dossiers.held_by_reason == {
        "collision": 1, "day-unclear": 1, "orphan": 1, "reference-held": 9,
    }  # fmt: skip
    assert world.apply().state == "equal"
    assert world.content() == {
        "p_dossier": {one: MOVED["p_dossier"][one] for one in ("d2", "d3", "d4")},
        "p_document": {"n10": (None, None)},
        "p_note": {},
    }
