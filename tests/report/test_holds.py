"""The sheet in which a person decides holds."""

import zipfile
from datetime import date

import pytest
import yaml
from openpyxl import load_workbook
from report_samples import DIGEST, PLAN

from merger.errors import InputError, Refused
from merger.mapping import read_definitions
from merger.mapping.models import DecisionsFile
from merger.messages import use
from merger.report.answers import COLUMNS, FIRST_ROW
from merger.report.holds import read, write
from merger.report.words import Words

TODAY = date(2025, 7, 2)


@pytest.fixture(autouse=True)
def _english():
    use("en")


class Filled:
    """The written sheet, opened for filling in by hold and column."""

    def __init__(self, tmp_path, language="en"):
        self.path = tmp_path / "holds.xlsx"
        self.path.write_bytes(write(PLAN, DIGEST, language))
        self.book = load_workbook(self.path)
        self.sheet = self.book.worksheets[0]

    def row(self, hold, field=None):
        return next(
            row
            for row in range(FIRST_ROW, self.sheet.max_row + 1)
            if self.sheet.cell(row, 1).value == hold
            and field in (None, self.sheet.cell(row, COLUMNS.index("field") + 1).value)
        )

    def fill(self, hold, by_field=None, /, **values):
        row = self.row(hold, by_field)
        for name, value in values.items():
            self.sheet.cell(row, COLUMNS.index(name) + 1).value = value

    def read(self, plan=PLAN, digest=DIGEST):
        self.book.save(self.path)
        return read(self.path, plan, digest, TODAY)

    def problems(self):
        with pytest.raises(InputError) as error:
            self.read()
        return [(f.code, str(f.fields["cell"]).partition("!")[2]) for f in error.value.findings]


@pytest.fixture(params=["en", "vi"])
def filled(tmp_path, request):
    return Filled(tmp_path, request.param)


def test_an_empty_sheet_decides_nothing(filled):
    answers = filled.read()
    assert (answers.text, answers.decided, answers.excluded, answers.open) == ("", 0, 0, 4)


def test_answers_become_a_decisions_file(filled):
    filled.fill("h1", decision="00202 Xã Hai", author="Trần Văn Duyệt", reason="Biên bản số 3")
    filled.fill("h2", exclude="test-rows", author="Trần Văn Duyệt", reason="Dữ liệu thử")
    answers = filled.read()
    assert (answers.decided, answers.excluded, answers.open, answers.warnings) == (1, 1, 2, ())
    first, second = DecisionsFile.model_validate(yaml.safe_load(answers.text)).decisions
    assert first.then == {"place": "00202"}
    assert first.when == {
        "system": "old-a",
        "dataset": "dossier",
        "place": "00101",
        "service": "1.000001",
        "office": None,
    }
    assert (first.author, first.date, first.reason) == ("Trần Văn Duyệt", TODAY, "Biên bản số 3")
    assert (second.exclude, second.then) == ("test-rows", {})


def test_the_file_of_several_decisions_can_be_read_as_a_definition(filled, tmp_path):
    filled.fill("h1", decision="00202 Xã Hai", author="Trần Văn Duyệt", reason="Biên bản số 3")
    filled.fill("h2", exclude="test-rows", author="Trần Văn Duyệt", reason="Dữ liệu thử")
    answers = filled.read()
    (tmp_path / "decisions.yaml").write_text(answers.text, "utf-8")
    read = read_definitions(tmp_path / "decisions.yaml").value
    assert isinstance(read, DecisionsFile)
    assert read.decisions == answers.decisions


def test_a_hold_of_two_fields_is_decided_in_two_rows(filled):
    filled.fill("h4", "place", decision="00201", author="A", reason="r")
    filled.fill("h4", "office", decision="B01", author="A", reason="r")
    decisions = DecisionsFile.model_validate(yaml.safe_load(filled.read().text)).decisions
    assert [decision.then for decision in decisions] == [{"place": "00201", "office": "B01"}]


def test_a_code_that_is_no_candidate_is_a_warning(filled):
    filled.fill("h1", decision="00999", author="A", reason="r")
    (warning,) = filled.read().warnings
    assert warning.code == "not-a-candidate"
    assert "00999 is not one of the possible successors" in warning.message


def test_a_hold_without_candidates_needs_its_field_named(filled):
    filled.fill("h2", decision="00201", author="A", reason="r")
    assert filled.problems() == [("no-field", f"G{filled.row('h2')}")]
    filled.fill("h2", field="place")
    assert filled.read().decided == 1


