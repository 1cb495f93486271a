"""What an approval says: which content, from when, until when.

The content is a subject of one of three kinds, a mapping, a job or a plan. Each names the exact bytes
of its file, the canonical digest of what the file says, and whatever else it was made from.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from merger.approval.digest import canonical_digest, digest_bytes, digest_file, digest_files, unusable
from merger.approval.models import Closed, Digest, Moment, moment

PAYLOAD_TYPE = "application/vnd.merger.statement+json"
LASTS = {"mapping": timedelta(days=365), "job": timedelta(days=180), "plan": timedelta(days=14)}
"""How long a statement of each kind lasts unless its signer says otherwise."""

Value = str | int | bool | None


class _Subject(Closed):
    name: str
    sha256: Digest
    canonical: Digest


class MappingSubject(_Subject):
    """A mapping: a file or a folder, with the digest of every file in it. Serves many jobs."""

    kind: Literal["mapping"] = "mapping"
    files: dict[str, Digest]


class JobSubject(_Subject):
    """A job with the digests of its profiles and mapping, and the policies agreed to."""

    kind: Literal["job"] = "job"
    digests: dict[str, Digest]
    policies: dict[str, Value]


class PlanSubject(_Subject):
    """A plan with the digests of all it was computed from and its sources' fingerprints, to be applied
    or rolled back once."""

    kind: Literal["plan"] = "plan"
    action: Literal["apply", "rollback"]
    digests: dict[str, Digest]
    fingerprints: dict[str, str]


Subject = Annotated[MappingSubject | JobSubject | PlanSubject, Field(discriminator="kind")]


class Statement(Closed):
    """One person's approval of one subject (`merger/statement/1`). `id`: 128 random bits, hexadecimal."""

    schema_: Literal["merger/statement/1"] = Field(default="merger/statement/1", alias="schema")
    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    subject: Subject
    issued_at: Moment
    expires_at: Moment


def mapping_subject(path: Path, canonical: str) -> MappingSubject:
    """The mapping in a file or folder; `canonical` is the digest of what it says.

    Raises InputError for files that cannot be read.
    """
    files = digest_files(path)
    sha256 = canonical_digest(files) if path.is_dir() else files[path.name]
    return MappingSubject(name=full(path).name, sha256=sha256, canonical=canonical, files=files)


def job_subject(
    path: Path,
    canonical: str,
    digests: dict[str, str],
    policies: dict[str, Value],
    data: bytes | None = None,
) -> JobSubject:
    """The job in a file (or in `data`, the bytes already read from it). `digests`: of profiles and mapping,
    by their names."""
    return JobSubject(
        name=full(path).name,
        sha256=digest_file(path) if data is None else digest_bytes(data),
        canonical=canonical,
        digests=digests,
        policies=policies,
    )


def plan_subject(
    path: Path,
    canonical: str,
    action: Literal["apply", "rollback"],
    digests: dict[str, str],
    fingerprints: dict[str, str],
    data: bytes | None = None,
) -> PlanSubject:
    """The plan in a file (or in `data`, the bytes already read from it). `digests`: of job, profiles,
    mapping and decisions; `fingerprints`: of the sources, by system.

    Raises InputError where one of the digests that the plan names is none.
    """
    try:
        return PlanSubject(
            name=full(path).name,
            sha256=digest_file(path) if data is None else digest_bytes(data),
            canonical=canonical,
            action=action,
            digests=digests,
            fingerprints=fingerprints,
        )
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, one["loc"])) for one in error.errors())
        raise unusable("not_a_digest", path, fields=fields) from error


def full(path: Path) -> Path:
    """The path with its real name at the end: `.` and `a/..` become the folder they stand for."""
    return path.absolute() if path.name not in ("", "..") else path.resolve()


def differences(signed: Subject, present: Subject) -> list[str]:
    """Where the content that was signed differs from the present one, as dotted fields."""
    old, new = signed.model_dump(), present.model_dump()
    found: list[str] = []
    for field in sorted(old.keys() | new.keys()):
        before, after = old.get(field), new.get(field)
        if isinstance(before, dict) and isinstance(after, dict):
            keys = sorted(before.keys() | after.keys())
            found += [f"{field}.{key}" for key in keys if before.get(key, ...) != after.get(key, ...)]
        elif before != after:
            found.append(field)
    return found


def default_expiry(subject: Subject, now: datetime) -> datetime:
    """When a statement about the subject ends unless its signer says otherwise."""
    return moment(now) + LASTS[subject.kind]
