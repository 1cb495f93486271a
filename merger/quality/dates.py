"""Whether days are in the order in which things can have happened."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from merger.mapping.models import (
    AgenciesFile,
    Change,
    CompetenceFile,
    Definitions,
    Land,
    LegalAct,
    LocalitiesFile,
    People,
    UnitsFile,
)
from merger.quality.subject import Hit, Named, Subject

Dated = UnitsFile | AgenciesFile | CompetenceFile | LocalitiesFile

_FEW = 4  # times as many lie on the other side

_NUMBER = re.compile(r"([0-9]+)(/.+)")
_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])")


def dated_files(subject: Subject) -> Iterator[Dated]:
    """The files that have an effective day and a legal basis."""
    yield from subject.mapping.units
    yield from subject.mapping.agencies
    yield from subject.mapping.competence
    yield from subject.mapping.localities


def acts_come_before_their_effect(subject: Subject) -> Iterator[Hit]:
    """A legal act is dated after the day on which it took effect, or in another year than its number says."""
    for file in dated_files(subject):
        changes = file.changes if isinstance(file, UnitsFile) else ()
        last = max([file.effective, *(change.date for change in changes)])
        for index, act in enumerate(file.legal_basis):
            year = _YEAR.search(act.number)
            if act.date > last or (year and int(year[1]) != act.date.year):
                fields = {"act": act.number, "date": act.date, "effective": last}
                yield Hit((file, ("legal_basis", index, "date")), act.number, fields)


def acts_have_one_date(subject: Subject) -> Iterator[Hit]:
    """One legal act is dated differently in two places."""
    first: dict[str, tuple[Dated, int, LegalAct]] = {}
    for file in dated_files(subject):
        for index, act in enumerate(file.legal_basis):
            other_file, other_index, other = first.setdefault(act.number, (file, index, act))
            if other.date != act.date:
                place = subject.loaded.place(other_file, ("legal_basis", other_index))
                fields = {"act": act.number, "date": act.date, "other_date": other.date, "other": place}
                yield Hit((file, ("legal_basis", index, "date")), act.number, fields)


def acts_follow_their_numbers(subject: Subject) -> Iterator[Hit]:
    """A body numbers its acts as it passes them, and this act's date does not fit among the others."""
    series: dict[str, dict[tuple[int, date], tuple[Dated, int]]] = defaultdict(dict)
    for file in dated_files(subject):
        for index, act in enumerate(file.legal_basis):
            read = _NUMBER.fullmatch(act.number)
            if read:
                series[read[2]].setdefault((int(read[1]), act.date), (file, index))
    for acts in series.values():
        in_order = _longest_in_order(sorted(acts))
        for key in acts.keys() - in_order:
            file, index = acts[key]
            act = file.legal_basis[index]
            fields = {"act": act.number, "date": act.date, "count": len(in_order)}
            yield Hit((file, ("legal_basis", index, "date")), act.number, fields)


def changes_are_seen_before_they_happened(subject: Subject) -> Iterator[Hit]:
    """The last day on which a change had not happened is not before the day by which it had."""
    for file in subject.mapping.units:
        for index, change in enumerate(file.changes):
            if change.after and change.after >= change.date:
                fields = {"after": change.after, "date": change.date}
                yield Hit((file, ("changes", index, "after")), _about(change), fields)


def spans_do_not_cross(subject: Subject) -> Iterator[Hit]:
    """A change was seen between two lists of days that cross those of other changes of the file."""
    for file in subject.mapping.units:
        counts: dict[tuple[date, date], int] = defaultdict(int)
        for change in file.changes:
            if change.after and change.after < change.date:
                counts[change.after, change.date] += 1
        for index, change in enumerate(file.changes):
            if change.after is None or change.after >= change.date:
                continue
            own = (change.after, change.date)
            other = max(
                (span for span in counts if _cross(own, span)),
                key=lambda span: (counts[span], span),
                default=None,
            )
            if other and counts[other] >= counts[own]:
                fields = {"after": own[0], "date": own[1], "other_after": other[0], "other_date": other[1]}
                yield Hit((file, ("changes", index, "after")), _about(change), fields)


