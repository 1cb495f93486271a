"""Writes the made-up systems, and the folder of a whole job over them.

Everything follows from the number of rows and the seed: the same two give the same rows.
"""

from pathlib import Path
from random import Random
from shutil import copyfile
from typing import Protocol

from merger.demo.clock import Clock
from merger.demo.documents import Book, Document, Documents, SharedDocument, shared_documents
from merger.demo.dossiers import Dossier, Dossiers, Officer
from merger.demo.people import Citizen, People, SharedCitizen
from merger.demo.settings import DATA, Province, Settings, settings
from merger.demo.shapes import (
    docs_compact,
    docs_eoffice,
    docs_slash,
    onestop_guid,
    onestop_json,
    onestop_plain,
)
from merger.demo.shapes import platform as platform_shape
from merger.demo.tables import Tables
from merger.demo.world import Office, World, shipped_units, world
from merger.errors import Refused
from merger.mapping.models import UnitsFile

PLATFORM = "platform"
OVERLAYS = ("agencies", "competence", "services", "localities")
NAMELESS = Office("", "", "Đơn vị không rõ", "")


class Staffed(Protocol):
    """What every shape writes first."""

    def office(self, number: int, office: Office, code: str) -> None: ...
    def officer(self, officer: Officer, code: str) -> None: ...
    def orphan(self, number: int) -> None: ...


class OneStop(Staffed, Protocol):
    """What a one-stop shape writes."""

    def citizen(self, citizen: Citizen) -> None: ...
    def dossier(self, one: Dossier) -> None: ...


class DocumentSystem(Staffed, Protocol):
    """What a document shape writes."""

    def book(self, book: Book) -> None: ...
    def document(self, one: Document) -> None: ...


