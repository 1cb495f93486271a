"""The pages of a job's decisions: what was decided here, taking it back, and a job that names the file."""

from collections.abc import Sequence
from pathlib import Path

from starlette.responses import Response

from merger.errors import MergerError
from merger.mapping import read_document
from merger.migrate.job import Job
from merger.report.words import Words
from merger.review.plans import naming, settling
from merger.review.plans.common import job_at, link, noted
from merger.review.plans.names import names_of
from merger.review.plans.reading import heads
from merger.review.web.failures import Missing
from merger.review.web.pages import Page, Visit
from merger.review.web.rights import Right


def decisions(visit: Visit) -> Response:
    """The files of decisions of a job, what is in them, and whether the job names them."""
    job = job_at(visit, visit.path["job"])
    files = settling.files_of(job)
    texts: dict[str, naming.NewText] = {}
    problems: dict[str, str] = {}
    for file in files:
        if not file.named:
            try:
                texts[file.path.name] = naming.new_text(job, file.path)
            except MergerError as error:
                problems[file.path.name] = str(error)
    return visit.page(
        "plans/decisions.html.j2",
        job=visit.path["job"],
        job_file=job,
        title=read_document(job, Job).value.title,
        files=files,
        texts=texts,
        problems=problems,
        names=names_of(job),
        words=Words(visit.lang),
        identifier=visit.desk.identifier,
        sign={
            file.path.name: link(visit, "keys.sign", identifier=visit.desk.identifier(file.path))
            for file in files
        },
        make=_make_name(visit),
        latest=_latest(visit, job),
    )


def take_back(visit: Visit) -> Response:
    """Takes decisions back that nobody has signed."""
    job = job_at(visit, visit.path["job"])
    name, act, sha256 = (str(visit.form.get(field, "")) for field in ("file", "act", "sha256"))
    written = settling.take_back(job, name, act, sha256)
    noted(visit, "decision-taken-back", written.path.name, written.sha256)
    return visit.go("plans.decisions", job=visit.path["job"])


def name_file(visit: Visit) -> Response:
    """Writes the job's text that names a file of decisions: into the job itself while nobody has signed it,
    else beside it."""
    job = job_at(visit, visit.path["job"])
    file = _file(job, str(visit.form.get("file", "")))
    made = naming.write(job, file, str(visit.form.get("sha256", "")))
    noted(visit, "job-written", made.target.name, naming.digest(made))
    return visit.go("plans.decisions", job=visit.desk.identifier(made.target))


def new_text(visit: Visit) -> Response:
    """The same text, to be saved."""
    job = job_at(visit, visit.path["job"])
    made = naming.new_text(job, _file(job, visit.query.get("file", "")))
    return visit.file(made.content, made.target.name, "application/yaml")


def _file(job: Path, name: str) -> Path:
    for file in settling.files_of(job):
        if file.path.name == name:
            return file.path
    raise Missing(name)


def _latest(visit: Visit, job: Path) -> str:
    """The identifier of the plan that was made last of a job, of any file with the job's id."""
    wanted = read_document(job, Job).value.id
    found = [one for one in heads(visit.desk.plans()) if one.job == wanted]
    last = max(found, key=lambda one: one.created, default=None)
    return visit.desk.identifier(last.path) if last else ""


def _make_name(visit: Visit) -> str:
    if visit.may(Right.DECIDE):
        return "plans.make-anew"
    return "plans.make" if visit.may(Right.RUN) else ""


PAGES: Sequence[Page] = (
    Page("/plans/decisions/{job}", "plans.decisions", Right.READ, decisions),
    Page("/plans/decisions/{job}/text", "plans.job-text", Right.READ, new_text),
    Page("/plans/decisions/{job}/take-back", "plans.take-back", Right.DECIDE, take_back, ("POST",)),
    Page("/plans/decisions/{job}/name", "plans.name-file", Right.DECIDE, name_file, ("POST",)),
)
