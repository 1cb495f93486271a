"""Streams that are closed, full or gone, and signals: every end has its exit code, and words where anybody
takes them."""

import errno
import os
import signal
import subprocess
import sys
import time

import pymysql
import pytest
import sqlalchemy as sa

from merger.cli import signals
from merger.cli.out import file_of
from merger.cli.progress import Progress
from merger.cli.run import run
from merger.migrate import api
from merger.migrate.writing import write_whole

MERGER = f"{sys.executable} -m merger --lang en"


def shell(words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=False, timeout=60)


def test_results_that_nobody_can_take_end_with_1_and_words():
    done = shell(f"{MERGER} mapping schema > /dev/full")
    assert done.returncode == 1
    assert done.stderr.startswith("something could not be written (no space is left); what was committed")


@pytest.mark.parametrize(
    ("streams", "code"),
    [(">&- 2>&- <&-", 0), (">/dev/full 2>&1", 1)],
)
def test_streams_that_are_closed_or_full_do_not_keep_a_command_from_its_exit_code(streams, code):
    done = shell(f"{MERGER} mapping schema {streams}")
    assert (done.returncode, done.stderr) == (code, "")


class Gone:
    """A terminal that was closed."""

    def isatty(self):
        return True

    def write(self, _):
        raise OSError(5, "Input/output error")

    flush = write


def test_progress_that_nobody_takes_stops_no_run():
    with Progress(Gone()) as progress:
        progress("apply one/people", 1, 2)
        progress("verify one/people", 1, 2)


LONG = """
import sys, time
import merger.cli

place = sys.modules["merger.cli.run"]
place._invoke = lambda _: print("begun", flush=True) or time.sleep(60)
place.main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda one: one.name)
def test_a_stopped_service_and_a_closed_terminal_interrupt_as_a_key_does(number):
    with subprocess.Popen(
        [sys.executable, "-c", LONG], env={"MERGER_LANG": "en", "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as started:  # fmt: skip
        assert started.stdout.readline() == "begun\n"
        started.send_signal(number)
        assert started.wait(timeout=30) == 130
        assert started.stderr.read() == "interrupted; run the same command again to go on\n"


STUCK = """
import os
import time
from merger.cli import signals
from merger.migrate.batching import run_all, threads

def work(task):
    os.write(1, b"%d\\n" % task)
    time.sleep(60)

signals.listen()
run_all(range(4), work, executor=threads(2), in_flight=2, on_done=lambda *_: None)
"""


def test_a_second_interruption_ends_the_process_though_threads_are_at_their_batches():
    with subprocess.Popen([sys.executable, "-c", STUCK], stdout=subprocess.PIPE, text=True) as started:
        assert sorted(started.stdout.readline() for _ in range(2)) == ["0\n", "1\n"]
        started.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert started.poll() is None
        started.send_signal(signal.SIGINT)
        assert started.wait(timeout=5) == -signal.SIGINT


def test_what_was_to_be_ignored_from_the_start_still_is():
    done = shell(f"(trap '' HUP; exec {sys.executable} -c 'import os, signal; from merger.cli import signals;"
                 " signals.listen(); os.kill(os.getpid(), signal.SIGHUP); print(1)')")  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "1\n")


def test_an_interruption_that_a_database_swallowed_is_still_an_interruption(monkeypatch, capsys):
    assert run(["show", "nowhere.json", "--lang", "en"]) in (2, 3)
    monkeypatch.setattr(signals, "_told", True)
    assert run(["show", "nowhere.json", "--lang", "en"]) == 130
    assert "interrupted; run the same command again" in capsys.readouterr().err


def test_a_full_disk_names_the_file_that_was_to_be_written(monkeypatch, tmp_path):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as told:
        write_whole(tmp_path / "plan.json", b"{}")
    assert file_of(told.value) == str(tmp_path / "plan.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "error", [pymysql.err.OperationalError(2013, "Nguyen"), sa.exc.PendingRollbackError("Nguyen")]
)
def test_an_error_of_a_database_that_nobody_has_told_ends_in_words(monkeypatch, capsys, error):
    def lost(_job):
        raise error

    monkeypatch.setattr(api, "runs", lost)
    assert run(["--lang", "en", "runs", "job.yaml"]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("the connection to a database was lost; what was committed stays")
    assert "Nguyen" not in printed.out + printed.err
