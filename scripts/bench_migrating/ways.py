"""The ways from a source to a target that are measured, in chains that begin with an empty target each."""

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench_migrating import country, rivals
from bench_migrating.dossiers import CHANGED_OF, COLUMNS, TABLE
from bench_migrating.rivals import Rival
from bench_migrating.systems import MariaDB, SQLite, System
from bench_migrating.watched import last_words

BARE = "bare pipe"
PLAN, APPLY, FULL, QUICK = "merger plan", "merger apply", "merger verify", "merger verify --quick"
LATER_PLAN, LATER_APPLY = "merger plan, one row in 20 changed", "merger apply, one row in 20 changed"
ROLLBACK = "merger rollback"


@dataclass(frozen=True)
class Way:
    """One thing to be measured.

    check: told the file with what was printed, answers why the result does not count, or nothing.
    after: what is done afterwards and not measured. missing: why it cannot be tried at all.
    """

    name: str
    command: list[str]
    environment: dict[str, str] | None = None
    check: Callable[[Path], str] = lambda _: ""
    after: Callable[[], None] = lambda: None
    missing: str = ""


@dataclass(frozen=True)
class Chain:
    """Ways that follow one another on one target, empty at first; after a failure the rest is left."""

    ways: list[Way] = field(default_factory=list)


def chains(
    source: System,
    target: System,
    rows: int,
    folder: Path,
    workers: int,
    others: tuple[Path, dict[str, str]] | None,
) -> list[Chain]:
    """The bare pipe with the rivals that check, ours, and each rival that moves. `others`: where rivals are
    and which are not there; None without them."""
    checks = rivals.checkers(source, target, rows, folder, *others) if others else []
    moves = rivals.movers(source, target, folder, *others) if others else []
    return [
        Chain([bare(source, target, rows), *(rival(one, target, None) for one in checks)]),
        Chain(ours(source, target, rows, folder, workers)),
        *(Chain([rival(one, target, rows)]) for one in moves),
    ]


def bare(source: System, target: System, rows: int) -> Way:
    """The databases' own clients, nothing between them."""
    return Way(BARE, ["bash", "-o", "pipefail", "-c", pipe(source, target)], check=all_there(target, rows))


def pipe(source: System, target: System) -> str:
    if isinstance(source, SQLite) and isinstance(target, SQLite):
        names = ", ".join(COLUMNS)
        statement = (
            f"ATTACH '{source.path('source')}' AS src; "
            f"INSERT INTO main.{TABLE} ({names}) SELECT {names} FROM src.{TABLE};"
        )
        return shlex.join(["sqlite3", "-init", "/dev/null", "-batch", str(target.path("target")), statement])
    if isinstance(source, MariaDB) and isinstance(target, MariaDB):
        dump = [*source.client("mariadb-dump"), "--no-create-info", "--single-transaction", "--skip-triggers"]
        return f"{shlex.join([*dump, 'source', TABLE])} | {shlex.join([*target.client(), 'target'])}"
    return f"{source.reader('source')} | {target.writer('target')}"


def ours(source: System, target: System, rows: int, folder: Path, workers: int) -> list[Way]:
    """Plan, apply and both verifications of one job; a later run of it, and the first one taken out again.
    What is signed is signed in between."""
    job = country.write(folder / "job", source.in_job("source"), target.in_job("target"))
    plan, later = job.with_name("plan.json"), job.with_name("later.json")
    environment = {**country.environment(job.parent), **source.environment(), **target.environment()}

    def way(name: str, *arguments: str, **more: object) -> Way:
        return Way(name, country.command(*arguments, "--json"), environment, **more)  # type: ignore[arg-type]

    def planning(name: str, file: Path, number: str, wanted: int) -> Way:
        anew = ["bash", "-c", 'rm -f "$1" "${1%.json}".*; shift; exec "$@"', "plan", str(file)]
        return Way(
            name,
            [*anew, *country.command("plan", str(job), "--out", str(file), "--json")],
            environment,
            lambda said: _of(said, number, wanted),
            lambda: country.sign(job.parent, file),
        )

    changed = rows // CHANGED_OF
    moving = ("--workers", str(workers))
    return [
        planning(PLAN, plan, "to_move", rows),
        way(APPLY, "apply", str(plan), *moving, check=all_there(target, rows)),
        way(FULL, "verify", str(plan)),
        way(QUICK, "verify", str(plan), "--quick", after=lambda: source.change("source")),
        planning(LATER_PLAN, later, "to_update", changed),
        way(
            LATER_APPLY, "apply", str(later), *moving,
            check=lambda said: _of(said, "updated", changed),
            after=lambda: country.sign_rollback(job.parent, plan, environment),
        ),
        way(ROLLBACK, "rollback", str(plan), check=lambda said: _of(said, "removed", rows)),
    ]  # fmt: skip


def rival(one: Rival, target: System, rows: int | None) -> Way:
    """A rival that moves so many rows, or checks (`rows` None)."""
    check = says(one.says) if rows is None else all_there(target, rows, one.table)
    return Way(one.name, one.command, one.environment, check, missing=one.missing)


def says(words: str) -> Callable[[Path], str]:
    """A check that these words were printed."""

    def check(said: Path) -> str:
        text = said.read_text("utf-8")
        return "" if words in text else last_words(text)

    return check


def all_there(target: System, rows: int, table: str = TABLE) -> Callable[[Path], str]:
    """A check that all rows have come."""

    def check(said: Path) -> str:
        found = target.count("target", table)
        return "" if found == rows else f"{found:,} of {rows:,} rows: {last_words(said.read_text('utf-8'))}"

    return check


def _of(said: Path, number: str, rows: int) -> str:
    """Why what was said does not count: `number`, summed over the datasets, is not `rows`."""
    try:
        found = sum(one[number] for one in json.loads(said.read_text("utf-8"))["datasets"])
    except (ValueError, KeyError):
        return last_words(said.read_text("utf-8"))
    return "" if found == rows else f"{found:,} of {rows:,} rows"
