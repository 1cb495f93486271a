"""Lines that carry a row and its entry in the ledger, parted on their way."""

from collections.abc import Iterable, Iterator

ENTRY = 2
"""Columns at the end of a line that are the ledger's: key in the source, hash. It begins with the key in the
target, which is both's."""


def parted(lines: Iterable[bytes], entries: list[bytes], constant: bytes) -> Iterator[bytes]:
    """The lines without what is the ledger's, which is added to `entries`: chunks of lines too, each line
    with `constant` (columns that are the same for all) at its end."""
    end = b"\t" + constant + b"\n"
    for chunk in lines:
        rows, noted = [], []
        for line in chunk.split(b"\n")[:-1]:
            row, source_key, hash_ = line.rsplit(b"\t", ENTRY)
            rows.append(row)
            noted.append(b"%b\t%b\t%b%b" % (source_key, row.split(b"\t", 1)[0], hash_, end))
        entries.append(b"".join(noted))
        yield b"\n".join(rows) + b"\n"


def numbered(lines: Iterable[bytes], first: int) -> Iterator[bytes]:
    """The lines, each with a number before it, from `first` on."""
    for chunk in lines:
        rows = chunk.split(b"\n")[:-1]
        yield b"".join([b"%d\t%b\n" % pair for pair in enumerate(rows, first)])
        first += len(rows)
