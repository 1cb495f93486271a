"""Codes of agencies: given once, in any order the same, never changed once written; registers read back."""

import tempfile
from datetime import timedelta
from pathlib import Path
from random import Random

from merger.codes import eid
from merger.codes.eid import Eid
from merger.codes.waiting import waits
from merger.lineage import Agencies, build
from merger.mapping import Contents, LoadedMapping, parse
from merger.mapping.models import AgenciesFile, Agency
from merger.register import Allocation, allocate, differences, entries_of, fill, read_register, write_register
from merger.testing.laws.mappings import hold
from merger.testing.waiting import DAY, Waiting, loaded


def codes_are_given_once(waiting: Waiting) -> None:
    """No code allocated is another's, or was ever anybody's, in either form; all are within their limits."""
    mapping = loaded(waiting.files())
    found = allocate(mapping)
    ever = {
        form
        for file in mapping.mapping.agencies
        for one in (*file.before, *file.after)
        for code in (one.agency.code, one.former)
        for form in _forms(code)
    }
    given = [form for one in found.codes for form in _forms(one.code)]
    hold(len(given) == len(found.codes) == len(set(given)), f"{given}: not one code each")
    for one in found.codes:
        hold(one.kept or not _forms(one.code) & ever, f"{one.code} was somebody's")
        hold(len(one.code) <= eid.LONGEST, f"{one.code} is too long")
        hold(one.code.startswith(f"{one.parent}."), f"{one.code} is not under {one.parent}")
        hold(bool(one.former) != bool(one.why_no_former), f"{one.code}: former form {one.former}")
        alike = not one.former or one.kept or _forms(one.former) == _forms(one.code)
        hold(alike, f"{one.code} is not {one.former}")


def order_of_agencies_does_not_matter(waiting: Waiting, chance: Random) -> None:
    """The same agencies in another order, in other files, get the same codes and the same findings."""
    one, other = allocate(loaded(waiting.files())), allocate(loaded(waiting.files(chance)))
    hold(_by_agency(one) == _by_agency(other), f"{_by_agency(one)} and {_by_agency(other)}")
    told = [sorted(finding.code for finding in found.findings) for found in (one, other)]
    hold(told[0] == told[1], f"findings {told}")


def written_codes_stay(waiting: Waiting, more: Waiting) -> None:
    """A second run adds nothing; where agencies are added, those that were written keep their codes."""
    mapping = loaded(waiting.files())
    first = allocate(mapping)
    written = filled(mapping, first)
    again = allocate(loaded(written))
    hold(not again.codes and not fill(loaded(written), again).files, f"given again: {again.codes}")
    grown = _by_agency(allocate(loaded(waiting.grown(more).files()), written=written))
    for agency, code in _by_agency(first).items():
        hold(grown.get(agency) == code, f"{agency}: {code}, then {grown.get(agency)}")


def registers_read_back(waiting: Waiting) -> None:
    """A register of each day reads back as it was, and differs from itself in nothing."""
    mapping = loaded(waiting.files())
    whole = loaded(filled(mapping, allocate(mapping))).mapping
    agencies = Agencies(whole, build(whole))
    for day in (DAY - timedelta(days=1), DAY):
        entries = entries_of(agencies, day)
        hold(not any(waits(one.code) for one in entries), "a place-holder is in the register")
        hold(differences(entries, entries) == (), "a register differs from itself")
        with tempfile.TemporaryDirectory() as folder:
            for suffix in (".csv", ".json"):
                path = Path(folder) / f"register{suffix}"
                path.write_bytes(write_register(entries, day, suffix))
                hold(read_register(path) == entries, f"{suffix} reads back otherwise")


def filled(mapping: LoadedMapping, found: Allocation) -> tuple[AgenciesFile, ...]:
    """The files with the codes in them."""
    own = {one.document.path: one.content for one in fill(mapping, found).files}
    files = ((document.path, own.get(document.path, document.content)) for document in mapping.documents)
    return parse(Contents(tuple(files))).mapping.agencies


def _by_agency(found: Allocation) -> dict[tuple[str, ...], str]:
    return {_told(one.wanted.agency): one.code for one in found.codes}


def _told(one: Agency) -> tuple[str, ...]:
    return one.level.value, one.function, one.unit, one.agency.name


def _forms(code: str) -> set[tuple[str, ...]]:
    read = eid.parse(code)
    return {eid.identity(read)} if isinstance(read, Eid) else set()
