"""The surviving platform, with work of its own that the merger must not touch."""

from collections.abc import Sequence
from random import Random

from merger.demo.clock import Clock
from merger.demo.documents import KINDS, NOTATIONS
from merger.demo.people import People, SharedCitizen
from merger.demo.settings import Settings
from merger.demo.tables import Tables, guid
from merger.demo.world import World

OWN = 120
"""How many dossiers and documents of its own the platform has."""

FIRST = 1001
STATES = ("new", "receiving", "processing", "waiting", "releasing", "done")
MODELS = {
    "opencps_employee": "org.opencps.usermgt.model.Employee",
    "opencps_applicant": "org.opencps.usermgt.model.Applicant",
    "opencps_dossier": "org.opencps.dossiermgt.model.Dossier",
    "opencps_dossierfile": "org.opencps.dossiermgt.model.DossierFile",
    "opencps_dossierlog": "org.opencps.dossiermgt.model.DossierLog",
    "opencps_paymentfile": "org.opencps.dossiermgt.model.PaymentFile",
    "opencps_dossieractionuser": "org.opencps.dossiermgt.model.DossierActionUser",
}
"""Tables whose ids the platform's counter allots, and its name for each."""


def fill(
    tables: Tables, settings: Settings, world: World, clock: Clock, people: People, rng: Random,
    shared: Sequence[SharedCitizen], numbers: Sequence[str], documents: Sequence[tuple[str, str, int, str]],
) -> None:  # fmt: skip
    """Work of the new province's agencies, and what collides with rows of the sources: `shared` people
    who have an account here, dossiers' `numbers` and outgoing `documents` that were entered by hand."""
    users = _officers(tables, world, clock, people)
    _applicants(tables, world, clock, people, shared)
    _dossiers(tables, world, clock, people, rng, users, numbers)
    _documents(tables, world, clock, people, rng, documents)
    for table, name in MODELS.items():
        tables.add("counter", (name, FIRST + 4 * OWN + len(numbers) + 100 if table in MODELS else 0))


