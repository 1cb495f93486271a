"""Single bytes changed in signed files, signatures, the trust file and trails."""

import tempfile
from pathlib import Path

from merger.approval import try_tampering
from merger.approval.trail_tampering import try_trail_tampering
from merger.testing.campaigns.outcome import Note, Outcome


def run(count: int, number: int, note: Note) -> Outcome:
    """`count` changes of one byte of what is signed, each of which must be refused, and as many of a
    trail, in which the record must be named."""
    outcome = Outcome("tampering")
    note(f"tampering: {count:,} changes")
    with tempfile.TemporaryDirectory() as folder:
        trial = try_tampering(Path(folder), count, number)
    for one in (trial, try_trail_tampering(count, number)):
        outcome.counts.update(one.tried)
        outcome.failures += [f"{it.file} byte {it.offset} to {it.value}" for it in one.unseen]
    return outcome
