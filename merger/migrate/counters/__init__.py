"""Where the target keeps the last key that it gave out, and blocks of keys reserved there.

A counter is the platform's own table of counters, or what the database gives out keys by: SQLite's
`sqlite_sequence`, a sequence or identity column of PostgreSQL, `AUTO_INCREMENT` or a sequence of MariaDB.
"""

from merger.migrate.counters.counter import Counter
from merger.migrate.counters.place import Reserved

__all__ = ["Counter", "Reserved"]