@pytest.mark.parametrize(
    ("values", "code", "column"),
    [
        ({"decision": "00201", "exclude": "x", "author": "A", "reason": "r"}, "decision-and-exclude", "I"),
        ({"decision": "00201", "reason": "r"}, "no-author", "J"),
        ({"decision": "00201", "author": "A"}, "no-reason", "K"),
        ({"author": "A", "reason": "r"}, "no-decision", "H"),
        ({"decision": 201, "author": "A", "reason": "r"}, "number-for-code", "H"),
        ({"decision": "=A1", "author": "A", "reason": "r"}, "formula", "H"),
        ({"codes": "place = 00102"}, "changed-codes", "D"),
        ({"dataset": "other"}, "changed-codes", "C"),
        ({"decision": "00201", "author": "A", "reason": "r" * 3000}, "long-cell", "K"),
    ],
)
def test_each_problem_is_named_by_its_cell(filled, values, code, column):
    filled.fill("h1", **values)
    assert filled.problems() == [(code, f"{column}{filled.row('h1')}")]


def test_every_problem_of_a_sheet_is_named_in_one_run(filled):
    filled.fill("h1", decision="00201")
    filled.fill("h2", hold="h99")
    filled.fill("h3", decision="00201", author="A", reason="r")
    assert {code for code, _ in filled.problems()} == {
        "no-author",
        "no-reason",
        "unknown-hold",
        "not-decidable",
    }


def test_the_same_field_answered_twice_is_a_problem(filled):
    row = filled.sheet.max_row + 1
    for column in range(1, len(COLUMNS) + 1):
        filled.sheet.cell(row, column).value = filled.sheet.cell(filled.row("h1"), column).value
    filled.fill("h1", decision="00201", author="A", reason="r")
    for name, value in {"decision": "00202", "author": "A", "reason": "r"}.items():
        filled.sheet.cell(row, COLUMNS.index(name) + 1).value = value
    assert filled.problems() == [("answered-twice", f"H{row}")]


@pytest.mark.parametrize("change", ["plan", "digest"])
def test_answers_to_another_plan_are_refused(filled, change):
    plan = PLAN.model_copy(update={"id": "p-other"}) if change == "plan" else PLAN
    with pytest.raises(Refused, match="answers plan p-20250630, not exactly this plan"):
        filled.read(plan, "00" * 32 if change == "digest" else DIGEST)


def test_grey_cells_are_locked_and_white_ones_are_not(filled):
    row = filled.row("h1")
    locked = {name: filled.sheet.cell(row, i).protection.locked for i, name in enumerate(COLUMNS, 1)}
    assert filled.sheet.protection.sheet
    free = {name for name, is_locked in locked.items() if not is_locked}
    assert free == {"decision", "exclude", "author", "reason"}


def test_candidates_are_offered_as_a_list(filled):
    rules = {str(rule.sqref): rule.formula1 for rule in filled.sheet.data_validations.dataValidation}
    choices = filled.book["choices"]
    _, _, area = rules[f"H{filled.row('h1')}"].partition("!")
    offered = [cell.value for (cell,) in choices[area.replace("$", "")]]
    assert offered == ["00201 Xã Một", "00202 Xã Hai"]


def refused(path):
    with pytest.raises(InputError) as error:
        read(path, PLAN, DIGEST, TODAY)
    return [finding.code for finding in error.value.findings]


def test_a_file_that_unpacks_without_end_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for index in range(3):
            archive.writestr(f"xl/{index}.xml", b"\0" * 70_000_000)
    assert refused(path) == ["too-large"]


def test_a_file_with_a_document_type_is_refused(tmp_path):
    path = tmp_path / "entities.xlsx"
    path.write_bytes(write(PLAN, DIGEST, "en"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/extra.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    assert refused(path) == ["declares-a-type"]


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_refused(tmp_path, content):
    path = tmp_path / "other.xlsx"
    path.write_bytes(content)
    assert refused(path) == ["no-workbook"]


def test_a_missing_file_is_named(tmp_path):
    assert refused(tmp_path / "none.xlsx") == ["unreadable"]


def test_a_reason_names_the_column_or_the_rule():
    assert Words("en").reason("unlisted", "state").endswith("one of its values (column state)")
    assert "ràng buộc known của bảng" in Words("vi").reason("refused:known")
    assert Words("en").reason("left:by-us") == "left:by-us"
