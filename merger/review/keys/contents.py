"""What lies in the folder to be signed: mappings, decisions, jobs, plans and roll-backs, by identifiers."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from merger.approval import ApprovalState, Policy, Subject, Trust, digest_file
from merger.approval import approvals as judged
from merger.errors import Finding, InputError, MergerError, Refused, Severity
from merger.mapping import read_document
from merger.migrate import approving
from merger.migrate.approving import RollbackPlan
from merger.migrate.campaign import Campaign
from merger.migrate.files import read_json
from merger.migrate.job import Job
from merger.migrate.ledger.store import now
from merger.migrate.model import Plan
from merger.quality import OPEN, check
from merger.review.web.desk import Desk
from merger.review.web.failures import Missing

_DECEIVING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
"""Signs that are not seen, or that show text in another order than it has."""

LARGEST_SHOWN = 256 * 1024
"""Bytes of a file that a page shows; a longer one is to be saved and read there."""


_PRINTS = ("schema", "combinations", "content")


class Kind(StrEnum):
    """What is to be signed."""

    MAPPING = "mapping"
    DECISIONS = "decisions"
    JOB = "job"
    PLAN = "plan"
    ROLLBACK = "rollback"


@dataclass(frozen=True)
class Item:
    """Something to be signed, before it is read. `place`: seen from the folder."""

    identifier: str
    path: Path
    kind: Kind
    place: str


@dataclass(frozen=True)
class Fact:
    """One thing that is signed, in words: the message `review_keys.fact.<name>` and what it is. `word`: the
    message that says the value, where it is a word of ours."""

    name: str
    value: str | int | datetime
    word: str = ""


@dataclass(frozen=True)
class Content:
    """Something to be signed, with all that a person must know before.

    `files`: its files with their digests; of a folder each one's place in it. `unasked`: why the target could
    not be asked whether an approval was used, or empty. `findings`: what forbids to sign it.
    """

    item: Item
    subject: Subject
    facts: tuple[Fact, ...]
    files: dict[str, str]
    trust_file: Path
    trust: Trust
    policy: Policy
    state: ApprovalState
    unasked: str
    findings: tuple[Finding, ...]


def items(desk: Desk) -> list[Item]:
    """Everything in the folder that can be signed, jobs and plans before mappings."""
    found = [(path, Kind.JOB) for path in desk.jobs()]
    found += [(path, Kind.PLAN) for path in desk.plans()]
    found += [(path, Kind.ROLLBACK) for path in _rollbacks(desk)]
    found += [(path, _kind_of_definitions(path)) for path in desk.mappings()]
    return [_item(desk, path, kind) for path, kind in found]


def item_of(desk: Desk, identifier: str) -> Item:
    """The thing of this identifier; also a single file of definitions within a folder. Raises Missing."""
    for item in items(desk):
        if item.identifier == identifier:
            return item
    for folder in (path for path in desk.mappings() if path.is_dir()):
        for path in sorted(folder.rglob("*.yaml")):
            if path.is_file() and not path.is_symlink() and desk.identifier(path) == identifier:
                return _item(desk, path, _kind_of_definitions(path))
    raise Missing(identifier)


def content_of(desk: Desk, item: Item) -> Content:
    """Reads what is to be signed, and who has signed it. Raises InputError for what cannot be read, Refused
    where its trust file cannot be proved."""
    findings: tuple[Finding, ...] = ()
    if item.kind in (Kind.MAPPING, Kind.DECISIONS):
        loaded = desk.definitions(item.path)
        subject = approving.mapping_subject(item.path, loaded)
        campaign = None
        trust_file = _nearest_trust(desk, item.path)
        facts = _definitions_facts(item, subject)
        findings = tuple(one for one in check(loaded) if one.severity is Severity.ERROR or one.code in OPEN)
    else:
        subject, campaign = approving.subject_of(item.path)
        assert campaign is not None
        trust_file = campaign.trust
        facts = _facts(item, campaign)
    people, policy = approving.judges(item.path, campaign, trust_file)
    used, unasked = _used(campaign)
    return Content(
        item,
        subject,
        tuple(facts),
        files_of(item.path),
        trust_file,
        people,
        policy,
        judged(item.path, subject, people, policy, now(), used=used),
        unasked,
        findings,
    )


def files_of(path: Path) -> dict[str, str]:
    """The files of a mapping's folder, or the one file, with the SHA-256 of each."""
    from merger.approval.digest import digest_files

    return digest_files(path) if path.is_dir() else {path.name: digest_file(path)}


