"""A document system with sparse integer keys and times as yyyyMMddHHmmss."""

from merger.demo.documents import KINDS, Book, Document, Documents
from merger.demo.dossiers import Officer
from merger.demo.tables import Tables
from merger.demo.world import Office

STATES = {"registered": 1, "assigned": 2, "done": 3, "recalled": 9, "draft": 1, "released": 2}
FIRST, GAP = 7_000_000_000_000, 4099
"""Keys are allotted with gaps, as by a machine that counts for many."""


class Writer:
    """Writes one system of this shape."""

    def __init__(self, tables: Tables, source: Documents) -> None:
        self.tables = tables
        self.clock = source.clock
        self.units: dict[str, int] = {}

    def office(self, number: int, office: Office, code: str) -> None:
        """An agency."""
        self.units[code] = number
        self.tables.add("unit", (number, code, office.name, None))

    def officer(self, officer: Officer, code: str) -> None:
        """An account."""
        self.tables.add("account", (officer.number, officer.user, officer.name, officer.title,
                                    self.units[code], officer.phone,
                                    officer.mail, 0, self.clock.in_digits(officer.since, 28800)))  # fmt: skip

    def book(self, book: Book) -> None:
        """A register."""
        word = "đến" if book.incoming else "đi"
        self.tables.add("register", (
            _key(book.number), book.holder, "in" if book.incoming else "out",
            f"SVB-{book.year}-{book.number:04}",
            f"Sổ văn bản {word} năm {book.year} - {book.office.name}", book.year,
            self.clock.in_digits(book.opened, 28800),
        ))  # fmt: skip

    def document(self, one: Document) -> None:
        """A document with its files and handling steps."""
        add, clock, key = self.tables.add, self.clock, _key(one.number)
        entered = clock.in_digits(one.entered, one.second)
        day = one.unreadable or (None if one.day is None else clock.in_digits(one.day, one.second))
        issued = None if one.issued is None else clock.in_digits(one.issued, 0)
        book, first, second = _key(one.book.number), *one.officers
        file = (
            key,
            key,
            f"{one.number}.pdf",
            f"vanban/{one.number % 12 + 1:02}/{one.number:07}.pdf",
            30000,
            entered,
        )
        if one.incoming:
            add("doc_in", (
                key, book, one.holder, one.arrival, day, one.code_number, one.notation, issued,
                one.issuer_name, one.issuer,
                one.subject, one.signer, KINDS[one.sort], one.urgency, one.secrecy,
                None if one.due is None else clock.in_digits(one.due, 61200), one.to_places, one.axis,
                STATES[one.state],
                first.number, entered,
            ))  # fmt: skip
            add("file_in", file)
            add("doc_step", (key, key, "forward", first.user, second.user,
                             f"Chuyển {second.name} xử lý văn bản {one.number}", entered))  # fmt: skip
            return
        add("doc_out", (
            key, book, one.holder, one.code_number, one.notation, one.unreadable or issued, one.issuer,
            one.subject,
            one.signer, KINDS[one.sort], one.urgency, one.secrecy, one.to_places, STATES[one.state],
            first.number, entered,
        ))  # fmt: skip
        add("file_out", file)

    def orphan(self, number: int) -> None:
        """One row of each kind that belongs to no document."""
        key, at = 9 * FIRST + number, self.clock.in_digits(self.clock.work, 36000)
        self.tables.add("file_in", (key, key, "mo-coi.pdf", f"vanban/mo-coi/{number:05}.pdf", 1, at))
        self.tables.add("file_out", (key, key, "mo-coi.pdf", f"vanban/mo-coi-di/{number:05}.pdf", 1, at))
        self.tables.add("doc_step", (key, key, "forward", "an", "anh", f"Bước không rõ văn bản {number}", at))


def _key(number: int) -> int:
    return FIRST + number * GAP
