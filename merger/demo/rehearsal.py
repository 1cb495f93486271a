"""A roll-back rehearsed on a copy, so that the demo shows it and keeps what it moved."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from merger.errors import Refused
from merger.migrate import api
from merger.migrate.rolling_back import RollbackResult
from merger.migrate.runfile import RunFile
from merger.migrate.writing import written

SMALL = ("job.yaml", "trust.json", "profiles", "mapping")


def rehearse_rollback(
    folder: Path,
    target: Path,
    plan: Path,
    keys: Mapping[Path, str],
    progress: Callable[[str, int, int], None],
) -> tuple[RollbackResult, str]:
    """Rolls back the run of `plan` on a copy of the target, signed by `keys` (key file: passphrase).

    `target` is the target's database within `folder`. Answers the result and the copy's digest after it,
    as `api.target_digest` gives it. The copy is removed.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix="rehearsal-") as name:
        copy = Path(name)
        for part in SMALL:
            if (folder / part).is_dir():
                shutil.copytree(folder / part, copy / part)
            else:
                shutil.copy(folder / part, copy / part)
        (copy / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / target, copy / target)
        run_file = plan.with_name(f"{plan.stem}.run.json")
        run = RunFile.model_validate_json(run_file.read_bytes())
        moved = {
            "job_file": str((copy / "job.yaml").resolve()),
            "plan_file": str((copy / plan.name).resolve()),
        }
        run_copy = copy / run_file.name
        run_copy.write_bytes(written(run.model_copy(update=moved)))
        try:
            api.rollback(str(run_copy), progress)
        except Refused:
            for key, passphrase in keys.items():
                api.sign(copy / f"{plan.stem}.rollback.json", key, passphrase, datetime.now(UTC))
        result = api.rollback(str(run_copy), progress)
        return result, api.target_digest(copy / "job.yaml")
