"""What the handlers of this part share."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.routing import NoMatchFound

from merger.report.words import Words
from merger.review.plans.changes import Changes, changes
from merger.review.plans.groups import Group, groups_of
from merger.review.plans.names import Names, names_of
from merger.review.plans.reading import Kept, PlanFile, job_path, plan_file
from merger.review.web.failures import Missing
from merger.review.web.pages import Visit

_groups: Kept[list[Group]] = Kept(12)
_changes: Kept[Changes] = Kept(12)


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
        job = job_path(file.head, visit.desk.folder)
        return cls(visit, identifier, file, job, names_of(job))

    @property
    def groups(self) -> list[Group]:
        """The plan's holds in groups."""
        return _groups.get(self.file.path, self.file.sha256, lambda: groups_of(self.file.plan))

    def group(self, identifier: str) -> Group:
        """One of them. Raises Missing."""
        for one in self.groups:
            if one.id == identifier:
                return one
        raise Missing(identifier)

    def changes(self, earlier: PlanFile) -> Changes:
        """What the plan says differently than an earlier one."""
        key = earlier.sha256, self.file.sha256
        return _changes.get(self.file.path, key, lambda: changes(earlier.plan, self.file.plan))

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


def link(visit: Visit, name: str, **path: str) -> str:
    """The address of another part's page; empty where it is not served."""
    try:
        return visit.url(name, **path)
    except NoMatchFound:
        return ""


def noted(visit: Visit, what: str, subject: str, digest: str = "") -> None:
    """Enters the review trail; of a file's name, what the trail does not take is left out."""
    visit.noted(what, re.sub(r"[^\x21-\x7e]", "_", subject)[:200], digest)


def paged(visit: Visit, lines: int, most: int) -> tuple[int, int, slice]:
    """Which page of a list is asked for, how many there are, and the part of the list that it shows."""
    asked = visit.query.get("page", "1")
    pages = max(1, -(-lines // most))
    number = min(max(1, int(asked) if asked.isdecimal() and len(asked) < 7 else 1), pages)
    return number, pages, slice((number - 1) * most, number * most)
