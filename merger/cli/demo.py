"""`merger demo`: the whole job on made-up systems."""

import secrets
import shlex
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from merger.cli.base import command
from merger.cli.options import Whole, json_option, replace_option
from merger.cli.out import number, say, write_whole
from merger.cli.progress import Progress
from merger.cli.run import NEEDS_A_PERSON
from merger.cli.shapes import excluded_lines, held_lines, verification_lines
from merger.errors import Refused
from merger.messages import current, text

ROWS = 2000
SIGNERS = (("first", "administrator"), ("second", "approver"))


@command("demo")
@click.option(
    "--dir", "directory", type=click.Path(path_type=Path), default=Path("merger-demo"), show_default=True
)
@click.option("--rows", type=Whole(min=1))
@click.option("--seed", type=Whole(), default=2025, show_default=True)
@click.option("--like", type=click.Path(path_type=Path), metavar="PROFILE|JOB")
@click.option("--database", type=click.Path(path_type=Path), metavar="FILE")
@replace_option()
@json_option()
def demo(
    directory: Path,
    rows: int | None,
    seed: int,
    like: Path | None,
    database: Path | None,
    replace: bool,
    as_json: bool,
) -> int | None:
    if like is not None:
        from merger.cli.demo_like import masked_copy

        return masked_copy(like, directory, database, rows, replace, as_json)
    if database is not None or replace or as_json:
        raise click.UsageError(text("cli.usage.only-with-like"))
    return _made_up(directory, ROWS if rows is None else rows, seed)


def _made_up(directory: Path, rows: int, seed: int) -> int | None:
    """The whole job on made-up systems."""
    from merger import report
    from merger.demo import rehearse_rollback, write_demo
    from merger.migrate import api
    from merger.migrate.campaign import Campaign

    start = time.monotonic()
    if directory.exists() and any(directory.iterdir()):
        raise Refused("cli.out.demo-not-empty", folder=directory)
    directory.mkdir(parents=True, exist_ok=True)
    job = write_demo(directory, rows, seed)
    say("demo-made", folder=directory)
    plan, page = directory / "plan.json", directory / "report.html"
    keys = _people(job.parent)
    before = api.target_digest(job)
    with Progress() as progress:
        _step("plan", job, "--out", plan)
        api.make_plan(job, plan, (), False, progress)
        for key, passphrase in keys.items():
            _step("sign", plan, "--key", key)
            api.sign(plan, key, passphrase, datetime.now(UTC))
        _step("apply", plan)
        result = api.apply(plan, 1, progress)
        _step("verify", plan)
        found = api.verify(str(plan), False, False, progress)
        target = Path(Campaign(job).job.target.database.path)
        undone, after = rehearse_rollback(job.parent, target, plan, keys, progress)
    _step("report", plan, "--out", page)
    summary = api.summary(str(plan))
    write_whole(page, report.render(summary, page.suffix, current()))
    say("demo-moved", rows=number(sum(one.moved for one in result.datasets)))
    held_lines(summary.datasets)
    excluded_lines(summary.datasets, summary.titles)
    verification_lines(found, show_values=False)
    say("demo-undone" if after == before else "demo-not-undone", rows=number(undone.removed))
    say("demo-report", file=page)
    say("demo-seconds", seconds=f"{time.monotonic() - start:.0f}")
    return NEEDS_A_PERSON if found.state == "different" or after != before else None


def _people(folder: Path) -> dict[Path, str]:
    """Two made-up approvers with their keys, and the trust file that lists them."""
    from merger.approval import Role, add_person, load_key, new_key

    now = datetime.now(UTC)
    keys = {folder / f"{name}.key": secrets.token_urlsafe(16) for name, _ in SIGNERS}
    first = next(iter(keys))
    for (path, passphrase), (_, role) in zip(keys.items(), SIGNERS, strict=True):
        public = new_key(f"Demo {path.stem}", path, passphrase)
        path.with_suffix(".passphrase").write_text(passphrase + "\n", "utf-8")
        path.with_suffix(".passphrase").chmod(0o600)
        add_person(folder / "trust.json", public, Role(role), load_key(first, keys[first]), now)
    return keys


def _step(*arguments: object) -> None:
    """Shows the command that does the same by hand."""
    print("$ " + shlex.join(["merger", *map(str, arguments)]), flush=True)
