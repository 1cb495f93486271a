"""The report as one HTML page. Everything that comes from data is escaped by the template engine."""

from functools import cache
from importlib import resources

from jinja2 import DictLoader, Environment, StrictUndefined

from merger.migrate.model import Summary
from merger.report import figures
from merger.report.words import Words


@cache
def _environment() -> Environment:
    folder = resources.files("merger.report") / "templates"
    sources = {item.name: item.read_text("utf-8") for item in folder.iterdir() if item.is_file()}
    return Environment(
        loader=DictLoader(sources),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(summary: Summary, language: str) -> bytes:
    """The whole report in one language (`vi` or `en`), as UTF-8."""
    words = Words(language)
    counts = [(dataset, figures.dataset_count(dataset)) for dataset in summary.datasets]
    units = figures.unit_lines(summary.datasets)
    text = (
        _environment()
        .get_template("report.html.j2")
        .render(
            summary=summary,
            words=words,
            t=words.text,
            n=words.number,
            language=language,
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
            given=figures.hand_overs(summary, gives=True),
            got=figures.hand_overs(summary, gives=False),
            figures=figures,
        )
    )
    return text.encode()
