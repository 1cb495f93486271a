"""Whether a plan, and what it was computed from, are still what was signed."""

from pathlib import Path

from merger.approval import envelope_paths
from merger.errors import InputError, Refused
from merger.migrate.campaign import Campaign
from merger.migrate.files import job_of
from merger.migrate.model import Plan
from merger.migrate.planning import digests_of, load_plan


def as_signed(path: Path) -> tuple[Plan, bytes, Campaign]:
    """A plan and its campaign. A signed plan that cannot be read any more, or whose job, mapping or profiles
    cannot, is not what was signed: raises Refused. An unsigned one is just unusable: raises InputError."""
    try:
        plan, content = load_plan(path)
    except InputError as error:
        if not envelope_paths(path):
            raise
        raise Refused("migrate.plan-damaged", file=path.name) from error
    try:
        return plan, content, Campaign(job_of(path, plan.job_file, plan.job_beside))
    except InputError as error:
        if not envelope_paths(path):
            raise
        names = sorted({Path(finding.place.file).name for finding in error.findings})
        raise Refused("migrate.stale-files", what=", ".join(names)) from error


def require_same_files(campaign: Campaign, plan: Plan) -> None:
    """Raises Refused where job, mapping, profiles or engine are not those that the plan was computed from."""
    found = digests_of(campaign)
    for name in ("job", "mapping", "profiles", "engine"):
        if getattr(found, name) != getattr(plan.digests, name):
            raise Refused("migrate.stale-files", what=name)
