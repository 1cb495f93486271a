"""One-stop system with 24-hex ids and JSON columns; its times are in UTC."""

from json import dumps

from merger.demo.dossiers import Dossier, Dossiers, Officer
from merger.demo.people import Citizen
from merger.demo.tables import Tables, object_id
from merger.demo.world import Office

STATES = {
    "new": 0, "received": 13, "processing": 2, "supplement": 3, "fee": 11, "done": 4, "returned": 5,
    "refused": 12,
    "withdrawn": 6, "unknown": 77,
}  # fmt: skip
KINDS = {"card": 1, "old-card": 2, "passport": 3}


class Writer:
    """Writes one system of this shape."""

    def __init__(self, tables: Tables, source: Dossiers) -> None:
        self.tables = tables
        self.source = source
        self.clock = source.clock
        self.rng = source.rng
        self.officer_ids: list[str] = [""]
        self.citizen_ids: list[str] = [""]

    def office(self, number: int, office: Office, code: str) -> None:
        """Agencies have no table of their own here."""

    def officer(self, officer: Officer, code: str) -> None:
        """An account of an officer of the agency with this code."""
        key = object_id(self.rng)
        self.officer_ids.append(key)
        self.tables.add("officer", (key, officer.user, officer.name, officer.title, code, officer.phone,
                                    officer.mail, 1,
                                    self.clock.in_utc(officer.since, 28800)))  # fmt: skip

    def citizen(self, citizen: Citizen) -> None:
        """An account of a citizen."""
        key = object_id(self.rng)
        self.citizen_ids.append(key)
        profile = {"fullname": citizen.name, **self._person(citizen), "address": citizen.address}
        self.tables.add("citizen", (key, dumps(profile, ensure_ascii=False), citizen.home,
                                    self.clock.in_utc(citizen.since, 36000)))  # fmt: skip

    def dossier(self, one: Dossier) -> None:
        """A dossier with its files, its log, its fee and its task."""
        add, clock, key, citizen = self.tables.add, self.clock, object_id(self.rng), one.citizen
        filed = clock.in_utc(one.filed, one.second)
        first = one.officers[0]
        state = STATES[one.state]
        data = {
            "userId": self.citizen_ids[citizen.number],
            "agency": {"code": one.holder, "name": one.office.name if one.office else None},
            "procedure": {"code": one.task.code, "name": one.task.name, "sector": {"name": one.task.field}},
            "place": {"village": {"value": one.place, "label": one.place_name}},
            "dossierStatus": 0 if state == 0 else {"id": state, "name": one.state},
            "applyMethod": {"id": 1 if one.second < 25200 else 0},
            "appliedDate": filed,
            "acceptedDate": one.unreadable or (None if one.day is None else clock.in_utc(one.day,
                                                                                         one.second)),
            "dueDate": clock.in_utc(one.due, 61200),
            "process": {"instance": f"p{one.number:08}"},
            "task": {"definition": f"B{one.number % 7 + 1}", "name": "Thẩm định",
                     "assignees": "##".join(officer.user for officer in one.officers)},
        }  # fmt: skip
        if one.received_by is not None:
            data["receivedBy"] = {"code": one.received_by}
        person = {
            "ownerFullname": citizen.name,
            **self._person(citizen),
            "address": one.address,
            "content": one.subject,
        }
        add("dossier", (key, one.code, dumps(data, ensure_ascii=False), dumps({"data": person},
                                                                              ensure_ascii=False),
                        one.note, None, filed, None))  # fmt: skip
        for part in range(1 + one.number % 2):
            at = one.number * 2 + part
            name = "Đơn đề nghị" if part == 0 else "Bản sao giấy tờ"
            path = f"hoso/{at % 12 + 1:02}/{at:07}.pdf"
            add("dossier_file", (object_id(self.rng), key, name, f"TP{part + 1}", path, 20000 + at, filed))
        for step, action in enumerate(("receive", "forward")):
            add("dossier_log", (object_id(self.rng), key, first.user, action,
                                f"Ý kiến của {first.name} về phiếu {one.number}",
                                None, clock.in_utc(one.filed, one.second + step * 1800)))  # fmt: skip
        if one.number % 2:
            paid = one.state != "fee"
            fee = {
                "agency": one.holder,
                "fee": 30000,
                "charge": 20000,
                "method": "cash" if one.number % 4 == 1 else "web",
            }
            add("dossier_fee", (object_id(self.rng), key, dumps(fee), int(paid), filed if paid else None,
                                f"BL{one.number:07}" if paid else None, filed))  # fmt: skip
        add(
            "dossier_task",
            (object_id(self.rng), key, self.officer_ids[first.number], None, int(one.closed is None), filed),
        )

    def orphan(self, number: int) -> None:
        """One row of each kind that belongs to no dossier."""
        at = self.clock.in_utc(self.clock.work, 36000)
        key = object_id(self.rng)
        add = self.tables.add
        add(
            "dossier_file",
            (object_id(self.rng), key, "Tệp không rõ hồ sơ", None, f"hoso/mo-coi/{number:07}.pdf", 1, at),
        )
        add(
            "dossier_log",
            (object_id(self.rng), key, "an", "receive", f"Dòng nhật ký không rõ hồ sơ {number}", None, at),
        )
        add("dossier_fee", (object_id(self.rng), None, dumps({"fee": 1000, "charge": 0}), 0, None, None, at))
        add("dossier_task", (object_id(self.rng), key, self.officer_ids[1], None, 1, at))

    def _person(self, citizen: Citizen) -> dict[str, object]:
        born = f"{citizen.born}T00:00:00.000+0700"
        year, month, day = (int(part) for part in citizen.born.split("-"))
        if day > 1:
            born = f"{year:04}-{month:02}-{day - 1:02}T17:00:00.000+0000"
        return {
            "identityType": KINDS[citizen.kind], "identityNumber": citizen.identity, "birthday": born,
            "phoneNumber": f"+84{citizen.phone[1:]}", "email": citizen.mail,
        }  # fmt: skip
