"""Codes for the agencies of after that have none yet, under the code of their province.

A code that was ever used, closed ones too, in either written form, is never given again. An agency that goes
on keeps its code. The same definitions give the same codes, in whatever order their files and entries are.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from merger.codes import eid
from merger.codes.eid import Eid
from merger.codes.malformed import Malformed
from merger.codes.names import fold
from merger.codes.waiting import waits
from merger.errors import Finding, Severity
from merger.lineage import Agencies, build
from merger.lineage.competence import COMMITTEE
from merger.lineage.register import Reorganisation
from merger.mapping import LoadedMapping
from merger.mapping.models import AgenciesFile, Agency, Level, Mapping, UnitKind
from merger.messages import text
from merger.register.cuts import CodeColumn, Cut, cut_by, written_forms
from merger.register.entries import Entry
from merger.register.problems import problem
from merger.register.used import Used

_LEVELS = {level: number for number, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """An agency of after that waits for a code: its file, its place under `after`, and a key of its own."""

    file: AgenciesFile
    index: int
    agency: Agency
    key: str


@dataclass(frozen=True, slots=True)
class Allocated:
    """The code of an agency that waited for one.

    `kept`: an agency of before goes on under it. `former`: its former form, empty where there is none, and
    `why_no_former` the reason (a key under `codes`).
    """

    wanted: Wanted
    code: str
    parent: str
    kept: bool = False
    former: str = ""
    why_no_former: str = ""


@dataclass(frozen=True, slots=True)
class Allocation:
    """Codes in the order in which files and entries stand, and what is wrong or worth knowing.

    `cuts`: what each of the columns asked about would cut.
    """

    codes: tuple[Allocated, ...]
    findings: tuple[Finding, ...]
    cuts: tuple[Cut, ...] = ()


def allocate(
    loaded: LoadedMapping,
    on: date | None = None,
    known: Iterable[Entry] = (),
    written: Iterable[AgenciesFile] = (),
    width: int | None = None,
    columns: Iterable[CodeColumn] = (),
) -> Allocation:
    """Allocates a code to every agency of after whose code is a place-holder.

    `on`: only those of the files that take effect on this day. `known`: registers of agencies that the
    mapping does not name. `written`: files with codes allocated earlier; an agency of the same level,
    function, unit and name keeps the one that it has there. `width`: how many characters a column of the
    target takes; `columns`: those that are known by name. Never raises: what cannot be allocated is left
    out, and a finding says why.
    """
    return _Allocating(loaded, on, known, tuple(written), width).result(columns)


class _Allocating:
    """One run over one mapping."""

    def __init__(
        self,
        loaded: LoadedMapping,
        on: date | None,
        known: Iterable[Entry],
        written: tuple[AgenciesFile, ...],
        width: int | None,
    ) -> None:
        self.loaded = loaded
        self.on = on
        self.width = width
        self.findings: list[Finding] = []
        self.mapping = _with_keys(loaded.mapping)
        self.agencies = Agencies(self.mapping, build(self.mapping))
        self.days = {at.day: at for at in self.agencies.register.reorganisations}
        self.used = _used(self.mapping, known)
        self.written = {
            _likeness(one): one.agency.code
            for file in written
            for one in file.after
            if not waits(one.agency.code) and not self.used.has(one.agency.code)
        }
        for file in written:
            for agency in (*file.before, *file.after):
                self.used.add_agency(agency)
        self.expected: Counter[tuple[str, ...]] = Counter()
        self.tops: dict[date, list[Agency]] = {}
        self.done: dict[str, Allocated] = {}

    def result(self, columns: Iterable[CodeColumn]) -> Allocation:
        waiting = self._without_doubles(list(self._waiting()))
        while waiting:
            ready = [(one, self._parent(one)) for one in waiting]
            settled = [(one, parent) for one, parent in ready if parent is not None]
            if not settled:
                for one in waiting:
                    self._report(one, "parent-waits", parent=one.agency.parent or "–", key="parent")
                break
            self.expected = Counter(map(_class, settled))
            for one, parent in sorted(settled, key=_order):
                self._settle(one, parent)
            waiting = [one for one, parent in ready if parent is None]
        if self.width is not None:
            self._look_for_cuts(self.width)
        forms = [written_forms(one.key, self._former(one)) for one in self._after()]
        cuts = tuple(cut_by(column, forms) for column in columns)
        self.findings += [finding for cut in cuts for finding in cut.findings()]
        codes = sorted(self.done.values(), key=lambda one: (one.wanted.file.id, one.wanted.index))
        return Allocation(tuple(codes), tuple(sorted(self.findings, key=_place)), cuts)

    def _waiting(self) -> Iterator[Wanted]:
        for original, file in zip(self.loaded.mapping.agencies, self.mapping.agencies, strict=True):
            if self.on in (None, file.effective):
                for index, agency in enumerate(file.after):
                    if waits(agency.agency.code):
                        yield Wanted(original, index, agency, agency.agency.code)

    def _without_doubles(self, waiting: list[Wanted]) -> list[Wanted]:
        """Those that are not entered twice, be it with one place-holder or with two."""
        first: dict[object, Wanted] = {}
        found = []
        for one in waiting:
            entered = first.setdefault((one.file.effective, one.key), one)
            alike = first.setdefault((one.file.effective, *_likeness(one.agency)), one)
            if entered is one and alike is one:
                found.append(one)
            else:
                other = entered if entered is not one else alike
                self._report(one, "wanted-twice", place=self.loaded.place(other.file, _at(other)))
        return found

    def _parent(self, one: Wanted) -> Eid | str | None:
        """The code under which an agency stands; empty for level 1, None where it waits for a code itself.

        What cannot be known comes back as a text that is no code.
        """
        parent = one.agency.parent
        if not parent:
            return "" if _is_level_one(one.agency) else self._root(one)
        if waits(parent):
            return self._done(parent)
        read = eid.parse(parent)
        at = self.days[one.file.effective]
        if not isinstance(read, Eid) or parent not in at.after:
            self._report(one, "parent-unknown", parent=parent, key="parent")
            return "?"
        return read

    def _done(self, key: str) -> Eid | None:
        found = self.done.get(key)
        read = eid.parse(found.code) if found else None
        return read if isinstance(read, Eid) else None

    def _root(self, one: Wanted) -> Eid | str | None:
        """The level 1 code of the agency's province."""
        tops = self._tops(one.file.effective, self._province(one))
        tops = [top for top in tops if top.function == COMMITTEE] or tops
        if len(tops) == 1 and waits(tops[0].agency.code):
            return self._done(tops[0].agency.code)
        read = eid.parse(tops[0].agency.code) if len(tops) == 1 else None
        if isinstance(read, Eid):
            return read
        shown = ", ".join(sorted(top.agency.code for top in tops)) or "–"
        self._report(one, "root-unknown", codes=shown)
        return "?"

    def _tops(self, day: date, province: str | None) -> list[Agency]:
        """The agencies of after at level 1 of a province; of any, where it is not known."""
        if day not in self.tops:
            self.tops[day] = [one for one in self.days[day].after.values() if _is_top(one)]
        return [top for top in self.tops[day] if province in (None, top.unit)]

    def _province(self, one: Wanted) -> str | None:
        kind = UnitKind(one.agency.level.value)
        around = self.agencies.surroundings.around(kind, one.agency.unit, one.file.effective)
        return around.get(UnitKind.PROVINCE)

    def _settle(self, one: Wanted, parent: Eid | str) -> None:
        if isinstance(parent, str) and parent:
            return
        under = parent if isinstance(parent, Eid) else None
        survivors = self._survivors(one, under)
        if len(survivors) > 1:
            self._report(one, "survivor-unclear", codes=", ".join(survivors))
        elif survivors:
            self._enter(one, survivors[0], under, kept=True)
        elif under is None:
            self._report(one, "level-one")
        else:
            self._give(one, under)

    def _give(self, one: Wanted, parent: Eid) -> None:
        code = self.written.get(_likeness(one.agency), "")
        read = eid.parse(code)
        if isinstance(read, Eid) and eid.identity(read)[:-1] == eid.identity(parent):
            self._enter(one, code, parent)
            return
        level, function = one.agency.level.value, one.agency.function
        number = self.used.next(parent, level, function, self.expected[_class((one, parent))])
        if number is None:
            width = self.used.width(parent, level, function)
            self._report(one, "range-full", parent=parent.text, count=10**width - 1)
        elif len(parent.text) + 1 + len(number) > eid.LONGEST:
            self._report(one, "too-long", code=f"{parent.text}.{number}", limit=eid.LONGEST)
        else:
            self._enter(one, f"{parent.text}.{number}", parent)

    def _survivors(self, one: Wanted, parent: Eid | None) -> list[str]:
        """The codes of before under which the agency goes on: of its parent's family, with all work into it.

        Of several, those of its name count, else those of its function.
        """
        at = self.days[one.file.effective]
        above = eid.identity(parent) if parent else ()
        found = [
            at.before[code]
            for code, taker in self.agencies.handover(at).givers(one.key)
            if taker.whole and code not in at.after and at.before[code].level is one.agency.level
        ]
        family = [old for old in found if _above(old.agency.code) == above]
        if parent is None:
            family = [old for old in family if self._keeps_its_name(old, one, at)]
        named = [old for old in family if fold(old.agency.name) == fold(one.agency.agency.name)]
        alike = [old for old in family if old.function and old.function == one.agency.function]
        return sorted(old.agency.code for old in named or alike)

    def _keeps_its_name(self, old: Agency, one: Wanted, at: Reorganisation) -> bool:
        """Whether the old agency's province bears the name of the new one (Decision 09/2025)."""
        names = self.agencies.lineage.name_of
        eve = at.day - timedelta(days=1)
        before = names(UnitKind.PROVINCE, old.unit, eve)
        after = names(UnitKind.PROVINCE, one.agency.unit, at.day)
        return fold(before) == fold(after) if before and after else old.unit == one.agency.unit

    def _enter(self, one: Wanted, code: str, parent: Eid | None, *, kept: bool = False) -> None:
        old = self.days[one.file.effective].before.get(code) if kept else None
        read = eid.parse(old.former if old and old.former else code)
        former = eid.to_former(read) if isinstance(read, Eid) else read
        above = parent.text if parent else ""
        if isinstance(former, Malformed):
            self.done[one.key] = Allocated(one, code, above, kept, why_no_former=former.reason)
            why = text(f"codes.{former.reason}")
            self._report(one, "no-former", Severity.NOTE, code=code, why=why)
        else:
            self.done[one.key] = Allocated(one, code, above, kept, former=former.text)
        self.used.add(code, one.agency.level.value, one.agency.function)

    def _after(self) -> Iterator[Wanted]:
        """The agencies of after that have a code, or have got one, under that code."""
        for file in self.mapping.agencies:
            if self.on in (None, file.effective):
                for index, agency in enumerate(file.after):
                    done = self.done.get(agency.agency.code)
                    code = done.code if done else agency.agency.code
                    if not waits(code):
                        yield Wanted(file, index, agency, code)

    def _former(self, one: Wanted) -> str:
        """The former form of an agency's code as somebody entered it, under `after` or under `before`."""
        old = self.days[one.file.effective].before.get(one.key)
        return one.agency.former or (old.former if old else "")

    def _look_for_cuts(self, width: int) -> None:
        """Codes of after that a column of `width` characters cuts, and those that are then alike."""
        shown: dict[str, str] = {}
        for one in self._after():
            other = shown.setdefault(one.key[:width], one.key)
            if other != one.key:
                self._report(one, "cut-alike", code=one.key, other=other, width=width)
            elif len(one.key) > width:
                self._report(one, "cut", code=one.key, width=width, length=len(one.key))

    def _report(
        self,
        one: Wanted,
        what: str,
        /,
        severity: Severity = Severity.ERROR,
        key: str = "agency",
        **fields: object,
    ) -> None:
        place = self.loaded.place(one.file, (*_at(one), key))
        name = one.agency.agency.name or one.key
        self.findings.append(problem(what, place, severity, agency=name, **fields))


