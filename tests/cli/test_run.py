"""One command line: language, exit codes, and what people see when something is wrong."""

import errno
import json
import subprocess
import sys
from io import BytesIO

import click
import pytest

from merger import messages
from merger.cli import root as tree
from merger.cli.out import file_of
from merger.cli.questions import lines_at_hand
from merger.cli.run import language, run
from merger.errors import Finding, InputError, Place, Refused, Severity

HEAVY = (
    "networkx",
    "openpyxl",
    "jinja2",
    "cryptography",
    "alembic",
    "sqlalchemy",
    "pydantic",
    "yaml",
    "polars",
)


@pytest.fixture
def raising(monkeypatch):
    """Makes the command `check` raise what a test gives."""

    def prepare(error):
        def get_command(_self, _ctx, _name):
            def callback():
                raise error

            return click.Command("check", callback=callback)

        monkeypatch.setattr(type(tree.root), "get_command", get_command)

    return prepare


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from merger.cli import run; run(['--help']);"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        (["plan", "--lang", "vi"], {}, "vi"),
        (["--lang=vi", "plan"], {}, "vi"),
        (["--lang", "en"], {"MERGER_LANG": "vi"}, "en"),
        ([], {"MERGER_LANG": "vi"}, "vi"),
        ([], {"LC_ALL": "vi_VN.UTF-8"}, "vi"),
        ([], {"LANG": "de_DE.UTF-8"}, "en"),
        (["--lang"], {}, "en"),
        (["--lang", "xx"], {}, "en"),
    ],
)
def test_the_language_comes_from_arguments_then_environment(monkeypatch, arguments, environment, expected):
    for name in ("MERGER_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language(arguments) == expected


def test_findings_go_to_stderr_with_their_place_and_how_to_mend_them(raising, capsys):
    finding = Finding("cli", "bad-json", Severity.ERROR, Place("a.json", 3, 7))
    raising(InputError([finding]))
    assert run(["--lang", "en", "check"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "a.json:3:7: bad-json the line is no JSON",
        "    Write one JSON object a line.",
        "1 problem(s) found; nothing was changed",
    ]


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            Refused("report.unknown-format", suffix=".pdf", formats=".html"),
            3,
            "as '.pdf'; choose one of .html",
        ),
        (KeyboardInterrupt(), 130, "run the same command again to go on"),
        (FileNotFoundError(2, "No such file or directory", "job.yaml"), 2, "job.yaml: no such file"),
        (ValueError("Nguyễn Văn A 012345678901"), 70, "an error of merger itself (ValueError at "),
    ],
)
def test_each_kind_of_error_has_its_exit_code_and_no_traceback(raising, capsys, error, code, said):
    raising(error)
    assert run(["--lang", "en", "check"]) == code
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err
    assert "Nguyễn" not in err


def test_a_traceback_is_there_for_who_asks(raising, capsys, monkeypatch):
    monkeypatch.setenv("MERGER_TRACEBACK", "1")
    raising(ValueError("x"))
    assert run(["check"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_who_stops_reading_is_no_error(raising, capsys):
    raising(BrokenPipeError())
    assert run(["check"]) == 141
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--lang", "en", "plan"], "JOB is missing\ntry: merger plan --help\n"),
        (["--lang", "vi", "plan", "j"], "thiếu --out\nxem: merger plan --help\n"),
        (["--lang", "en", "plan", "--nothing"], "there is no option --nothing"),
        (["--lang", "vi", "nothing"], "dòng lệnh chưa đúng"),
        (["--lang", "en", "resolve", "1", "--at", "1/7/2025", "--to", "2025-07-01"], "'1/7/2025' is no day"),
        (["--lang", "en", "resolve", "1"], "--at and --to are missing"),
        (["--lang", "en", "resolve", "1", "--point", "x"], "'x' is no place"),
    ],
)
def test_a_command_line_that_cannot_be_used_ends_with_2(capsys, arguments, said):
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def commands(group, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        yield (*path, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))


