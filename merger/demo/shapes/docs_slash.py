"""A document system with text keys and dates as dd/MM/yyyy."""

from merger.demo.documents import KINDS, Book, Document, Documents
from merger.demo.dossiers import Officer
from merger.demo.tables import Tables
from merger.demo.world import Office

STATES = {
    "registered": "Mới", "assigned": "Đang xử lý", "done": "Đã xử lý", "recalled": "Thu hồi",
    "draft": "Dự thảo",
    "released": "Đã phát hành",
}  # fmt: skip
URGENCY = ("Thường", "Khẩn", "Hỏa tốc")
SECRECY = ("Thường", "Mật", "Tối mật")


class Writer:
    """Writes one system of this shape."""

    def __init__(self, tables: Tables, source: Documents) -> None:
        self.tables = tables
        self.clock = source.clock
        self.units: dict[str, str] = {}

    def office(self, number: int, office: Office, code: str) -> None:
        """An agency."""
        key = f"DV{number:04}"
        self.units[code] = key
        self.tables.add("don_vi", (key, office.name, code, 1))

    def officer(self, officer: Officer, code: str) -> None:
        """An officer."""
        self.tables.add("can_bo", (f"CB{officer.number:05}", officer.user, officer.name, officer.title,
                                   self.units[code],
                                   officer.phone, officer.mail, 0, self.clock.in_slashes(officer.since,
                                                                                         28800)))  # fmt: skip

    def book(self, book: Book) -> None:
        """A register."""
        word = "đến" if book.incoming else "đi"
        self.tables.add("so_van_ban", (
            f"SO{book.number:05}", self.units[book.holder], "DEN" if book.incoming else "DI",
            f"SVB-{book.year}-{book.number:04}", f"Sổ văn bản {word} năm {book.year} - {book.office.name}",
            book.year,
            self.clock.slashed[book.opened],
        ))  # fmt: skip

    def document(self, one: Document) -> None:
        """A document with its files and handling steps."""
        add, clock, key = self.tables.add, self.clock, f"VB{one.number:08}"
        entered = clock.in_slashes(one.entered, one.second)
        day = one.unreadable or (None if one.day is None else clock.slashed[one.day])
        issued = None if one.issued is None else clock.slashed[one.issued]
        book, unit, first, second = f"SO{one.book.number:05}", self.units[one.holder], *one.officers
        file = (f"TEP{one.number:08}", key, f"{one.number}.pdf",
                f"vanban/{one.number % 12 + 1:02}/{one.number:07}.pdf", 30000,
                entered)  # fmt: skip
        if one.incoming:
            add("van_ban_den", (
                key, book, unit, one.arrival, day, one.code_number, one.notation, issued, one.issuer_name,
                one.issuer,
                one.subject, one.signer, KINDS[one.sort], URGENCY[one.urgency], SECRECY[one.secrecy],
                None if one.due is None else clock.slashed[one.due], one.to_places, one.axis,
                STATES[one.state], first.user,
                entered,
            ))  # fmt: skip
            add("tep_den", file)
            add("xu_ly", (f"XL{one.number:08}", key, "Chuyển", first.user, f"{first.user}##{second.user}",
                          f"Chuyển {second.name} xử lý văn bản {one.number}", entered))  # fmt: skip
            return
        add("van_ban_di", (
            key, book, unit, one.code_number, one.notation, day, one.issuer, one.subject, one.signer,
            KINDS[one.sort],
            URGENCY[one.urgency], SECRECY[one.secrecy], one.to_places, STATES[one.state], first.user, entered,
        ))  # fmt: skip
        add("tep_di", file)

    def orphan(self, number: int) -> None:
        """One row of each kind that belongs to no document."""
        at = self.clock.in_slashes(self.clock.work, 36000)
        key = f"MC{number:06}"
        self.tables.add("tep_den", (f"{key}D", key, "mo-coi.pdf", f"vanban/mo-coi/{number:05}.pdf", 1, at))
        self.tables.add("tep_di", (f"{key}I", key, "mo-coi.pdf", f"vanban/mo-coi-di/{number:05}.pdf", 1, at))
        self.tables.add("xu_ly", (key, key, "Chuyển", "an", "an##anh", f"Bước không rõ văn bản {number}", at))
