"""What the handlers of this part share."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.routing import NoMatchFound

from merger.report.words import Words
from merger.review.plans.names import Names, names_of
from merger.review.plans.reading import PlanFile, job_path, plan_file
from merger.review.web.failures import Missing
from merger.review.web.pages import Visit


@dataclass(frozen=True)
class PlanVisit:
    """A visit to a plan: the plan, its job's file, and the names that the job knows."""

    visit: Visit
    id: str
    file: PlanFile
    job: Path
    names: Names

    @classmethod
    def of(cls, visit: Visit) -> "PlanVisit":
        """The plan that the visit's address names. Raises Missing, InputError, Refused."""
        identifier = visit.path["plan"]
        path = visit.desk.path(identifier)
        if path not in visit.desk.plans():
            raise Missing(identifier)
        file = plan_file(path)
        job = job_path(file, visit.desk.folder)
        return cls(visit, identifier, file, job, names_of(job))

    @property
    def context(self) -> dict[str, Any]:
        """What every page of a plan shows."""
        desk = self.visit.desk
        return {
            "id": self.id,
            "plan": self.file.plan,
            "file": self.file,
            "job": desk.identifier(self.job) if self.job in desk.jobs() else "",
            "names": self.names,
            "words": Words(self.visit.lang),
        }


def job_at(visit: Visit, identifier: str) -> Path:
    """The job of this identifier. Raises Missing."""
    path = visit.desk.path(identifier)
    if path not in visit.desk.jobs():
        raise Missing(identifier)
    return path


def link(visit: Visit, name: str, identifier: str) -> str:
    """The address of another part's page about something of this identifier; empty where there is none."""
    for field in ("", "file", "plan", "run", "mapping"):
        try:
            return visit.url(name, **({field: identifier} if field else {"identifier": identifier}))
        except NoMatchFound:
            continue
    return ""


def noted(visit: Visit, what: str, subject: str, digest: str = "") -> None:
    """Enters the review trail; of a file's name, what the trail does not take is left out."""
    visit.noted(what, re.sub(r"[^\x21-\x7e]", "_", subject)[:200], digest)
