"""Click's own words are said in the reader's language, for every command and every way to misuse one."""

import ast
from pathlib import Path

import click.core
import click.exceptions
import click.parser
import click.types
import pytest

from merger.cli.run import run
from merger.cli.spoken import _KEYS


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["reslve"], "dòng lệnh chưa đúng: không có lệnh 'reslve'"),
        (["mapping", "lnt"], "dòng lệnh chưa đúng: không có lệnh 'lnt'"),
        (["resolve", "--nope"], "không có tùy chọn --nope"),
        (["resolve", "--kind"], "dòng lệnh chưa đúng: tùy chọn '--kind' cần một giá trị"),
        (["resolve", "--json=1"], "dòng lệnh chưa đúng: tùy chọn '--json' không nhận giá trị"),
        (["resolve", "--at", "x"], "giá trị của '--at' chưa đúng: 'x' không phải là ngày"),
        (["resolve", "--requests", "/nowhere/x"],
         "giá trị của '--requests' chưa đúng: '/nowhere/x': không có tệp hoặc thư mục này"),
        (["mapping", "import", "a", "--from", "b", "--out", "c"],
         "giá trị của '--from' chưa đúng: 'b' không thuộc các giá trị 'changes-csv', "),
        (["demo", "--rows", "x"], "giá trị của '--rows' chưa đúng: 'x' không phải là số nguyên"),
        (["demo", "--rows", "0"], "giá trị của '--rows' chưa đúng: 0 nằm ngoài khoảng x>=1."),
        (["demo", "--seed", "1.5"], "giá trị của '--seed' chưa đúng: '1.5' không phải là số nguyên"),
        (["show", "a", "b"], "dòng lệnh chưa đúng: thừa đối số (b)"),
        (["show", "a", "b", "c"], "dòng lệnh chưa đúng: thừa các đối số (b c)"),
        (["show"], "thiếu PLAN|RUN|MAPPING"),
    ],
)  # fmt: skip
def test_a_command_line_that_cannot_be_used_is_explained_in_vietnamese(arguments, said, capsys):
    assert run(["--lang", "vi", *arguments]) == 2
    assert capsys.readouterr().err.startswith(said)


def test_help_is_in_one_language(capsys):
    assert run(["--lang", "vi", "mapping", "import", "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Cách dùng: merger mapping import [TÙY CHỌN] FILE…\n")
    assert "[bắt buộc]" in shown
    assert run(["--lang", "vi", "resolve", "--help"]) == 0
    assert "[mặc định: commune]" in capsys.readouterr().out
    assert run(["--lang", "en", "resolve", "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Usage: merger resolve [OPTIONS] [CODE…]\n")
    assert "[default: commune]" in shown


def test_english_is_said_as_click_says_it(capsys):
    assert run(["--lang", "en", "mapping", "lnt"]) == 2
    assert capsys.readouterr().err == "No such command 'lnt'.\ntry: merger mapping --help\n"


def test_the_english_messages_are_clicks_own_words():
    assert {words for words in _KEYS if words not in _said_by_click()} == set()


def _said_by_click() -> set[str]:
    found = {"required"}  # of a dict
    for module in (click.core, click.exceptions, click.parser, click.types):
        for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "ngettext"):
                found |= {one.value for one in node.args if isinstance(one, ast.Constant)}
    return found
