"""What people answered to the differences between lists, put into effect."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from merger.catalogues.merging import Merged
from merger.catalogues.model import Entry, Fate, Group, Kind
from merger.catalogues.rows import problem
from merger.codes import service as codes
from merger.errors import Finding, InputError, Place
from merger.lineage import Outcome
from merger.mapping.models import ServiceDecision
from merger.messages import text

INTO, ADD, END, TAKE, KEEP = "into", "add", "end", "take", "keep"
"""What may be answered: the code is now that service; the list takes the service over; it was given up; the
list takes over what the old lists say; the list stays as it is."""

_TAKEN = frozenset({Kind.NAME, Kind.FIELD, Kind.LEVELS})


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one group: a word of the above, for `into` with the code. `place` is where it stands."""

    group: str
    word: str
    author: str
    reason: str
    code: str = ""
    place: Place = field(default=Place(), compare=False)

    @property
    def text(self) -> str:
        return f"{self.word} {self.code}".strip()


@dataclass(frozen=True)
class Decided:
    """A merger of lists after the answers: the services of the list that goes on, what became of every code,
    the decisions that people took, and what is still open."""

    merged: Merged
    services: tuple[Entry, ...]
    fates: tuple[Fate, ...]
    decisions: tuple[ServiceDecision, ...]
    open: tuple[Group, ...]


def decided(merged: Merged, answers: Iterable[Answer], today: date) -> Decided:
    """Puts answers into effect: each settles exactly the codes of its group.

    Raises InputError with every answer that cannot be: to a group that there is not (any more), with a word
    that does not fit its kind, a code that the list does not have, or two that contradict each other.
    """
    return _Settling(merged, today).settle(list(answers))


class _Settling:
    def __init__(self, merged: Merged, today: date) -> None:
        self.merged = merged
        self.today = today
        self.groups = {group.id: group for group in merged.groups}
        self.services = {entry.key: entry for entry in merged.services}
        self.fates = {(fate.province, fate.entry.key): fate for fate in merged.fates}
        self.findings: list[Finding] = []
        self.decisions: dict[str, ServiceDecision] = {}
        self._taken: dict[tuple[tuple[str, ...], str], tuple[object, Place]] = {}

    def settle(self, answers: list[Answer]) -> Decided:
        answered: set[str] = set()
        for answer in answers:
            group = self.groups.get(answer.group)
            if group is None:
                self._wrong("no-such-question", answer, group=answer.group)
            elif group.id in answered:
                self._wrong("answered-twice", answer, group=answer.group)
            elif self._fits(group, answer):
                answered.add(group.id)
                self._apply(group, answer)
        if self.findings:
            raise InputError(self.findings)
        left = tuple(group for group in self.merged.open if group.id not in answered)
        services = tuple(self.services[key] for key in sorted(self.services))
        return Decided(
            self.merged, services, tuple(self.fates.values()), tuple(self.decisions.values()), left
        )

    def _fits(self, group: Group, answer: Answer) -> bool:
        words = allowed(group.kind)
        if answer.word not in words:
            said = answer.code or word_of(answer.word)
            self._wrong("answer-unknown", answer, answer=said, allowed=", ".join(map(word_of, words)))
        elif answer.word == INTO and codes.key(answer.code) not in self.services:
            self._wrong("no-such-service", answer, code=answer.code)
        elif not answer.author or not answer.reason:
            self._wrong("unsigned", answer, group=group.id)
        else:
            return True
        return False

    def _apply(self, group: Group, answer: Answer) -> None:
        about = tuple(dict.fromkeys(one.entry.code for one in group.differences))
        self.decisions[group.id] = ServiceDecision(
            decision=group.id, author=answer.author, date=self.today, reason=answer.reason, about=about,
            answer=answer.text,
        )  # fmt: skip
        if answer.word == INTO:
            self._into(group, self.services[codes.key(answer.code)].code)
        elif answer.word == ADD:
            self._add(group, answer)
        elif answer.word == END:
            for fate in self._fates_of(group):
                self._put(replace(fate, outcome=Outcome.ENDED, reason="decided", into=(), decided=group.id))
        elif answer.word == TAKE:
            self._take(group, answer)

    def _into(self, group: Group, code: str) -> None:
        for fate in self._fates_of(group):
            same = codes.key(code) == fate.entry.key
            outcome = Outcome.UNCHANGED if same else Outcome.UNIQUE
            self._put(replace(fate, outcome=outcome, reason="decided", into=(code,), decided=group.id))

    def _add(self, group: Group, answer: Answer) -> None:
        """The service becomes one of the list: a national one under its root, another under its own code."""
        first = group.differences[0].entry
        code = first.root or first.code
        other = self.services.get(codes.key(code))
        if other is not None:
            self._wrong("code-taken", answer, code=code, name=other.name)
            return
        self.services[codes.key(code)] = replace(first, code=code)
        self._into(group, code)

    def _take(self, group: Group, answer: Answer) -> None:
        """What the old lists say replaces what the list says, in every service that the group is about."""
        key = group.kind.value
        said = getattr(group.differences[0].entry, key)
        for one in group.differences:
            assert one.ours is not None
            at = (one.ours.key, key)
            other, place = self._taken.setdefault(at, (said, answer.place))
            if other != said:
                self._wrong("answers-conflict", answer, code=one.ours.code, other=place)
                return
            self.services[one.ours.key] = _with(self.services[one.ours.key], key, said)

    def _fates_of(self, group: Group) -> list[Fate]:
        return [self.fates[one.province, one.entry.key] for one in group.differences]

    def _put(self, fate: Fate) -> None:
        self.fates[fate.province, fate.entry.key] = fate

    def _wrong(self, code: str, at: Answer, /, **fields: object) -> None:
        self.findings.append(problem(code, at.place, **fields))


def allowed(kind: Kind) -> tuple[str, ...]:
    """The words that answer a kind of difference."""
    if kind.asks:
        return (INTO, END) if kind is Kind.SEVERAL else (INTO, ADD, END)
    return (KEEP, TAKE) if kind in _TAKEN else (KEEP,)


def word_of(word: str) -> str:
    """What may be answered in the reader's language; what is no such word stays as it is."""
    return text(f"catalogues.answer.{word}") if word in (INTO, ADD, END, TAKE, KEEP) else word


def _with(entry: Entry, key: str, value: object) -> Entry:
    changed: Mapping[str, object] = {key: value}
    return replace(entry, **changed)  # type: ignore[arg-type]  # the key of a difference is that of its value
