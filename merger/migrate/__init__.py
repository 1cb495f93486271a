"""job → plan → apply → verify → rollback, with the ledger that remembers every row for ever."""
