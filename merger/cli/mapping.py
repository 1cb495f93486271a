"""`merger mapping`: reading, checking and describing definitions."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from merger.cli.base import Group, command
from merger.cli.options import json_option
from merger.cli.out import as_data, number, say, show_json, show_table, write_whole
from merger.messages import text

mapping = Group(
    "mapping",
    {
        "lint": "merger.cli.mapping_lint:lint",
        "import": "merger.cli.mapping_import:import_",
        "export": "merger.cli.mapping_export:export",
        "stats": "merger.cli.mapping:stats",
        "schema": "merger.cli.mapping:schema",
        "diff": "merger.cli.mapping_diff:diff_command",
        "compare": "merger.cli.mapping_compare:compare_command",
    },
    key="mapping",
)

_paths = click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))


@command("mapping.stats")
@_paths
@json_option()
def stats(paths: Sequence[Path], as_json: bool) -> int | None:
    return show_stats(paths, as_json)


@command("mapping.schema")
@click.option("--kind", metavar="KIND", default="")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path))
def schema(kind: str, out: Path | None) -> int | None:
    from merger.report.schemas import NAMES, schema_files, schemas

    if kind and kind not in NAMES:
        raise click.BadParameter(text("cli.usage.no-kind", value=kind, known=", ".join(NAMES)))
    if out is None:
        show_json(schemas(kind))
        return None
    out.mkdir(parents=True, exist_ok=True)
    for name, content in schema_files().items():
        if not kind or name == f"{kind}.schema.json":
            write_whole(out / name, f"{json.dumps(content, ensure_ascii=False, indent=1)}\n".encode())
            say("written", file=out / name)
    return None


def show_stats(paths: Sequence[Path], as_json: bool) -> int | None:
    """Prints what a mapping holds, for `mapping stats` and `show`."""
    from merger.mapping import load
    from merger.report.stats import stats_of

    found = stats_of(load(paths).mapping)
    if as_json:
        show_json(as_data(found))
        return None
    names = ("file", "units_before", "units_after", "merged", "divided", "unchanged", "reused_codes")
    rows = [tuple(getattr(part, name) for name in names) for part in found.files]
    show_table([text(f"cli.head.{name}") for name in names], rows)
    say(
        "stats",
        changes=number(found.changes),
        chains=number(found.chains),
        agencies=number(found.agencies),
        services=number(found.services),
        rules=number(found.rules),
        decisions=number(found.decisions),
    )
    return None
