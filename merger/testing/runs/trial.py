"""A job on trial: what its runs do to real databases, held against the book of `oracle`."""

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate import api
from merger.migrate.failpoints import VARIABLE
from merger.migrate.model import Plan
from merger.testing.pairs.tables import Row
from merger.testing.people import sign_by_all
from merger.testing.runs.entries import Planned
from merger.testing.runs.oracle import Book
from merger.testing.runs.tables import DATASETS, OLD, PLATFORM, TABLES, Ground, content, drop, put

Where = tuple[str, Any]
UNITS = ("code-missing", "code-unknown")
"""Why a dossier's commune has no successor; the book says `unit`."""


class Wrong(AssertionError):
    """The engine did something else than the book says."""


@dataclass
class Done:
    """A run that was begun. `name`: of its plan's file."""

    name: str
    run: str
    planned: Planned


@dataclass
class Trial:
    """A job, its databases, and the book of what must be in them."""

    ground: Ground
    book: Book = field(default_factory=Book)
    done: list[Done] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    ids: set[str] = field(default_factory=set)
    _plans: int = 0

    def __post_init__(self) -> None:
        self.engines = {name: self.ground.engine(name) for name in self.ground.urls}

    def close(self) -> None:
        """Lets go of the databases."""
        for engine in self.engines.values():
            engine.dispose()

    # --- hands in the databases

    def write(self, name: str, row: Row) -> None:
        """Somebody writes a row of a dataset of the old system."""
        self.book.source[name][row["id"]] = row
        with self.engines["old"].begin() as connection:
            put(connection, OLD[TABLES[name]], row)

    def delete(self, name: str, key: Any) -> None:
        """Somebody deletes a row of the old system."""
        del self.book.source[name][key]
        with self.engines["old"].begin() as connection:
            drop(connection, OLD[TABLES[name]], key)

    def write_own(self, table: str, row: Row) -> None:
        """An officer writes a row of the platform."""
        with self.engines["platform"].begin() as connection:
            put(connection, PLATFORM[table], row)
        self.book.target[table][row["id"]] = self.book.target[table].get(row["id"], {}) | row

    def delete_own(self, table: str, key: Any) -> None:
        """An officer deletes a row of the platform."""
        del self.book.target[table][key]
        with self.engines["platform"].begin() as connection:
            drop(connection, PLATFORM[table], key)

    # --- runs

    def plan(self, scope: str = "", *, final: bool = False) -> tuple[str, Planned]:
        """A signed plan, which must say what the book says."""
        self._plans += 1
        name = f"plan{self._plans}"
        planned = self.book.plan(scope)
        made = api.make_plan(self.ground.job, self.file(name), (scope,) if scope else (), final, quiet)
        if made.id in self.ids:  # a plan of the same second and content is the same plan
            time.sleep(1)
            made = api.make_plan(self.ground.job, self.file(name), (scope,) if scope else (), final, quiet)
        self.ids.add(made.id)
        self._compare_plan(made, planned)
        sign_by_all(self.file(name))
        return name, planned

    def apply(self, name: str, planned: Planned, failpoint: str = "") -> bool:
        """Runs a plan; killed at a failpoint and given again, where one is named and reached. Answers whether
        it was killed."""
        todo = self.book.plan(planned.scope, planned)
        killed = bool(failpoint) and self._dies(failpoint, lambda: self._apply(name))
        result = self._apply(name)
        keys = {where: target for where, (target, *_) in self.ledger().items()}
        for one, new in todo.new.items():
            missed = [key for key in new if (one, key) not in keys]
            self._expect(not missed, f"{one} {missed} were not moved")
        self.book.apply(result, todo, keys)
        self.done.append(Done(name, result, planned))
        self.compare()
        return killed

    def _apply(self, name: str) -> str:
        return api.apply(self.file(name), 1, quiet).run

    def roll_back(self, one: Done, failpoint: str = "") -> bool:
        """Rolls a run back, killed and given again as `apply`."""
        plan = str(self.file(one.name))
        try:
            api.rollback(plan, quiet)
        except Refused as refused:
            self._expect(refused.key == "migrate.rollback-unsigned", f"roll-back: {refused}")
        sign_by_all(self.file(f"{one.name}.rollback"))
        killed = bool(failpoint) and self._dies(failpoint, lambda: api.rollback(plan, quiet))
        result = api.rollback(plan, quiet)
        expected = self.book.roll_back(one.run)
        self.done.remove(one)
        if result.state != "already" and not killed:
            found = {part.dataset: (part.removed, part.kept) for part in result.datasets}
            self._expect(found == expected, f"roll-back: {found} instead of {expected}")
        self.compare()
        return killed

    def verify(self, one: Done) -> None:
        """Verifies a run; the source must be as it was when the run ended."""
        found = api.verify(str(self.file(one.name)), False, False, quiet)
        expected = set(self.book.differences(one.run, one.planned))
        told = {(part.dataset, part.key, part.kind) for part in found.differences}
        self._expect(told == expected, f"verify: {sorted(told)} instead of {sorted(expected)}")
        failed = {
            (part.dataset, check.code, check.detail)
            for part in found.datasets
            for check in part.checks
            if check.state == "failed"
        }
        if not expected:
            self._expect(not failed, f"verify: {sorted(failed)}")

    def _dies(self, failpoint: str, work: Callable[[], object]) -> bool:
        """Whether `work`, in a child process, was killed at a failpoint."""
        child = os.fork()
        if child == 0:
            os.environ[VARIABLE] = failpoint
            code = 1
            try:
                for engine in self.engines.values():
                    engine.dispose(close=False)
                work()
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        self._expect(
            not (os.WIFEXITED(status) and os.WEXITSTATUS(status)), f"failed on its way to {failpoint}"
        )
        return os.WIFSIGNALED(status)

    # --- looks

    def file(self, name: str) -> Path:
        """A file beside the job."""
        return self.ground.folder / f"{name}.json"

    def ledger(self) -> dict[Where, tuple[Any, str, bool, str, str | None]]:
        """(target key, run, merged, state, changed by) of the ledger's rows."""
        with self.engines["platform"].connect() as connection:
            if not sa.inspect(connection).has_table("merger_row"):
                return {}
            asked = sa.text(
                "SELECT d.dataset, r.source_key, r.target_key, r.run, r.merged, r.state, r.changed_by"
                " FROM merger_row r JOIN merger_dataset d ON d.id = r.dataset_id"
            )
            return {
                (name, key if name == "steps" else int(key)): (
                    target if name == "steps" else int(target),
                    run,
                    bool(merged),
                    state,
                    by,
                )
                for name, key, target, run, merged, state, by in connection.execute(asked)
            }

    def compare(self) -> None:
        """Every row of the platform and of the ledger must be as the book says."""
        with self.engines["platform"].connect() as connection:
            found = content(connection, PLATFORM)
        for table in DATASETS.values():
            self._same(table, found[table], self.book.target[table])
        entered = {
            (name, key): (one.target, one.run, one.merged, one.state, one.changed_by)
            for name, entries in self.book.ledger.items()
            for key, one in entries.items()
        }
        self._same("ledger", self.ledger(), entered)

    def _same(self, what: str, found: dict[Any, Any], expected: dict[Any, Any]) -> None:
        wrong = [
            f"{what} {key}: {found.get(key)} instead of {expected.get(key)}"
            for key in sorted(found.keys() | expected.keys(), key=str)
            if found.get(key) != expected.get(key)
        ]
        self._expect(not wrong, "; ".join(wrong))

    def _compare_plan(self, made: Plan, planned: Planned) -> None:
        for part in made.datasets:
            name = part.dataset
            told: Counter[tuple[str, str]] = Counter({("move", ""): part.to_move} if part.to_move else {})
            for why, rows in part.held_by_reason.items():
                told["hold", "unit" if why in UNITS else why] += rows
            told |= {("exclude", why): rows for why, rows in part.excluded.items()}
            counts = planned.counts[name]
            self._expect(dict(told) == dict(counts), f"plan {name}: {dict(told)} instead of {dict(counts)}")
            sums = [(one.in_scope, one.moved + one.held + one.excluded) for one in part.by_unit]
            kept = all(one == other for one, other in sums) and sum(one for one, _ in sums) == part.in_scope
            there = len(self.book.source[name])
            self._expect(kept and part.in_scope == there, f"plan {name}: {sums} are not {there} rows")
            later = len(planned.changed[name]), len(planned.gone[name])
            found = part.to_update, part.to_withdraw
            self._expect(found == later, f"plan {name}: to update, to withdraw {found} instead of {later}")

    def _expect(self, holds: bool, words: str) -> None:
        if not holds:
            raise Wrong(words)


def quiet(_stage: str, _done: int, _total: int) -> None:
    """No progress."""
