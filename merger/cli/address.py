"""`merger address`: which new unit an address in free text lies in."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from merger.cli.base import command
from merger.cli.options import Day, follow_option, json_option, mappings_option, replace_option
from merger.cli.out import note, number, show_json_line, show_table
from merger.cli.questions import from_code, lines_at_hand
from merger.cli.run import NEEDS_A_PERSON
from merger.cli.wording import change_in_words, reason_in_words
from merger.messages import current, text

if TYPE_CHECKING:
    from merger.addresses import AddressAnswer, Addresses
    from merger.mapping.models import Follows


@command("address")
@click.argument("texts", metavar="[TEXT…]", nargs=-1)
@click.option("--at", type=Day())
@click.option("--to", type=Day(), required=True)
@follow_option()
@click.option("--at-least", type=click.FloatRange(0.5, 1.0))
@mappings_option()
@click.option("--table", type=click.Path(path_type=Path))
@click.option("--column")
@click.option("--out", type=click.Path(path_type=Path))
@replace_option()
@json_option()
def address(
    texts: tuple[str, ...],
    at: date | None,
    to: date,
    follow: str | None,
    at_least: float | None,
    mappings: tuple[Path, ...],
    table: Path | None,
    column: str | None,
    out: Path | None,
    replace: bool,
    as_json: bool,
) -> int | None:
    if len({table is None, column is None, out is None}) > 1 or (table is not None and texts):
        raise click.UsageError(text("addresses.table-whole"))
    from merger.recode.knowledge import FOLLOW

    way = FOLLOW[follow] if follow else None
    addresses = _addresses(mappings, at_least)
    if table is not None and column is not None and out is not None:
        return _recode(addresses, table, column, out, at, to, way, replace)
    undecided = False
    for one in texts or _lines():
        answer = addresses.find(one, to=to, at=at, follow=way)
        undecided = undecided or not answer.outcome.decided
        if as_json:
            show_json_line(_json(one, at, to, answer))
        else:
            _show(one, answer)
    return NEEDS_A_PERSON if undecided else None


def _addresses(mappings: tuple[Path, ...], at_least: float | None) -> Addresses:
    from merger.addresses import AT_LEAST, Addresses
    from merger.lineage import lineage_of
    from merger.mapping import contents_of, shipped

    lineage = lineage_of(contents_of(list(mappings) or [shipped()]))
    addresses = Addresses(lineage, at_least=AT_LEAST if at_least is None else at_least)
    gc.freeze()  # all of it lives until the process ends: the collector need not look through it
    return addresses


def _lines() -> Iterator[str]:
    """The lines of stdin. Raises InputError for what is not UTF-8, or a line of more than 1 MB."""
    line = 0
    for lines in lines_at_hand(sys.stdin.buffer, "-"):
        for one in lines:
            line += 1
            yield from_code(one, "-", line)


def _recode(
    addresses: Addresses,
    table: Path,
    column: str,
    out: Path,
    at: date | None,
    to: date,
    follow: Follows | None,
    replace: bool,
) -> int | None:
    from merger.recode.addressing import recode_addresses

    found = recode_addresses(table, column, addresses, out, to=to, at=at, follow=follow, replace=replace)
    show_table(
        [text(f"recode.head.{name}") for name in ("outcome", "reason", "rows")],
        [
            (
                text(f"addresses.outcome.{one.outcome}"),
                reason_in_words(one.reason, "addresses"),
                one.rows,
            )
            for one in found.counts
        ],
    )
    print(text("recode.done", rows=number(found.rows), unresolved=number(found.unresolved)))
    note("written", file=out)
    return NEEDS_A_PERSON if found.unresolved else None


def _show(asked: str, answer: AddressAnswer) -> None:
    reason = reason_in_words(answer.reason, "addresses")
    outcome = text(f"addresses.outcome.{answer.outcome}")
    sure = f"{int(answer.confidence * 1000) / 10:.1f}"  # rounded down: nothing is quite sure
    if current() == "vi":
        sure = sure.replace(".", ",")
    key = "read" if answer.outcome.decided else "open" if answer.successors else "nothing"
    print(text(f"addresses.{key}", address=asked.strip(), outcome=outcome, reason=reason, sure=sure))
    for successor in answer.successors:
        print(f"    {successor.code} {successor.name}".rstrip())
    for part in answer.parts:
        how = text(f"addresses.how.{part.how}")
        print("    " + text("addresses.part", words=part.text, code=part.code, name=part.name, how=how))
    for evidence in answer.evidence:
        day = evidence.date and evidence.date.isoformat()
        pieces = (day, change_in_words(evidence.change), evidence.source)
        print("    " + " – ".join(piece for piece in pieces if piece))


def _json(asked: str, at: date | None, to: date, answer: AddressAnswer) -> dict[str, Any]:
    old = answer.unit_old
    return {
        "text": asked,
        "at": at.isoformat() if at else None,
        "to": to.isoformat(),
        "outcome": answer.outcome.value,
        "reason": answer.reason,
        "confidence": answer.confidence,
        "successors": [{"code": one.code, "name": one.name} for one in answer.successors],
        "unit": {"code": old.code, "name": old.name} if old else None,
        "parts": list(_parts(answer)),
        "decided_by": answer.decided_by,
        "evidence": [
            {"date": one.date.isoformat() if one.date else None, "change": one.change, "source": one.source}
            for one in answer.evidence
        ],
    }


def _parts(answer: AddressAnswer) -> Iterable[dict[str, Any]]:
    for part in answer.parts:
        yield {
            "start": part.start,
            "end": part.end,
            "text": part.text,
            "level": part.level.value,
            "code": part.code,
            "name": part.name,
            "how": part.how,
        }