def _officers(tables: Tables, world: World, clock: Clock, people: People) -> list[str]:
    offices = list(world.new_departments.values())
    users = people.user_names(3 * len(offices))
    for number, user in enumerate(users):
        office = offices[number // 3]
        tables.add("opencps_employee", (
            FIRST + number, user, people.name(), "Chuyên viên", people.phone(), f"{user}.moi@{people.names.mail_domain}",
            office.code, None, 1, clock.in_words(clock.change, 28800),
        ))  # fmt: skip
    return users


def _applicants(
    tables: Tables, world: World, clock: Clock, people: People, shared: Sequence[SharedCitizen]
) -> None:
    for number in range(OWN):
        place = world.new_places[number % len(world.new_places)]
        name, identity, born = people.name(), people.identity(), people.born[number].isoformat()
        if number < len(shared) // 3:
            known = shared[3 * number]
            name, identity, born = known.name, known.identity, known.born.isoformat()
            if number % 4 == 1:
                name, born = known.other_name, known.other_born.isoformat()
        tables.add("opencps_applicant", (
            FIRST + number, name, "citizen-card", identity, born, people.address(people.hamlet(), place.name),
            world.province.code, place.code, place.name, people.phone(), f"cong-dan{number}@{people.names.mail_domain}",
            clock.in_words(clock.change + number % 19, 36000),
        ))  # fmt: skip


def _dossiers(
    tables: Tables, world: World, clock: Clock, people: People, rng: Random, users: Sequence[str],
    numbers: Sequence[str],
) -> None:  # fmt: skip
    tasks = world.by_level["commune"]
    for at in range(OWN + len(numbers)):
        key, place = FIRST + at, world.new_places[at % len(world.new_places)]
        task, day = tasks[at % len(tasks)], clock.change + at % 20
        office = place.committee
        number = numbers[at - OWN] if at >= OWN else f"{office.code}-{clock.compact[day][2:]}-{at + 1:04}"
        when, name = clock.in_words(day, 30000), people.name()
        tables.add("opencps_dossier", (
            key, guid(rng), when, None, "platform", task.root, task.field, office.code, office.name, None,
            FIRST + at % OWN, name, "citizen-card", people.identity(), people.address(people.hamlet(), place.name),
            world.province.code, world.name, place.code, place.name, people.phone(), None, number, None, when, when,
            clock.in_words(day + 15, 61200), STATES[at % len(STATES)], "B1", "Tiếp nhận", users[at % len(users)],
            f"{task.name[:60]} của {name} ({at})", None, 3, "counter",
        ))  # fmt: skip
        path = f"hoso/{at % 12 + 1:02}/{at:07}.pdf"
        tables.add("opencps_dossierfile", (key, key, when, "TP1", "Đơn đề nghị", path, 1000, 1, 0))
        for step in range(2):
            tables.add("opencps_dossierlog", (FIRST + 2 * at + step, key, when, users[at % len(users)],
                                              f"Xử lý bước {step} phiếu {at}", "step", None))  # fmt: skip
        tables.add("opencps_paymentfile", (key, key, when, office.code, None, 30000, 0, "paid", "web", when, None, None))
        tables.add("opencps_dossieractionuser", (key, key, FIRST + at % len(users), "doing"))


def _documents(
    tables: Tables, world: World, clock: Clock, people: People, rng: Random,
    documents: Sequence[tuple[str, str, int, str]],
) -> None:  # fmt: skip
    offices = list(world.new_departments.values())
    year, opened = clock.year[clock.change], clock.in_words(clock.change, 28800)
    for at, office in enumerate(offices):
        for direction in ("incoming", "outgoing"):
            book = 2 * at + (direction == "outgoing") + 1
            tables.add("edoc_doc_book", (book, f"SVB-{year}-{book:04}", f"Sổ văn bản năm {year} - {office.name}", direction,
                                         year, office.code, None, 0, opened))  # fmt: skip
    attachment = 0
    for at in range(OWN):
        office, sort, day = offices[at % len(offices)], at % len(KINDS), clock.change + at % 20
        when = clock.in_words(day, 33000)
        subject = f"{KINDS[sort]} về việc kiến nghị của {people.name()} ({at})"
        tables.add("edoc_incoming_doc", (
            at + 1, 2 * (at % len(offices)) + 1, "platform", office.code, office.name, office.code, at + 1, when, str(at + 1),
            NOTATIONS[sort], clock.iso[day], "Văn phòng Chính phủ", "G22", subject, people.name(), KINDS[sort], "normal",
            "normal", None, None, None, "registered", when,
        ))  # fmt: skip
        tables.add("edoc_handling", (at + 1, at + 1, "forward", "an", "anh", f"Chuyển xử lý văn bản {at}", when))
        attachment += 1
        tables.add("edoc_attachment", (attachment, at + 1, None, f"{at + 1}.pdf", f"vanban/{at % 12 + 1:02}/{at:07}.pdf", 900,
                                       when))  # fmt: skip
    own = [
        (str(at + 1), NOTATIONS[at % len(NOTATIONS)], clock.change + at % 20, offices[at % len(offices)].code)
        for at in range(OWN)
    ]
    for at, (number, notation, day, issuer) in enumerate([*own, *documents]):
        office, when = offices[at % len(offices)], clock.in_words(day, 33000)
        tables.add("edoc_outgoing_doc", (
            at + 1, 2 * (at % len(offices)) + 2, "platform", office.code, office.name, number, notation, clock.iso[day], issuer,
            f"Văn bản đi số {number} trả lời {people.name()}", people.name(), KINDS[at % len(KINDS)], "normal", "normal", None,
            "released", when,
        ))  # fmt: skip
        attachment += 1
        tables.add("edoc_attachment", (attachment, None, at + 1, f"{at + 1}.pdf", f"vanban-di/{at:07}.pdf", 900, when))
