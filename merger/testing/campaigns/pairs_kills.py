"""Kills of our process, of a worker and of a server's back end, over all pairs of databases."""

import gc
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random

from merger.approval import envelope_paths
from merger.migrate import api
from merger.migrate.failpoints import CIRCLES, FILES, NAMES, VARIABLE
from merger.testing.campaigns.killing import Ended, Running, done
from merger.testing.campaigns.lanes import in_lanes
from merger.testing.campaigns.outcome import Note, Outcome
from merger.testing.campaigns.victims import BackEnds, Kill, kill_process, kill_worker
from merger.testing.campaigns.watched import Command
from merger.testing.pairs.kinds import POSTGRESQL, SQLITE
from merger.testing.pairs.places import PAIRS, Pair, Servers, running, world_on
from merger.testing.pairs.trial import Found, PairTrial, differing, entered, quiet
from merger.testing.people import sign_by_all

LANES = 2
"""Pairs that are tried at once."""
WORKERS = 2
FAILED, REFUSED = 1, 3
KILLED = -9
OTHERS = ("plan-written", "verified", "work-list", "rollback-file", "rollback-start", "rollback-commit",
          "rollback-end")  # fmt: skip
"""What the failpoints of other commands than applying end with."""
MOVING = tuple(one for one in NAMES if one not in (*FILES, *CIRCLES))
"""The failpoints that a world without file stores reaches."""
AFTER_VERIFYING = "after-verified"
"""Where a verification is on record already, which the same command given again makes once more."""
NOTHING, SOME, ALL = "before the first row", "midway", "after the last row"
WHEN = (NOTHING, SOME, ALL)
"""How much was committed when a kill fell."""
AGAIN = 100
"""How often the same command is given again while a killed one's connection still holds the lock."""


def run(
    command: Command, count: int, number: int, note: Note, *, pairs: tuple[Pair, ...] = PAIRS,
    failpoints: Sequence[str] = (), each: bool = False, lanes: int = LANES, name: str = "pairs-kills",
) -> Outcome:  # fmt: skip
    """`count` kills at random moments, divided among the pairs, and one at every failpoint, in one of the
    pairs or in `each`.

    After each the same command is given again until it ends well; every table of the platform and the ledger
    must then be as after an uninterrupted run.
    """
    outcome = Outcome(name)
    with running(pairs) as servers, tempfile.TemporaryDirectory(prefix="merger-pairs-") as folder:

        def one(at: int) -> Outcome:
            kills = count // len(pairs) + (at < count % len(pairs))
            part = _Part(command, servers, Path(folder), pairs[at], number + at)
            return part.run(kills, failpoints if each else failpoints[at :: len(pairs)])

        for found in in_lanes(len(pairs), one, lanes):
            outcome.counts.update(found.counts)
            outcome.failures += found.failures
            for line in (*found.notes, *found.failures):
                note(line)
    return outcome


