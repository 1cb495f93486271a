"""Progress on a terminal and elsewhere."""

import io

import pytest

from merger.cli.progress import Progress
from merger.messages import use


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture(autouse=True)
def _english():
    use("en")


def test_without_a_terminal_a_plain_line_comes_every_few_seconds():
    out, clock = io.StringIO(), Clock()
    with Progress(out, clock) as progress:
        for second in range(12):
            clock.now = 100.0 + second
            progress("apply onestop/dossier", second * 1000, 20_000)
    assert out.getvalue().splitlines() == [
        "Moving onestop/dossier: 5,000 of 20,000 rows (25 %), 1,000 a second, 0:15 left",
        "Moving onestop/dossier: 10,000 of 20,000 rows (50 %), 1,000 a second, 0:10 left",
    ]


def test_on_a_terminal_one_line_is_redrawn_and_then_ended():
    out, clock = Terminal(), Clock()
    with Progress(out, clock) as progress:
        progress("verify a/longer-name", 1, 3)
        clock.now += 1
        progress("verify b", 3, 3)
    assert out.getvalue() == "\rVerifying a/longer-name: 1 of 3\r" + "Verifying b: 3 of 3".ljust(31) + "\n"


def test_quick_work_says_nothing_without_a_terminal():
    out = io.StringIO()
    with Progress(out, Clock()) as progress:
        progress("plan", 1, 1)
    assert out.getvalue() == ""


def test_a_stage_without_a_word_is_shown_by_its_name():
    out = Terminal()
    with Progress(out, Clock()) as progress:
        progress("unheard-of", 1, 2)
    assert out.getvalue() == "\runheard-of: 1 of 2\n"


def test_a_watched_command_tells_its_watch_and_prints_nothing_without_a_terminal(monkeypatch):
    told = []
    monkeypatch.setattr("merger.cli.progress._watch", lambda: lambda *step: told.append(step))
    out, clock = io.StringIO(), Clock()
    with Progress(out, clock) as progress:
        progress("apply one/dossier", 0, 10)
        clock.now += 60
        progress("apply one/dossier", 9, 10)
    assert told == [("apply one/dossier", 0, 10), ("apply one/dossier", 9, 10)]
    assert out.getvalue() == ""
