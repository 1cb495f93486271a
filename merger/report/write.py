"""The formats of a report, by the suffix of the file that is asked for."""

from collections.abc import Callable
from json import dumps

from merger.errors import Refused
from merger.migrate.model import Summary


def html(summary: Summary, language: str) -> bytes:
    """One HTML page that needs nothing else: no network, no script."""
    from merger.report.page import page

    return page(summary, language)


def record(summary: Summary, agency: str, language: str, *, gives: bool) -> bytes:
    """The hand-over record of one agency as one HTML page, to be printed and signed.

    Raises Refused where there is none.
    """
    from merger.report.page import record as write

    return write(summary, agency, language, gives=gives)


def workbook(summary: Summary, language: str) -> bytes:
    """The same figures as a workbook (XLSX), one sheet for each table."""
    from merger.report.xlsx import workbook as write

    return write(summary, language)


def json(summary: Summary) -> bytes:
    """The summary as one JSON document, keys as in `merger.migrate.model.Summary`."""
    content = summary.model_dump(mode="json", by_alias=True)
    content["flows"] = [flow._asdict() for flow in summary.flows]
    return (dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def pdf(page: bytes) -> bytes:
    """A page as PDF, printed by a browser of this machine. Raises Refused where there is none."""
    from merger.report.printing import printed

    return printed(page)


FORMATS: dict[str, Callable[[Summary, str], bytes]] = {
    ".html": html,
    ".pdf": lambda summary, language: pdf(html(summary, language)),
    ".xlsx": workbook,
    ".json": lambda summary, _: json(summary),
}


def render(summary: Summary, suffix: str, language: str) -> bytes:
    """The report in the format of a file name's suffix. Raises Refused for a suffix that is none."""
    writer = FORMATS.get(suffix.lower())
    if writer is None:
        raise Refused("report.unknown-format", suffix=suffix or "?", formats=", ".join(FORMATS))
    return writer(summary, language)
