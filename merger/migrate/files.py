"""JSON files that the toolkit writes itself: plans and run files."""

import json
import os
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from merger.errors import Finding, InputError, Place, Severity

M = TypeVar("M", bound=BaseModel)
LIMIT = 256 * 1024 * 1024


def read_json(path: Path, model: type[M]) -> tuple[M, bytes]:
    """A file of our own and its exact bytes. Raises InputError with a place for anything else."""
    if not path.is_file():
        raise InputError([_problem("no-file", path)])
    content = path.read_bytes()
    if len(content) > LIMIT:
        raise InputError([_problem("too-large", path)])
    try:
        return model.model_validate_json(content), content
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
    try:
        json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError([_problem("not-utf-8", path, line, 1)]) from error
    except json.JSONDecodeError as error:
        raise InputError([_problem("not-json", path, error.lineno, error.colno)]) from error
    except RecursionError as error:
        raise InputError([_problem("too-deep", path, 1, 1)]) from error
    raise InputError(
        [_problem("not-ours", path, where=".".join(str(part) for part in one["loc"])) for one in wrong]
    )


def beside(path: Path, job: Path) -> str:
    """Where a job lies, seen from the folder of one of its files."""
    return os.path.relpath(job.resolve(), path.absolute().parent.resolve())


def job_of(path: Path, job_file: str, job_beside: str) -> Path:
    """The job of a plan, run or roll-back file in `path`: the one that lies as it lay when the file was
    written, so that a copied folder is a world of its own; else the one at the place noted then."""
    near = path.absolute().parent / job_beside
    return near if job_beside and near.is_file() else Path(job_file)


def _problem(code: str, path: Path, line: int = 1, column: int = 1, **fields: object) -> Finding:
    place = Place(file=str(path), line=line, column=column)
    return Finding("migrate", code, Severity.ERROR, place, fields)
