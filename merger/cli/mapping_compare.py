"""`merger mapping compare`: two independent sources of one reorganisation side by side."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from merger.cli.base import command
from merger.cli.options import Day, json_option
from merger.cli.out import number, show_json
from merger.cli.run import NEEDS_A_PERSON
from merger.mapping.models import UnitKind
from merger.messages import current, text
from merger.quality.compare import (
    Comparison,
    Pair,
    UnitVerdict,
    Verdict,
    compare,
    pair_in_words,
    read_sources,
)

SHOWN = 5
"""So many units that only one side names, or on which one says less, are listed for reading."""


@command("mapping.compare")
@click.argument("a", metavar="A", type=click.Path(path_type=Path))
@click.argument("b", metavar="B", type=click.Path(path_type=Path))
@click.option("--on", type=Day())
@click.option(
    "--kind", type=click.Choice([kind.value for kind in UnitKind]), default="commune", show_default=True
)
@json_option()
def compare_command(a: Path, b: Path, on: date | None, kind: str, as_json: bool) -> int | None:
    found = compare(*read_sources(a, b, UnitKind(kind), on))
    if as_json:
        show_json(_as_json(found))
    else:
        _show(found)
    return None if found.alike else NEEDS_A_PERSON


def _show(found: Comparison) -> None:
    counts = found.counts
    said = {name: number(value) for name, value in asdict(counts).items()}
    said |= {"a": found.a, "b": found.b, "only_a": number(counts.only_a), "only_b": number(counts.only_b)}
    said |= {"jaccard": _percent(counts.jaccard)}
    if counts.units_both:
        said |= {"identical_percent": _percent(counts.identical / counts.units_both)}
    pairs = "pairs" if counts.pairs_a or counts.pairs_b else "no-pairs"
    both = "units" if counts.units_both else "no-units"
    for line in ("sides", pairs, both, "extents"):
        print(text(f"compare.counts.{line}", **said))
    for verdict in Verdict:
        units = found.of(verdict)
        print(text(f"compare.verdict.{verdict}", count=number(len(units))))
        if verdict is Verdict.CONTRADICT:
            _show_contradictions(units)
        elif verdict is not Verdict.AGREE:
            _show_some(units)
    for side, count in (("a", found.outside_a), ("b", found.outside_b)):
        if count:
            print(text(f"compare.outside.{side}", count=number(count)))
    print(text("compare.verdict.names", count=number(len(found.names))))
    for one in found.names:
        print(f"  {one.code}: A {one.a} ({one.a_place}); B {one.b} ({one.b_place})")


def _show_contradictions(units: Sequence[UnitVerdict]) -> None:
    for unit in units:
        print(f"  {unit.code} {unit.name}".rstrip() + f": {_aspects(unit)}")
        for side, pairs in (("A", unit.a), ("B", unit.b)):
            for pair in pairs:
                evidence = f" – {pair.evidence}" if pair.evidence else ""
                print(f"    {side}: {pair_in_words(pair)}{evidence} ({pair.place})")


def _show_some(units: Sequence[UnitVerdict]) -> None:
    for unit in units[:SHOWN]:
        aspects = f": {_aspects(unit)}" if unit.aspects else ""
        print(f"  {unit.code} {unit.name}".rstrip() + aspects)
    if len(units) > SHOWN:
        print("  " + text("compare.more", count=number(len(units) - SHOWN)))


def _aspects(unit: UnitVerdict) -> str:
    return ", ".join(text(f"compare.on.{aspect}") for aspect in unit.aspects)


def _percent(value: float) -> str:
    """To two decimals, never rounded up to a hundred."""
    shown = f"{min(int(value * 10_000 + 0.5), 10_000 if value == 1 else 9_999) / 100:.2f}"
    return shown.replace(".", ",") if current() == "vi" else shown


def _as_json(found: Comparison) -> dict[str, Any]:
    counts = found.counts
    more = {"only_a": counts.only_a, "only_b": counts.only_b, "jaccard": round(counts.jaccard, 6)}
    return {
        "a": found.a,
        "b": found.b,
        "counts": asdict(counts) | more,
        "outside": {"a": found.outside_a, "b": found.outside_b},
        "verdicts": {verdict.value: len(found.of(verdict)) for verdict in Verdict},
        "units": [_unit(unit) for unit in found.units if unit.verdict is not Verdict.AGREE],
        "names": [
            {
                "code": one.code,
                "side": "after" if one.after else "before",
                "a": one.a,
                "b": one.b,
            }
            for one in found.names
        ],
    }


def _unit(unit: UnitVerdict) -> dict[str, Any]:
    return {
        "code": unit.code,
        "name": unit.name,
        "verdict": unit.verdict.value,
        "aspects": list(unit.aspects),
        "a": [_pair(pair) for pair in unit.a],
        "b": [_pair(pair) for pair in unit.b],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "code": pair.new,
        "name": pair.new_name,
        "extent": pair.land.value,
        "population": pair.people.value,
        "share": pair.share,
        "evidence": pair.evidence,
        "file": pair.place.file,
        "line": pair.place.line,
    }
