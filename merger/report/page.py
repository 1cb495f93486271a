"""The report, and the hand-over record of one agency, as HTML pages that can be printed and filed.

Everything that comes from data is escaped by the template engine.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from merger.errors import Refused
from merger.migrate.model import Summary
from merger.report import figures, handing
from merger.report.words import Words

STYLE = "paper.css"


@dataclass(frozen=True, slots=True)
class Shown:
    """How a page is shown among others: where its stylesheet is (else it is in the page), and the links, as
    text and address, that stand above it on the screen."""

    style: str = ""
    links: tuple[tuple[str, str], ...] = ()


ALONE = Shown()


@cache
def _sources() -> dict[str, str]:
    folder = resources.files("merger.report") / "templates"
    return {item.name: item.read_text("utf-8") for item in folder.iterdir() if item.is_file()}


@cache
def _environment() -> Environment:
    return Environment(
        loader=DictLoader(_sources()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def style(mark: str = "") -> bytes:
    """The stylesheet of both pages, on the screen and on A4. `mark` stands below each printed page."""
    return (_sources()[STYLE] + str(foot(mark))).encode()


def foot(mark: str) -> Markup:
    """The rule that puts a mark below each printed page; of its letters only those of ids and digests."""
    safe = "".join(letter for letter in mark if letter.isascii() and (letter.isalnum() or letter in " .:_-"))
    font = '8.5pt "Times New Roman", "Liberation Serif", serif'
    return Markup(f'\n@page {{ @bottom-center {{ content: "{safe}"; font: {font}; }} }}\n')


def mark_of(summary: Summary) -> str:
    """What stands below each printed page: which plan or run, and where the audit trail ended."""
    return f"{summary.id} {summary.trail_anchor[:24]}".strip()


def page(summary: Summary, language: str, shown: Shown = ALONE) -> bytes:
    """The whole report in one language (`vi` or `en`), as UTF-8."""
    counts = [(dataset, figures.dataset_count(dataset)) for dataset in summary.datasets]
    units = figures.unit_lines(summary.datasets)
    return _rendered(
        "report.html.j2",
        summary,
        language,
        shown,
        counts=counts,
        total=figures.total(count for _, count in counts),
        by_address=sum(dataset.by_address for dataset in summary.datasets),
        updated=sum(dataset.to_update for dataset in summary.datasets),
        withdrawn=sum(dataset.to_withdraw for dataset in summary.datasets),
        files_named=sum(dataset.files for dataset in summary.datasets),
        units=units,
        unit_total=figures.total(line.count for line in units),
        holds=figures.holds_by_reason(summary.holds),
        held=figures.held_rows_by_reason(summary.datasets),
        excluded=figures.excluded_by_rule(summary.datasets),
        given=handing.hand_overs(summary, gives=True),
        got=handing.hand_overs(summary, gives=False),
        figures=figures,
        handing=handing,
    )


def record(summary: Summary, agency: str, language: str, *, gives: bool, shown: Shown = ALONE) -> bytes:
    """The hand-over record of one agency, to be printed and signed: what an old one gives, or a new one gets.
    `agency`: its code, in either written form. Raises Refused for an agency that has none.
    """
    hands = handing.hand_overs(summary, gives=gives)
    hand = next((one for one in hands if agency in (one.agency.code, one.agency.former)), None)
    if hand is None:
        raise Refused("report.unknown-agency", agency=agency, id=summary.id)
    others = [part.agency for part in hand.counterparts]
    givers, receivers = ([hand.agency], others) if gives else (others, [hand.agency])
    return _rendered(
        "record.html.j2", summary, language, shown, hand=hand, givers=givers, receivers=receivers
    )


def _rendered(template: str, summary: Summary, language: str, shown: Shown, **context: Any) -> bytes:
    words = Words(language, summary.titles)
    environment = _environment()
    text = environment.get_template(template).render(
        summary=summary,
        words=words,
        t=words.text,
        n=words.number,
        language=language,
        shown=shown,
        what=figures.counts_as(summary),
        spans=handing.spans_of(summary),
        moment=lambda value: words.moment(_at(value, summary.cutover)),
        foot=foot(mark_of(summary)),
        parts=environment.get_template("parts.html.j2").module,
        **context,
    )
    return text.encode()


def _at(value: datetime, there: datetime) -> datetime:
    """A moment by the clocks of another one, where both name a zone."""
    return value.astimezone(there.tzinfo) if value.tzinfo and there.tzinfo else value
