"""The toolkit's own tables in the target database: what was moved, by which run, for ever.

Tables carry the prefix `merger_` and are made and upgraded by Alembic (`upgrade`).
"""

from merger.migrate.ledger.store import Ledger, is_there, upgrade

__all__ = ["Ledger", "is_there", "upgrade"]
