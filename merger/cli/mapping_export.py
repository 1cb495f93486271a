"""`merger mapping export`: a mapping in the formats that others read."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from merger.cli.base import command
from merger.cli.options import Day, replace_option
from merger.cli.out import check_target, note, number, write_new
from merger.errors import Refused
from merger.mapping.models import Mapping, UnitKind
from merger.messages import text


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a mapping is wanted: units of one kind, and for a crosswalk between which days."""

    mapping: Mapping
    kind: UnitKind | None = None
    at: date | None = None
    on: date | None = None


def _changes(asked: Asked) -> bytes:
    from merger.mapping.tables import write_changes

    kind = asked.kind or UnitKind.COMMUNE
    written = write_changes(asked.mapping, kind)
    if written.left_out:
        note("export-left-out", count=number(written.left_out), kind=kind.value)
    return written.text.encode()


def _crosswalk(asked: Asked) -> bytes:
    from merger.lineage import build, crosswalk
    from merger.lineage.views import crosswalk_csv, effective_days

    kind = asked.kind or UnitKind.COMMUNE
    at, on = asked.at, asked.on
    if at is None or on is None:
        days = effective_days(asked.mapping, kind)
        if len(days) != 1:
            shown = ", ".join(map(str, days)) or "–"
            raise click.UsageError(text("cli.usage.days-of-mapping", days=shown))
        at, on = days[0] - timedelta(days=1), days[0]
    return crosswalk_csv(crosswalk(build(asked.mapping), at, on, kind)).encode()


def _workbook(asked: Asked) -> bytes:
    from merger.mapping.workbook import write_workbook

    with TemporaryDirectory() as folder:
        file = Path(folder) / "mapping.xlsx"
        write_workbook(asked.mapping, file)
        if asked.mapping.polygons:
            note("export-no-polygons", count=number(len(asked.mapping.polygons)))
        return file.read_bytes()


def _json(asked: Asked) -> bytes:
    from merger.lineage import build
    from merger.lineage.views import graph_json

    return graph_json(build(asked.mapping), asked.kind).encode()


def _graphml(asked: Asked) -> bytes:
    from merger.lineage import build
    from merger.lineage.views import graphml

    return graphml(build(asked.mapping), asked.kind)


FORMATS: dict[str, tuple[Callable[[Asked], bytes], frozenset[str]]] = {
    "crosswalk-csv": (_crosswalk, frozenset({"at", "on", "kind"})),
    "changes-csv": (_changes, frozenset({"kind"})),
    "xlsx": (_workbook, frozenset()),
    "json": (_json, frozenset({"kind"})),
    "graphml": (_graphml, frozenset({"kind"})),
}
"""What writes each format, and the options that it takes."""

SUFFIXES = {
    "crosswalk-csv": ".csv",
    "changes-csv": ".csv",
    "xlsx": ".xlsx",
    "json": ".json",
    "graphml": ".graphml",
}
"""The suffix of files of each format; a file may have any other that is none of these."""


@command("mapping.export")
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--to", "format_", required=True, type=click.Choice(list(FORMATS)))
@click.option("--out", required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--at", type=Day())
@click.option("--on", type=Day())
@click.option("--kind", type=click.Choice([kind.value for kind in UnitKind]))
@replace_option()
def export(
    paths: Sequence[Path],
    format_: str,
    out: Path,
    at: date | None,
    on: date | None,
    kind: str | None,
    replace: bool,
) -> int | None:
    from merger.mapping import load

    write, takes = FORMATS[format_]
    for name, value in {"at": at, "on": on, "kind": kind}.items():
        if value and name not in takes:
            raise click.UsageError(text("cli.usage.not-with", option=f"--{name}", format=format_))
    suffix = SUFFIXES[format_]
    if out.suffix.lower() in set(SUFFIXES.values()) - {suffix}:
        raise click.UsageError(text("cli.usage.other-suffix", file=out, format=format_, suffix=suffix))
    if (at is None) != (on is None):
        raise click.UsageError(text("cli.usage.missing", name="--on" if on is None else "--at"))
    if str(out) != "-":
        check_target(out)
    loaded = load(paths)
    if any(out.resolve() == document.path.resolve() for document in loaded.documents):
        raise Refused("cli.out.export-over-input", file=out)
    written = write(Asked(loaded.mapping, UnitKind(kind) if kind else None, at, on))
    if str(out) == "-":
        sys.stdout.buffer.write(written)
        return None
    write_new(out, written, replace)
    note("written", file=out)
    return None