def changes_lie_on_one_side(subject: Subject) -> Iterator[Hit]:
    """A change lies on the other side of the file's effective day than most changes of the file."""
    for file in subject.mapping.units:
        earlier = [one for one in file.changes if one.date < file.effective]
        later = [one for one in file.changes if one.date > file.effective]
        fewer, more = sorted((earlier, later), key=len)
        for index, change in enumerate(file.changes if len(fewer) * _FEW < len(more) else ()):
            if change in fewer:
                fields = {"date": change.date, "effective": file.effective}
                yield Hit((file, ("changes", index, "date")), _about(change), fields)


def files_of_one_act_have_one_day(subject: Subject) -> Iterator[Hit]:
    """Two files of units that rest on one act, or of which one goes on with the other's units, differ in
    their effective day."""
    first: dict[str, UnitsFile] = {}
    for file in subject.mapping.units:
        for act in file.legal_basis:
            other = first.setdefault(act.number, file)
            if other.effective != file.effective:
                yield _day(subject, file, other)
                break
    taking = {one.named.ref.code: one.named for one in subject.taken}
    for file in subject.mapping.units:
        units = [taking[one.to.code] for one in file.changes if one.to and one.to.code in taking]
        files = {one.file.id: one.effective for one in units}
        if not file.communes and len(files) == 1 and file.effective not in files.values():
            yield _day(subject, file, units[0].file)


def decisions_follow_the_acts(subject: Subject) -> Iterator[Hit]:
    """A person decided before any of the acts of the reorganisation was passed."""
    acts = [act.date for file in dated_files(subject) for act in file.legal_basis]
    for file, loc, one in subject.decided if acts else ():
        if one.date < min(acts):
            fields = {"decision": one.decision, "date": one.date, "act": min(acts)}
            yield Hit((file, (*loc, "date")), one.decision, fields)


def units_do_not_go_in_circles(subject: Subject) -> Iterator[Hit]:
    """Units go whole into one another on one day, so that only their codes would change places.

    An exchange of codes is said by changes of `what: recode` or `rename`; these are not looked at.
    """
    groups: dict[object, dict[str, tuple[Named, str]]] = defaultdict(dict)
    for one in subject.taken:
        if one.entire:
            key = (one.named.effective, one.named.kind)
            groups[key].setdefault(one.named.ref.code, (one.named, one.into.code))
    for named, change in subject.changed:
        whole = change.land is Land.WHOLE and change.people is People.ALL
        if change.to and not named.after and whole and change.what in ("merge", "split"):
            key_of_change = (change.date, change.kind, change.seq)
            groups[key_of_change].setdefault(named.ref.code, (named, change.to.code))
    for edges in groups.values():
        into = {code: to for code, (_, to) in edges.items() if code != to}
        for code in into:
            way = [code]
            while into.get(way[-1]) not in (None, *way):
                way.append(into[way[-1]])
            if into.get(way[-1]) == code == min(way):
                named = edges[code][0]
                yield named.hit(unit=named.ref, way=" → ".join([*way, code]))


def _about(change: Change) -> str:
    ref = change.from_ or change.to
    return ref.code if ref else ""


def _longest_in_order(acts: Sequence[tuple[int, date]]) -> set[tuple[int, date]]:
    """Of acts in the order of their numbers the most whose dates are in order too."""
    ways: list[list[tuple[int, date]]] = []
    longest: list[tuple[int, date]] = []
    for act in acts:
        way = [*_longest(way for way in ways if way[-1][1] <= act[1]), act]
        ways.append(way)
        longest = _longest([longest, way])
    return set(longest)


def _longest(ways: Iterable[list[tuple[int, date]]]) -> list[tuple[int, date]]:
    found: list[tuple[int, date]] = []
    for way in ways:
        found = way if len(way) > len(found) else found
    return found


def _cross(one: tuple[date, date], other: tuple[date, date]) -> bool:
    return one != other and one[0] < other[1] and other[0] < one[1]


def _day(subject: Subject, file: UnitsFile, other: Definitions) -> Hit:
    place = subject.loaded.place(other, ("effective",))
    return Hit((file, ("effective",)), file.id, {"effective": file.effective, "other": place})
