"""An e-office with integer keys and its dates as SQL writes them."""

from merger.demo.documents import KINDS, Book, Document, Documents
from merger.demo.dossiers import Officer
from merger.demo.tables import Tables
from merger.demo.world import Office


class Writer:
    """Writes one system of this shape."""

    def __init__(self, tables: Tables, source: Documents) -> None:
        self.tables = tables
        self.clock = source.clock
        self.units: dict[str, int] = {}
        self._files = self._steps = 0

    def office(self, number: int, office: Office, code: str) -> None:
        """A department that is a unit."""
        self.units[code] = number
        self.tables.add("departments", (number, None, code, office.name, 1, 0, 1, 0))

    def officer(self, officer: Officer, code: str) -> None:
        """A member of staff."""
        self.tables.add("staff", (officer.number, officer.user, officer.name, officer.title, self.units[code],
                                  officer.phone,
                                  officer.mail, 0, self.clock.in_words(officer.since, 28800)))  # fmt: skip

    def book(self, book: Book) -> None:
        """A register."""
        word = "đến" if book.incoming else "đi"
        self.tables.add("doc_books", (
            book.number, self.units[book.holder], 1 if book.incoming else 2,
            f"SVB-{book.year}-{book.number:04}",
            f"Sổ văn bản {word} năm {book.year} - {book.office.name}", book.year, 1, 0,
            self.clock.in_words(book.opened, 28800),
        ))  # fmt: skip

    def document(self, one: Document) -> None:
        """A document with its files and handling steps."""
        add, clock = self.tables.add, self.clock
        entered = clock.in_words(one.entered, one.second)
        day = None if one.day is None else clock.in_words(one.day, one.second)
        issued = None if one.issued is None else clock.iso[one.issued]
        unit, first = self.units[one.holder], one.officers[0]
        path = f"vanban/{one.number % 12 + 1:02}/{one.number:07}.pdf"
        if one.incoming:
            add("incoming_docs", (
                one.number, unit, day, one.arrival, one.notation, one.code_number, one.subject,
                one.issuer_name, one.issuer,
                issued, one.signer, one.book.number, KINDS[one.sort], one.secrecy + 1, one.urgency + 1, 1,
                None if one.due is None else clock.in_words(one.due, 61200), one.to_places, one.state,
                "manual" if one.axis is None else "axis", one.axis, first.number, entered,
            ))  # fmt: skip
            add(
                "attachment_incoming_docs",
                (one.number, one.number, f"{one.number}.pdf", path, 30000, "application/pdf", entered),
            )
            self._steps += 1
            add("handling_docs", (self._steps, one.number, "forward", first.number, one.officers[1].number,
                                  f"Chuyển {one.officers[1].name} xử lý văn bản {one.number}",
                                  entered))  # fmt: skip
            return
        issued_at = None if one.day is None else clock.iso[one.day]
        add("outgoing_docs", (
            one.number, unit, one.number, None, one.notation, one.code_number, one.subject, one.issuer,
            issued_at, one.signer,
            one.book.number, KINDS[one.sort], one.secrecy + 1, one.urgency + 1, 1, one.to_places, one.state,
            int(one.state == "released"), first.number, entered,
        ))  # fmt: skip
        add(
            "attachment_outgoing_docs",
            (one.number, one.number, f"{one.number}.pdf", path, 30000, "application/pdf", entered),
        )

    def orphan(self, number: int) -> None:
        """One row of each kind that belongs to no document."""
        key, at = 90_000_000 + number, self.clock.in_words(self.clock.work, 36000)
        self.tables.add(
            "attachment_incoming_docs",
            (key, key, "mo-coi.pdf", f"vanban/mo-coi/{number:05}.pdf", 1, None, at),
        )
        self.tables.add(
            "attachment_outgoing_docs",
            (key, key, "mo-coi.pdf", f"vanban/mo-coi-di/{number:05}.pdf", 1, None, at),
        )
        self.tables.add("handling_docs", (key, key, "forward", 1, 2, f"Bước không rõ văn bản {number}", at))
