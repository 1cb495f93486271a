"""Files with the codes allocated in place of the place-holders; everything else stays as it was written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from merger.codes.waiting import waits
from merger.errors import Finding, Place
from merger.mapping import Document, LoadedMapping
from merger.mapping.models import AgenciesFile, CompetenceFile, DecisionsFile, Definitions, ToAgency
from merger.mapping.tree import Loc
from merger.register.allocation import Allocation
from merger.register.problems import problem

_LINE = re.compile(r"\r\n|\n|\r")
_BEFORE_TEXT = re.compile(r"[\"']?\s*")


@dataclass(frozen=True, slots=True)
class Filled:
    """A file in which codes were put: where it was read, its id, and its bytes now."""

    document: Document[Definitions]
    content: bytes


@dataclass(frozen=True, slots=True)
class Filling:
    """The files that change, and the place-holders for which there is no code."""

    files: tuple[Filled, ...]
    findings: tuple[Finding, ...]


def fill(loaded: LoadedMapping, allocation: Allocation, on: date | None = None) -> Filling:
    """Puts the codes of an allocation wherever the files have their place-holders. `on` is the day for which
    codes were allocated: agencies of other days go on waiting."""
    entries = {(one.wanted.file.id, one.wanted.index): one.code for one in allocation.codes}
    named: dict[str, set[str]] = {}
    later: set[str] = set()
    for file in loaded.mapping.agencies:
        for index, agency in enumerate(file.after):
            if not waits(agency.agency.code):
                continue
            if on not in (None, file.effective):
                later.add(agency.agency.code)
            else:
                named.setdefault(agency.agency.code, set()).add(entries.get((file.id, index), ""))
    files: list[Filled] = []
    findings: list[Finding] = []
    for document in loaded.documents:
        changes: list[tuple[Place, str, str]] = []
        for loc, waiting in _waiting(document.value):
            code = _own(document.value, loc, entries) or _only(named.get(waiting, set()))
            if waiting in later and not code:
                continue
            if code:
                changes.append((document.place((*loc, "code")), waiting, code))
            else:
                findings.append(problem("still-waiting", document.place(loc), waiting=waiting))
        if changes:
            content, failed = _changed(document.content, changes)
            files.append(Filled(document, content))
            findings += failed
    return Filling(tuple(files), tuple(findings))


def _own(file: Definitions, loc: Loc, entries: dict[tuple[str, int], str]) -> str:
    """The code of the agency itself, at the place where it is entered."""
    side, index, key = loc[0], loc[1], loc[-1]
    return entries.get((file.id, int(index)), "") if (side, key) == ("after", "agency") else ""


def _only(codes: set[str]) -> str:
    return next(iter(codes)) if len(codes) == 1 else ""


def _waiting(file: Definitions) -> Iterator[tuple[Loc, str]]:
    """The place and text of every place-holder for an agency's code."""
    if isinstance(file, AgenciesFile):
        for side, agencies in (("before", file.before), ("after", file.after)):
            for index, one in enumerate(agencies):
                said = {"agency": one.agency.code, "parent": one.parent}
                said |= {key: getattr(one, key, "") for key in ("into", "documents")}
                for key, code in said.items():
                    if waits(code):
                        yield (side, index, key), code
    elif isinstance(file, CompetenceFile):
        for index, rule in enumerate(file.rules):
            if isinstance(rule.to, ToAgency) and waits(rule.to.agency):
                yield ("rules", index, "to", "agency"), rule.to.agency
    elif isinstance(file, DecisionsFile):
        for index, decision in enumerate(file.decisions):
            for key, code in decision.then.items():
                if waits(code):
                    yield ("decisions", index, "then", key), code


def _changed(content: bytes, changes: list[tuple[Place, str, str]]) -> tuple[bytes, list[Finding]]:
    """The text with other words at some places, and the places where the words do not stand."""
    text = content.decode("utf-8")
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)
    starts = [0, *(end.end() for end in _LINE.finditer(text))]
    failed = []
    for place, old, new in sorted(changes, key=lambda one: (one[0].line, one[0].column), reverse=True):
        at = starts[place.line - 1] + place.column - 1
        found = _BEFORE_TEXT.match(text, at)
        at = found.end() if found else at
        if text.startswith(old, at):
            text = text[:at] + new + text[at + len(old) :]
        else:
            failed.append(problem("not-put", place, waiting=old, code=new))
    return (mark + text).encode(), failed
