"""Documents as any document system has them, before a system's shape is put on them."""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random
from typing import NamedTuple

from merger.demo.clock import Clock, second_of_work
from merger.demo.dossiers import NO_KIND, UNREADABLE, Officer, officers_of
from merger.demo.people import People
from merger.demo.settings import Settings
from merger.demo.world import Office, World

TRAPS = (
    "same_outgoing", "same_incoming", "same_outgoing", "blank_issuer", "entered_by_hand", "malformed_agency",
    "july",
    "doubtful_day", "no_day", "unreadable_day", "twice", "twice", "recalled", "null_issuer", "emoji",
    "long_text",
    "secret",
)  # fmt: skip
"""What each of the first documents of a system is made to be, one after the other."""

RATES = {"same_outgoing": "same_document", "same_incoming": "same_document", "twice": "blank_issuer",
         "null_issuer": "blank_issuer"}  # fmt: skip

COMMON = frozenset({"emoji", "long_text", "secret"})
"""Kinds that ordinary documents have anyway."""

OUTGOING = frozenset({"same_outgoing", "blank_issuer", "entered_by_hand"})
INCOMING = frozenset({"same_incoming", "twice", "null_issuer", "doubtful_day", "no_day", "unreadable_day"})
KINDS = ("Công văn", "Quyết định", "Kế hoạch", "Báo cáo", "Thông báo", "Tờ trình")
NOTATIONS = ("UBND-VP", "QĐ-UBND", "KH-UBND", "BC-UBND", "TB-UBND", "TTr-UBND")


class Book(NamedTuple):
    """A register of an agency for a year: incoming or outgoing."""

    number: int
    office: Office
    holder: str
    incoming: bool
    year: int
    opened: int


class SharedDocument(NamedTuple):
    """A number, notation and day that documents in all three provinces bear, and a sender's position."""

    number: str
    notation: str
    day: int
    sender: int


@dataclass(slots=True)
class Document:
    """A document. `day` is when it came in or was issued, None if none is written, `unreadable` what is
    written instead. `holder` is the code of the agency that keeps it; `kind` the dirt it was made with."""

    number: int
    kind: str
    incoming: bool
    holder: str
    book: Book
    arrival: int
    day: int | None
    unreadable: str
    second: int
    entered: int
    code_number: str | None
    notation: str
    issued: int | None
    issuer: str | None
    issuer_name: str
    subject: str
    signer: str
    sort: int
    urgency: int
    secrecy: int
    due: int | None
    to_places: str | None
    axis: str | None
    state: str
    officers: tuple[Officer, Officer]


