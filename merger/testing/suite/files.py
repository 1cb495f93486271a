"""Laws on the files of a mapping: without contradiction, without an error, written as they are read."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from merger.errors import Finding, InputError, Severity
from merger.lineage import Lineage, build, crosswalk
from merger.mapping import load, read_definitions
from merger.mapping.models import Definitions, Mapping, UnitKind
from merger.mapping.tables import read_changes, write_changes
from merger.mapping.write import to_yaml
from merger.messages import text
from merger.quality import check
from merger.testing.suite.own import Own
from merger.testing.suite.search import Law

SHOWN = 20


def no_contradiction(own: Own, _asked: Mapping) -> str | None:
    """Nothing in the definitions cannot be true together."""
    return _told_findings([*own.lineage.findings, *own.agencies.findings])


def no_error(own: Own, _asked: Mapping) -> str | None:
    """Lint has no error that is not suppressed."""
    return _told_findings([one for one in check(own.loaded) if one.severity is Severity.ERROR])


def reads_back(_own: Own, asked: Definitions) -> str | None:
    """A file that is written anew reads back equal."""
    with tempfile.TemporaryDirectory(prefix="merger-suite-") as folder:
        path = Path(folder) / f"{asked.id}.yaml"
        path.write_text(to_yaml(asked), "utf-8", newline="")
        try:
            back = read_definitions(path).value
        except InputError as error:
            return text("testing.broken.unread", problems=_nowhere(error, folder))
    if back == asked:
        return None
    fields = [name for name in type(asked).model_fields if getattr(asked, name) != getattr(back, name, None)]
    return text("testing.broken.read-back", fields=", ".join(fields))


def exports_and_imports(own: Own, asked: UnitKind) -> str | None:
    """What is exported as changes-csv and imported again exports to the same bytes and says the same."""
    written = write_changes(own.mapping, asked)
    with tempfile.TemporaryDirectory(prefix="merger-suite-") as folder:
        path = Path(folder) / f"{asked}.csv"
        path.write_text(written.text, "utf-8", newline="")
        try:
            drafts = read_changes([path], f"again-{asked}", asked).drafts
            for draft in drafts:
                (Path(folder) / draft.name).write_text(draft.text, "utf-8", newline="")
            again = load([Path(folder)]).mapping
        except InputError as error:
            return text("testing.broken.unread", problems=_nowhere(error, folder))
    lines = zip(written.text.splitlines(), write_changes(again, asked).text.splitlines(), strict=False)
    for number, (line, other) in enumerate(lines, start=1):
        if line != other:
            return text("testing.broken.csv", line=number, there=line, back=other)
    return _same_answers(own, asked, build(again))


def laws() -> list[Law[Mapping] | Law[Definitions] | Law[UnitKind]]:
    """The laws on files."""
    return [
        Law("lint", lambda own: [own.mapping], no_error, _told_whole),
        Law("contradictions", lambda own: [own.mapping], no_contradiction, _told_whole),
        Law("rewriting", _files, reads_back, _told_file),
        Law("changes-csv", _kinds, exports_and_imports, _told_kind),
    ]


def _same_answers(own: Own, kind: UnitKind, again: Lineage) -> str | None:
    """Over the night of every change, and from the first day to the last, both say the same."""
    nights = [(day - timedelta(days=1), day) for day in own.lineage.change_dates()]
    for at, on in [*nights, (own.days[0], own.days[-1])] if nights else []:
        before, after = (
            {(row.old_code, row.new_code, row.extent, row.population, row.share) for row in rows}
            for rows in (crosswalk(own.lineage, at, on, kind), crosswalk(again, at, on, kind))
        )
        for row in sorted(before ^ after, key=str):
            return text("testing.broken.csv-other", at=at, to=on, old=row[0], new=row[1] or "–")
    return None


def _files(own: Own) -> Iterator[Definitions]:
    for document in own.loaded.documents:
        yield document.value


def _kinds(own: Own) -> Iterator[UnitKind]:
    for kind in UnitKind:
        if write_changes(own.mapping, kind).rows:
            yield kind


def _told_whole(_own: Own, _asked: Mapping) -> str:
    return text("testing.whole")


def _told_file(own: Own, asked: Definitions) -> str:
    return text("testing.file", file=own.loaded.place(asked).file)


def _told_kind(_own: Own, asked: UnitKind) -> str:
    return text("testing.kind", kind=asked)


def _told_findings(findings: list[Finding]) -> str | None:
    if not findings:
        return None
    shown = [str(one).removeprefix(": ") for one in findings[:SHOWN]]
    if len(findings) > SHOWN:
        shown.append(text("testing.more", count=len(findings) - SHOWN))
    return "\n  ".join(shown)


def _nowhere(error: InputError, folder: str) -> str:
    """The problems of a file that is gone already, without the folder that it was in."""
    return str(error).replace(f"{folder}/", "").replace("\n", "\n  ")