class _Part:
    """What is done with one pair."""

    def __init__(self, command: Command, servers: Servers, folder: Path, pair: Pair, number: int) -> None:
        self.command = command
        self.name = "-".join(pair)
        self.pair = pair
        self.chance = Random(number)
        self.outcome = Outcome(self.name)
        self.world = world_on(servers, folder / self.name, pair)
        self.references: dict[str, Found] = {}
        self.fell: dict[str, Counter[str]] = defaultdict(Counter)
        self.seconds: dict[str, float] = {}
        self.secrets = [one.password for one in self.world.urls.values() if one.password]

    def run(self, kills: int, failpoints: Sequence[str]) -> Outcome:
        started = time.monotonic()
        with entered(self.world), ExitStack() as stack:
            self.trial = PairTrial.of(self.world)
            self.plan = str(self.trial.plan_file)
            kinds: dict[str, Kill] = {"process": kill_process}
            if self.pair[0] == POSTGRESQL and self.pair[1] != SQLITE:  # whose view several workers can share
                kinds["worker"] = kill_worker
            if back_ends := BackEnds(self.world):
                stack.callback(back_ends.close)
                kinds["back end"] = back_ends.kill
            self._uninterrupted()
            names = sorted(kinds)
            try:
                for at in range(kills):
                    self._kill(names[at % len(names)], kinds[names[at % len(names)]])
                for name in failpoints:
                    self._failpoint(name)
            except Exception:
                self.outcome.failures.append(f"{self.name}: {traceback.format_exc()}")
        self.outcome.notes.append(f"{self.name}: {self._told()}, {time.monotonic() - started:.0f} s")
        return self.outcome

    def _arguments(self, workers: int = 1) -> list[str]:
        return ["apply", self.plan, "--workers", str(workers)]

    def _uninterrupted(self) -> None:
        """What a run ends in that nobody hinders. This process makes it, so that the commands, its forks,
        have imported everything, and are not slowed by collecting what it holds."""
        started = time.monotonic()
        api.apply(self.trial.plan_file, 1, quiet)
        self.seconds = dict.fromkeys(("process", "worker", "back end"), time.monotonic() - started)
        self.references["apply"] = self.trial.outcome()
        self.batches = self.trial.batches_done() or 0
        gc.collect()
        gc.freeze()

    def _kill(self, kind: str, kill: Kill) -> None:
        """One kill, and what followed. A command that ended before is started anew, and killed within the
        time that it took."""
        workers = WORKERS if kind == "worker" else self.chance.choice((1, WORKERS))
        arguments = self._arguments(workers)
        for _ in range(20):
            self.trial.restore()
            command = Running(self.command, arguments)
            moment = self.chance.uniform(0, self.seconds[kind])
            if command.kill_after(moment, kill, self.chance):
                fell = self._when()
                break
            self.seconds[kind] = command.wait().seconds
            self.outcome.counts["ended before the kill"] += 1
        else:
            self.outcome.failures.append(f"{self.name}: there was never a {kind} to kill")
            return
        ended = command.wait()
        self.outcome.counts["kills"] += 1
        self.outcome.counts[f"of a {kind}"] += 1
        self.outcome.counts[fell] += 1
        self.fell[kind][fell] += 1
        words = f"{self.name}: {kind} killed after {moment:.2f} s, {fell}"
        if kind != "process" and ended.code == 0:
            self.outcome.counts["went on by itself"] += 1
        elif kind != "process":
            self._judge_words(words, ended)
        again = self._again(words, arguments, self.references["apply"])
        if kind == "process" and fell == NOTHING:
            self.seconds[kind] = again.seconds

    def _when(self) -> str:
        """How much was committed when somebody was killed just now."""
        done = self.trial.batches_done()
        if done is None:
            return "at a moment that could not be told"
        return NOTHING if done == 0 else ALL if done == self.batches else SOME

    def _judge_words(self, words: str, ended: Ended) -> None:
        """A command that could not go on says so, and no more than that."""
        if ended.code not in (FAILED, REFUSED) or "Traceback" in ended.printed or not ended.printed.strip():
            self.outcome.failures.append(f"{words}: {_said(ended)}")
        elif any(secret in ended.printed for secret in self.secrets):
            self.outcome.failures.append(f"{words}: the password was printed")

    def _again(self, words: str, arguments: Sequence[str], reference: Found, code: int = 0) -> Ended:
        """Gives the same command until it ends well, and compares. Answers how it ended."""
        for _ in range(AGAIN):
            again = done(self.command, arguments)
            if again.code != REFUSED or "another run is working" not in again.printed:
                break
            self.outcome.counts["refused while the killed one's connection held the lock"] += 1
            time.sleep(0.1)
        if again.code != code:
            self.outcome.failures.append(f"{words}: the same command ended with {_said(again)}")
        elif different := differing(reference, self.trial.outcome()):
            self.outcome.failures.append(f"{words}: {', '.join(different)}")
        else:
            self.outcome.counts["equal after the same command"] += 1
        return again

    def _told(self) -> str:
        """The counts, and when kills of each kind fell."""
        counts = [f"{what} {count}" for what, count in self.outcome.counts.items() if what not in WHEN]
        for kind, fell in self.fell.items():
            counts.append(f"{kind} {'/'.join(str(fell[one]) for one in WHEN)}")
        return ", ".join(counts)

    def _failpoint(self, name: str) -> None:
        """One command killed at a failpoint and given again."""
        words = f"{self.name}: killed at {name}"
        what = next((one for one in OTHERS if name.endswith(one)), "apply")
        arguments, code = self._prepared(what)
        if what not in self.references:
            whole = done(self.command, arguments)
            if whole.code != code:
                self.outcome.failures.append(f"{words}: the uninterrupted one ended with {_said(whole)}")
                return
            self.references[what] = self.trial.outcome()
            if what == "verified":
                done(self.command, arguments)
                self.references[AFTER_VERIFYING] = self.trial.outcome()
            self._prepared(what)
        killed = done(self.command, arguments, {VARIABLE: name})
        if killed.code != KILLED:
            self.outcome.failures.append(f"{words}: it was not reached, {_said(killed)}")
            return
        self.outcome.counts["failpoints"] += 1
        self._again(words, arguments, self.references.get(name, self.references[what]), code)

    def _prepared(self, what: str) -> tuple[list[str], int]:
        """Makes the platform ready for a command; answers its arguments and its exit code."""
        self.trial.restore()
        applying = self._arguments()
        if what == "apply":
            return applying, 0
        if what == "plan-written":
            out = self.trial.plan_file.with_name("again.json")
            return ["plan", str(self.world.job), "--out", str(out)], 0
        done(self.command, applying)
        if what == "verified":
            return ["verify", self.plan], 0
        if what == "work-list":
            return ["worklist", self.plan, "--out", str(self.trial.plan_file.with_name("list.csv"))], 0
        rolling_back = ["rollback", self.plan]
        file = self.trial.plan_file.with_name("plan.rollback.json")
        file.unlink(missing_ok=True)
        for signature in envelope_paths(file):
            signature.unlink()
        if what == "rollback-file":
            return rolling_back, REFUSED
        done(self.command, rolling_back)
        sign_by_all(file)
        return rolling_back, 0


def _said(ended: Ended) -> str:
    """An exit code and the last words."""
    return f"{ended.code}: {ended.printed.strip()[-300:]}"