@pytest.mark.parametrize("path", sorted(commands(tree.root)), ids=" ".join)
@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_every_command_has_help_in_both_languages(capsys, path, lang):
    assert run([*path, "--help", "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert out.startswith({"en": "Usage: ", "vi": "Cách dùng: "}[lang] + " ".join(("merger", *path)))
    assert {"en": "Show this and exit.", "vi": "Hiện phần này rồi thoát."}[lang] in out


def merger(*arguments, given=b"", **options):
    return subprocess.run(
        [sys.executable, "-m", "merger", "--lang", "en", *arguments],
        input=given,
        capture_output=True,
        **options,
    )


DAYS = ("--at", "2025-06-30", "--to", "2025-07-01")


def test_every_line_of_requests_that_cannot_be_used_is_named_with_its_place():
    good = b'{"code": "1", "kind": "commune", "at": "2025-06-30", "to": "2025-07-01"}\n'
    done = merger("resolve", "--requests", "-", given=good + b'{"code": 1}\n' + good + b"{x\n\xff\n")
    assert done.returncode == 2
    assert done.stdout.count(b"\n") == 1
    lines = [line for line in done.stderr.decode().splitlines() if line.startswith("-:")]
    assert [line.split(" ")[0] for line in lines] == ["-:2:1:"] * 3 + ["-:4:2:", "-:5:1:"]
    assert "not-utf-8 the line is not UTF-8 text" in lines[-1]


def test_codes_from_stdin_are_utf_8_whatever_the_locale():
    done = merger("resolve", *DAYS, "--json", given="Xã\n\n1\n".encode(), env={"LC_ALL": "C", "PATH": ""})
    assert done.returncode == 1
    assert [json.loads(line)["code"] for line in done.stdout.decode().splitlines()] == ["Xã", "1"]
    done = merger("resolve", *DAYS, given=b"\xff\n")
    assert (done.returncode, done.stderr.decode().split(" ")[0]) == (2, "-:1:1:")


def test_an_empty_code_on_the_command_line_is_answered_too():
    done = merger("resolve", "", *DAYS, "--json")
    assert (done.returncode, json.loads(done.stdout)["outcome"]) == (1, "unknown")


def test_a_reader_that_goes_away_ends_a_command_quietly():
    command = f"{sys.executable} -m merger mapping schema; echo $? >&2"
    done = subprocess.run(["bash", "-c", f"({command}) | true"], capture_output=True, text=True, check=True)
    assert done.stderr == "141\n"


def test_an_interruption_whose_tidying_up_fails_is_still_an_interruption(raising, capsys):
    error = ValueError("the connection is in no state to go on")
    error.__context__ = KeyboardInterrupt()
    raising(error)
    assert run(["--lang", "en", "check"]) == 130
    assert "run the same command again to go on" in capsys.readouterr().err


@pytest.mark.parametrize("name", [".plan.json.19555.part", ".plan.json.19555", "plan.json"])
def test_an_error_of_the_system_names_the_file_that_was_asked_for(name):
    assert file_of(OSError(errno.ENOSPC, "No space left on device", f"/data/{name}")) == "/data/plan.json"


def test_a_byte_order_mark_before_the_first_line_is_no_part_of_it():
    marked = b"\xef\xbb\xbf00001"
    assert list(lines_at_hand(BytesIO(marked + b"\n00002\n"), "-")) == [[b"00001", b"00002"]]
    assert list(lines_at_hand(BytesIO(marked), "-")) == [[b"00001"]]
    assert list(lines_at_hand(BytesIO(b"00002\n" + marked), "-")) == [[b"00002"], [marked]]


def test_a_line_without_an_end_is_told_before_memory_is_full():
    with pytest.raises(InputError, match="-:2:1: long-line the line has more than 1 MB"):
        list(lines_at_hand(BytesIO(b"00001\n" + b"x" * 3_000_000), "-"))


@pytest.mark.parametrize("point", ["999,999", "90.1,0", "0,-180.5", "nan,0"])
def test_a_point_that_is_not_on_earth_is_no_place(point, capsys):
    days = ["--at", "2025-06-30", "--to", "2025-07-01"]
    assert run(["--lang", "en", "resolve", "00001", *days, "--point", point]) == 2
    assert f"'{point}' is no place: the latitude comes first, -90 to 90" in capsys.readouterr().err
