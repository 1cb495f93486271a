"""`merger service`: lists of services merged, questions out and answers in."""

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from merger import messages
from merger.cli import run

FIXTURES = Path(__file__).parents[2] / "fixtures" / "services"
LISTS = [f"{code}={FIXTURES / f'list-{code}.csv'}" for code in ("97", "98")]
INTO = ["--into", f"96={FIXTURES / 'list-96.csv'}", "--effective", "2025-07-01"]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def merge(*more):
    return run(["--lang", "en", "service", "merge", *LISTS, *INTO, "--out", "merged.yaml", *more])


def fill_in(row, **said):
    book = load_workbook("questions.xlsx")
    sheet = book["Review"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for key, value in said.items():
        sheet.cell(row, columns[key], value)
    book.save("questions.xlsx")


def test_the_json_names_every_code_and_every_question(capsys):
    assert merge("--levels", "after", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["survivor"], found["services"], found["open"]) == ("96", 5, 3)
    assert len(found["codes"]) == 11
    assert found["codes"][0] == {
        "province": "97", "code": "1.001193.000.00.00.X97", "name": "Đăng ký khai sinh", "outcome": "unique",
        "reason": "same-root", "into": ["1.001193.X96"], "decided": "",
    }  # fmt: skip
    kinds = [(one["kind"], one["open"], len(one["codes"])) for one in found["differences"]]
    assert kinds == [
        ("own", True, 1), ("own", True, 1), ("missing", True, 1), ("name", False, 1), ("field", False, 2),
        ("variant", False, 2),
    ]  # fmt: skip
    assert [one["code"] for one in found["findings"]] == ["code-spaces"]


def test_the_sheet_can_be_answered_in_vietnamese(capsys):
    assert (
        run(
            [
                "--lang",
                "vi",
                "service",
                "merge",
                *LISTS,
                *INTO,
                "--out",
                "x.yaml",
                "--review",
                "questions.xlsx",
            ]
        )
        == 1
    )
    assert "câu hỏi chưa trả lời" in capsys.readouterr().out
    for row, answer in ((4, "Bãi bỏ"), (5, "TT-01 Cấp thẻ xe đạp công cộng"), (6, "bổ sung")):
        fill_in(row, answer=answer, author="Nguyễn Văn A", reason="Đúng vậy.")
    fill_in(7, answer="lấy", author="Nguyễn Văn A", reason="Tên mới.")
    assert merge("--answers", "questions.xlsx", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    fates = {(one["province"], one["code"]): one for one in found["codes"]}
    assert fates["97", "TT-01"]["outcome"] == "ended"
    assert fates["98", "TT-01"]["into"] == ["TT-01"]
    assert fates["97", "1.009991.000.00.00.X97"]["into"] == ["1.009991"]
    text = Path("merged.yaml").read_text("utf-8")
    assert "1.013228.X96 Cấp lại giấy phép xây dựng nhà ở, field" in text
    assert "author: Nguyễn Văn A" in text


@pytest.mark.parametrize(
    ("end", "add", "take"),
    [("bai bo", "BO SUNG", "lay"), ("Bãi  bỏ", "Bổ sung", "Lấy"), ("END", "Add", " take ")],
)
def test_answers_are_read_with_and_without_marks_in_both_languages(end, add, take, capsys):
    assert merge("--review", "questions.xlsx") == 1
    for row, answer in ((4, end), (5, end), (6, add), (7, take)):
        fill_in(row, answer=answer, author="Nguyễn Văn A", reason="Đúng vậy.")
    capsys.readouterr()
    assert merge("--replace", "--answers", "questions.xlsx", "--json") == 0
    fates = {(one["province"], one["code"]): one for one in json.loads(capsys.readouterr().out)["codes"]}
    assert (fates["97", "TT-01"]["outcome"], fates["98", "TT-01"]["outcome"]) == ("ended", "ended")
    assert fates["97", "1.009991.000.00.00.X97"]["into"] == ["1.009991"]


def test_an_answer_with_another_mark_is_no_answer(capsys):
    assert merge("--review", "questions.xlsx") == 1
    fill_in(6, answer="bố sung", author="Nguyễn Văn A", reason="Đúng vậy.")
    capsys.readouterr()
    assert merge("--replace", "--answers", "questions.xlsx") == 2
    assert 'I6: answer-unknown "bố sung" is no answer to this question' in capsys.readouterr().err


def test_a_filled_in_sheet_is_refused_cell_by_cell_and_nothing_is_written(capsys):
    assert merge("--review", "questions.xlsx") == 1
    Path("merged.yaml").unlink()
    fill_in(4, author="A")
    fill_in(5, answer=1.01323, author="A", reason="B")
    fill_in(6, answer="=1+1", author="A", reason="B")
    capsys.readouterr()
    assert merge("--answers", "questions.xlsx") == 2
    said = capsys.readouterr().err
    assert "questions.xlsx#Review!I4: no-answer" in said
    assert 'questions.xlsx#Review!I5: not-text the cell holds no text: "1.01323"' in said
    assert "questions.xlsx#Review!I6: not-text" in said
    assert not Path("merged.yaml").exists()


def test_another_workbook_is_no_sheet_of_questions(capsys):
    assert merge("--review", "questions.xlsx") == 1
    book = load_workbook("questions.xlsx")
    book["Review"].title = "Sheet"
    book.save("questions.xlsx")
    assert merge("--answers", "questions.xlsx", "--replace") == 2
    assert "questions.xlsx: no-review" in capsys.readouterr().err


def test_files_that_are_there_and_files_that_are_read_are_not_overwritten(capsys):
    assert merge() == 1
    Path("merged.yaml").write_text("mine", "utf-8")
    assert merge() == 3
    assert Path("merged.yaml").read_text("utf-8") == "mine"
    assert merge("--review", "merged.csv") == 3
    Path("list.csv").write_bytes((FIXTURES / "list-97.csv").read_bytes())
    arguments = ["service", "merge", "97=list.csv", *INTO, "--out", "out.yaml", "--review", "list.xlsx"]
    Path("list.csv").rename("list.xlsx")
    assert run([*arguments[:2], "97=list.xlsx", *arguments[3:]]) == 3
    assert "is one of the files that were read" in capsys.readouterr().err


def test_a_folder_takes_the_file_under_its_id(tmp_path):
    assert merge("--out", str(tmp_path), "--id", "my-list") == 1
    assert (
        (tmp_path / "my-list.yaml").read_text("utf-8").startswith("schema: merger/services/1\nid: my-list\n")
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["97"], "is not CODE=FILE"),
        (["97=none.csv"], "DOC"),
    ],
)
def test_what_is_no_list_is_refused(given, said, capsys):
    assert run(["--lang", "en", "service", "merge", *given, *INTO, "--out", "out.yaml"]) == 2
    assert said in capsys.readouterr().err


