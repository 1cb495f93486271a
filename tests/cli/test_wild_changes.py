"""Wild lists of changes, cyclic and contradictory ones, through every command: an outcome or a finding."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merger.cli.run import run

quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)

HEADER = ("date", "event_id", "kind", "from_code", "from_name", "to_code", "to_name", "extent", "share")
MORE = ("population", "seq", "source", "after", "dated", "note", "open_points", "x")
OUTCOMES = {"unchanged", "unique", "split", "ended", "unknown", "not-valid"}

DAYS = st.sampled_from(["2000-01-01", "2000-01-02", "2001-06-30", "0001-01-01", "9999-12-31", "2000-02-29"])
CODES = st.sampled_from(["1", "2", "3", "00001", "00002", "A"])
KINDS = st.sampled_from(["merge", "split", "rename", "recode", "transfer", "create", "abolish"])
EXTENTS = st.sampled_from(["whole", "whole", "part", "none", ""])
POPULATIONS = st.sampled_from(["all", "all", "some", "none", "unspecified", ""])
NAMES = st.sampled_from(["", "A", "Xã A", "Phường A", " A", "B -> C [land=part, people=all]"])
JUNK = st.text(max_size=6) | st.sampled_from(
    [
        "",
        " ",
        "2000-02-30",
        "0000-00-00",
        "99999-01-01",
        "1e400",
        "nan",
        "-1",
        "1,5",
        '"',
        "'=1+1",
        "~",
        "all",
        "﻿",
    ]
)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, str]:
    """A row that the format allows, one side left out where its kind says so."""
    kind = draw(KINDS)
    row = {
        "date": draw(DAYS),
        "event_id": draw(st.sampled_from(["", "E1", "E2"])),
        "kind": kind,
        "from_code": "" if kind == "create" else draw(CODES),
        "from_name": "" if kind == "create" else draw(NAMES),
        "to_code": "" if kind == "abolish" else draw(CODES),
        "to_name": "" if kind == "abolish" else draw(NAMES),
        "extent": draw(EXTENTS),
        "share": draw(st.sampled_from(["", "", "0", "0.5", "1"])),
        "population": draw(POPULATIONS),
        "seq": draw(st.sampled_from(["", "", "1", "2", "999999999"])),
    }
    for name in draw(st.lists(st.sampled_from(["source", "after", "dated", "note", "x"]), max_size=2)):
        row[name] = draw(st.sampled_from(["a", "1999-12-31", "signed", "effective"]))
    return row


@st.composite
def lists(draw: st.DrawFn, *, wild: bool = False) -> str:
    """A whole file; with `wild`, cells, columns and quotation marks that no file should have."""
    said = draw(st.lists(rows(), min_size=1, max_size=8))
    header = list(HEADER) + draw(st.lists(st.sampled_from(MORE), unique=True))
    if wild and draw(st.booleans()):
        header = draw(st.permutations(header))[: draw(st.integers(1, len(header)))]
    lines = [",".join(header)]
    for row in said:
        cells = [row.get(name, "") for name in header]
        if wild:
            for _ in range(draw(st.integers(0, 2))):
                cells[draw(st.integers(0, len(cells) - 1))] = draw(JUNK)
        lines.append(",".join(map(_quoted, cells)))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines) + "\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in ',"\r\n') else cell


def merger(*arguments: object) -> tuple[int, str]:
    """The exit code and the output of a command, which never says that merger itself is wrong."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([str(one) for one in arguments])
    assert code in (0, 1, 2, 3), err.getvalue()
    assert "merger itself" not in err.getvalue()
    return code, out.getvalue()


def findings(output: str) -> Iterator[dict[str, object]]:
    yield from json.loads(output)["findings"]


@quick
@given(lists(wild=True) | st.text(max_size=200), st.sampled_from([[], ["--same-day", "chained"]]))
def test_any_text_is_read_or_every_problem_has_its_place(text: str, more: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "changes.csv"
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        out = Path(folder) / "out"
        given_ = ["--from", "changes-csv", file, "--out", out, "--id", "wild", *more]
        for language in ("vi", "en"):
            code, shown = merger("--lang", language, "mapping", "import", *given_, "--json")
            found = list(findings(shown))
            assert code in (0, 1, 2)
            assert (code == 2) == (not list(out.glob("*.yaml")))
            for one in found:
                assert Path(str(one["file"])) == file
                assert int(str(one["line"])) >= 1
                assert int(str(one["column"])) >= 1
                assert one["message"]
                assert one["mend"]


@quick
@given(
    lists(),
    st.sampled_from([[], ["--same-day", "chained"], ["--same-day", "together"], ["--kind", "district"]]),
    st.sampled_from(["en", "vi"]),
)
def test_every_command_answers_for_any_changes(text: str, more: list[str], language: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "changes.csv", Path(folder) / "out"
        file.write_text(text, "utf-8", newline="")
        code, _ = merger(
            "--lang",
            language,
            "mapping",
            "import",
            "--from",
            "changes-csv",
            file,
            "--out",
            out,
            "--id",
            "w",
            *more,
        )
        if code == 2:
            return
        code, shown = merger("--lang", language, "mapping", "lint", out, "--json")
        assert code in (0, 1)
        assert all(one["message"] and int(str(one["line"])) >= 1 for one in findings(shown))
        kind = "district" if "--kind" in more else "commune"
        for at, to in (
            ("1999-12-31", "2001-07-01"),
            ("2001-07-01", "2000-01-01"),
            ("2000-01-01", "9999-12-31"),
            ("0001-01-01", "9999-12-31"),
            ("9999-12-31", "0001-01-01"),
        ):
            asked = ["1", "2", "3", "00001", "00002", "A", "no-such", "--kind", kind, "--at", at, "--to", to]
            code, shown = merger("--lang", language, "resolve", *asked, "--mappings", out, "--json")
            answers = [json.loads(line) for line in shown.splitlines()]
            assert len(answers) == 7
            assert {answer["outcome"] for answer in answers} <= OUTCOMES
            assert merger("--lang", language, "resolve", *asked, "--mappings", out)[0] == code
        for to_, name in (
            ("crosswalk-csv", "c.csv"),
            ("changes-csv", "d.csv"),
            ("graphml", "g.graphml"),
            ("json", "j.json"),
        ):
            view = ["--at", "1999-12-31", "--on", "2001-07-01"] if to_ == "crosswalk-csv" else []
            target = Path(folder) / name
            merger(
                "--lang",
                language,
                "mapping",
                "export",
                out,
                "--to",
                to_,
                "--out",
                target,
                "--kind",
                kind,
                *view,
            )
        merger("--lang", language, "mapping", "stats", out)
        merger("--lang", language, "mapping", "diff", out, out)
        for on in ([], ["--on", "2000-01-01"], ["--on", "0001-01-01"], ["--on", "9999-12-31"]):
            merger("--lang", language, "mapping", "compare", out, file, "--kind", kind, *on)
