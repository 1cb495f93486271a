"""`merger mapping import`: drafts of mapping files from what others write."""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from merger.cli.base import command
from merger.cli.options import Day, json_option, replace_option
from merger.cli.out import (
    check_target,
    finding_json,
    holds,
    note,
    number,
    say,
    show_findings,
    show_json,
    write_new,
    write_whole,
)
from merger.cli.run import NEEDS_A_PERSON, UNUSABLE_INPUT
from merger.errors import Finding, InputError, Refused, Severity
from merger.mapping.imported import Draft, Imported
from merger.mapping.models import UnitKind, UnitsFile
from merger.messages import text


@dataclass(frozen=True, slots=True)
class Given:
    """What a command line says of the files to be read."""

    paths: Sequence[Path]
    id: str
    kind: UnitKind | None = None
    before: Sequence[Path] = ()
    after: Sequence[Path] = ()
    same_day: str | None = None
    effective: date | None = None
    marked: Path | None = None
    replace: bool = False


SHOWN = 300
"""How many contradictions of a list of changes are told; `mapping lint` on the draft tells all."""


def _changes(given: Given) -> Imported:
    from merger.mapping.tables import read_changes
    from merger.quality import contradictions

    imported = read_changes(given.paths, given.id, given.kind or UnitKind.COMMUNE, given.same_day)
    found = contradictions(imported)
    if len(found) > SHOWN:
        note("import-more", shown=number(SHOWN), count=number(len(found)))
    return Imported(imported.drafts, (*imported.findings, *found[:SHOWN]))


def _crosswalk(given: Given) -> Imported:
    from merger.mapping.tables import read_crosswalk

    if given.effective is None:
        raise click.UsageError(text("cli.usage.missing", name="--effective"))
    return read_crosswalk(given.paths, given.id, given.kind or UnitKind.COMMUNE, given.effective)


def _workbook(given: Given) -> Imported:
    from merger.mapping.workbook import read_workbook

    return read_workbook(given.paths, given.id) if given.marked is None else _marked(given, given.marked)


def _marked(given: Given, marked: Path) -> Imported:
    """Reads a workbook, checks it as lint does, and marks every cell that a finding is about in a copy."""
    from merger.mapping.workbook import read_workbook, workbook_mapping
    from merger.quality import check

    if len(given.paths) > 1:
        raise click.UsageError(text("cli.usage.marked-one"))
    if marked.resolve() == given.paths[0].resolve():
        raise click.UsageError(text("cli.usage.marked-other"))
    check_target(marked)
    try:
        imported = read_workbook(given.paths, given.id)
        findings = (*imported.findings, *check(workbook_mapping(given.paths, given.id)))
    except InputError as error:
        _mark(given, error.findings, marked)
        raise
    _mark(given, findings, marked)
    return Imported(imported.drafts, findings)


def _mark(given: Given, findings: Sequence[Finding], marked: Path) -> None:
    from merger.mapping.workbook import write_findings

    with TemporaryDirectory() as folder:
        file = Path(folder) / "marked.xlsx"
        write_findings(given.paths[0], findings, file)
        write_new(marked, file.read_bytes(), given.replace)


def _resolution(given: Given) -> Imported:
    from merger.mapping.drafting import read_resolution

    if not given.before:
        raise click.UsageError(text("cli.usage.missing", name="--before"))
    return read_resolution(given.paths, given.id, given.before, given.after)


FORMATS: dict[str, tuple[Callable[[Given], Imported], frozenset[str]]] = {
    "changes-csv": (_changes, frozenset({"kind", "same_day"})),
    "crosswalk-csv": (_crosswalk, frozenset({"kind", "effective"})),
    "xlsx": (_workbook, frozenset({"marked"})),
    "resolution": (_resolution, frozenset({"before", "after"})),
}
"""What reads each format, and the options that it takes besides --id."""


