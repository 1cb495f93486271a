"""The page on lists of services, followed from three lists to the merged one."""

import re
import shlex
from datetime import date
from pathlib import Path

from openpyxl import load_workbook

from merger.cli.run import run

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "services.md").read_text("utf-8")
DECIDED = "2025-06-20"
"""The day of the answers, as the page has it."""


def commands():
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE):
        for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, output = entry.partition("\n")
            yield shlex.split(line)[1:], output


def fill_in():
    """Puts the answers of the page's table into the sheet."""
    table = PAGE.partition("| Old lists | Answer |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    answers = {theirs: rest for theirs, *rest in rows}
    book = load_workbook("questions.xlsx")
    for row in book["Review"].iter_rows(min_row=4):
        for cell, value in zip(row[8:], answers.pop(row[4].value, ()), strict=False):
            cell.value = value
    assert answers == {}
    book.save("questions.xlsx")


def empty_the_row_of(theirs):
    book = load_workbook("questions.xlsx")
    row = next(row for row in book["Review"].iter_rows(min_row=4) if row[4].value == theirs)
    for cell in row[8:]:
        cell.value = None
    book.save("questions.xlsx")


def test_the_page_prints_what_is_printed(tmp_path, monkeypatch, capsys):
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    monkeypatch.chdir(tmp_path)
    codes, errors = [], []
    for number, (words, output) in enumerate(commands()):
        if number == 1:
            fill_in()
        if number == 2:
            empty_the_row_of("Cấp phép họp chợ đêm")
        codes.append(run(words))
        said = capsys.readouterr()
        assert said.out == output.replace(DECIDED, date.today().isoformat()), words
        errors.append(said.err)
    assert codes == [1, 2, 1, 0, 1, 1, 0, 0]
    assert "list-97.csv:5:1: code-spaces warning: spaces were taken out of 1 codes" in errors[0]
    assert errors[1] in PAGE
