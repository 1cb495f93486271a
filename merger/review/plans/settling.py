"""Decisions on holds: written into a file of definitions beside the job, and taken back from it.

A file that somebody has signed, or that was not written here, is never changed: the next decisions go into
the next file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock

from merger.approval import canonical_digest, envelope_paths
from merger.errors import Finding, InputError, Place, Refused, Severity
from merger.mapping import parse_document
from merger.mapping.document import read_document
from merger.mapping.models import Decision, DecisionsFile, UnitKind
from merger.migrate.campaign import Campaign
from merger.migrate.job import Job
from merger.migrate.model import Hold, Plan
from merger.migrate.writing import sha256_of, write_whole
from merger.report.answers import LONGEST_CELL
from merger.report.holds import Decided, answer, decided, file_of
from merger.systems.profile import SERVICE

_MOST_FILES = 1000
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person decided for a group: a new code for each field, or a name under which the rows stay."""

    then: Mapping[str, str]
    exclude: str
    author: str
    reason: str


@dataclass(frozen=True, slots=True)
class Act:
    """Decisions of one file that were taken together: by one person, on one day, for one reason, alike."""

    id: str
    decisions: tuple[Decision, ...]

    @property
    def first(self) -> Decision:
        return self.decisions[0]


@dataclass(frozen=True, slots=True)
class DecisionsAt:
    """A file of decisions beside a job. `open`: nobody has signed it and it was written here, so that
    decisions can be added and taken back. `named`: the job's mapping names it. `sha256` of its bytes."""

    path: Path
    acts: tuple[Act, ...]
    signed: bool
    open: bool
    named: bool
    sha256: str


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the file, the SHA-256 of its bytes, how many decisions came in, and what is to be
    told of them."""

    path: Path
    sha256: str
    decisions: int
    replaced: int
    warnings: tuple[Finding, ...] = ()


def files_of(job: Path) -> list[DecisionsAt]:
    """The files of decisions that were written for a job here, in their order. Raises InputError."""
    named = read_document(job, Job).value
    return [_at(path, job, named) for path in _paths(job, named) if path.is_file()]


def decide(job: Path, plan: Plan, holds: Sequence[Hold], choice: Choice, today: date, lang: str) -> Written:
    """Writes one decision for each of these holds of a plan, all alike. Raises InputError with every problem
    of the choice, Refused where one of the holds has a decision that cannot be changed any more."""
    _require_short(choice)
    given = {"author": choice.author, "reason": choice.reason}
    if not choice.then or choice.exclude:
        said = [{"decision": "", "exclude": choice.exclude}]
        fields = [""]
    else:
        fields = list(choice.then)
        said = [{"decision": code, "exclude": ""} for code in choice.then.values()]
    answers = [
        answer(hold, field, lang, **given, **one)
        for hold in holds
        for field, one in zip(fields, said, strict=True)
    ]
    return add(job, decided(answers, plan, today))


def add(job: Path, made: Decided) -> Written:
    """Adds decisions to the job's open file; those on the same codes there give way to them."""
    if not made.decisions:
        raise Refused("review_plans.no-decision")
    with _lock:
        named = read_document(job, Job).value
        files = files_of(job)
        codes = {codes_of(one) for one in made.decisions}
        for file in files:
            settled = [one for act in file.acts for one in act.decisions if codes_of(one) in codes]
            if settled and not file.open:
                raise Refused("review_plans.decided-before", file=file.path.name, by=settled[0].author)
        path = next((one.path for one in files if one.open), None) or _next(job, named)
        known = [one for file in files if file.path == path for act in file.acts for one in act.decisions]
        kept = [one for one in known if codes_of(one) not in codes]
        content = _write(path, named, [*kept, *made.decisions])
    return Written(path, sha256_of(content), len(made.decisions), len(known) - len(kept), made.warnings)


