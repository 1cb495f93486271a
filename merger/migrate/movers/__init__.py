"""How batches of rows get from a source into the target: landed, put in set by set, entered in the ledger."""

from merger.migrate.movers.batch import BatchError
from merger.migrate.movers.move import CHANGED, GONE, MERGED, ROWS, TIED
from merger.migrate.movers.mover import Mover
from merger.migrate.movers.turns import by_turns
from merger.migrate.movers.workers import WORTH_WORKERS, Desk, crew, prepare, usual_workers, work

__all__ = [
    "CHANGED", "GONE", "MERGED", "ROWS", "TIED", "WORTH_WORKERS", "BatchError", "Desk", "Mover",
    "by_turns", "crew", "prepare", "usual_workers", "work",
]  # fmt: skip
