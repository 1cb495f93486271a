"""The job over masked copies, and its plan beside that of the original."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml

from merger.demo.masking.model import Check, Progress
from merger.demo.masking.run import Run
from merger.migrate import api
from merger.migrate.campaign import SHIPPED, Campaign
from merger.migrate.model import DatasetPlan


def write_job(campaign: Campaign, run: Run, part: Path) -> str:
    """The job over the copies, with copies of the mapping files beside it. It lets no addresses decide:
    masked ones name no unit. It names no file stores: a rehearsal must not touch those of production."""
    job = campaign.job
    tree: dict[str, Any] = job.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    mapping = []
    for number, name in enumerate(job.mapping, 1):
        if name.startswith(SHIPPED):
            mapping.append(name)
            continue
        source = campaign.path.parent / name
        to = part / "mapping" / f"{number:02d}-{source.name}"
        to.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, to)
        else:
            shutil.copyfile(source, to)
        mapping.append(str(to.relative_to(part)))
    tree.pop("addresses", None)
    tree |= {"mapping": mapping, "id": f"{job.id}-rehearsal", "trust": "trust.json", "trust_root": ""}
    for system, one in zip((*tree["sources"], tree["target"]), run.originals, strict=True):
        system["profile"] = str(run.profile_place(one))
        system.pop("files", None)
        system["database"] = {"path": str(run.place(one))}
    _write(part / "job.yaml", tree)
    return "job.yaml"


def plan_check(campaign: Campaign | None, job: Path, rows: int | None, progress: Progress) -> Check:
    """Whether a plan over the copy moves, holds and excludes as many rows as one over the original in which
    no addresses decide."""
    if campaign is None or rows:
        return Check(code="plan", state="not-asked")
    with tempfile.TemporaryDirectory() as name:
        before, after = (
            api.make_plan(one, Path(name) / f"{number}.json", (), False, progress)
            for number, one in enumerate((_original(campaign, Path(name)), job))
        )
    differ = [
        f"{one.system}/{one.dataset}: {_counts(one)} → {_counts(other)}"
        for one, other in zip(before.datasets, after.datasets, strict=True)
        if _counts(one) != _counts(other)
    ]
    rows_planned = sum(one.in_scope for one in before.datasets)
    return Check(code="plan", state="failed" if differ else "passed", count=rows_planned,
                 detail="; ".join(differ))  # fmt: skip


def _original(campaign: Campaign, folder: Path) -> Path:
    """The job over the originals, without what a masked address cannot decide."""
    if campaign.job.addresses is None:
        return campaign.path
    here = campaign.path.parent.absolute()
    tree: dict[str, Any] = campaign.job.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    del tree["addresses"]
    tree["mapping"] = [one if one.startswith(SHIPPED) else str(here / one) for one in campaign.job.mapping]
    for system in (*tree["sources"], tree["target"]):
        system["profile"] = str(here / system["profile"])
        if path := system["database"].get("path"):
            system["database"]["path"] = str(here / path)
    _write(folder / "job.yaml", tree)
    return folder / "job.yaml"


def _write(path: Path, tree: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False), "utf-8")


def _counts(one: DatasetPlan) -> str:
    excluded = sum(one.excluded.values())
    return f"{one.in_scope} = {one.to_move} + {one.held} + {excluded}, {one.collisions}"
