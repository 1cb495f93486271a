"""The surviving platform, with work of its own that the merger must not touch."""

from collections.abc import Sequence
from random import Random

from merger.demo.clock import Clock
from merger.demo.documents import KINDS, NOTATIONS
from merger.demo.people import People, SharedCitizen
from merger.demo.tables import Tables, guid
from merger.demo.world import World

OWN = 120
"""How many dossiers and documents of its own the platform has."""

FIRST = 1001
STATES = ("new", "receiving", "processing", "waiting", "releasing", "done")
MODELS = (
    *(f"org.opencps.usermgt.model.{name}" for name in ("Employee", "Applicant")),
    *(f"org.opencps.dossiermgt.model.{name}" for name in (
        "Dossier", "DossierFile", "DossierLog", "PaymentFile", "DossierActionUser",
    )),
)  # fmt: skip
"""The kinds of rows whose ids the platform's counter allots."""


class Writer:
    """Writes the platform: work of the new province's agencies, and what collides with the sources' rows."""

    def __init__(self, tables: Tables, here: World, clock: Clock, people: People, rng: Random) -> None:
        self.tables = tables
        self.here = here
        self.clock = clock
        self.people = people
        self.rng = rng
        self.offices = list(here.new_departments.values())

    def fill(
        self,
        shared: Sequence[SharedCitizen],
        numbers: Sequence[str],
        documents: Sequence[tuple[str, str, int, str]],
    ) -> None:
        """All tables. `shared` are people who have an account here too; dossiers' `numbers` and outgoing
        `documents` (number, notation, day, issuer) were entered here by hand before."""
        users = self._officers()
        self._applicants(shared)
        self._dossiers(users, numbers)
        self._books()
        self._incoming()
        self._outgoing(documents)
        for name in MODELS:
            self.tables.add("counter", (name, FIRST + 4 * OWN + 2 * len(numbers) + 100))

    def _officers(self) -> list[str]:
        clock, people = self.clock, self.people
        users = people.user_names(3 * len(self.offices))
        for number, user in enumerate(users):
            self.tables.add("opencps_employee", (
                FIRST + number, user, people.name(), "Chuyên viên", people.phone(),
                f"{user}.moi@{people.names.mail_domain}", self.offices[number // 3].code, None, 1,
                clock.in_words(clock.change, 28800),
            ))  # fmt: skip
        return users

    def _applicants(self, shared: Sequence[SharedCitizen]) -> None:
        clock, people = self.clock, self.people
        for number in range(OWN):
            place = self.here.new_places[number % len(self.here.new_places)]
            name, identity, born = people.name(), people.identity(), people.born[number].isoformat()
            if 3 * number < len(shared):
                known = shared[3 * number]
                name, identity, born = known.name, known.identity, known.born.isoformat()
                if number % 4 == 1:
                    name, born = known.other_name, known.other_born.isoformat()
            self.tables.add("opencps_applicant", (
                FIRST + number, name, "citizen-card", identity, born, people.address(people.hamlet(),
                                                                                     place.name),
                self.here.province.code, place.code, place.name, people.phone(),
                f"cong-dan{number}@{people.names.mail_domain}", clock.in_words(clock.change + number % 19,
                                                                               36000),
            ))  # fmt: skip

    def _dossiers(self, users: Sequence[str], numbers: Sequence[str]) -> None:
        add, clock, people, here = self.tables.add, self.clock, self.people, self.here
        tasks = here.by_level["commune"]
        for at in range(OWN + len(numbers)):
            key, place, user = FIRST + at, here.new_places[at % len(here.new_places)], users[at % len(users)]
            task, day, office = tasks[at % len(tasks)], clock.change + at % 20, place.committee
            number = f"{office.code}-{clock.compact[day][2:]}-{at + 1:04}" if at < OWN else numbers[at - OWN]
            when, name = clock.in_words(day, 30000), people.name()
            add("opencps_dossier", (
                key, guid(self.rng), when, None, "platform", task.root, task.field, office.code, office.name,
                None,
                FIRST + at % OWN, name, "citizen-card", people.identity(),
                people.address(people.hamlet(), place.name), here.province.code, here.name, place.code,
                place.name,
                people.phone(), None, number, None, when, when, clock.in_words(day + 15, 61200),
                STATES[at % len(STATES)], "B1", "Tiếp nhận", user, f"{task.name[:60]} của {name} ({at})",
                None, 3,
                "counter",
            ))  # fmt: skip
            path = f"hoso/{at % 12 + 1:02}/{at:07}.pdf"
            add("opencps_dossierfile", (key, key, when, "TP1", "Đơn đề nghị", path, 1000, 1, 0))
            for step in range(2):
                log = FIRST + 2 * at + step
                add("opencps_dossierlog", (log, key, when, user, f"Bước {step} của phiếu {at}", "step", None))
            add(
                "opencps_paymentfile",
                (key, key, when, office.code, None, 30000, 0, "paid", "web", when, None, None),
            )
            add("opencps_dossieractionuser", (key, key, FIRST + at % len(users), "doing"))

    def _books(self) -> None:
        year, opened = self.clock.year[self.clock.change], self.clock.in_words(self.clock.change, 28800)
        for at, office in enumerate(self.offices):
            for side, direction in enumerate(("incoming", "outgoing")):
                book = 2 * at + side + 1
                code, name = f"SVB-{year}-{book:04}", f"Sổ văn bản năm {year} - {office.name}"
                self.tables.add(
                    "edoc_doc_book", (book, code, name, direction, year, office.code, None, 0, opened)
                )

    def _incoming(self) -> None:
        add, clock, people = self.tables.add, self.clock, self.people
        for at in range(OWN):
            office, sort, day = self.offices[at % len(self.offices)], at % len(KINDS), clock.change + at % 20
            when, key = clock.in_words(day, 33000), at + 1
            add("edoc_incoming_doc", (
                key, 2 * (at % len(self.offices)) + 1, "platform", office.code, office.name, office.code, key,
                when,
                str(key), NOTATIONS[sort], clock.iso[day], "Cơ quan khác", None,
                f"{KINDS[sort]} về việc kiến nghị của {people.name()} ({at})", people.name(), KINDS[sort],
                "normal",
                "normal", None, None, None, "registered", when,
            ))  # fmt: skip
            add("edoc_handling", (key, key, "forward", "an", "anh", f"Chuyển xử lý văn bản {at}", when))
            path = f"vanban/{at % 12 + 1:02}/{at:07}.pdf"
            add("edoc_attachment", (key, key, None, f"{key}.pdf", path, 900, when))

    def _outgoing(self, documents: Sequence[tuple[str, str, int, str]]) -> None:
        add, clock, people, offices = self.tables.add, self.clock, self.people, self.offices
        own = [
            (
                str(at + 1),
                NOTATIONS[at % len(NOTATIONS)],
                clock.change + at % 20,
                offices[at % len(offices)].code,
            )
            for at in range(OWN)
        ]
        for at, (number, notation, day, issuer) in enumerate([*own, *documents]):
            office, when, key = offices[at % len(offices)], clock.in_words(day, 33000), at + 1
            add("edoc_outgoing_doc", (
                key, 2 * (at % len(offices)) + 2, "platform", office.code, office.name, number, notation,
                clock.iso[day], issuer, f"Văn bản đi số {number} trả lời {people.name()}", people.name(),
                KINDS[at % len(KINDS)], "normal", "normal", None, "released", when,
            ))  # fmt: skip
            path = f"vanban-di/{at:07}.pdf"
            add("edoc_attachment", (OWN + key, None, key, f"{key}.pdf", path, 900, when))
