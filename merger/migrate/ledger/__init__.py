"""The toolkit's own tables in the target database: what was moved, by which run, for ever.

Tables carry the prefix `merger_` and are made and upgraded by Alembic (`upgrade`).
"""

from merger.migrate.ledger.batches import Batch, PlannedBatch
from merger.migrate.ledger.entries import Kept
from merger.migrate.ledger.few import of_datasets, of_few
from merger.migrate.ledger.moved import entered, fed, hashes
from merger.migrate.ledger.places import Database
from merger.migrate.ledger.returning import Returning
from merger.migrate.ledger.store import HASH_FORM, WITHDRAWN, Ledger, version_of
from merger.migrate.ledger.tally import Tally, tally
from merger.migrate.ledger.upgrading import upgrade

__all__ = [
    "HASH_FORM",
    "WITHDRAWN",
    "Batch",
    "Database",
    "Kept",
    "Ledger",
    "PlannedBatch",
    "Returning",
    "Tally",
    "entered",
    "fed",
    "hashes",
    "of_datasets",
    "of_few",
    "tally",
    "upgrade",
    "version_of",
]
