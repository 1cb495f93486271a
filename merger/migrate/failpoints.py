"""Named places where a run can be made to fail, for tests and rehearsals.

`MERGER_FAILPOINT=name` or `name:3` (the third time): the process is killed there, as by `kill -9`.
"""

import os
import signal
from collections import Counter

VARIABLE = "MERGER_FAILPOINT"
FILES = (
    "before-file-begun",
    "after-file-begun",
    "before-file-write",
    "in-file",
    "after-file-write",
    "before-file-rename",
    "after-file-rename",
    "before-file-ended",
    "after-file-ended",
    "before-file-removed",
    "after-file-removed",
    "before-file-forgotten",
    "after-file-forgotten",
)
"""Those of the moving of files, in the order in which they are reached."""
CIRCLES = ("before-untie-commit", "after-untie-commit")
"""Those of rows that refer to each other in circles, when they are taken out."""
NAMES = (
    "before-ledger-upgrade",
    "after-ledger-upgrade",
    "before-run-start",
    "after-run-start",
    "before-run-file",
    "after-run-file",
    "before-keys-commit",
    "after-keys-commit",
    "in-batch",
    "before-batch-commit",
    "after-batch-commit",
    "before-run-end",
    "after-run-end",
    "before-verified",
    "after-verified",
    "before-rollback-file",
    "after-rollback-file",
    "before-rollback-start",
    "after-rollback-start",
    "before-rollback-commit",
    "after-rollback-commit",
    "before-rollback-end",
    "after-rollback-end",
    "before-work-list",
    "after-work-list",
    "before-plan-written",
    "after-plan-written",
    *FILES,
    *CIRCLES,
)
_reached: Counter[str] = Counter()


def reach(name: str) -> None:
    """Kills the process if this failpoint is the one asked for."""
    wanted, _, count = os.environ.get(VARIABLE, "").partition(":")
    if wanted != name:
        return
    _reached[name] += 1
    if _reached[name] == int(count or 1):
        os.kill(os.getpid(), signal.SIGKILL)
