"""Lines that carry a row and its entry in the ledger, parted on their way."""

from collections.abc import Iterable, Iterator

ENTRY = ("target_key", "row_hash", "source_key")
"""What a line begins with, as columns of the ledger. The first is the row's too."""


def parted(rows: Iterable[list[bytes]], entries: list[bytes], constant: bytes) -> Iterator[bytes]:
    """The rows without what is the ledger's alone, as chunks of lines; what is the ledger's is added to
    `entries` as such chunks, each line with `constant` (columns that are the same for all) at its end. Of a
    row that comes in pieces, the first holds its entry."""
    end = b"\t" + constant + b"\n"
    goes_on = False
    for some in rows:
        kept = some[:1] if goes_on else []
        noted: list[bytes] = []
        for row in some[1:] if goes_on else some:
            target_key, hash_, source_key, rest = row.split(b"\t", 3)
            kept += target_key, b"\t", rest
            noted += target_key, b"\t", hash_, b"\t", source_key, end
        goes_on = not some[-1].endswith(b"\n")
        entries.append(b"".join(noted))
        yield b"".join(kept)


def numbered(lines: Iterable[bytes], first: int) -> Iterator[bytes]:
    """The lines, each with a number before it, from `first` on."""
    goes_on = False
    for chunk in lines:
        rows = chunk.splitlines(keepends=True)
        before = rows[:1] if goes_on else []
        begun = rows[len(before) :]
        yield b"".join([*before, *[b"%d\t%b" % pair for pair in enumerate(begun, first)]])
        first += len(begun)
        goes_on = not chunk.endswith(b"\n")
