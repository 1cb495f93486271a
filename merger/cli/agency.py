"""`merger agency`: codes for new agencies, the register as it is published, and its differences."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from merger.cli.base import Group, command
from merger.cli.options import Day, json_option, replace_option
from merger.cli.out import (
    check_target,
    finding_json,
    holds,
    note,
    say,
    show_findings,
    show_json,
    show_table,
    write_new,
)
from merger.cli.run import NEEDS_A_PERSON
from merger.errors import Finding, InputError, Refused, Severity
from merger.messages import text

if TYPE_CHECKING:
    from merger.lineage import Agencies
    from merger.mapping.models import AgenciesFile
    from merger.register import Allocation, CodeColumn, Entry, Filled

agency = Group(
    "agency",
    {
        "allocate": "merger.cli.agency:allocate_command",
        "register": "merger.cli.agency:register_command",
        "diff": "merger.cli.agency:diff_command",
    },
    key="agency",
)

STDOUT = "-"

_paths = click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))


@command("agency.allocate")
@_paths
@click.option("--on", type=Day())
@click.option("--width", type=click.IntRange(1))
@click.option("--profile", "profiles", multiple=True, type=click.Path(path_type=Path))
@click.option("--register", "registers", multiple=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path, allow_dash=True))
@replace_option()
@json_option()
def allocate_command(
    paths: Sequence[Path],
    on: date | None,
    width: int | None,
    profiles: Sequence[Path],
    registers: Sequence[Path],
    out: Path,
    replace: bool,
    as_json: bool,
) -> int | None:
    from merger.mapping import load
    from merger.register import allocate, fill

    if str(out) == STDOUT and as_json:
        raise click.UsageError(text("cli.usage.stdout-twice"))
    if str(out) != STDOUT and not out.is_dir():
        check_target(out)
    loaded = load(paths)
    inputs = {document.path.resolve() for document in loaded.documents}
    known = _registers(registers)
    files = sorted(out.glob("*.yaml")) if out.is_dir() else [out]
    ids = {document.value.id for document in loaded.documents}
    written = [file for path in files if path.resolve() not in inputs for file in _written(path, ids)]
    columns, unknown = _columns(profiles)
    allocation = allocate(loaded, on, known, written, width, columns)
    filling = fill(loaded, allocation, on)
    targets = _targets(out, filling.files)
    for target, filled in targets:
        if str(target) != STDOUT and target.exists() and not (replace or holds(target, filled.content)):
            raise Refused("cli.out.taken", file=target)
    for target, filled in targets:
        if str(target) == STDOUT:
            sys.stdout.buffer.write(filled.content)
        else:
            write_new(target, filled.content, replace)
    findings = [*allocation.findings, *filling.findings, *unknown]
    if as_json:
        show_json(
            {
                "out": [str(target) for target, _ in targets],
                "allocated": _as_json(allocation),
                "columns": _columns_as_json(allocation),
                "findings": [finding_json(one) for one in findings],
                "errors": sum(one.severity is Severity.ERROR for one in findings),
            }
        )
    else:
        show_findings(findings, sys.stderr)
        if str(out) != STDOUT:
            _show_codes(allocation)
            for target, _ in targets:
                note("written", file=target)
        for cut in allocation.cuts:
            if not cut.codes:
                note("column-fits", column=f"{cut.column.profile} {cut.column.name}", width=cut.column.width)
    if not allocation.codes and not findings:
        note("none-wait")
    return NEEDS_A_PERSON if any(one.severity is Severity.ERROR for one in findings) else None


@command("agency.register")
@_paths
@click.option("--on", required=True, type=Day())
@click.option("--out", required=True, type=click.Path(path_type=Path, allow_dash=True))
@replace_option()
def register_command(paths: Sequence[Path], on: date, out: Path, replace: bool) -> int | None:
    from merger.register import FORMATS, entries_of, waiting, write_register

    suffix = ".csv" if str(out) == STDOUT else out.suffix.lower()
    if suffix not in FORMATS:
        raise click.UsageError(text("register.error.suffix", file=out, formats=", ".join(FORMATS)))
    if str(out) != STDOUT:
        check_target(out)
    agencies = _agencies(paths)
    count = waiting(agencies, on)
    if count:
        raise Refused("register.error.waiting", count=count)
    written = write_register(entries_of(agencies, on), on, suffix)
    if str(out) == STDOUT:
        sys.stdout.buffer.write(written)
        return None
    write_new(out, written, replace)
    note("written", file=out)
    return None


@command("agency.diff")
@click.argument("old", metavar="OLD", type=click.Path(path_type=Path))
@click.argument("new", metavar="NEW", type=click.Path(path_type=Path))
@click.option("--on", type=Day())
@json_option()
def diff_command(old: Path, new: Path, on: date | None, as_json: bool) -> int | None:
    from merger.register import differences, grouped

    found = differences(*_both(old, new, on))
    groups = list(grouped(found))
    if as_json:
        show_json(
            {
                "old": str(old),
                "new": str(new),
                "differences": len(found),
                "groups": [
                    {
                        "group": how.value,
                        "count": len(own),
                        "differences": [
                            {
                                "code": one.code,
                                "name": one.name,
                                "aspect": one.aspect,
                                "until": one.until,
                                "now": one.now,
                                "message": one.message,
                            }
                            for one in own
                        ],
                    }
                    for how, own in groups
                ],
            }
        )
        return NEEDS_A_PERSON if found else None
    for how, own in groups:
        say("counted", what=text(f"register.heading.{how}"), count=len(own))
        for one in own:
            print(f"  {one.message}")
    if not found:
        say("registers-same")
    return NEEDS_A_PERSON if found else None


def _both(old: Path, new: Path, on: date | None) -> "list[tuple[Entry, ...]]":
    """Both sides. Raises InputError with the findings of both."""
    sides: list[tuple[Entry, ...]] = []
    findings: list[Finding] = []
    for path in (old, new):
        try:
            sides.append(_entries(path, on))
        except InputError as error:
            findings += error.findings
    if findings:
        raise InputError(findings)
    return sides


def _entries(path: Path, on: date | None) -> "tuple[Entry, ...]":
    """A published register, or the register of mapping files on a day (unless said, after all changes)."""
    from merger.register import FORMATS, entries_of, read_register

    if path.suffix.lower() in FORMATS and not path.is_dir():
        return read_register(path)
    return entries_of(_agencies([path]), on or date.max)


def _agencies(paths: Sequence[Path]) -> "Agencies":
    """The agencies of mapping files. Raises InputError where they contradict themselves."""
    from merger.lineage import Agencies, build
    from merger.mapping import load

    mapping = load(paths).mapping
    agencies = Agencies(mapping, build(mapping))
    if agencies.register.findings:
        raise InputError(agencies.register.findings)
    return agencies


def _registers(paths: Sequence[Path]) -> "list[Entry]":
    from merger.register import FORMATS, read_register

    for path in paths:
        if path.suffix.lower() not in FORMATS:
            raise click.UsageError(text("register.error.suffix", file=path, formats=", ".join(FORMATS)))
    return [entry for path in paths for entry in read_register(path)]


def _columns(profiles: Sequence[Path]) -> "tuple[list[CodeColumn], list[Finding]]":
    """The columns for codes of all profiles. Raises InputError with the findings of all."""
    from merger.systems.code_columns import code_columns

    columns: list[CodeColumn] = []
    findings: list[Finding] = []
    wrong: list[Finding] = []
    for path in dict.fromkeys(profiles):
        try:
            found, unknown = code_columns(path)
        except InputError as error:
            wrong += error.findings
        else:
            columns += found
            findings += unknown
    if wrong:
        raise InputError(wrong)
    return columns, findings


def _written(path: Path, ids: set[str]) -> "list[AgenciesFile]":
    """The agencies of a file that was written earlier from one of the files `ids`; none if it is no such."""
    from merger.mapping import read
    from merger.mapping.models import Mapping

    if not path.is_file():
        return []
    mapping: Mapping = read([path]).loaded.mapping
    return [file for file in mapping.agencies if file.id in ids]


def _targets(out: Path, files: "Sequence[Filled]") -> "list[tuple[Path, Filled]]":
    """Where each file with codes goes: to `out`, or into it where it is a folder."""
    if out.is_dir():
        return [(out / one.document.path.name, one) for one in files]
    if len(files) > 1:
        names = ", ".join(sorted(one.document.path.name for one in files))
        raise click.UsageError(text("cli.usage.several-files", files=names))
    return [(out, one) for one in files]


def _as_json(allocation: "Allocation") -> list[dict[str, object]]:
    return [
        {
            "file": one.wanted.file.id,
            "waiting": one.wanted.file.after[one.wanted.index].agency.code,
            "name": one.wanted.agency.agency.name,
            "code": one.code,
            "parent": one.parent,
            "kept": one.kept,
            "former": one.former,
            "why_no_former": one.why_no_former,
        }
        for one in allocation.codes
    ]


def _columns_as_json(allocation: "Allocation") -> list[dict[str, object]]:
    return [
        {
            "profile": one.column.profile,
            "column": one.column.name,
            "width": one.column.width,
            "said_by": one.column.said_by,
            "forms": sorted(one.column.forms),
            "cut": list(one.codes),
            "alike": [list(group) for group in one.alike],
        }
        for one in allocation.cuts
    ]


def _show_codes(allocation: "Allocation") -> None:
    """The codes as a table."""
    if not allocation.codes:
        return
    rows = [
        (
            one.code,
            one.former or "–",
            text("cli.out.code-kept" if one.kept else "cli.out.code-new"),
            one.wanted.agency.agency.name,
        )
        for one in allocation.codes
    ]
    show_table([text(f"cli.head.{name}") for name in ("eid", "former", "how", "agency_name")], rows)
