"""The register of agencies as it stands on a day: every agency ever entered, with what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from merger.codes import eid
from merger.codes.eid import Eid
from merger.codes.waiting import waits
from merger.lineage import Agencies
from merger.lineage.register import Reorganisation
from merger.mapping.models import Agency, Day, Level, Model


class Entry(Model):
    """One agency, from `valid_from` (None: since before the record) up to, not including, `valid_to`.

    `successors`: the agencies that take over on the day of closing. `succession`: `one` takes over all of the
    work, `several` take parts of it, or some of it is `open`: it goes to nobody whom the definitions name.
    `act`: the legal acts that closed it, else those that opened or last changed it, where they are known.
    """

    code: str = Field(min_length=1, pattern=r"^\S+$")
    former: str = ""
    name: str = ""
    level: Level
    function: str = ""
    unit: str = ""
    parent: str = ""
    valid_from: Day | None = None
    valid_to: Day | None = None
    state: Literal["active", "closed"]
    successors: tuple[str, ...] = ()
    succession: Literal["", "one", "several", "open"] = ""
    act: str = ""


COLUMNS = tuple(Entry.model_fields)


@dataclass(slots=True)
class _Life:
    """One agency under one code, as far as it has been followed."""

    agency: Agency
    former: str
    valid_from: date | None
    act: str
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    succession: Literal["", "one", "several", "open"] = ""

    def goes_on(self, agency: Agency, act: str) -> None:
        """Takes over what a later file says; its acts count only where it says something else."""
        former = agency.former or self.former
        if _told(agency, former) != _told(self.agency, self.former):
            self.act = act
        self.agency, self.former = agency, former


def entries_of(agencies: Agencies, on: date) -> tuple[Entry, ...]:
    """The register on a day, by code and first day. What happens later is not in it.

    Agencies that wait for a code are left out (`waiting` counts them).
    """
    lives: dict[str, list[_Life]] = {}
    for at in agencies.register.reorganisations:
        if at.day <= on:
            _take(agencies, at, lives)
        else:
            for code, agency in at.before.items():
                if code not in lives and agencies.register.agency_at(code, on) is not None:
                    lives[code] = [_Life(agency, agency.former, None, "")]
    codes = {_identity(code): code for code in sorted(lives, reverse=True)}
    return tuple(
        _entry(code, life, codes) for code in sorted(lives) if not waits(code) for life in lives[code]
    )


def waiting(agencies: Agencies, on: date) -> int:
    """How many agencies of files that take effect up to a day wait for a code."""
    return sum(waits(code) for at in agencies.register.reorganisations if at.day <= on for code in at.after)


def _take(agencies: Agencies, at: Reorganisation, lives: dict[str, list[_Life]]) -> None:
    """What one reorganisation does to every agency."""
    for code, old in at.before.items():
        own = lives.setdefault(code, [])
        if not own or own[-1].valid_to is not None:
            own.append(_Life(old, old.former, None, ""))
        if code not in at.after or not at.goes_on(code):
            life = own[-1]
            life.goes_on(old, at.source_of(code))
            life.act = at.source_of(code)
            life.valid_to = at.day
            given = agencies.handover(at).given(code)
            life.successors = tuple(sorted(one.code for one in given.takers if not waits(one.code)))
            whole = len(given.takers) == 1 and given.takers[0].whole
            life.succession = "open" if given.open else "one" if whole else "several"
    for code, agency in at.after.items():
        own = lives.setdefault(code, [])
        if own and own[-1].valid_to is None:
            own[-1].goes_on(agency, at.source_of(code))
        else:
            own.append(_Life(agency, agency.former, at.day, at.source_of(code)))


def _told(agency: Agency, former: str) -> tuple[str, ...]:
    return agency.agency.name, agency.level.value, agency.function, agency.unit, former


def _entry(code: str, life: _Life, codes: dict[tuple[str, ...], str]) -> Entry:
    agency = life.agency
    return Entry(
        code=code,
        former=life.former,
        name=agency.agency.name,
        level=agency.level,
        function=agency.function,
        unit=agency.unit,
        parent=agency.parent or _parent(code, codes),
        valid_from=life.valid_from,
        valid_to=life.valid_to,
        state="active" if life.valid_to is None else "closed",
        successors=life.successors,
        succession=life.succession,
        act=life.act,
    )


def _parent(code: str, codes: dict[tuple[str, ...], str]) -> str:
    """The code above, as the register writes it; empty at level 1 and for a code that cannot be read."""
    read = eid.parse(code)
    if not isinstance(read, Eid) or read.level == 1:
        return ""
    return codes.get(eid.identity(read)[:-1], ".".join(read.levels[:-1]))


def _identity(code: str) -> tuple[str, ...]:
    read = eid.parse(code)
    return eid.identity(read) if isinstance(read, Eid) else (code,)


def by_code(entries: tuple[Entry, ...]) -> Iterator[tuple[tuple[str, int], Entry]]:
    """Entries by their code and which of the agencies of that code it is, oldest first."""
    count: dict[str, int] = {}
    for entry in sorted(entries, key=lambda one: (one.code, one.valid_from or date.min)):
        number = count[entry.code] = count.get(entry.code, -1) + 1
        yield (entry.code, number), entry
