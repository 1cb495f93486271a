"""One small job, the commands that open its databases, and what each of them answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from merger.approval import envelope_paths
from merger.migrate import api
from merger.testing.losses.trial import Ended, Scene, Trial
from merger.testing.pairs.places import Pair, Servers
from merger.testing.pairs.tables import Row
from merger.testing.people import sign_by_all
from merger.testing.runs.tables import OLD, Ground, drop, make_ground, put
from merger.testing.servers import reader_url

TIMES = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^\s\",]*|\d+[.,]\d+|\b[0-9a-f]{64}\b")
"""What differs between two runs of one command: times, seconds, digests over them."""


def answered(scene: Scene, ended: Ended) -> str:
    """What a command said and wrote, without what differs from run to run."""
    written = ""
    if scene.out:
        with suppress(FileNotFoundError):
            written = Path(scene.out).read_text("utf-8", "replace")
    return TIMES.sub("*", f"{ended.code}\n{ended.printed}\n{_without_id(written)}")


def _without_id(written: str) -> str:
    """A plan's text without what is new in each."""
    with suppress(ValueError):
        read = json.loads(written)
        if isinstance(read, dict):
            for name in ("id", "created", "made", "planned_at"):
                read.pop(name, None)
            return json.dumps(read, sort_keys=True)
    return written


def made(folder: Path, servers: Servers, pair: Pair) -> Ground:
    """The job, its old system filled; the old system's account may only read."""
    source, target = pair
    urls = {
        "old": servers[source].create(f"losses_old_{source}_{target}"),
        "platform": servers[target].create(f"losses_platform_{source}_{target}"),
    }
    ground = make_ground(folder, urls)
    _fill(ground)
    return ground


def entered(ground: Ground) -> dict[str, str]:
    """What the environment must say."""
    read = replace(ground, urls={**ground.urls, "old": reader_url(ground.urls["old"])})
    return read.environment


def _fill(ground: Ground) -> None:
    """Rows that move, are merged, held, excluded, and children of all of them; several batches of each."""
    people: list[Row] = [
        {"id": 1, "name": "An", "idno": "011"}, {"id": 2, "name": "An", "idno": "011"},
        {"id": 3, "name": "Bình", "idno": "022"}, {"id": 4, "name": "Hòa", "idno": "033"},
        {"id": 5, "name": "Hòa", "idno": None}, {"id": 6, "name": "An", "idno": "044"},
    ]  # fmt: skip
    dossiers: list[Row] = [
        {"id": at, "number": f"N{at}", "commune": "10002", "citizen_id": at % 6 + 1, "status": "open",
         "note": "ghi chú"}
        for at in range(1, 8)
    ]  # fmt: skip
    dossiers += [
        {**dossiers[0], "id": 8, "number": "N2"},
        {**dossiers[0], "id": 9, "number": "N9", "commune": "99999"},
        {**dossiers[0], "id": 10, "number": "N10", "status": "done"},
    ]  # fmt: skip
    steps: list[Row] = [{"id": f"s{at}", "dossier_id": at % 10 + 1, "note": None} for at in range(1, 9)]
    engine = ground.engine("old")
    with engine.begin() as connection:
        for name, rows in {"citizen": people, "dossier": dossiers, "step": steps}.items():
            for row in rows:
                put(connection, OLD[name], row)
    engine.dispose()


def go_on(ground: Ground) -> None:
    """The old system is written to after the run."""
    engine = ground.engine("old")
    with engine.begin() as connection:
        put(
            connection,
            OLD["dossier"],
            {"id": 1, "number": "N1", "commune": "10002", "citizen_id": 2, "status": "open", "note": "sửa"},
        )
        put(
            connection,
            OLD["dossier"],
            {"id": 11, "number": "N11", "commune": "10005", "citizen_id": 4, "status": "open", "note": ""},
        )
        put(connection, OLD["citizen"], {"id": 7, "name": "Bình", "idno": "022"})
        drop(connection, OLD["step"], "s1")
    engine.dispose()


def scenes(trial: Trial) -> Iterator[Scene]:
    """The commands that open a database. What each needs to be given is done before it is yielded."""
    ground = trial.ground
    folder = ground.folder
    job, plan = str(ground.job), str(folder / "plan.json")
    with trial.counted.uncounted():
        api.make_plan(ground.job, Path(plan), (), False, quiet)
        sign_by_all(Path(plan))
    trial.keep("planned")
    draft, made_plan = str(folder / "draft.yaml"), str(folder / "again.json")
    yield Scene("check", "planned", ("check", job))
    yield Scene("plan", "planned", ("plan", job, "--out", made_plan), out=made_plan)
    yield Scene("profile draft", "planned", ("profile", "draft", "RUNS_OLD", "--out", draft), out=draft)
    for workers in ("1", "2"):
        yield Scene(f"apply, {workers}", "planned", ("apply", plan, "--workers", workers), True)
    with trial.counted.uncounted():
        trial.states.put_back("planned")
        api.apply(Path(plan), 1, quiet)
    trial.keep("applied")
    report, listed = str(folder / "report.json"), str(folder / "list.csv")
    yield Scene("runs", "applied", ("runs", job))
    yield Scene("find, moved", "applied", ("find", job, "N1"))
    yield Scene("find, held", "applied", ("find", job, "N9"))
    yield Scene("show", "applied", ("show", plan))
    yield Scene("approvals", "applied", ("approvals", plan))
    yield Scene("report", "applied", ("report", plan, "--out", report), out=report)
    yield Scene("worklist", "applied", ("worklist", plan, "--out", listed), out=listed)
    yield Scene("audit verify", "applied", ("audit", job, "verify"))
    yield Scene("audit export", "applied", ("audit", job, "export"))
    yield Scene("apply, already", "applied", ("apply", plan))
    yield Scene("verify", "applied", ("verify", plan), True)
    yield Scene("verify --quick", "applied", ("verify", plan, "--quick"), True)
    file = folder / "plan.rollback.json"
    yield Scene("rollback, unsigned", "applied", ("rollback", plan), out=str(file))
    with trial.counted.uncounted():
        trial.states.put_back("applied")
        with suppress(Exception):
            api.rollback(plan, quiet)
        for signature in envelope_paths(file):
            signature.unlink()
        sign_by_all(file)
    trial.keep("signed")
    yield Scene("rollback", "signed", ("rollback", plan), True)
    later = str(folder / "later.json")
    with trial.counted.uncounted():
        trial.states.put_back("applied")
        go_on(ground)
        api.make_plan(ground.job, Path(later), (), False, quiet)
        sign_by_all(Path(later))
    trial.keep("later")
    yield Scene("plan, catch-up", "later", ("plan", job, "--out", made_plan), out=made_plan)
    for workers in ("1", "2"):
        yield Scene(f"catch-up, {workers}", "later", ("apply", later, "--workers", workers), True)


def quiet(_stage: str, _done: int, _total: int) -> None:
    """No progress."""
