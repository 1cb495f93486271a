"""Whether the audit trail of a target is whole, and where it ends.

A chain alone does not show that its last records were cut off. Here the ledger's other tables are asked too:
a run that is done was recorded as done. What was kept elsewhere, an `Anchor`, proves the rest.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from merger.approval import trail, trail_text
from merger.migrate.campaign import Campaign
from merger.migrate.ledger.entries import Run
from merger.migrate.workbench import Workbench

VARIABLE = "MERGER_REVIEW_ANCHOR"
"""Where the pages tell a command the end of their own trail, as `number:hash`; it is recorded in the ledger's
trail, so that neither can be cut off without the other."""
REVIEW = "review"
"""The detail that holds it."""

_STATES = {
    "running": ("run-started",),
    "done": ("run-started", "run-done"),
    "rolling-back": ("run-started", "rollback-started"),
    "rolled-back": ("run-started", "rollback-started", "rollback-done"),
}


def audit(job: Path, *anchors: trail.Anchor | None) -> trail.Bent | None:
    """The first record of the job's target's trail that was bent, taken out or put in, or None. With anchors,
    whether they lie in the chain."""
    with Workbench(Campaign(job)) as bench:
        records = bench.ledger.records()
        return trail.verify(records, *anchors) or _cut(records, bench.ledger.runs())


def anchor(job: Path) -> trail.Anchor:
    """Where the trail of the job's target ends now: to be printed, and to be kept elsewhere."""
    with Workbench(Campaign(job)) as bench:
        return trail.anchor(bench.ledger.records())


def anchored() -> trail.Detail:
    """What a record says of the end of the pages' trail; nothing where the command was not begun by them."""
    try:
        known = trail_text.read_anchor(os.environ.get(VARIABLE, ""))
    except ValueError:
        return {}
    return {REVIEW: f"{known.seq}:{known.hash}"}


def anchors_in(records: Iterable[trail.Record], name: str) -> list[trail.Anchor]:
    """The anchors of another trail that records hold in the detail `name`."""
    found = []
    for one in records:
        try:
            found.append(trail_text.read_anchor(str(one.detail.get(name, ""))))
        except ValueError:
            continue
    return found


def _cut(records: list[trail.Record], runs: Iterable[Run]) -> trail.Bent | None:
    """Whether a run says of itself what the trail, otherwise whole, does not tell: its end was cut off."""
    told = {(one.action, one.detail.get("run")) for one in records}
    for run in runs:
        wanted = [*_STATES.get(run.state, ()), *(["verified"] if run.verification else [])]
        if any((action, run.id) not in told for action in wanted):
            return trail.Bent(len(records) + 1, trail.Bend.TRUNCATED)
    return None