class Documents:
    """The documents of one system, its officers and registers; the same for the same seed."""

    def __init__(
        self, settings: Settings, world: World, clock: Clock, people: People, rng: Random,
        shared: Sequence[SharedDocument],
    ) -> None:  # fmt: skip
        self.settings = settings
        self.world = world
        self.clock = clock
        self.people = people
        self.rng = rng
        self._unused = list(reversed(shared))
        self.officers = officers_of(world.offices, people, clock)
        self.holders = {
            office.code: self._written(office, number) for number, office in enumerate(world.offices)
        }
        self.entered_by_hand: list[tuple[str, str, int, str]] = []
        self._old = (*world.departments.values(), *(place.committee for place in world.places))
        self._new = (*world.new_departments.values(), *(place.committee for place in world.new_places))
        self.books = list(self._registers())
        self._book = {(book.holder, book.incoming, book.year): book for book in self.books}
        self._by_office = {
            office.code: (self.officers[2 * number], self.officers[2 * number + 1])
            for number, office in enumerate(world.offices)
        }
        self._arrivals: dict[int, int] = {}
        self._kinds = [kind for kind in dict.fromkeys(TRAPS) if kind not in COMMON]
        self._limits = list(accumulate(settings.rates[RATES.get(kind, kind)] for kind in self._kinds))
        self._districts = list(dict.fromkeys(place.district for place in world.places if place.district))
        self._last_incoming: Document | None = None

    def all(self, count: int) -> Iterator[Document]:
        """Incoming and outgoing ones in turn, the first of them one of each kind of dirt."""
        for number in range(1, count + 1):
            if number <= len(TRAPS):
                yield self._make(number, TRAPS[number - 1])
            else:
                at = bisect(self._limits, self.rng.random())
                yield self._make(number, self._kinds[at] if at < len(self._kinds) else NO_KIND)

    def _make(self, number: int, kind: str) -> Document:
        rng, clock = self.rng, self.clock
        if kind == "twice" and self._last_incoming is not None:
            return self._again(number, self._last_incoming)
        incoming = kind in INCOMING or (kind not in OUTGOING and number % 3 != 0)
        day = clock.day_after_change(rng) if kind == "july" else clock.day_before_change(rng)
        if kind == "doubtful_day":
            day = clock.doubtful_day(rng)
        office = self._office(kind)
        holder = self.holders[office.code]
        if kind == "malformed_agency":
            holder = self.settings.malformed_agencies[number % len(self.settings.malformed_agencies)]
        sort = int(rng.random() * len(KINDS))
        code_number, notation, sender = (
            str(number),
            NOTATIONS[sort],
            int(rng.random() * len(self.settings.senders)),
        )
        if kind in ("same_outgoing", "same_incoming", "blank_issuer") and self._unused:
            code_number, notation, day, sender = self._unused.pop()
        issuer, issuer_name = self.settings.senders[sender] if incoming else (holder, office.name)
        book = self._book.get((holder, incoming, clock.year[day])) or self.books[0]
        arrival = self._arrivals[book.number] = self._arrivals.get(book.number, 0) + 1
        one = Document(
            number=number, kind=kind, incoming=incoming, holder=holder, book=book, arrival=arrival,
            day=None if kind in ("no_day", "unreadable_day") else day,
            unreadable=UNREADABLE[0] if kind == "unreadable_day" else "",
            second=second_of_work(rng), entered=day, code_number=code_number, notation=notation,
            issued=max(0, day - int(rng.random() * 6)) if incoming and kind != "same_incoming" else day,
            issuer={"blank_issuer": "", "null_issuer": None}.get(kind, issuer), issuer_name=issuer_name,
            subject=self._subject(number, sort, kind), signer=self.people.name(), sort=sort,
            urgency=int(rng.random() ** 6 * 3), secrecy=2 if kind == "secret" else int(rng.random() ** 9 * 2),
            due=day + 10 + int(rng.random() * 20) if incoming and rng.random() < 0.5 else None,
            to_places=None if rng.random() < 0.5 else "Như trên; Lưu: VT.",
            axis=f"{issuer},{clock.iso[day]},{number}/{notation}".replace("-", "/",
                                                                          2) if rng.random() < 0.4 else None,
            state=self._state(kind, incoming=incoming), officers=self._by_office[office.code],
        )  # fmt: skip
        if kind == "entered_by_hand":
            self.entered_by_hand.append((code_number, notation, day, holder))
        if kind == "same_incoming" or (incoming and kind == NO_KIND):
            self._last_incoming = one
        return one

    def _again(self, number: int, one: Document) -> Document:
        book = one.book
        self._arrivals[book.number] += 1
        return replace(one, number=number, kind="twice", arrival=self._arrivals[book.number])

    def _office(self, kind: str) -> Office:
        rng = self.rng
        if kind == "july":
            return self._new[int(rng.random() * len(self._new))]
        if rng.random() < 0.2:
            return self._districts[int(rng.random() * len(self._districts))]
        return self._old[int(rng.random() ** 1.5 * len(self._old))]

    def _state(self, kind: str, *, incoming: bool) -> str:
        if kind == "recalled":
            return "recalled"
        if not incoming:
            return "draft" if self.rng.random() < 0.05 else "released"
        return ("registered", "assigned", "done")[int(self.rng.random() ** 0.5 * 3)]

    def _subject(self, number: int, sort: int, kind: str) -> str:
        words = f"{KINDS[sort]} về việc kiến nghị của {self.people.name()}"
        if kind == "long_text":
            return self.people.long_text(words, number)
        return self.people.emoji(words, number) if kind == "emoji" else self.people.text(words, number)

    def _written(self, office: Office, number: int) -> str:
        return office.former if office.former and number % 3 == 0 else office.code

    def _registers(self) -> Iterator[Book]:
        number = 0
        clock, holders = self.clock, self.holders
        first, last = clock.year[clock.work], clock.year[clock.change]
        after = {office.code for office in self._new} - {office.code for office in self._old}
        for office in self.world.offices:
            new = office.code in after
            for year in range(last if new else first, last + 1):
                opened = clock.change + 4 if new else clock.iso.index(f"{year}-01-02")
                for incoming in (True, False):
                    number += 1
                    yield Book(number, office, holders[office.code], incoming, year, opened)


def shared_documents(count: int, senders: int, clock: Clock, rng: Random) -> list[SharedDocument]:
    """Numbers, notations and days that occur in every system, of one of so many senders."""
    return [
        SharedDocument(
            str(500_000 + number), NOTATIONS[int(rng.random() * len(NOTATIONS))],
            clock.day_before_change(rng),
            int(rng.random() * senders),
        )
        for number in range(count)
    ]  # fmt: skip
