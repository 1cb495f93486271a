"""Dossiers as any one-stop system has them, before a system's shape is put on them."""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import NamedTuple, TypeVar

from merger.demo.clock import Clock, second_of_work
from merger.demo.people import Citizen, People
from merger.demo.settings import Settings
from merger.demo.world import Office, Place, Task, World
from merger.mapping.models import Follows

T = TypeVar("T")

PENDING = ("new", "received", "processing", "supplement", "fee")
PENDING_WEIGHTS = (0.08, 0.25, 0.85, 0.95, 1.0)
FINISHED = ("done", "returned", "refused", "withdrawn")
UNREADABLE = ("31/02/2025", "chưa rõ")
NO_KIND = "clean"

TRAPS = (
    "inner_name", "long_number", "stale_commune", "early_commune", "unknown_commune", "empty_commune",
    "null_commune", "july", "old_code_in_july", "doubtful_day", "no_day", "unreadable_day",
    "malformed_agency",
    "former_form", "new_form", "person_decides", "no_rule", "listed_locality", "undivided_people",
    "divided_people", "divided_land", "moved_before", "unknown_state", "entered_by_hand", "no_number",
    "received_elsewhere", "emoji", "long_text", "null_text", "empty_text",
)  # fmt: skip
"""What each of the first dossiers of a system is made to be, one after the other."""

RATES = {"early_commune": "stale_commune", "old_code_in_july": "stale_commune",
         "undivided_people": "divided_people",
         "no_number": "empty_commune"}  # fmt: skip
"""Kinds that are as frequent as another."""

COMMON = frozenset({"inner_name", "long_number", "former_form", "new_form", "received_elsewhere", "emoji",
                    "long_text", "null_text", "empty_text"})  # fmt: skip
"""Kinds that ordinary rows have anyway, each with a chance of its own."""


class Officer(NamedTuple):
    """Somebody who works at an agency, under a user name that belongs to the system."""

    number: int
    user: str
    name: str
    title: str
    office: Office
    phone: str
    mail: str
    since: int


@dataclass(slots=True)
class Dossier:
    """A dossier. `day` is the day of acceptance, None if none is written, `unreadable` what is written
    instead; `office` is None where `holder` is no agency's code; `kind` is the dirt it was made with."""

    number: int
    kind: str
    code: str | None
    task: Task
    office: Office | None
    holder: str
    received_by: str | None
    place: str | None
    place_name: str
    day: int | None
    unreadable: str
    second: int
    filed: int
    due: int
    closed: int | None
    state: str
    citizen: Citizen
    address: str
    subject: str
    note: str | None
    officers: tuple[Officer, ...]


