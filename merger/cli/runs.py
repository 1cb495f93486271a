"""`merger runs`, `find` and `worklist`: what the ledger remembers."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from merger.cli.base import command
from merger.cli.options import json_option
from merger.cli.out import as_data, check_target, number, say, show_json, show_table
from merger.cli.run import NEEDS_A_PERSON
from merger.messages import catalogue, current


@command("runs")
@click.argument("job", type=click.Path(path_type=Path))
@json_option()
def runs(job: Path, as_json: bool) -> int | None:
    from merger.migrate import api

    listed = [as_data(one) for one in api.runs(job)]
    if as_json:
        show_json({"runs": listed})
    else:
        _show_records(listed)
    return None


@command("find")
@click.argument("job", type=click.Path(path_type=Path))
@click.argument("text", metavar="NUMBER|KEY")
@click.option("--target", "by_target", is_flag=True)
@json_option()
def find(job: Path, text: str, by_target: bool, as_json: bool) -> int | None:
    from merger.migrate import api

    found = [as_data(one) for one in api.find(job, text, by_target=by_target)]
    if as_json:
        show_json({"found": found})
    elif found:
        _show_records(found)
    else:
        say("nothing-found")
    return None if found else NEEDS_A_PERSON


@command("worklist")
@click.argument("run")
@click.option("--out", type=click.Path(path_type=Path), required=True)
def worklist(run: str, out: Path) -> int | None:
    from merger.migrate import api

    check_target(out)
    say("work-list", rows=number(api.work_list(run, out)), file=out)
    return None


def _show_records(records: Sequence[dict[str, object]]) -> None:
    """Records of one kind as a table, a column for each field."""
    names = list(dict.fromkeys(name for record in records for name in record))
    known = catalogue(current(), "cli")
    heads = [known.get(f"head.{name}", name) for name in names]
    show_table(heads, [[_in_words(name, record.get(name)) for name in names] for record in records])


def _in_words(name: str, value: object) -> object:
    from merger.report.words import Words

    words = Words(current())
    if isinstance(value, str) and name in ("state", "kind", "verified"):
        return words.state(value) if value else ""
    if isinstance(value, str) and name in ("started", "ended"):
        return words.moment(datetime.fromisoformat(value).astimezone())
    if isinstance(value, str) and name == "reason":
        return words.rule(words.reason(value)) if value else ""
    return _cell(value)


def _cell(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(str(_cell(one)) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}={_cell(one)}" for name, one in value.items())
    if isinstance(value, float):
        return f"{value:.1f}"
    return "" if value is None else value
