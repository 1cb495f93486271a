"""Whether definitions say what they rest on, and fit what the act itself counts."""

from collections import Counter
from collections.abc import Iterator, Mapping

from merger.codes.names import split_type
from merger.mapping.models import Change, Counts, Land, Ref, UnitKind, UnitsFile
from merger.mapping.tree import Loc
from merger.messages import Word
from merger.quality.dates import dated_files
from merger.quality.subject import Hit, Subject


def files_name_their_acts(subject: Subject) -> Iterator[Hit]:
    """A file (no invented example) names no act, or none on the kind of units that it reorganises."""
    for file in dated_files(subject):
        changes_only = isinstance(file, UnitsFile) and not file.communes and file.province is None
        if file.example or changes_only:
            continue
        missing = [
            kind for kind in _decided(file) if not any(_is_on(act.on, kind) for act in file.legal_basis)
        ]
        for kind in missing[:1]:
            word = Word.of(f"quality.decided.{kind or file.schema_.split('/')[1]}")
            yield Hit((file, ("legal_basis",)), file.id, {"kind": word})


def entries_name_their_clause(subject: Subject) -> Iterator[Hit]:
    """An entry does not say which clause of the act it is."""
    for file in subject.mapping.units:
        for index, entry in enumerate(file.communes if not file.example else ()):
            if not entry.clause:
                yield Hit((file, ("communes", index)), entry.unit, {"unit": entry.unit})


def clauses_form_one_unit(subject: Subject) -> Iterator[Hit]:
    """Two entries that form units name one clause."""
    for file in subject.mapping.units:
        first: dict[str, int] = {}
        for index, entry in enumerate(file.communes):
            if entry.into and entry.clause:
                other = first.setdefault(entry.clause, index)
                if other != index:
                    place = subject.loaded.place(file, ("communes", other))
                    fields = {"clause": entry.clause, "unit": entry.into, "other": place}
                    yield Hit((file, ("communes", index, "clause")), entry.into, fields)


def clauses_are_complete(subject: Subject) -> Iterator[Hit]:
    """The numbers of the clauses run from 1 upwards, and one of them has no entry."""
    for file in subject.mapping.units:
        clauses = {int(one.clause): at for at, one in enumerate(file.communes) if one.clause.isdecimal()}
        if len(clauses) < 2:
            continue
        missing = sorted(set(range(1, max(clauses))) - set(clauses))
        for number in missing:
            after = clauses[min(one for one in clauses if one > number)]
            yield Hit((file, ("communes", after, "clause")), str(number), {"clause": number})


def clauses_stand_in_order(subject: Subject) -> Iterator[Hit]:
    """An entry stands behind one of a later clause."""
    for file in subject.mapping.units:
        last = 0
        for index, entry in enumerate(file.communes):
            number = int(entry.clause) if entry.clause.isdecimal() else last
            if number < last:
                fields = {"clause": entry.clause, "unit": entry.unit, "last": last}
                yield Hit((file, ("communes", index, "clause")), entry.unit, fields)
            last = max(last, number)


def changes_name_their_source(subject: Subject) -> Iterator[Hit]:
    """A change says neither which act it rests on, nor in which lists it was seen, nor anything else.

    That a unit goes on itself may rest on what is said of the others that come to it on that day. A table of
    another country's codes in which no change says it is told of once, at its first change.
    """
    for file in subject.mapping.units:
        bare = not subject.in_scheme(file) and not any(_has_source(one) for one in file.changes)
        said = {(one.date, _code(one.to)) for one in file.changes if _has_source(one)}
        changes = file.changes[:1] if bare else file.changes
        for index, change in enumerate(changes if not file.example else ()):
            goes_on = change.to and _code(change.from_) == change.to.code
            if not _has_source(change) and not (goes_on and (change.date, _code(change.to)) in said):
                ref = change.from_ or change.to
                yield Hit((file, ("changes", index)), ref or "", {"unit": ref or ""})


