"""A job that names a file of decisions: its text with one line more, and nothing else different."""

from dataclasses import dataclass
from pathlib import Path

from merger.approval import envelope_paths
from merger.errors import InputError, Refused
from merger.mapping import parse_document, read_document
from merger.migrate.job import Job
from merger.migrate.writing import sha256_of, write_whole


@dataclass(frozen=True, slots=True)
class NewText:
    """A job's text that names one file more. `line` is the new line, `number` its number from 1; `signed`:
    the job as it is bears signatures, so that its file is left alone and a new one written; `target`: where
    the text goes. `before`: the SHA-256 of the job's bytes."""

    content: bytes
    line: str
    number: int
    signed: bool
    target: Path
    before: str


def new_text(job: Path, file: Path) -> NewText:
    """The text of a job that names `file` too. Raises InputError for a job that cannot be read, and Refused
    where a person has to add the file, since the text can be changed in no simple way."""
    document = read_document(job, Job)
    wanted = file.relative_to(job.parent).as_posix()
    lines = document.content.decode().splitlines(keepends=True)
    last = document.place(("mapping", len(document.value.mapping) - 1))
    here = lines[last.line - 1]
    ending = "\r\n" if here.endswith("\r\n") else "\n"
    before = here[: last.column - 1]
    number = last.line
    if before.strip() == "-":
        lines[number - 1] = here if here.endswith("\n") else here + ending
        lines.insert(number, f"{before}{wanted}{ending}")
        number += 1
    else:
        rest = here[last.column - 1 :]
        item, bracket, after = rest.partition("]")
        lines[number - 1] = f"{before}{item}, {wanted}{bracket}{after}"
    content = "".join(lines).encode()
    _require_only(document.value, wanted, content, job)
    signed = bool(envelope_paths(job))
    target = _beside(job) if signed else job
    return NewText(content, lines[number - 1].strip(), number, signed, target, document.sha256)


def write(job: Path, file: Path, before: str) -> NewText:
    """Writes that text. Raises Refused where the job is not the one of SHA-256 `before` any more."""
    made = new_text(job, file)
    if made.before != before:
        raise Refused("review_plans.changed-since", file=job.name)
    write_whole(made.target, made.content)
    return made


def digest(made: NewText) -> str:
    """The SHA-256 of the new text."""
    return sha256_of(made.content)


def _require_only(old: Job, wanted: str, content: bytes, job: Path) -> None:
    try:
        new = parse_document(content, Job, job).value
    except InputError:
        new = None
    if new != old.model_copy(update={"mapping": (*old.mapping, wanted)}):
        raise Refused("review_plans.add-by-hand", job=job.name, file=wanted)


def _beside(job: Path) -> Path:
    for number in range(2, 1000):
        path = job.with_name(f"{job.stem}-{number}{job.suffix}")
        if not path.exists():
            return path
    raise Refused("review_plans.add-by-hand", job=job.name, file="")
