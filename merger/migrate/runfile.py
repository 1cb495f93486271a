"""How a command finds a run: by its plan, by the run file beside the plan, or by its id.

Apply writes `<plan>.run.json` beside the plan and notes the run under the user's state folder
(`$MERGER_STATE`, else `$XDG_STATE_HOME/merger`, else `~/.local/state/merger`).
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from merger.errors import Refused
from merger.mapping.models import Model
from merger.migrate.files import beside, job_of, read_json
from merger.migrate.model import Plan
from merger.migrate.writing import write_whole, written


class RunFile(Model):
    """Where a run is (`merger/run/1`)."""

    schema_: Literal["merger/run/1"] = Field(alias="schema")
    run: str
    job_file: str
    job_beside: str = ""
    plan_file: str
    plan_sha256: str


@dataclass(frozen=True)
class Target:
    """What a command was given: a run, or a plan that may not have been run."""

    job_file: Path
    run: str = ""
    plan_file: Path | None = None


def write_run_file(plan: Path, run: str, job_file: Path, plan_sha256: str) -> None:
    """Notes a run beside its plan and in the state folder."""
    content = RunFile(
        schema_="merger/run/1",
        run=run,
        job_file=str(job_file.resolve()),
        job_beside=beside(plan, job_file),
        plan_file=str(plan.resolve()),
        plan_sha256=plan_sha256,
    )
    data = written(content)
    write_whole(plan.with_name(f"{plan.stem}.run.json"), data)
    try:
        folder = _state()
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / f"{run}.json", data)
    except OSError:
        return  # the run file beside the plan serves; a home that cannot be written is no reason to stop


def target_of(given: str) -> Target:
    """What `given` names. Raises InputError for a file that is neither, Refused for an unknown run."""
    path = Path(given)
    if not path.is_file():
        path = _state() / f"{path.name}.json"
        if not path.is_file():
            raise Refused("migrate.unknown-run", run=given)
    if b'"merger/run/1"' in path.read_bytes()[:200]:
        run, _ = read_json(path, RunFile)
        near = path.with_name(Path(run.plan_file).name)
        job = job_of(path, run.job_file, run.job_beside)
        return Target(job, run.run, near if near.is_file() else Path(run.plan_file))
    plan, _ = read_json(path, Plan)
    return Target(job_of(path, plan.job_file, plan.job_beside), "", path)


def _state() -> Path:
    if "MERGER_STATE" in os.environ:
        return Path(os.environ["MERGER_STATE"]) / "runs"
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "merger" / "runs"
