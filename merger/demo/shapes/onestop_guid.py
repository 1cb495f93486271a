"""One-stop system with GUID keys: '##' lists, a process log joined by the dossier's number."""

from merger.demo.dossiers import Dossier, Dossiers, Officer
from merger.demo.people import Citizen
from merger.demo.tables import Tables, guid
from merger.demo.world import Office

STATES = {
    "new": "1", "received": "2", "processing": "4", "supplement": "5", "fee": "6", "done": "9",
    "returned": "10",
    "refused": "3", "withdrawn": "8", "unknown": "77",
}  # fmt: skip
STEPS = {"new": "Chờ tiếp nhận", "received": "Phân công", "processing": "Thẩm định"}
KINDS = {"card": "CCCD", "old-card": "CMND", "passport": "HC"}


class Writer:
    """Writes one system of this shape."""

    def __init__(self, tables: Tables, source: Dossiers) -> None:
        self.tables = tables
        self.source = source
        self.clock = source.clock
        self.rng = source.rng
        self.groups: dict[str, str] = {}
        self.officer_ids: list[str] = [""]
        self.citizen_ids: list[str] = [""]

    def office(self, number: int, office: Office, code: str) -> None:
        """A group; `code` is its identification code as this system holds it."""
        key = f"G{number:04}"
        self.groups[code] = key
        self.tables.add("Group", (guid(self.rng), key, office.name, None, "DonVi", code,
                                  self.source.world.province.code,
                                  None, office.unit if len(office.unit) == 5 else None, number, None,
                                  1))  # fmt: skip

    def officer(self, officer: Officer, code: str) -> None:
        """An account of an officer of the group with this code."""
        key = guid(self.rng)
        self.officer_ids.append(key)
        since = self.clock.in_words(officer.since, 28800)
        self.tables.add("TaiKhoan", (key, officer.user, officer.name, officer.title, self.groups[code],
                                     officer.phone,
                                     officer.mail, 1, since))  # fmt: skip

    def citizen(self, citizen: Citizen) -> None:
        """An account of a citizen."""
        key = guid(self.rng)
        self.citizen_ids.append(key)
        year, month, day = citizen.born.split("-")
        since = self.clock.in_words(citizen.since, 36000)
        self.tables.add("CongDan", (key, citizen.name, KINDS[citizen.kind], citizen.identity,
                                    f"{day}/{month}/{year}",
                                    citizen.phone, citizen.mail, citizen.address, citizen.home,
                                    since))  # fmt: skip

    def dossier(self, one: Dossier) -> None:
        """A dossier with its files, its log, its payment and its officer."""
        add, clock, key, citizen = self.tables.add, self.clock, guid(self.rng), one.citizen
        filed = clock.in_words(one.filed, one.second)
        names = "##".join(officer.user for officer in one.officers)
        first = one.officers[0]
        closed = None if one.closed is None else clock.in_words(one.closed, 36000)
        year, month, day = citizen.born.split("-")
        province = self.source.world.province.code
        add("HoSo", (
            key, one.code, None, self.groups.get(one.holder), "2" if one.second < 25200 else "1", "1",
            self.citizen_ids[citizen.number], citizen.name, citizen.phone, citizen.mail, KINDS[citizen.kind],
            citizen.identity, f"{day}/{month}/{year}", one.address, province, None, one.place, one.place_name,
            one.subject, one.task.code, one.task.field, filed,
            None if one.day is None else clock.in_words(one.day, one.second),
            clock.in_words(one.due, 61200), closed, closed if one.state == "returned" else None,
            STATES[one.state],
            "1" if one.state == "supplement" else None, filed if one.state == "supplement" else None,
            first.user, names,
            first.user if one.state == "processing" else "", names, f"B{one.number % 7 + 1}",
            STEPS.get(one.state, "Trả kết quả"), one.received_by,
            "Convert" if one.kind == "moved_before" else None, one.note, filed, None,
        ))  # fmt: skip
        for part in range(1 + one.number % 2):
            at = one.number * 2 + part
            add("ThanhPhanHoSo", (guid(self.rng), key, "Đơn đề nghị" if part == 0 else "Bản sao giấy tờ",
                                  f"TP{part + 1}",
                                  f"hoso/{at % 12 + 1:02}/{at:07}.pdf", 1, 0, filed))  # fmt: skip
        number = one.code or ""
        for step, action in enumerate(("TiepNhan", "ChuyenXuLy")):
            add("QuaTrinhXuLyHoSo", (
                guid(self.rng), number, clock.in_words(one.filed, one.second + step * 1800),
                STATES[one.state], first.user,
                first.name, names, action, f"Ý kiến của {first.name} về phiếu {one.number}",
                clock.in_words(one.due, 61200),
            ))  # fmt: skip
        if one.number % 2:
            paid = one.state != "fee"
            add("YeuCauThanhToan", (
                guid(self.rng), number, f"TT{one.number:07}", 50000, 20000, 30000,
                "DaThu" if paid else "ChuaThu", filed,
                filed if paid else None, self.groups.get(one.holder),
                "TienMat" if one.number % 4 == 1 else "TrucTuyen",
                f"BL{one.number:07}" if paid else None, citizen.name,
            ))  # fmt: skip
        add(
            "NguoiXuLyHoSo", (guid(self.rng), self.officer_ids[first.number], key, "2" if one.closed else "1")
        )

    def orphan(self, number: int) -> None:
        """One row of each kind that belongs to no dossier."""
        at = self.clock.in_words(self.clock.work, 36000)
        self.tables.add("ThanhPhanHoSo", (guid(self.rng), guid(self.rng), "Tệp không rõ hồ sơ", None,
                                          f"hoso/mo-coi/{number:07}.pdf", 1, 0, at))  # fmt: skip
        self.tables.add("QuaTrinhXuLyHoSo", (guid(self.rng), f"KHONG-CO-{number:05}", at, "2", "an", None,
                                             "anh",
                                             "TiepNhan", f"Dòng nhật ký không rõ hồ sơ {number}",
                                             None))  # fmt: skip
        self.tables.add("YeuCauThanhToan", (guid(self.rng), f"KHONG-CO-{number:05}", f"MC{number:05}", 1000,
                                            0, 1000,
                                            "ChuaThu", at, None, None, None, None, None))  # fmt: skip
        self.tables.add("NguoiXuLyHoSo", (guid(self.rng), self.officer_ids[1], guid(self.rng), "1"))