def bytes_of(path: Path, number: int) -> tuple[str, bytes]:
    """Name and exact bytes of the file of this number, counted from 0 as `files_of` lists them. Raises
    Missing."""
    names = list(files_of(path))
    if not 0 <= number < len(names):
        raise Missing(str(number))
    file = path / names[number] if path.is_dir() else path
    return names[number], file.read_bytes()


def shown_text(data: bytes) -> str | None:
    """The bytes as a page shows them; None for those that are no text, or too many."""
    if len(data) > LARGEST_SHOWN:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return re.sub(
        r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "\N{REPLACEMENT CHARACTER}", text
    )


def packed(path: Path) -> bytes:
    """A folder with exactly the files that are signed, as a ZIP archive under the folder's name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in files_of(path):
            archive.write(path / name, f"{path.name}/{name}")
    return out.getvalue()


def trust_files(desk: Desk) -> list[Path]:
    """The trust files that the folder's jobs name, and the one in the folder itself."""
    found = [desk.folder / "trust.json"]
    for path in desk.jobs():
        try:
            found.append(path.parent / read_document(path, Job).value.trust)
        except InputError:
            continue
    inside = {path.resolve() for path in found if path.is_file()}
    return sorted(path for path in inside if path.is_relative_to(desk.folder))


def _rollbacks(desk: Desk) -> Iterator[Path]:
    for plan in desk.plans():
        path = plan.with_name(f"{plan.stem}.rollback.json")
        if path.is_file() and not path.is_symlink():
            yield path


def _item(desk: Desk, path: Path, kind: Kind) -> Item:
    place = path.resolve().relative_to(desk.folder).as_posix()
    return Item(desk.identifier(path), path, kind, place)


def _kind_of_definitions(path: Path) -> Kind:
    if path.is_dir():
        return Kind.MAPPING
    with path.open("rb") as file:
        return Kind.DECISIONS if b"merger/decisions/" in file.read(4096) else Kind.MAPPING


def _nearest_trust(desk: Desk, path: Path) -> Path:
    """The trust file beside a mapping, or in the nearest folder above it within the desk's."""
    for folder in path.resolve().parents:
        if (folder / "trust.json").is_file() or folder == desk.folder:
            return folder / "trust.json"
    return desk.folder / "trust.json"


def _used(campaign: Campaign | None) -> tuple[set[str], str]:
    if campaign is None:
        return set(), ""
    try:
        return approving.used_approvals(campaign), ""
    except (Refused, InputError) as error:
        return set(), str(error)
    except MergerError as error:
        return set(), str(error)


def _definitions_facts(item: Item, subject: Subject) -> list[Fact]:
    return [Fact("name", subject.name), Fact("files", len(files_of(item.path)))]


def _facts(item: Item, campaign: Campaign) -> list[Fact]:
    job = campaign.job
    facts = [Fact("job", job.id), Fact("author", job.author)]
    if item.kind is Kind.PLAN:
        return facts + _plan_facts(read_json(item.path, Plan)[0])
    if item.kind is Kind.ROLLBACK:
        rollback = read_json(item.path, RollbackPlan)[0]
        return [*facts, Fact("run", rollback.run), Fact("taken_out", sum(rollback.rows.values()))]
    return [
        *facts,
        Fact("sources", ", ".join(one.system for one in campaign.sources)),
        Fact("target", campaign.target.system),
        Fact("cutover", job.cutover),
        Fact("mapping", campaign.mapping_digest),
        Fact("approvals", job.policies.approvals),
    ]


def _plan_facts(plan: Plan) -> list[Fact]:
    parts = plan.datasets
    counts = {
        "in_scope": sum(one.in_scope for one in parts),
        "to_move": sum(one.to_move for one in parts),
        "held": sum(one.held for one in parts),
        "excluded": sum(sum(one.excluded.values()) for one in parts),
        "decisions": sum(len(one.decisions) for one in parts),
        "holds": len(plan.holds),
    }
    facts = [Fact("plan_kind", plan.kind, f"review_keys.plan.{plan.kind}"), Fact("cutover", plan.cutover)]
    return facts + [Fact(name, count) for name, count in counts.items()]


def digest_of(name: str) -> str:
    """What a digest that is signed is of, by the name that reports have for it (`Words.digest`)."""
    left, _, right = name.partition(":")
    if right in _PRINTS:
        return f"source-{right} {left}"
    if right and left == "profile":
        return f"profile {right}"
    return "target-schema" if name == "target" else name