class Dossiers:
    """The dossiers of one system, its officers and citizens; the same for the same seed."""

    def __init__(
        self, settings: Settings, world: World, clock: Clock, people: People, rng: Random,
        citizens: Sequence[Citizen], *, form_by_office: bool, numbered: bool,
    ) -> None:  # fmt: skip
        self.settings = settings
        self.world = world
        self.clock = clock
        self.people = people
        self.rng = rng
        self.citizens = citizens
        self.officers = officers_of(world.offices, people, clock)
        self.entered_by_hand: list[str] = []
        self._form_by_office = form_by_office
        self._numbered = numbered
        self._by_office: dict[str, list[Officer]] = {}
        for officer in self.officers:
            self._by_office.setdefault(officer.office.code, []).append(officer)
        self._kinds = [kind for kind in TRAPS if kind not in COMMON]
        self._limits = list(accumulate(settings.rates[RATES.get(kind, kind)] for kind in self._kinds))
        self._district = {
            kind: [task for task in world.by_level["district"] if task.taken_over == kind]
            for kind in ("by-rule", "person", "no-rule")
        }
        self._renamed = [p for p in world.places if p.code not in {new.code for new in world.new_places}]

    def pending(self, count: int) -> Iterator[Dossier]:
        """Unfinished ones, the first of them one of each kind of dirt."""
        for number in range(1, count + 1):
            if number <= len(TRAPS):
                yield self._make(number, TRAPS[number - 1])
            else:
                at = bisect(self._limits, self.rng.random())
                yield self._make(number, self._kinds[at] if at < len(self._kinds) else NO_KIND)

    def finished(self, first: int, count: int) -> Iterator[Dossier]:
        """Finished ones, numbered from `first`."""
        for number in range(first, first + count):
            dossier = self._make(number, NO_KIND)
            dossier.state = FINISHED[int(self.rng.random() ** 2 * len(FINISHED))]
            dossier.closed = dossier.filed + int(self.rng.random() * (self.clock.last - dossier.filed))
            yield dossier

    def _make(self, number: int, kind: str) -> Dossier:
        rng, clock, rates = self.rng, self.clock, self.settings.rates
        new = kind == "july" or (kind == NO_KIND and rng.random() < rates["july"] - 0.001)
        place, task, level = self._matter(kind, new=new)
        office = self._office(place, task, level, new=new)
        holder = self._holder(office, kind)
        late = new or kind == "old_code_in_july"
        day = clock.day_after_change(rng) if late else clock.day_before_change(rng)
        if kind == "doubtful_day":
            day = clock.doubtful_day(rng)
        elif kind == "early_commune":
            day = clock.early_day(rng)
        citizen = _pick(rng, self.citizens)
        state = PENDING[bisect(PENDING_WEIGHTS, rng.random())]
        accepted: int | None = None if kind in ("no_day", "unreadable_day") else day
        if kind == "unknown_state":
            state = "unknown"
        elif kind == "unreadable_day":
            state = "processing"
        code = self._number(holder if office else self.world.province.eid, day, number, kind)
        chance = rng.random()
        workers = self._by_office[(office or self.world.offices[0]).code]
        handling = tuple(workers[:2]) if chance < 0.2 else (workers[int(chance * len(workers))],)
        return Dossier(
            number=number,
            kind=kind,
            code=code,
            task=task,
            office=None if kind == "malformed_agency" else office,
            holder=holder,
            received_by=self._elsewhere(kind),
            place=self._place_code(place, kind),
            place_name=place.name,
            day=accepted,
            unreadable=_pick(rng, UNREADABLE) if kind == "unreadable_day" else "",
            second=second_of_work(rng),
            filed=day,
            due=day + 5 + int(rng.random() * 60),
            closed=None,
            state=state,
            citizen=citizen,
            address=self._address(citizen, place, kind),
            subject=self.people.text(f"{task.name[:60]} của {citizen.name}", number),
            note=self._note(number, kind),
            officers=(self.officers[0], self.officers[1]) if kind == "inner_name" else handling,
        )

    def _matter(self, kind: str, *, new: bool) -> tuple[Place, Task, str]:
        """Where the matter lies, what it is, and the level that handles it."""
        rng, world = self.rng, self.world
        divided = world.divided + world.together
        place = _crowded(rng, world.new_places if new else world.places)
        if kind in ("person_decides", "no_rule"):
            tasks = self._district["person" if kind == "person_decides" else "no-rule"]
            return place, _pick(rng, tasks), "district"
        if kind in ("stale_commune", "early_commune"):
            return place, _pick(rng, world.by_level["province"]), "province"
        if kind == "old_code_in_july":
            return _pick(rng, self._renamed), _skewed(rng, world.by_level["commune"]), "commune"
        if (
            kind in ("doubtful_day", "no_day", "divided_land", "listed_locality", "unreadable_day")
            and divided
        ):
            return _pick(rng, divided), _pick(rng, world.tasks("province", Follows.LAND)), "province"
        if kind == "divided_people" and world.divided:
            return _pick(rng, world.divided), _skewed(rng, world.tasks("commune", Follows.PEOPLE)), "commune"
        if kind == "undivided_people" and world.together:
            return _pick(rng, world.together), _skewed(rng, world.tasks("commune", Follows.PEOPLE)), "commune"
        chance = rng.random()
        if chance < 0.45:
            return place, _skewed(rng, world.by_level["commune"]), "commune"
        if chance < 0.75:
            return place, _skewed(rng, self._district["by-rule"]), "district"
        return place, _skewed(rng, world.by_level["province"]), "province"

    def _office(self, place: Place, task: Task, level: str, *, new: bool) -> Office:
        if level == "province":
            return (self.world.new_departments if new else self.world.departments)[task.function]
        if level == "district" and place.district is not None:
            return place.district
        return place.committee

    def written(self, office: Office) -> str:
        """An agency's code as this system's own table of agencies holds it."""
        return written_by_office(office) if self._form_by_office else office.code

    def _holder(self, office: Office, kind: str) -> str:
        if kind == "malformed_agency":
            return _pick(self.rng, self.settings.malformed_agencies)
        usual = written_by_office(office)
        if self._form_by_office or not office.former:
            return usual
        if kind in ("former_form", "new_form"):
            return office.former if kind == "former_form" else office.code
        other = office.code if usual == office.former else office.former
        return other if self.rng.random() < self.settings.rates["other_agency_form"] else usual

    def _number(self, agency: str, day: int, number: int, kind: str) -> str | None:
        if kind == "no_number" and not self._numbered:
            return None
        long = kind == "long_number" or self.rng.random() < 0.1
        date = self.clock.compact[day] if long else self.clock.compact[day][2:]
        code = f"{agency}-{date}-{number:04}"
        if kind == "entered_by_hand":
            self.entered_by_hand.append(code)
        return code

    def _elsewhere(self, kind: str) -> str | None:
        if kind != "received_elsewhere" and self.rng.random() >= self.settings.rates["received_elsewhere"]:
            return None
        return _pick(self.rng, self.world.places).committee.code

    def _place_code(self, place: Place, kind: str) -> str | None:
        if kind in ("stale_commune", "early_commune"):
            return _pick(self.rng, self.settings.stale_communes[self.world.province.code])
        if kind == "unknown_commune":
            return _pick(self.rng, self.settings.unknown_communes)
        if kind == "empty_commune":
            return ""
        return None if kind == "null_commune" else place.code

    def _address(self, citizen: Citizen, place: Place, kind: str) -> str:
        if kind == "listed_locality" and place.code in self.world.localities:
            return self.people.address(_pick(self.rng, self.world.localities[place.code]), place.name)
        if place.code in self.world.localities or self.rng.random() < 0.1:
            return self.people.address(self.people.hamlet(), place.name)
        return citizen.address

    def _note(self, number: int, kind: str) -> str | None:
        if kind == "null_text":
            return None
        if kind == "empty_text" or (
            kind == NO_KIND and self.rng.random() < self.settings.rates["empty_text"]
        ):
            return ""
        if kind == "long_text":
            return self.people.long_text("Ghi chú của bộ phận một cửa", number)
        if kind == "emoji":
            return self.people.emoji("Ghi chú của bộ phận một cửa", number)
        if self.rng.random() < 0.6:
            return None
        return self.people.text("Ghi chú của bộ phận một cửa", number)


def officers_of(offices: Sequence[Office], people: People, clock: Clock) -> list[Officer]:
    """Two officers of every agency."""
    users = people.user_names(2 * len(offices))
    return [
        Officer(
            number, user, people.name(), "Chuyên viên" if number % 2 else "Phó trưởng phòng",
            offices[(number - 1) // 2], people.phone(), f"{user}@{people.names.mail_domain}",
            clock.early_day(people.rng),
        )
        for number, user in enumerate(users, 1)
    ]  # fmt: skip


def written_by_office(office: Office) -> str:
    """The code as a system writes it that has one form for each agency: for most the older one."""
    return office.former if office.former and int(office.unit) % 3 else office.code


def _pick(rng: Random, of: Sequence[T]) -> T:
    return of[int(rng.random() * len(of))]


def _crowded(rng: Random, of: Sequence[T]) -> T:
    """Any of them, some ten times as often as others, as some communes have more people."""
    return of[int(rng.random() ** 2.5 * len(of))]


def _skewed(rng: Random, of: Sequence[T]) -> T:
    """One of the first ones much more often than one of the last, as most work is of few kinds."""
    return of[int(rng.random() ** 9 * len(of))]
