"""A plan or a run as people and programs read it. Pure: a `Summary` goes in, bytes come out.

    html(summary, language)       one self-contained page
    workbook(summary, language)   the same figures, every one of them, as XLSX
    json(summary)                 the summary itself
    pdf(page)                     such a page printed by a browser of this machine
    record(summary, agency, language, gives=True)   the hand-over record of one agency, as a page

`merger.report.holds` writes the sheet in which a person decides holds, and reads the answers.
jinja2 and openpyxl are imported by the modules that need them, when they are called.
"""

from merger.report.write import FORMATS, html, json, pdf, record, render, workbook

__all__ = ["FORMATS", "html", "json", "pdf", "record", "render", "workbook"]