def test_problems_of_all_lists_are_told_in_one_run(capsys):
    Path("a.csv").write_text("Mã,Tên\n1.01323,A\n", "utf-8")
    Path("b.csv").write_text("Mã,Tên\n1.013230,\n", "utf-8")
    assert run(["--lang", "en", "service", "merge", "97=a.csv", "98=b.csv", *INTO, "--out", "out.yaml"]) == 2
    said = capsys.readouterr().err
    assert "a.csv:2:1: code-zeros the code 1.01323 has lost its last digits" in said
    assert "b.csv:2:10: name-missing the row has no name" in said
    assert not Path("out.yaml").exists()


def test_levels_are_counted_and_what_is_not_said_needs_a_person(capsys):
    assert merge("--levels", "after") == 1
    capsys.readouterr()
    assert run(["service", "levels", "merged.yaml", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["same"] == 1
    assert [(one["code"], one["before"], one["after"]) for one in found["changed"]] == [
        ("1.012783.X96", ["province", "district"], ["commune"]),
        ("1.013228.X96", ["district"], ["province"]),
        ("2.000815.X96", ["district", "commune"], ["commune"]),
    ]
    assert merge("--replace") == 1
    capsys.readouterr()
    messages.use("en")
    assert run(["--lang", "en", "service", "levels", "merged.yaml"]) == 1
    assert "of 5 nothing is said of afterwards" in capsys.readouterr().out


def test_a_table_of_old_codes_is_recoded_row_by_row():
    assert merge("--levels", "after") == 1
    rows = ["1,TT-01,98,2025-06-01", "2,1.013228.X97,97,2025-06-01", "3,1.013228.X96,,2025-08-01",
            "4,1.013228.X97,97,2025-08-01", "5,TT-01,96,2025-06-01"]  # fmt: skip
    Path("old.csv").write_text("\n".join(["id,code,province,day", *rows]) + "\n", "utf-8")
    assert run([
        "recode", "old.csv", "--column", "code:service", "--locality-column", "province",
        "--at-column", "day", "--to", "2025-08-01", "--mappings", "merged.yaml", "--out", "new.csv",
    ]) == 1  # fmt: skip
    assert [line.split(",")[4:] for line in Path("new.csv").read_text("utf-8").splitlines()[1:]] == [
        ["", "unknown"],
        ["1.013228.X96", "unique"],
        ["1.013228.X96", "unchanged"],
        ["", "not-valid"],
        ["TT-01", "unchanged"],
    ]
