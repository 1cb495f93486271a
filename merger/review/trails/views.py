"""The trails: of the pages, and of the ledgers of the folder's jobs, as plain data in the order of time."""

import fcntl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from merger.approval import trail, trail_text
from merger.approval.keys import folded_name
from merger.errors import MergerError
from merger.mapping.tables import to_csv
from merger.migrate import api
from merger.migrate.auditing import REVIEW, anchors_in
from merger.review.runs.ordering import LEDGER_END
from merger.review.web.desk import Desk
from merger.review.web.trail import ROLES_GIVEN
from merger.review.web.words import Words

PAGES = "pages"
"""What the trail of the pages is called among the trails; a ledger's is called by its job's identifier."""
COLUMNS = ("trail", "seq", "at", "actor", "action", "subject", "digest", "detail", "previous", "hash")


@dataclass(frozen=True)
class Source:
    """One trail. `name`: the job's file, empty for the pages' own. `unreadable`: the record at which reading
    stopped. `problem`: why a ledger cannot be asked."""

    key: str
    name: str
    records: tuple[trail.Record, ...]
    unreadable: trail.Bent | None = None
    problem: str = ""

    @property
    def end(self) -> trail.Anchor:
        return trail.anchor(self.records)

    @property
    def end_text(self) -> str:
        """The end as it is printed."""
        return trail_text.shown(self.end) if self.records else ""

    @property
    def lines(self) -> bytes:
        """The records as they are exported."""
        return "".join(f"{trail_text.line(one)}\n" for one in self.records).encode()


@dataclass(frozen=True)
class Entry:
    """A record with the trail that it is of."""

    source: Source
    record: trail.Record

    @property
    def subject(self) -> str:
        """What it is about: a file, a job, a run."""
        return str(self.record.detail.get("subject", self.record.detail.get("run", "")))

    @property
    def digest(self) -> str:
        """The digest of the content."""
        return str(self.record.detail.get("digest", self.record.detail.get("plan", "")))

    @property
    def more(self) -> list[tuple[str, str]]:
        """What else it says."""
        shown = {self.subject, self.digest}
        return [(name, str(value)) for name, value in self.record.detail.items() if str(value) not in shown]


@dataclass(frozen=True)
class Asked:
    """Which entries are asked for; empty asks for all. `who` and `content`: parts of what is looked for."""

    source: str = ""
    who: str = ""
    what: str = ""
    content: str = ""


@dataclass(frozen=True)
class Checked:
    """A trail with the first record that was bent, and the anchors of it that the other trails hold."""

    source: Source
    bent: trail.Bent | None
    anchors: tuple[trail.Anchor, ...]


def sources(desk: Desk) -> list[Source]:
    """The trail of the pages, and that of each job's ledger. Jobs of one target have one ledger: it is told
    once."""
    found: list[Source] = []
    seen: set[str] = set()
    for job in desk.jobs():
        source = _ledger(desk, job)
        if source.records and source.records[0].hash in seen:
            continue
        seen |= {one.hash for one in source.records[:1]}
        found.append(source)
    return [pages_trail(desk), *found]  # read last, so that it holds all that a ledger knows of it


def pages_trail(desk: Desk) -> Source:
    """The trail of the pages, as far as it can be read."""
    records, unreadable = trail_text.read_lines(pages_content(desk))
    return Source(PAGES, "", tuple(records), unreadable)


def pages_content(desk: Desk) -> bytes:
    """The exact bytes of the trail of the pages, with no writer at it."""
    try:
        with desk.trail.path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            return file.read()
    except FileNotFoundError:
        return b""


def entries(found: Iterable[Source], asked: Asked) -> list[Entry]:
    """The records of all trails, newest first."""
    chosen = [
        Entry(one, record)
        for one in found
        if asked.source in ("", one.key)
        for record in one.records
        if _fits(record, asked)
    ]
    return sorted(chosen, key=lambda one: (one.record.at, one.source.key, one.record.seq), reverse=True)


def people(found: Iterable[Source]) -> list[str]:
    """Everybody who is in a trail."""
    return sorted({record.actor for one in found for record in one.records})


def actions(found: Iterable[Source]) -> list[str]:
    """Everything that was done."""
    return sorted({record.action for one in found for record in one.records})


def names(desk: Desk) -> dict[str, str]:
    """What the identifiers that records hold are called: the files of the folder, by their paths there."""
    files = (*desk.jobs(), *desk.plans(), *desk.mappings())
    return {desk.identifier(one): one.relative_to(desk.folder).as_posix() for one in files}


def checked(desk: Desk, found: Sequence[Source], printed: dict[str, trail.Anchor]) -> list[Checked]:
    """Whether each trail is whole, and holds what the others say of its end. `printed`: anchors from paper,
    by the trail that they are of."""
    out = []
    pages = found[0]
    for source in found:
        anchors = _anchors(source, pages, found)
        if source.key in printed:
            anchors = [*anchors, printed[source.key]]
        out.append(Checked(source, _bent(desk, source, anchors), tuple(anchors)))
    return out


def said(action: str, words: Words) -> str:
    """A deed in words; one that has none, as it stands in its trail."""
    if action.startswith(ROLES_GIVEN):
        roles = action.removeprefix(ROLES_GIVEN).split(".")
        given = ", ".join(words.text_or(f"review_web.role.{one}", one) for one in roles)
        return words.text("review_trails.roles-given", roles=given)
    return words.text_or(f"review_trails.action.{action}", action)


def as_csv(chosen: Iterable[Entry]) -> str:
    """Entries as a table that no spreadsheet takes a formula from."""
    rows = [
        (
            one.source.name or PAGES, str(one.record.seq), one.record.at, one.record.actor, one.record.action,
            one.subject, one.digest, "; ".join(f"{name}={value}" for name, value in one.more),
            one.record.previous, one.record.hash,
        )
        for one in chosen
    ]  # fmt: skip
    return to_csv(COLUMNS, rows)


def _ledger(desk: Desk, job: Path) -> Source:
    key, name = desk.identifier(job), job.relative_to(desk.folder).as_posix()
    try:
        return Source(key, name, tuple(api.audit_export(job)))
    except MergerError as error:
        return Source(key, name, (), problem=str(error))


def _anchors(source: Source, pages: Source, found: Sequence[Source]) -> list[trail.Anchor]:
    """What other trails say of the end of this one: ledgers of the pages' trail, that of the ledgers'."""
    if source.key == PAGES:
        return [one for ledger in found[1:] for one in anchors_in(ledger.records, REVIEW)]
    mine = [
        one for one in pages.records if one.action == LEDGER_END and one.detail.get("subject") == source.key
    ]
    return anchors_in(mine, "digest")


def _bent(desk: Desk, source: Source, anchors: Sequence[trail.Anchor]) -> trail.Bent | None:
    if source.problem:
        return None
    if source.key == PAGES:
        return trail.verify(source.records) or source.unreadable or trail.verify(source.records, *anchors)
    return api.audit(desk.path(source.key), *anchors)


def _fits(record: trail.Record, asked: Asked) -> bool:
    if asked.who and folded_name(asked.who) not in folded_name(record.actor):
        return False
    if asked.what and asked.what != record.action:
        return False
    wanted = asked.content.strip().casefold()
    return not wanted or any(wanted in str(value).casefold() for value in record.detail.values())
