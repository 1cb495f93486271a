"""`merger audit`: the hash-chained trail of a job's target, or one that was exported."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from merger.cli.base import command
from merger.cli.options import json_option
from merger.cli.out import as_data, say, show_json
from merger.cli.run import NEEDS_A_PERSON
from merger.messages import text

if TYPE_CHECKING:
    from merger.approval.trail import Anchor, Bent

EXPORTED = ".jsonl"


class Anchored(click.ParamType["Anchor"]):
    """An anchor as it was printed."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> "Anchor":
        from merger.approval import trail_text

        try:
            return trail_text.read_anchor(value)
        except ValueError:
            self.fail(text("cli.usage.no-anchor", value=value), param, ctx)


@command("audit")
@click.argument("job", metavar="JOB|FILE.jsonl", type=click.Path(path_type=Path))
@click.argument("action", type=click.Choice(["verify", "export", "anchor"]))
@click.option("--anchor", "anchors", multiple=True, type=Anchored())
@json_option()
def audit(job: Path, action: str, anchors: "tuple[Anchor, ...]", as_json: bool) -> int | None:
    if action == "export":
        return _export(job)
    if action == "anchor":
        return _anchor(job, as_json)
    bent = _bent(job, anchors)
    if as_json:
        show_json({"state": "broken" if bent else "whole", "bent": as_data(bent)})
    elif bent:
        say("trail-broken", seq=bent.seq, bend=text(f"cli.out.bend.{bent.bend}"))
    else:
        end = _end(job)
        say("trail-whole", seq=end.seq, hash=end.hash)
    return NEEDS_A_PERSON if bent else None


def _bent(job: Path, anchors: "tuple[Anchor, ...]") -> "Bent | None":
    from merger.approval import trail_text
    from merger.migrate import api

    if job.suffix == EXPORTED:
        return trail_text.verify_lines(job.read_bytes(), *anchors)
    return api.audit(job, *anchors)


def _end(job: Path) -> "Anchor":
    from merger.approval import trail, trail_text
    from merger.migrate import api

    if job.suffix == EXPORTED:
        return trail.anchor(trail_text.read_lines(job.read_bytes())[0])
    return api.anchor(job)


def _anchor(job: Path, as_json: bool) -> int | None:
    """Prints where the trail ends. An anchor of a trail that is bent would prove the bent one."""
    from merger.approval import trail_text

    bent = _bent(job, ())
    if bent:
        if as_json:
            show_json({"state": "broken", "bent": as_data(bent)})
        else:
            say("trail-broken", seq=bent.seq, bend=text(f"cli.out.bend.{bent.bend}"))
        return NEEDS_A_PERSON
    end = _end(job)
    if as_json:
        show_json({"seq": end.seq, "hash": end.hash, "text": trail_text.shown(end)})
    else:
        print(trail_text.shown(end))
    return None


def _export(job: Path) -> int | None:
    from merger.approval import trail_text
    from merger.migrate import api

    for record in api.audit_export(job):
        print(trail_text.line(record), flush=True)
    return None