def changes_are_told_once(subject: Subject) -> Iterator[Hit]:
    """A file tells one change twice. That a unit goes on itself may be said with each that comes to it."""
    for file in subject.mapping.units:
        seen: set[tuple[object, ...]] = set()
        for index, one in enumerate(file.changes):
            if one.what == "merge" and not one.event and _code(one.from_) == _code(one.to):
                continue
            key = (one.date, one.event, one.what, one.kind, one.seq, _code(one.from_), _code(one.to))
            if key in seen:
                ref = one.from_ or one.to
                yield Hit((file, ("changes", index)), ref or "", {"unit": ref or "", "date": one.date})
            seen.add(key)


def counts_are_met(subject: Subject) -> Iterator[Hit]:
    """The file holds more or fewer units than its `counts` say that the act, or the official lists, count."""
    for file in subject.mapping.units:
        if file.counts is None:
            continue
        found = _counted(subject, file)
        for key, stated in _stated(file.counts).items():
            for what in sorted({*stated, *found[key]} if stated else ()):
                said, there = stated.get(what, 0), found[key].get(what, 0)
                if said != there:
                    loc: Loc = ("counts", key, what)
                    yield Hit((file, loc), what, {"what": what, "said": said, "there": there, "key": key})


def _decided(file: object) -> list[str]:
    if not isinstance(file, UnitsFile):
        return [""]
    formed = file.province is not None and len(file.province.from_) > 1
    return [*(["communes"] if file.communes else []), *(["provinces"] if formed else [])]


def _is_on(said: str, kind: str) -> bool:
    return not said or not kind or said.startswith(kind.removesuffix("s"))


def ends_fit_what_happens(subject: Subject) -> Iterator[Hit]:
    """What happens does not fit the ends: a rename of another code, a creation from something."""
    for file in subject.mapping.units:
        for index, change in enumerate(file.changes):
            old, new = _code(change.from_), _code(change.to)
            fits = {
                "rename": not old or not new or old == new,
                "transfer": not old or not new or old == new or change.land is not Land.WHOLE,
                "recode": old != new,
                "create": not old,
                "abolish": not new,
            }
            if not fits.get(change.what, True):
                ref = change.from_ or change.to
                fields = {"what": change.what, "old": change.from_ or "–", "new": change.to or "–"}
                yield Hit((file, ("changes", index, "what")), ref or "", fields)


def _has_source(change: Change) -> bool:
    return bool(change.source or change.after or change.note or change.notes)


def _code(ref: Ref | None) -> str:
    return ref.code if ref else ""


def _stated(counts: Counts) -> dict[str, Mapping[str, int]]:
    def folded(by_type: Mapping[str, int]) -> dict[str, int]:
        return {_type(f"{word} A") or word: number for word, number in by_type.items()}

    return {
        "before": folded(counts.before),
        "after": folded(counts.after),
        "kept": folded(counts.kept),
        "districts": counts.districts,
        "communes": counts.communes,
        "areas": {} if counts.areas is None else {"areas": counts.areas},
        "changes": counts.changes,
        "days": counts.days,
    }


def _counted(subject: Subject, file: UnitsFile) -> dict[str, Counter[str]]:
    before = {
        one.named.ref.code: one.named.ref.name
        for one in subject.taken
        if one.named.file is file and one.named.kind == UnitKind.COMMUNE
    }
    return {
        "before": Counter(map(_type, before.values())),
        "after": Counter(_type(one.unit.name) for one in file.communes),
        "kept": Counter(_type(one.keep.name) for one in file.communes if one.keep),
        "districts": Counter(one.province for one in file.districts),
        "communes": Counter({one.unit.code: len(one.communes) for one in file.districts}),
        "areas": Counter({"areas": sum(len(one.areas) for one in file.communes)}),
        "changes": Counter(one.what for one in file.changes),
        "days": Counter(one.date.isoformat() for one in file.changes),
    }


def _type(name: str) -> str:
    return split_type(name)[0]
