"""Every personal value of the sources, looked for in everything that the toolkit writes or prints."""

import base64
import binascii
import contextlib
import html
import json
import os
import re
import sqlite3
import subprocess
import sys
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from random import Random

from merger.migrate.campaign import Campaign
from merger.testing.campaigns.outcome import Ground, Note, Outcome
from merger.testing.trials import LEDGER, Trial

SHORTEST = 6
SHOWN = 10
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_ENCODED = re.compile(rb"[A-Za-z0-9+/_-]{40,}={0,2}")


def run(ground: Ground, number: int, note: Note) -> Outcome:
    """Runs a whole job with everything it prints kept, then searches."""
    outcome = Outcome("leaks")
    with ground.trial(Random(number)) as trial:
        own = {path for path in trial.job.parent.rglob("*") if path.is_file()}
        values = set(personal_values(trial.campaign))
        outcome.counts["personal values"] = len(values)
        texts = dict(_ledger(trial.target)) if (codes := _run_all(trial, note)) else {}
        outcome.notes.append("commands: " + ", ".join(f"{name} {code}" for name, code in codes.items()))
        written = [path for path in trial.job.parent.rglob("*") if path.is_file() and path not in own]
        for path in written:
            texts.update(_file(path))
        texts.update(_file(trial.campaign.trust))
        outcome.counts["texts searched"] = len(texts)
        outcome.counts["characters"] = sum(len(text) for text in texts.values())
        note(f"leaks: {len(values):,} values in {len(texts):,} texts")
        outcome.failures += [
            f"{where}: {kind} of a person" for where, kind in sorted(set(find(values, texts)))[:SHOWN]
        ]
        for name, code in codes.items():
            if code not in (0, 1):
                outcome.failures.append(f"`merger {name}` ended with {code}")
    return outcome


def personal_values(campaign: Campaign) -> Iterator[str]:
    """Every text of six or more characters in a column that a profile calls personal, also inside JSON.

    Left out: placeholders that a rule of the job names.
    """
    nobody = {value for rule in campaign.job.collisions for value in rule.placeholders}
    for source in campaign.sources:
        connection = sqlite3.connect(f"file:{source.file}?mode=ro", uri=True)
        try:
            for dataset in source.profile.datasets.values():
                for column in dataset.personal:
                    asked = f'SELECT DISTINCT "{column}" FROM "{dataset.table}" WHERE "{column}" IS NOT NULL'
                    for (value,) in connection.execute(asked):
                        yield from (
                            text for text in _texts_in(value) if len(text) >= SHORTEST and text not in nobody
                        )
        finally:
            connection.close()


def find(values: Iterable[str], texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Where a value occurs: the text's name, and `digits` or `words` for what kind of value it is.

    Case, composition of letters and escapes do not hide a value; what was found is not told.
    """
    by_start: dict[str, list[str]] = defaultdict(list)
    for value in {_folded(value) for value in values}:
        by_start[value[:SHORTEST]].append(value)
    for where, text in texts.items():
        folded = _folded(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), html.unescape(text)))
        for at in range(len(folded) - SHORTEST + 1):
            for value in by_start.get(folded[at : at + SHORTEST], ()):
                if folded.startswith(value, at):
                    yield where, "digits" if value.isdigit() else "words"


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str) and value[:1] in ("{", "["):
        with contextlib.suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _texts_in(one)
    elif value is not None and not isinstance(value, bytes | bool):
        yield str(value)


def _run_all(trial: Trial, note: Note) -> dict[str, int]:
    """Every command of a run, what it prints kept in a folder beside the job. Answers their exit codes."""
    out = trial.job.parent / "printed"
    out.mkdir()
    plan = str(trial.plan_file)
    codes: dict[str, int] = {}

    def merger(name: str, *arguments: str) -> None:
        note(f"leaks: merger {name}")
        path = os.pathsep.join(part for part in sys.path if part)
        number = len(codes)
        with (out / f"{number}.out").open("wb") as stdout, (out / f"{number}.err").open("wb") as stderr:
            done = subprocess.run(
                [sys.executable, "-m", "merger", *name.split(), *arguments],
                stdout=stdout,
                stderr=stderr,
                check=False,
                env={**os.environ, "PYTHONPATH": path},
            )
        codes[f"{name} {' '.join(one for one in arguments if one.startswith('--'))}".strip()] = (
            done.returncode
        )

    job = str(trial.job)
    merger("check", job)
    assert trial.plan
    merger("show", plan)
    merger("show", plan, "--json")
    merger("approvals", plan)
    merger("holds", plan, "--out", str(out / "holds.xlsx"))
    merger("apply", plan)
    merger("verify", plan)
    merger("verify", plan, "--json")
    for suffix in ("html", "xlsx", "json"):
        merger("report", plan, "--out", str(out / f"report.{suffix}"))
    merger("runs", job)
    merger("audit", job, "export")
    return codes


def _ledger(target: Path) -> Iterator[tuple[str, str]]:
    """The text of every table of the ledger; moved rows are the target's business."""
    connection = sqlite3.connect(f"file:{target}?mode=ro", uri=True)
    try:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if table.startswith(LEDGER):
                rows = connection.execute(f'SELECT * FROM "{table}"')
                yield f"ledger/{table}", "\n".join(_cell(cell) for row in rows for cell in row)
    finally:
        connection.close()


def _cell(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _file(path: Path) -> Iterator[tuple[str, str]]:
    """The text of a file, of the files inside it, and of what is encoded in it."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{path.name}/{name}", archive.read(name).decode("utf-8", "replace")
        return
    content = path.read_bytes()
    yield path.name, content.decode("utf-8", "replace")
    decoded = [text for match in _ENCODED.finditer(content) if (text := _decoded(match[0]))]
    if decoded:
        yield f"{path.name} (decoded)", "\n".join(decoded)


def _decoded(encoded: bytes) -> str:
    try:
        padded = encoded + b"=" * (-len(encoded) % 4)
        return base64.b64decode(
            padded, altchars=b"-_" if b"-" in encoded or b"_" in encoded else None
        ).decode()
    except (binascii.Error, ValueError):
        return ""
