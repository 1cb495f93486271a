"""Dry runs in processes of their own, watched by the files that they write.

Each has a folder under `.merger/planning` of the folder that is served: `asked.json` (what was asked for),
`watched.json` (how far it is, as `merger.migrate.watched` has it), `wrong` (what it says on stderr), `said`
(what it says at the end), `code` (its exit code, once it has ended). The process holds a lock on `alive` as
long as it lives, so that whoever comes later, also another server, is told whether it still works.
"""

import fcntl
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread

from merger.errors import Refused
from merger.migrate.watched import VARIABLE as WATCH
from merger.migrate.watched import Step, read_watched
from merger.migrate.writing import write_whole
from merger.review.web.failures import Missing
from merger.review.web.settings import STATE

WRITTEN = (0, 1)
"""The exit codes of `merger plan` after which there is a plan; 1: more rows are held than the job allows."""
_FOLDER = "planning"
_TAIL = 20_000
_SECRETS = ("MERGER_PASSPHRASE", "MERGER_PASSPHRASE_FILE")
_WATCHED = ("step", "wrong", "said", "code")
_lock = Lock()
_ours: set[str] = set()
"""The dry runs that this server waits for."""


@dataclass(frozen=True, slots=True)
class Making:
    """A dry run. `code`: its exit code, None while it is under way, -1 where nobody saw it end. `plan`: where
    it writes. `before`: the plan from which it was asked for, to compare with. `step`: what it is at."""

    id: str
    job: str
    plan: str
    before: str
    scope: tuple[str, ...]
    final: bool
    started: str
    by: str
    step: Step | None = None
    wrong: str = ""
    said: str = ""
    code: int | None = None

    @property
    def done(self) -> bool:
        """Whether a plan was written."""
        return self.code in WRITTEN

    @property
    def failed(self) -> bool:
        return self.code is not None and not self.done


def start(
    folder: Path,
    job: Path,
    by: str,
    lang: str,
    scope: Sequence[str] = (),
    final: bool = False,
    before: str = "",
) -> Making:
    """Starts the dry run of a job. Raises Refused while one of the same job is under way."""
    with _lock:
        place = job.relative_to(folder).as_posix()
        if any(one.job == place and one.code is None for one in all_of(folder)):
            raise Refused("review_plans.planning-already", job=job.name)
        now = datetime.now(UTC)
        out = _free(job.with_name(f"{job.stem}-plan-{now:%Y%m%dT%H%M%SZ}.json"))
        made = Making(
            secrets.token_hex(8), place, out.relative_to(folder).as_posix(), before, tuple(scope), final,
            now.isoformat(timespec="seconds"), by,
        )  # fmt: skip
        here = _place(folder, made.id)
        here.mkdir(mode=0o700, parents=True)
        asked = {name: value for name, value in asdict(made).items() if name not in _WATCHED}
        process = _process(here, job, out, made, lang)
        _ours.add(made.id)
        write_whole(here / "asked.json", json.dumps(asked).encode())
    Thread(target=_wait, args=(process, here), daemon=True).start()
    return look(folder, made.id)


def look(folder: Path, identifier: str) -> Making:
    """A dry run as it is now. Raises Missing."""
    here = _place(folder, identifier)
    try:
        asked = json.loads((here / "asked.json").read_bytes())
    except (OSError, ValueError):
        raise Missing(identifier) from None
    asked["scope"] = tuple(asked["scope"])
    code = _text(here / "code")
    watched = read_watched(here / "watched.json")
    ended: int | None = int(code) if code else None
    if not code and identifier not in _ours and not _alive(here):
        ended = watched.exit_code if watched and watched.exit_code is not None else -1
    step = max(watched.steps, key=lambda one: one.at, default=None) if watched else None
    return Making(**asked, step=step, wrong=_text(here / "wrong"), said=_text(here / "said"), code=ended)


def all_of(folder: Path) -> list[Making]:
    """Every dry run, the newest first."""
    base = folder / STATE / _FOLDER
    names = [one.name for one in base.iterdir() if (one / "asked.json").is_file()] if base.is_dir() else []
    return sorted((look(folder, name) for name in names), key=lambda one: one.started, reverse=True)


def _process(here: Path, job: Path, out: Path, made: Making, lang: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "merger", "plan", str(job), "--out", str(out)]
    for code in made.scope:
        command += ["--scope", code]
    if made.final:
        command.append("--final")
    known = {name: value for name, value in os.environ.items() if name not in _SECRETS}
    with (
        (here / "wrong").open("wb") as wrong,
        (here / "said").open("wb") as said,
        (here / "alive").open("wb") as alive,
    ):
        fcntl.flock(alive, fcntl.LOCK_EX)
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=wrong,
            env=known | {"MERGER_LANG": lang, WATCH: str(here / "watched.json")},
            pass_fds=(alive.fileno(),),
            start_new_session=True,
        )


def _wait(process: subprocess.Popen[bytes], here: Path) -> None:
    try:
        write_whole(here / "code", str(process.wait()).encode())
    finally:
        _ours.discard(here.name)


def _alive(here: Path) -> bool:
    """Whether a process that perhaps another server started is still there."""
    try:
        with (here / "alive").open("rb") as alive:
            fcntl.flock(alive, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _place(folder: Path, identifier: str) -> Path:
    if not identifier or not all(letter in "0123456789abcdef" for letter in identifier):
        raise Missing(identifier)
    return folder / STATE / _FOLDER / identifier


def _free(path: Path) -> Path:
    number = 2
    free = path
    while free.exists():
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return free


def _text(path: Path) -> str:
    try:
        return path.read_bytes()[-_TAIL:].decode(errors="replace")
    except OSError:
        return ""