class Demo:
    """All systems of the demo, made one after the other; the target comes last."""

    def __init__(self, folder: Path, rows: int, seed: int, known: Settings) -> None:
        self.folder = folder
        self.rows = rows
        self.seed = seed
        self.settings = known
        self.clock = Clock(known.days)
        units: UnitsFile = shipped_units(known)
        self.worlds = [world(known, province, units) for province in known.provinces]
        self.survivor = next(one for one in self.worlds if one.province.code == _new_province(units))
        self.source_rows = 0
        rng = self._rng("shared")
        self._shared: list[SharedCitizen] = People(known, rng).shared(
            max(6, int(rows * known.rates["shared_citizens"]))
        )
        count = max(6, int(rows * known.rates["same_document"]))
        self._documents: list[SharedDocument] = shared_documents(count, len(known.senders), self.clock, rng)
        self._numbers: list[str] = []
        self._entered: list[tuple[str, str, int, str]] = []

    def make(self) -> None:
        """Writes every database."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for place, one in enumerate(self.worlds):
            self._onestop(one, place)
            self._document_system(one)
        rng = self._rng(PLATFORM)
        people = People(self.settings, rng)
        tables = Tables(self.folder / f"{PLATFORM}.db", PLATFORM)
        own = platform_shape.Writer(tables, self.survivor, self.clock, people, rng)
        own.fill(self._shared, self._numbers, self._entered)
        tables.close()

    def _onestop(self, here: World, place: int) -> None:
        province, known = here.province, self.settings
        rng = self._rng(province.onestop)
        people = People(known, rng)
        homes = [(one.code, one.name) for one in (*here.places, *here.divided, *here.together)]
        away = [(one.code, one.name) for other in self.worlds if other is not here for one in other.places]
        citizens = people.citizens(
            max(len(self._shared) + 9, int(self.rows * known.rates["citizens"])), homes, away, self._shared,
            self.clock, here.localities, place,
        )  # fmt: skip
        by_office = province.onestop_shape == "guid"
        source = Dossiers(
            known, here, self.clock, people, rng, citizens, form_by_office=by_office, numbered=by_office
        )
        tables = Tables(self.folder / f"{province.onestop}.db", province.onestop)
        writer = self._onestop_writer(province, tables, source)
        codes = [source.written(office) for office in here.offices]
        self._staff(writer, here, codes, source.officers)
        for citizen in citizens:
            writer.citizen(citizen)
        for dossier in source.pending(self.rows):
            writer.dossier(dossier)
        for dossier in source.finished(self.rows + 1, int(self.rows * known.rates["finished"])):
            writer.dossier(dossier)
        self._finish(tables, writer)
        self._numbers += source.entered_by_hand

    def _document_system(self, here: World) -> None:
        province = here.province
        rng = self._rng(province.documents)
        people = People(self.settings, rng)
        source = Documents(self.settings, here, self.clock, people, rng, self._documents)
        tables = Tables(self.folder / f"{province.documents}.db", province.documents)
        writer = self._document_writer(province, tables, source)
        self._staff(writer, here, list(source.holders.values()), source.officers)
        for book in source.books:
            writer.book(book)
        for document in source.all(self.rows):
            writer.document(document)
        self._finish(tables, writer)
        self._entered += source.entered_by_hand

    def _staff(self, writer: Staffed, here: World, codes: list[str], officers: list[Officer]) -> None:
        for number, (office, code) in enumerate(zip(here.offices, codes, strict=True), 1):
            writer.office(number, office, code)
        for number, code in enumerate(self.settings.malformed_agencies, len(codes) + 1):
            writer.office(number, NAMELESS, code)
        code_of = {office.code: code for office, code in zip(here.offices, codes, strict=True)}
        for officer in officers:
            writer.officer(officer, code_of[officer.office.code])

    def _finish(self, tables: Tables, writer: Staffed) -> None:
        for number in range(1, 1 + max(1, int(self.rows * self.settings.rates["orphan"]))):
            writer.orphan(number)
        tables.close()
        self.source_rows += tables.rows

    def _onestop_writer(self, province: Province, tables: Tables, source: Dossiers) -> OneStop:
        if province.onestop_shape == "guid":
            return onestop_guid.Writer(tables, source)
        if province.onestop_shape == "json":
            return onestop_json.Writer(tables, source)
        return onestop_plain.Writer(tables, source)

    def _document_writer(self, province: Province, tables: Tables, source: Documents) -> DocumentSystem:
        if province.documents_shape == "eoffice":
            return docs_eoffice.Writer(tables, source)
        if province.documents_shape == "slash":
            return docs_slash.Writer(tables, source)
        return docs_compact.Writer(tables, source)

    def _rng(self, what: str) -> Random:
        return Random(f"{self.seed}:{what}")


def generate(folder: Path, rows: int, seed: int) -> int:
    """Writes the seven databases into `folder`: `rows` pending dossiers and `rows` documents a province,
    with finished dossiers and children on top. Returns how many rows the six sources hold."""
    demo = Demo(folder, rows, seed, settings())
    demo.make()
    return demo.source_rows


def write_demo(folder: Path, rows: int, seed: int) -> Path:
    """Writes profiles, mapping overlays, databases and the job over them. Returns the job's path.

    A demo that lies in the folder is written over; raises Refused where something else lies there.
    """
    known = settings()
    data = Path(str(DATA))
    job = folder / "job.yaml"
    if folder.exists() and any(folder.iterdir()) and not _is_demo(job, data / job.name):
        raise Refused("demo.not-a-demo", folder=folder)
    (folder / "mapping").mkdir(parents=True, exist_ok=True)
    (folder / "profiles").mkdir(exist_ok=True)
    source_rows = generate(folder / "databases", rows, seed)
    for name in OVERLAYS:
        copyfile(data / f"{name}.yaml", folder / "mapping" / f"{name}.yaml")
    for profile in sorted((data / "profiles").glob("*.yaml")):
        copyfile(profile, folder / "profiles" / profile.name)
    allowed = max(known.holds_allowed.least, int(source_rows * known.holds_allowed.share))
    text = (data / "job.yaml").read_text("utf-8").replace("holds_allowed: 0", f"holds_allowed: {allowed}")
    job.write_text(text, "utf-8")
    return job


def _is_demo(job: Path, ours: Path) -> bool:
    return job.is_file() and job.read_bytes().partition(b"\n")[0] == ours.read_bytes().partition(b"\n")[0]


def _new_province(units: UnitsFile) -> str:
    assert units.province is not None
    return units.province.into.code
