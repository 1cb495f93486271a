"""Relational one-stop system with integer keys; some of its dates are text."""

from merger.demo.dossiers import Dossier, Dossiers, Officer
from merger.demo.people import Citizen
from merger.demo.tables import Tables, guid
from merger.demo.world import Office

STATES = {
    "new": "filed", "received": "accepted", "processing": "working", "supplement": "waiting", "fee": "to-pay",
    "done": "done", "returned": "returned", "refused": "refused", "withdrawn": "withdrawn",
    "unknown": "limbo",
}  # fmt: skip


class Writer:
    """Writes one system of this shape."""

    def __init__(self, tables: Tables, source: Dossiers) -> None:
        self.tables = tables
        self.source = source
        self.clock = source.clock
        self.rng = source.rng
        self.agencies: dict[str, int] = {}
        self._files = self._steps = 0

    def office(self, number: int, office: Office, code: str) -> None:
        """An agency; `code` is its identification code as this system holds it."""
        self.agencies[code] = number
        commune = office.unit if len(office.unit) == 5 else None
        self.tables.add("agency", (number, code, office.name, None, commune))

    def officer(self, officer: Officer, code: str) -> None:
        """An officer of the agency with this code."""
        self.tables.add("officer", (officer.number, officer.user, officer.name, officer.title,
                                    self.agencies[code],
                                    officer.phone, officer.mail, 1,
                                    self.clock.slashed[officer.since]))  # fmt: skip

    def citizen(self, citizen: Citizen) -> None:
        """A citizen."""
        self.tables.add("citizen", (citizen.number, citizen.name, citizen.kind, citizen.identity,
                                    citizen.born.replace("-", ""), citizen.phone, citizen.mail,
                                    citizen.address,
                                    citizen.home, self.clock.slashed[citizen.since]))  # fmt: skip

    def dossier(self, one: Dossier) -> None:
        """A dossier with its files, its steps, its payment and its assignment."""
        add, clock, key, citizen = self.tables.add, self.clock, one.number, one.citizen
        filed = clock.in_words(one.filed, one.second)
        first = one.officers[0]
        accepted = one.unreadable or (None if one.day is None else clock.in_words(one.day, one.second))
        add("dossier", (
            key, guid(self.rng), one.code, one.holder, one.received_by, one.task.code, one.place,
            citizen.number,
            citizen.name, citizen.kind, citizen.identity, citizen.phone, citizen.mail, one.address,
            one.subject,
            STATES[one.state], "web" if one.second < 25200 else "desk", filed, accepted,
            clock.in_words(one.due, 61200), None if one.closed is None else clock.in_words(one.closed, 36000),
            f"B{one.number % 7 + 1}", "Thẩm định", f"wf-{one.number:07}" if one.number % 3 == 0 else None,
            "##".join(officer.user for officer in one.officers), one.note, filed,
        ))  # fmt: skip
        for part in range(1 + one.number % 2):
            self._files += 1
            at = one.number * 2 + part
            name = "Đơn đề nghị" if part == 0 else "Bản sao giấy tờ"
            path = f"hoso/{at % 12 + 1:02}/{at:07}.pdf"
            add("dossier_file", (self._files, key, name, f"TP{part + 1}", path, 20000 + at, filed))
        for step, action in enumerate(("receive", "forward")):
            self._steps += 1
            add("dossier_step", (self._steps, key, clock.in_milliseconds(one.filed, one.second + step * 1800),
                                 action,
                                 first.user, f"Ý kiến của {first.name} về phiếu {one.number}"))  # fmt: skip
        if one.number % 2:
            paid = one.state != "fee"
            add("payment", (key, key, one.holder, 30000, 20000, "paid" if paid else "open",
                            "cash" if one.number % 4 == 1 else "web", filed, filed if paid else None,
                            f"BL{one.number:07}" if paid else None))  # fmt: skip
        add("assignment", (key, key, first.number, "past" if one.closed else "lead"))

    def orphan(self, number: int) -> None:
        """One row of each kind that belongs to no dossier."""
        at = self.clock.in_words(self.clock.work, 36000)
        key = 90_000_000 + number
        add = self.tables.add
        add("dossier_file", (key, key, "Tệp không rõ hồ sơ", None, f"hoso/mo-coi/{number:07}.pdf", 1, at))
        add("dossier_step", (key, key, None, "receive", "an", f"Dòng nhật ký không rõ hồ sơ {number}"))
        add("payment", (key, None, None, 1000, 0, "open", None, at, None, None))
        add("assignment", (key, key, 1, "lead"))
