"""The lineage of mapping files, from the cache where exactly these files were read before.

For questions only. What checks, signs or plans reads the files themselves (`merger.mapping.load`), so
that nothing is ever approved that rests on a kept result.
"""

import platform
import sys
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pydantic
import yaml

import merger
from merger.lineage import cache as kept
from merger.lineage.graph import Lineage
from merger.lineage.record import Record, record_of
from merger.lineage.written import read, write
from merger.mapping.files import Contents, parse
from merger.mapping.growing import growing
from merger.mapping.shapes import LIBRARY

ROOMS = ("errors.py", "codes", "mapping", "lineage")
"""What the record of a mapping depends on, of this package."""


@growing()
def lineage_of(contents: Contents) -> Lineage:
    """The lineage that files' bytes describe, as `build(parse(contents).mapping)` would make it.

    Kept under a digest of all that it follows from: every file's bytes, the code that reads them, the
    versions of Python and the libraries. Raises InputError as `merger.mapping.load` does.
    """
    key = key_of(contents)
    record = _kept(key)
    if record is None:
        record = record_of(parse(contents).mapping)
        if key is not None:
            kept.put(key, write(record))
    return Lineage(record)


def key_of(contents: Contents) -> str | None:
    """What the record of these files is kept under; None if nothing can be kept."""
    code = code_digest()
    if contents.findings or code is None or kept.folder() is None:
        return None
    return sha256("\n".join([code, *contents.digests]).encode()).hexdigest()


@cache
def code_digest() -> str | None:
    """A digest of the code that makes a record and of what it runs on; None if it cannot be read."""
    whole = sha256(repr((sys.version, platform.machine(), pydantic.VERSION, yaml.__version__)).encode())
    whole.update(repr((getattr(yaml, "__with_libyaml__", False), find_spec(LIBRARY) is None)).encode())
    package = Path(merger.__file__).parent
    try:
        for room in ROOMS:
            place = package / room
            for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
                if path.is_file() and path.suffix != ".pyc":
                    content = path.read_bytes()
                    whole.update(f"{path.relative_to(package).as_posix()} {len(content)}\n".encode())
                    whole.update(content)
    except OSError:
        return None
    return whole.hexdigest()


def _kept(key: str | None) -> Record | None:
    text = kept.get(key) if key is not None else None
    if text is None:
        return None
    try:
        return read(text)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None
