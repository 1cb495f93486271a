"""Reads resolutions into drafts."""

import re
from collections.abc import Sequence
from pathlib import Path

from merger.errors import Finding, InputError, Place
from merger.mapping.drafting.after import NewUnits
from merger.mapping.drafting.draft import draft_of
from merger.mapping.drafting.match import Matcher
from merger.mapping.drafting.parents import with_names_of_parents
from merger.mapping.drafting.problems import error, warning
from merger.mapping.drafting.reading import Resolution, read
from merger.mapping.drafting.roster import Roster, read_roster
from merger.mapping.drafting.scope import old_provinces
from merger.mapping.drafting.selfcheck import check
from merger.mapping.drafting.settle import settle
from merger.mapping.drafting.sources import read_text
from merger.mapping.imported import Draft, Imported

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_NUMBER = re.compile(r"[0-9]+")


def read_resolution(
    paths: Sequence[Path], id_: str, before: Sequence[Path], after: Sequence[Path] = ()
) -> Imported:
    """One draft (`merger/units/1`) for each resolution of `paths`.

    `before`: CSV lists of the units before (`code`, `name`; where known `type`, `district`, `district_code`,
    `province`, `province_code`, `kind`), districts and provinces too. `after`: lists of the new units, in the
    same form; without them a new unit's code is `new-` and its clause. The id of a draft is `id_`, with the
    resolution's number behind it where there are several.

    Each edge has the words of its clause. What cannot be read or matched is a finding at its place in the
    resolution, with candidates, and no edge. Raises InputError for files that cannot be used, resolutions
    without a clause that arranges units or without any day among them.
    """
    refused: list[Finding] = []
    if not _ID.fullmatch(id_):
        refused.append(error("RES080", Place(), id=id_))
    lists: list[Roster] = []
    for files in (before, after):
        try:
            lists.append(read_roster(files))
        except InputError as wrong:
            refused += wrong.findings
    names = frozenset(word for one in lists for word in one.words)
    resolutions: list[Resolution] = []
    for path in paths:
        if path.suffix.lower() == ".csv" and path.is_file():
            refused.append(error("RES081", Place(file=str(path))))
            continue
        try:
            text, unread = read_text(path)
            resolutions.append(_dated(read(text, names, unread)))
        except InputError as wrong:
            refused += wrong.findings
    if refused:
        raise InputError(refused)
    units = with_names_of_parents(lists[0])
    new = lists[1] if after else None
    drafts: list[Draft] = []
    findings: list[Finding] = []
    for index, resolution in enumerate(resolutions, 1):
        own = id_ if len(resolutions) == 1 else f"{id_}-{_own(resolution, index)}"
        draft, found = _draft(own, resolution, units, new)
        drafts.append(draft)
        findings += found
    return Imported(tuple(drafts), tuple(findings))


def _draft(
    id_: str, resolution: Resolution, before: Roster, after: Roster | None
) -> tuple[Draft, list[Finding]]:
    findings = list(resolution.findings)
    act = resolution.act
    if not act.number or act.signed is None:
        findings.append(warning("RES002", resolution.place))
    if act.effective is None:
        findings.append(error("RES003", resolution.place))
    effective = act.effective or act.signed
    assert effective is not None
    old = old_provinces(resolution, before, findings)
    units = before.within(old) if old else before
    matched = Matcher(units, before, findings).match(resolution.statements)
    settled, said = settle(matched, findings)
    check(resolution, units, matched, said, findings)
    new = NewUnits(after, act.owner, resolution.statements, resolution.place, findings)
    draft = draft_of(id_, resolution, effective, old, units, new, matched, settled, findings)
    return draft, sorted(findings, key=_order)


def _dated(resolution: Resolution) -> Resolution:
    if resolution.act.effective is None and resolution.act.signed is None:
        raise InputError([error("RES003", resolution.place)])
    return resolution


def _own(resolution: Resolution, index: int) -> str:
    number = _NUMBER.match(resolution.act.number)
    return number[0] if number else str(index)


def _order(finding: Finding) -> tuple[int, int, int, str]:
    page = finding.place.file.rpartition("#page=")[2]
    return (int(page) if page.isdecimal() else 0, finding.place.line, finding.place.column, finding.code)
