"""`merger service`: lists of services merged into one, and who does services before and after."""

import re
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from merger.cli.base import Group, command
from merger.cli.options import Day, json_option, replace_option
from merger.cli.out import (
    check_target,
    finding_json,
    number,
    say,
    show_findings,
    show_json,
    show_table,
    write_new,
)
from merger.cli.run import NEEDS_A_PERSON
from merger.cli.wording import levels_in_words
from merger.errors import Refused
from merger.messages import text

service = Group(
    "service",
    {
        "merge": "merger.cli.service:merge_command",
        "levels": "merger.cli.service:levels_command",
    },
    key="service",
)


class ProvinceFile(click.ParamType[tuple[str, Path]]):
    """A province's list: `CODE=FILE`."""

    name = "province=file"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Path]:
        province, sign, path = value.partition("=")
        if not sign or not re.fullmatch(r"\w+", province) or not path:
            self.fail(text("cli.usage.no-province-file", value=value), param, ctx)
        return province, Path(path)


@command("service.merge")
@click.argument("catalogues", metavar="CATALOGUE…", nargs=-1, required=True, type=ProvinceFile())
@click.option("--into", "survivor", required=True, type=ProvinceFile())
@click.option("--effective", required=True, type=Day())
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--id", "id_", default="")
@click.option("--levels", type=click.Choice(["before", "after"]), default="before", show_default=True)
@click.option("--review", type=click.Path(path_type=Path))
@click.option("--answers", type=click.Path(path_type=Path))
@replace_option()
@json_option()
def merge_command(
    catalogues: Sequence[tuple[str, Path]],
    survivor: tuple[str, Path],
    effective: date,
    out: Path,
    id_: str,
    levels: str,
    review: Path | None,
    answers: Path | None,
    replace: bool,
    as_json: bool,
) -> int | None:
    from merger.catalogues import decided, drafted, merge, read_catalogues

    after = levels == "after"
    read = [survivor[1], *(path for _, path in catalogues), *([answers] if answers else [])]
    target = _target(out, id_ or f"services-{survivor[0]}", review, read)
    listed, into = read_catalogues(catalogues, survivor)
    merged = merge([one.catalogue for one in listed], into.catalogue, with_levels=not after)
    answered = _answers(answers)
    done = decided(merged, answered, date.today())
    draft = drafted(done, target.stem, effective, after)
    if review is not None:
        from merger.catalogues import review as sheet

        write_new(review, sheet.write(merged), replace)
    write_new(target, draft.text.encode(), replace)
    warnings = [
        *(one for found in listed for one in found.warnings),
        *(into.warnings if into not in listed else ()),
    ]
    if as_json:
        show_json(_as_json(done, warnings))
    else:
        show_findings(warnings, sys.stderr)
        _show(done)
        for path in filter(None, (review, target)):
            say("written", file=path)
    return NEEDS_A_PERSON if done.open else None


@command("service.levels")
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option()
def levels_command(paths: Sequence[Path], as_json: bool) -> int | None:
    from merger.catalogues import level_changes
    from merger.catalogues.levels import written
    from merger.mapping import load

    found = level_changes(load(paths).mapping)
    if as_json:
        show_json(
            {
                "counts": [
                    {"before": before, "after": after, "services": count}
                    for (before, after), count in found.counts.items()
                ],
                "changed": [
                    {
                        "code": one.service.code,
                        "name": one.service.name,
                        "field": one.field,
                        "before": list(one.levels),
                        "after": list(one.levels_after),
                        "source": one.source,
                    }
                    for one in found.changed
                ],
                "open": [one.service.code for one in found.open],
                "same": found.same,
            }
        )
        return NEEDS_A_PERSON if found.open else None
    heads = [text(f"cli.head.{name}") for name in ("levels_before", "levels_after", "services")]
    show_table(
        heads, [(_levels(before), _levels(after), count) for (before, after), count in found.counts.items()]
    )
    for one in found.changed:
        steps = f"{_levels(written(one.levels))} → {_levels(written(one.levels_after))}"
        print(f"{one.service}: {steps} ({one.source or '–'})")
    say("levels", changed=number(len(found.changed)), same=number(found.same), open=number(len(found.open)))
    return NEEDS_A_PERSON if found.open else None


def _levels(written: str) -> str:
    return levels_in_words(written) if written else "?"


def _target(out: Path, id_: str, review: Path | None, read: Sequence[Path | None]) -> Path:
    """The file to be written; its name is its id. Refused where it, or the sheet, is one that is read."""
    target = out if out.suffix == ".yaml" else out / f"{id_}.yaml"
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", target.stem):
        raise click.BadParameter(text("cli.usage.no-id", value=target.stem))
    if review is not None and review.suffix.lower() != ".xlsx":
        raise Refused("cli.out.holds-suffix", file=review)
    for path in filter(None, (target, review)):
        check_target(path)
        if any(one is not None and one.resolve() == path.resolve() for one in read):
            raise Refused("cli.out.export-over-input", file=path)
    return target


def _answers(path: Path | None) -> Sequence[Any]:
    if path is None:
        return ()
    from merger.catalogues import review

    return review.read(path)


def _show(done: Any) -> None:
    from merger.catalogues.model import counted

    heads = ["province", "codes", "unchanged", "unique", "split", "ended", "unknown"]
    rows = []
    for catalogue in done.merged.catalogues:
        fates = tuple(one for one in done.fates if one.province == catalogue.province)
        rows.append((catalogue.province, len(fates), *counted(fates).values()))
    show_table([text(f"cli.head.{name}") for name in heads], rows)
    print()
    kinds: dict[str, list[int]] = {}
    still = {group.id for group in done.open}
    for group in done.merged.groups:
        counts = kinds.setdefault(group.kind.value, [0, 0, 0])
        counts[0] += len(group.differences)
        counts[1] += 1
        counts[2] += group.id in still
    heads = ["differs", "codes", "questions", "open"]
    show_table(
        [text(f"cli.head.{name}") for name in heads],
        [(text(f"catalogues.kind.{kind}"), *counts) for kind, counts in kinds.items()],
    )
    say("services-merged", services=number(len(done.services)), open=number(len(done.open)))


def _as_json(done: Any, warnings: Sequence[Any]) -> dict[str, Any]:
    still = {group.id for group in done.open}
    return {
        "survivor": done.merged.survivor.province,
        "services": len(done.services),
        "codes": [
            {
                "province": fate.province,
                "code": fate.entry.code,
                "name": fate.entry.name,
                "outcome": fate.outcome.value,
                "reason": fate.reason,
                "into": list(fate.into),
                "decided": fate.decided,
            }
            for fate in done.fates
        ],
        "differences": [
            {
                "question": group.id,
                "kind": group.kind.value,
                "open": group.id in still,
                "provinces": list(group.found_in),
                "theirs": group.theirs,
                "mine": group.mine,
                "codes": [[one.province, one.entry.code] for one in group.differences],
                "offered": [
                    {"code": one.code, "name": one.name, "likeness": one.likeness} for one in group.offered
                ],
            }
            for group in done.merged.groups
        ],
        "open": len(done.open),
        "findings": [finding_json(one) for one in warnings],
    }
