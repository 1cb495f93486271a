"""What a campaign found, and the ground that it stands on."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from merger.approval import passphrase
from merger.migrate import api
from merger.testing.trials import Trial, trial_of, trial_of_copy
from merger.testing.world import made_world

Note = Callable[[str], None]


@dataclass
class Outcome:
    """The counts of a campaign, in the order in which they were met, and what went wrong, in words."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def line(self) -> str:
        """One line that says everything in short."""
        counts = ", ".join(f"{what} {count:,}" for what, count in self.counts.items())
        return f"{self.name}: {counts}; failures {len(self.failures):,}; {self.seconds:.0f} s"


@dataclass(frozen=True)
class Ground:
    """Where a campaign takes its job from: a job of yours, or a made-up one.

    `keys` sign your job; the passphrase of `name.key` is read from `name.passphrase` beside it, else from
    MERGER_PASSPHRASE. Without keys the copy of your job gets made-up people, who sign.
    `dossiers`: how many of them a made-up job has in each of its two old systems.
    """

    job: Path | None = None
    keys: Sequence[Path] = ()
    dossiers: int = 10_000

    @contextmanager
    def trial(self, chance: Random) -> Iterator[Trial]:
        """A copy of the job, to be run and broken."""
        if self.job is None:
            world = made_world(chance, dossiers=self.dossiers, communes=60, batch_rows=200)
            with trial_of(world) as trial:
                yield trial
            return
        with trial_of_copy(self.job, self._sign if self.keys else None) as trial:
            yield trial

    def _sign(self, path: Path) -> None:
        for key in self.keys:
            beside = key.with_suffix(".passphrase")
            secret = beside.read_text("utf-8").strip() if beside.exists() else passphrase(key.name)
            api.sign(path, key, secret, datetime.now(UTC))