@command("mapping.import")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--from", "format_", required=True, type=click.Choice(list(FORMATS)))
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--id", "id_", default="")
@click.option("--kind", type=click.Choice([kind.value for kind in UnitKind]))
@click.option("--before", multiple=True, type=click.Path(path_type=Path))
@click.option("--after", multiple=True, type=click.Path(path_type=Path))
@click.option("--same-day", type=click.Choice(["together", "chained"]))
@click.option("--effective", type=Day())
@click.option("--marked", type=click.Path(path_type=Path))
@replace_option()
@json_option()
def import_(
    files: Sequence[Path],
    format_: str,
    out: Path,
    id_: str,
    kind: str | None,
    before: Sequence[Path],
    after: Sequence[Path],
    same_day: str | None,
    effective: date | None,
    marked: Path | None,
    replace: bool,
    as_json: bool,
) -> int | None:
    read, takes = FORMATS[format_]
    options = {
        "kind": kind,
        "before": before,
        "after": after,
        "same_day": same_day,
        "effective": effective,
        "marked": marked,
    }
    for name, value in options.items():
        if value and name not in takes:
            option = f"--{name.replace('_', '-')}"
            raise click.UsageError(text("cli.usage.not-with", option=option, format=format_))
    if replace and marked is None:
        raise click.UsageError(text("cli.usage.missing", name="--marked"))
    unit_kind = UnitKind(kind) if kind else None
    given = Given(files, _id(id_, files[0]), unit_kind, before, after, same_day, effective, marked, replace)
    try:
        imported = read(given)
    except InputError as error:
        if as_json:
            _show_json(Imported((), error.findings), [])
            return UNUSABLE_INPUT
        raise
    paths = _write(imported.drafts, out)
    errors = sum(finding.severity is Severity.ERROR for finding in imported.findings)
    if as_json:
        _show_json(imported, paths)
    else:
        show_findings(imported.findings, sys.stdout)
        for draft, path in zip(imported.drafts, paths, strict=True):
            units, changes = _counts(draft)
            say("imported", file=path, units=number(units), changes=number(changes))
        if errors:
            note("import-errors", errors=number(errors))
    return NEEDS_A_PERSON if errors else None


def _id(given: str, file: Path) -> str:
    """The id asked for, else one made of the file's name."""
    made = given or _slug(file.name.partition(".")[0])
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", made):
        raise click.UsageError(text(f"cli.usage.{'bad' if given else 'no'}-id", value=given or file.name))
    return made


def _slug(name: str) -> str:
    from merger.codes.names import unmarked

    return re.sub(r"[^a-z0-9]+", "-", unmarked(name)).strip("-")


def _write(drafts: Sequence[Draft], out: Path) -> list[Path]:
    """Writes the drafts that are not there yet; refuses where another file has the name of one."""
    contents = [(out / draft.name, draft.text.encode()) for draft in drafts]
    taken = [path for path, content in contents if path.exists() and not holds(path, content)]
    if taken:
        raise Refused("cli.out.import-taken", files=", ".join(map(str, taken)))
    out.mkdir(parents=True, exist_ok=True)
    for path, content in contents:
        if not path.exists():
            write_whole(path, content)
    return [path for path, _ in contents]


def _counts(draft: Draft) -> tuple[int, int]:
    """How many units a draft names, by kind and code, and how many changes it says."""
    file = draft.value
    if not isinstance(file, UnitsFile):
        return 0, 0
    units: set[tuple[UnitKind, str]] = set()
    changes = len(file.changes)
    for change in file.changes:
        units |= {(change.kind, ref.code) for ref in (change.from_, change.to) if ref}
    for entry in file.communes:
        units |= {(UnitKind.COMMUNE, ref.code) for ref in (entry.unit, *(one.unit for one in entry.from_))}
        changes += len(entry.from_) or 1
    units |= {(UnitKind.DISTRICT, entry.unit.code) for entry in file.districts}
    if file.province:
        refs = (file.province.into, *(one.unit for one in file.province.from_))
        units |= {(UnitKind.PROVINCE, ref.code) for ref in refs}
        changes += len(file.province.from_)
    return len(units), changes


def _show_json(imported: Imported, paths: Sequence[Path]) -> None:
    drafts = []
    for draft, path in zip(imported.drafts, paths, strict=True):
        units, changes = _counts(draft)
        drafts.append({"file": str(path), "id": draft.value.id, "units": units, "changes": changes})
    weights = [finding.severity for finding in imported.findings]
    show_json(
        {
            "drafts": drafts,
            "findings": [finding_json(finding) for finding in imported.findings],
            "errors": weights.count(Severity.ERROR),
            "warnings": weights.count(Severity.WARNING),
        }
    )
