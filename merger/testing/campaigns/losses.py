"""Every call into a driver lost once, in each command: the connection, or what the server says instead."""

import os
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from merger.testing.campaigns.lanes import in_lanes
from merger.testing.campaigns.outcome import Note, Outcome
from merger.testing.campaigns.watched import Command
from merger.testing.losses import ERRORS, WAYS
from merger.testing.losses.crews import WORKER
from merger.testing.losses.scenes import answered, entered, made, scenes
from merger.testing.losses.trial import HANGING, Ended, Scene, Trial, impatient
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL
from merger.testing.pairs.places import Pair, Servers, running
from merger.testing.pairs.trial import Found, differing
from merger.testing.servers.processes import free_port

SERVERS = (POSTGRESQL, MARIADB)
PAIRS: tuple[Pair, ...] = tuple((source, target) for source in SERVERS for target in SERVERS)
DONE, FAILED, REFUSED = 0, 1, 3
MOST = 2000
"""Losses of one command after which it counts as one that does not come to its end."""
VERIFIED = "verified"
"""What the trail calls a verification."""
AGAIN = 50
"""How often a command is given again while the connection of a lost one still holds the lock."""


def run(
    command: Command, number: int, note: Note, *, pairs: tuple[Pair, ...] = PAIRS, ways: Sequence[str] = WAYS,
    wanted: str = "", share: int = 1, lanes: int = 1,
) -> Outcome:  # fmt: skip
    """Each call of each command lost once, by each of `ways` (one of `KINDS`, or `errors`: what servers say,
    by turns), in each pair. A call is known by the lines of the toolkit by which it is come to.

    `wanted`: how the names of the commands begin that are tried; `share`: of so many places one; `number`:
    which error comes first.
    """
    outcome = Outcome("losses")
    with running(pairs) as servers, tempfile.TemporaryDirectory(prefix="merger-losses-") as folder:
        Path(folder).chmod(0o755)

        def one(at: int) -> Outcome:
            part = _Part(command, servers, Path(folder), pairs[at], number, note)
            return part.run(ways, wanted, share)

        for found in in_lanes(len(pairs), one, lanes):
            outcome.counts.update(found.counts)
            outcome.failures += found.failures
    return outcome


@dataclass
class _Part:
    """What is lost in one pair."""

    command: Command
    servers: Servers
    folder: Path
    pair: Pair
    number: int
    note: Note
    outcome: Outcome = field(default_factory=lambda: Outcome(""))

    def run(self, ways: Sequence[str], wanted: str, share: int) -> Outcome:
        name = "-".join(self.pair)
        try:
            ground = made(self.folder / name, self.servers, self.pair)
            os.environ.update(entered(ground))
            self.secrets = [str(url.password) for url in ground.urls.values()]
            (self.folder / f"{name}-kept").mkdir()
            self.trial = Trial(self.command, ground, self.folder / f"{name}-kept", free_port())
            self.trial.share = share
            for scene in scenes(self.trial):
                if scene.name.startswith(wanted):
                    self._scene(scene, ways)
        except Exception:
            self._failed(f"{name}: {traceback.format_exc()}")
        return self.outcome

    def _scene(self, scene: Scene, ways: Sequence[str]) -> None:
        self.trial.put_back(scene.state)
        self.trial.again()
        whole = self._given(scene)
        said, kept = answered(scene, whole), self.trial.outcome()
        calls = self.trial.calls
        for way in ways:
            started = time.monotonic()
            codes = self._lost(scene, way, whole, said, kept)
            count = sum(codes.values())
            self.outcome.counts["losses"] += count
            self.outcome.counts[f"by {way}"] += count
            for code, often in sorted(codes.items()):
                self.outcome.counts[f"ended with {code}"] += often
            told = ", ".join(f"{code}: {often}" for code, often in sorted(codes.items()))
            self.note(
                f"{'-'.join(self.pair)}: {scene.name}, {calls} calls, {way} {count} ({told}),"
                f" {time.monotonic() - started:.0f} s"
            )

    def _given(self, scene: Scene, kind: str = "") -> Ended:
        if scene.out:
            Path(scene.out).unlink(missing_ok=True)
        return self.trial.run(scene, kind)

    def _lost(self, scene: Scene, way: str, whole: Ended, said: str, kept: Found) -> Counter[int]:
        """Gives a command until nothing is left to be lost, each time one call lost that was not yet. The
        next goes on with what one has committed."""
        codes: Counter[int] = Counter()
        self.trial.put_back(scene.state)
        self.trial.again()
        kinds = tuple(ERRORS) if way == "errors" else (way,)
        spent = 0
        with impatient(0):
            for at in range(MOST):
                kind = kinds[(at + self.number) % len(kinds)]
                ended = self._given(scene, kind)
                if not ended.hit:
                    spent += 1
                    if spent == len(kinds) or ended.code != whole.code:
                        break
                    self._require(scene, f"{kind}, nothing lost", ended, said, kept)
                    continue
                spent = 0
                codes[ended.code] += 1
                self.outcome.counts["in a worker process"] += ended.hit.startswith(WORKER)
                self._judge(f"{'-'.join(self.pair)}: {scene.name}, {kind} at {ended.hit}", ended, whole)
                if ended.code == whole.code and scene.writes:
                    self._require(scene, f"{kind} at {ended.hit}", ended, "", kept)
            else:
                self._failed(f"{scene.name}: no end after {MOST} losses")
        for _ in range(AGAIN):
            ended = self._given(scene)
            if ended.code != REFUSED or whole.code == REFUSED:
                break
            time.sleep(0.1)
        if ended.code != whole.code:
            self._failed(f"{'-'.join(self.pair)}: {scene.name}, {way}, at the end: {_said(ended)}")
        self._require(scene, f"{way}, at the end", ended, said, kept)
        return codes

    def _require(self, scene: Scene, words: str, ended: Ended, said: str, kept: Found) -> None:
        """A command that came to its end did what an uninterrupted one does. Puts back its state where
        it changed something."""
        words = f"{'-'.join(self.pair)}: {scene.name}, {words}"
        if said and not scene.writes and answered(scene, ended) != said:
            self._failed(f"{words}: it answered {_said(ended)}")
        if scene.writes:
            if different := differing(_once(kept), _once(self.trial.outcome())):
                self._failed(f"{words}: {', '.join(different)}")
            self.trial.put_back(scene.state)

    def _failed(self, words: str) -> None:
        self.outcome.failures.append(words)
        self.note(f"FAILED {words}")

    def _judge(self, words: str, ended: Ended, whole: Ended) -> None:
        """A command that could not go on says so, and no more than that."""
        wrong = []
        if ended.code == HANGING:
            wrong.append("it hung")
        elif ended.code not in (whole.code, FAILED, REFUSED) or ended.trace:
            wrong.append(f"exit {_said(ended)}")
        if not ended.printed.strip():
            wrong.append("it said nothing")
        if "Traceback" in ended.printed:
            wrong.append("a traceback was printed")
        if any(secret in ended.printed for secret in self.secrets):
            wrong.append("the password was printed")
        if wrong:
            self._failed(f"{words}: {'; '.join(wrong)} {ended.trace[-1500:]}")


def _said(ended: Ended) -> str:
    """An exit code and the last words."""
    return f"{ended.code}: {ended.printed.strip()[-300:]}"


def _once(found: Found) -> Found:
    """A verification that was on record already when its answer was lost is made, and recorded, once more."""
    trail = [one for one in found.get("merger_trail", ()) if one[1] != VERIFIED]
    return {**found, "merger_trail": [action for _, action in trail]}