def _with_keys(mapping: Mapping) -> Mapping:
    """The mapping with a place-holder of its own for each agency whose place-holder is a bare `new`."""
    files = []
    for file in mapping.agencies:
        after = [
            one.model_copy(update={"agency": one.agency.model_copy(update={"code": _key(file, index)})})
            if one.agency.code.casefold() == "new"
            else one
            for index, one in enumerate(file.after)
        ]
        files.append(file.model_copy(update={"after": tuple(after)}))
    return mapping.model_copy(update={"agencies": tuple(files)})


def _key(file: AgenciesFile, index: int) -> str:
    return f"new-/{file.id}/{index}"


def _used(mapping: Mapping, known: Iterable[Entry]) -> Used:
    used = Used()
    for file in mapping.agencies:
        for agency in (*file.before, *file.after):
            used.add_agency(agency)
    for entry in known:
        used.add(entry.code, entry.level.value, entry.function)
        used.add(entry.former)
    return used


def _likeness(agency: Agency) -> tuple[str, ...]:
    """What two entries of one agency share."""
    return (agency.level.value, agency.function, agency.unit, fold(agency.agency.name))


def _is_level_one(agency: Agency) -> bool:
    return agency.level is Level.PROVINCE and agency.function == COMMITTEE


def _is_top(agency: Agency) -> bool:
    """Whether an agency of a province has a level 1 code, or is to have one."""
    if agency.level is not Level.PROVINCE:
        return False
    if waits(agency.agency.code):
        return not agency.parent and _is_level_one(agency)
    read = eid.parse(agency.agency.code)
    return isinstance(read, Eid) and read.level == 1


def _above(code: str) -> tuple[str, ...] | None:
    read = eid.parse(code)
    return eid.identity(read)[:-1] if isinstance(read, Eid) else None


def _class(settled: tuple[Wanted, Eid | str]) -> tuple[str, ...]:
    """What agencies have in common whose numbers follow one another."""
    one, parent = settled
    return str(parent), one.agency.level.value, one.agency.function


def _order(settled: tuple[Wanted, Eid | str]) -> tuple[object, ...]:
    one, parent = settled
    agency = one.agency
    return (str(parent), _LEVELS[agency.level], agency.function, agency.unit, fold(agency.agency.name))


def _at(one: Wanted) -> tuple[str | int, ...]:
    return ("after", one.index)


def _place(finding: Finding) -> tuple[str, int, int, str]:
    return finding.place.file, finding.place.line, finding.place.column, finding.code
