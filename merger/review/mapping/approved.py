"""Who signed exactly this content, and what has changed since content that was signed.

Signatures hold digests, not files. So that a later content can be compared with what people signed, the room
keeps a copy of every content that it sees signed: `<folder>/.merger/approved/<canonical digest>/`, with the
files under `files/` and `about.json` (`merger/approved/1`) beside. A copy is only believed if it has the
digest that its folder is named after.
"""

import json
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Literal

from pydantic import Field, ValidationError

from merger import approval
from merger.approval import ApprovalState, Policy
from merger.errors import Finding, InputError
from merger.mapping import LoadedMapping
from merger.mapping.files import digest, load
from merger.mapping.models import Model, PolygonsFile
from merger.migrate import approving
from merger.migrate.campaign import Campaign
from merger.quality.diff import Diff, diff
from merger.review.mapping.book import Book
from merger.review.web.desk import Desk

FOLDER = "approved"
TRUST = "trust.json"
NEEDED = 2
"""So many people sign a mapping unless a job's policy says otherwise."""


class Signed(Model):
    """A signature that counted when the copy was made."""

    name: str
    role: str
    at: str


class About(Model):
    """What a kept content is: `mapping` names the file or folder that was signed, which may be a job's, and
    `sha256` is its digest; `canonical` that of the mapping. `complete`: enough people signed."""

    schema_: Literal["merger/approved/1"] = Field(default="merger/approved/1", alias="schema")
    mapping: str
    canonical: str = Field(pattern=r"^[0-9a-f]{64}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    seen: datetime
    complete: bool
    signed: tuple[Signed, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a mapping is approved. `state` is None where that cannot be said; `why` then are the findings,
    none where there is just no trust file."""

    state: ApprovalState | None
    why: tuple[Finding, ...] = ()


def standing(path: Path, book: Book, now: datetime | None = None) -> Standing:
    """Who signed exactly the present content of a file or folder, by the trust file beside it."""
    trust = path.absolute().parent / TRUST
    if not trust.is_file():
        return Standing(None)
    try:
        people = approval.load_trust(trust)
        subject = approval.mapping_subject(path, book.canonical)
        moment = now or datetime.now(UTC)
        return Standing(approval.approvals(path, subject, people, Policy(approvals=NEEDED), moment))
    except InputError as error:
        return Standing(None, error.findings)


def standing_of_job(path: Path, book: Book) -> Standing:
    """Who signed exactly the present job in a file, and with it its mapping, by the job's trust file and
    policy. Reads and checks the whole job. Nothing is said where its mapping is not the content of `book`."""
    try:
        campaign = Campaign(path)
        if campaign.mapping_digest != book.canonical:
            return Standing(None)
        return Standing(approving.approvals_of(path, approving.job_subject(campaign), campaign, set()))
    except InputError as error:
        return Standing(None, error.findings)


def keep(place: Path, path: Path, book: Book, state: ApprovalState, now: datetime | None = None) -> bool:
    """Keeps the bytes of a content that somebody signed, under `place` (the folder `.merger`).

    Answers whether there is a copy now. Nothing is kept of what nobody signed, or that cannot be read. What
    cannot be written is no error: then there is nothing to compare with later.
    """
    if not state.approvals or book.problems:
        return False
    target = place / FOLDER / book.canonical
    known = _about(target)
    signed = tuple(Signed(name=one.person, role=one.role, at=one.at) for one in state.approvals)
    if known is not None and known.complete >= (not state.missing) and len(known.signed) >= len(signed):
        return True
    about = About(
        mapping=path.name,
        canonical=book.canonical,
        sha256=state.sha256,
        seen=known.seen if known else (now or datetime.now(UTC)),
        complete=not state.missing,
        signed=signed,
    )
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(target, about, book)
    except OSError:
        return _about(target) is not None
    return True


def place_of(desk: Desk) -> Path:
    """Where the room keeps what is its own: the folder of the review trail."""
    return desk.trail.path.parent


def kept(place: Path) -> list[About]:
    """What is kept under `.merger`, the newest first."""
    folder = place / FOLDER
    found = [_about(one) for one in sorted(folder.iterdir())] if folder.is_dir() else []
    return sorted((one for one in found if one), key=lambda one: (one.seen, one.canonical), reverse=True)


def reopened(place: Path, canonical: str) -> LoadedMapping | None:
    """A kept content; None if there is none, or if what lies there is not what was kept."""
    about = next((one for one in kept(place) if one.canonical == canonical), None)
    if about is None:
        return None
    try:
        loaded = load([place / FOLDER / about.canonical / "files"])
    except InputError:
        return None
    return loaded if digest(loaded) == about.canonical else None


def last_before(place: Path, name: str, canonical: str) -> About | None:
    """The newest other content of a mapping of this name that is kept and that enough people signed."""
    return next(
        (one for one in kept(place) if one.complete and one.mapping == name and one.canonical != canonical),
        None,
    )


class Comparisons:
    """Differences between contents, computed once; the last few are kept."""

    def __init__(self, size: int = 4) -> None:
        self._size = size
        self._found: OrderedDict[tuple[str, str], Diff] = OrderedDict()
        self._lock = Lock()

    def between(self, old: LoadedMapping, new: LoadedMapping) -> Diff:
        key = (digest(old), digest(new))
        with self._lock:
            found = self._found.pop(key, None)
            if found is None:
                found = diff(old, new)
            self._found[key] = found
            while len(self._found) > self._size:
                self._found.popitem(last=False)
            return found


COMPARISONS = Comparisons()


def _about(folder: Path) -> About | None:
    try:
        about = About.model_validate_json((folder / "about.json").read_bytes())
    except (OSError, ValidationError):
        return None
    return about if about.canonical == folder.name else None


def _write(target: Path, about: About, book: Book) -> None:
    """A whole folder or none, also while others do the same."""
    content = json.dumps(about.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=1) + "\n"
    if target.is_dir():
        part = target / "about.json.part"
        part.write_text(content, "utf-8")
        part.replace(target / "about.json")
        return
    making = Path(tempfile.mkdtemp(prefix="part-", dir=target.parent))
    try:
        for name, data in _files(book):
            file = making / "files" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        (making / "about.json").write_text(content, "utf-8")
        making.rename(target)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _files(book: Book) -> Iterator[tuple[str, bytes]]:
    """The files by names that differ, and the drawings that they name beside them."""
    drawn = {path: data for path, data in book.contents.beside if isinstance(data, bytes)}
    named = {str(document.path): document.value for document in book.documents}
    for number, file in enumerate(book.files):
        folder = f"{number:04d}"
        yield f"{folder}/{file.path.name}", file.content
        value = named.get(str(file.path))
        if file.path in drawn and isinstance(value, PolygonsFile) and value.file:
            yield f"{folder}/{value.file.name}", drawn[file.path]
