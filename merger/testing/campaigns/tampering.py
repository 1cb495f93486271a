"""Single bytes changed in signed files, signatures and the trust file."""

import tempfile
from pathlib import Path

from merger.approval import try_tampering
from merger.testing.campaigns.outcome import Note, Outcome


def run(count: int, number: int, note: Note) -> Outcome:
    """`count` changes of one byte, each of which must be refused."""
    outcome = Outcome("tampering")
    note(f"tampering: {count:,} changes")
    with tempfile.TemporaryDirectory() as folder:
        trial = try_tampering(Path(folder), count, number)
    outcome.counts.update(trial.tried)
    outcome.failures += [f"{one.file} byte {one.offset} to {one.value}" for one in trial.unseen]
    return outcome
