"""Lines that carry a row and its entry in the ledger, parted on their way."""

from collections.abc import Iterable, Iterator

ENTRY = 3
"""Columns at the end of a line that are the ledger's: key in the source, key in the target, hash."""


def parted(lines: Iterable[bytes], entries: list[bytes], constant: bytes) -> Iterator[bytes]:
    """The lines without what is the ledger's, which is added to `entries`: chunks of lines too, each line
    with `constant` (columns that are the same for all) at its end."""
    end = b"\t" + constant + b"\n"
    for chunk in lines:
        rows, noted = [], []
        for line in chunk.split(b"\n")[:-1]:
            row, source_key, target_key, hash_ = line.rsplit(b"\t", ENTRY)
            rows.append(row)
            noted.append(b"%b\t%b\t%b%b" % (source_key, target_key, hash_, end))
        entries.append(b"".join(noted))
        yield b"\n".join(rows) + b"\n"