def take_back(job: Path, name: str, act: str, sha256: str) -> Written:
    """Takes the decisions of one act out of the open file of this name. Raises Refused where it is signed, or
    is not the file of these bytes any more."""
    with _lock:
        named = read_document(job, Job).value
        file = next((one for one in files_of(job) if one.path.name == name), None)
        if file is None or file.sha256 != sha256:
            raise Refused("review_plans.changed-since", file=name)
        if not file.open:
            raise Refused("review_plans.signed-stays", file=name)
        found = next((one for one in file.acts if one.id == act), None)
        if found is None:
            raise Refused("review_plans.changed-since", file=name)
        kept = [one for other in file.acts if other.id != act for one in other.decisions]
        content = _write(file.path, named, kept)
    return Written(file.path, sha256_of(content), 0, len(found.decisions))


def require_known(campaign: Campaign, holds: Iterable[Hold], then: Mapping[str, str]) -> None:
    """Raises InputError with every code that no unit, agency or service bears on the day of the cut-over."""
    findings: dict[tuple[str, str], Finding] = {}
    for hold in holds:
        dataset = campaign.source(hold.system).profile.datasets[hold.dataset]
        for field, text in then.items():
            code = text.split()[0] if text.split() else ""
            if field in dataset.units:
                kind: UnitKind = dataset.units[field].kind
                known = campaign.lineage.version_at(kind, code, campaign.day) is not None
            elif field in dataset.agencies:
                known = campaign.agencies.agency_at(code, campaign.day) is not None
            else:
                known = (
                    field != SERVICE
                    or campaign.services.resolve(code, campaign.day, campaign.day, None).outcome.decided
                )
            if not known:
                day = campaign.day.isoformat()
                findings[field, code] = _finding("unknown-code", given=code, field=field, day=day)
    if findings:
        raise InputError(findings.values())


def _require_short(choice: Choice) -> None:
    texts = [choice.author, choice.reason, choice.exclude, *choice.then.values()]
    if any(len(one) > LONGEST_CELL for one in texts):
        raise InputError([_finding("too-long", limit=LONGEST_CELL)])


def _finding(code: str, **fields: object) -> Finding:
    return Finding("review_plans", code, Severity.ERROR, Place(), fields)


def _write(path: Path, named: Job, decisions: Sequence[Decision]) -> bytes:
    content = file_of(_id(named, path), decisions).encode()
    parse_document(content, DecisionsFile, path)
    write_whole(path, content)
    return content


def _at(path: Path, job: Path, named: Job) -> DecisionsAt:
    document = read_document(path, DecisionsFile)
    file = document.value
    acts: dict[str, list[Decision]] = {}
    for one in file.decisions:
        alike = [one.author, one.date.isoformat(), one.reason, dict(one.then), one.exclude]
        acts.setdefault(canonical_digest(alike)[:12], []).append(one)
    signed = bool(envelope_paths(path))
    ours = document.content == file_of(file.id, file.decisions).encode()
    return DecisionsAt(
        path,
        tuple(Act(identifier, tuple(listed)) for identifier, listed in acts.items()),
        signed,
        ours and not signed,
        is_named(job, named, path),
        document.sha256,
    )


def is_named(job: Path, named: Job, path: Path) -> bool:
    """Whether a job's mapping names a file, by itself or by a folder."""
    listed = [(job.parent / name).resolve() for name in named.mapping]
    return any(path.resolve() == one or one in path.resolve().parents for one in listed)


def _paths(job: Path, named: Job) -> Iterable[Path]:
    for number in range(1, _MOST_FILES):
        yield job.parent / f"{_stem(named, number)}.yaml"


def _next(job: Path, named: Job) -> Path:
    return next(path for path in _paths(job, named) if not path.exists())


def _stem(named: Job, number: int) -> str:
    return f"{named.id}-decisions" + (f"-{number}" if number > 1 else "")


def _id(named: Job, path: Path) -> str:
    return path.stem if path.stem.startswith(f"{named.id}-decisions") else f"{named.id}-{path.stem}"


Codes = tuple[tuple[str, str | None], ...]


def codes_of(decision: Decision) -> Codes:
    """What a decision is about."""
    return tuple(sorted(decision.when.items()))


def codes_held(hold: Hold) -> Codes:
    """What a decision on a hold would be about."""
    return tuple(sorted({"system": hold.system, "dataset": hold.dataset, **hold.codes}.items()))
