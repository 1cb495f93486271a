"""A row's hash bound to its key, so that sums tell when rows of one bucket have changed places."""

import sqlalchemy as sa

from merger.systems.functions import Construct


def bound(key: sa.ColumnElement[str], digest: sa.ColumnElement[bytes]) -> sa.ColumnElement[bytes]:
    """SHA-256 of the canonical form of the row (key, hash): docs/canonical-form.md. `row_hash` would compute
    the inner hash twice."""
    return Bound(key, digest)


class Bound(Construct):
    """`bound`."""

    inherit_cache = True
    type = sa.LargeBinary()

    def sqlite(self, key: str, digest: str) -> str:
        return f"merger_hash({key}, lower(hex({digest})))"

    def postgresql(self, key: str, digest: str) -> str:
        keyed = f"coalesce(length({key}) || ':' || {key}, '-')"
        return f"sha256(convert_to({keyed} || '64:' || encode({digest}, 'hex'), 'UTF8'))"

    def mariadb(self, key: str, digest: str) -> str:
        keyed = f"COALESCE(CONCAT(CHAR_LENGTH({key}), ':', {key}), '-')"
        return f"UNHEX(SHA2(CONVERT(CONCAT({keyed}, '64:', LOWER(HEX({digest}))) USING utf8mb4), 256))"
