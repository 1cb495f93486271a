"""Where the files of a job's systems are."""

from collections.abc import Mapping
from pathlib import Path

from merger.errors import Finding, Severity
from merger.mapping.document import Document
from merger.migrate.campaign import Campaign
from merger.migrate.job import Job, System
from merger.systems.files import FileStore, open_files
from merger.systems.profile import Profile


def open_store(job: Path, system: System) -> FileStore:
    """The file store of a system, whose `files` is given. `job`: the job's file.

    Raises Refused, StoreFailed.
    """
    assert system.files is not None
    return open_files(system.files, job.parent, system.system)


def moves_files(job: Job, system: System, profile: Profile) -> bool:
    """Whether the files that rows of a system name are copied: both sides say where files are."""
    named = any(one.files and one.to for one in profile.datasets.values())
    return named and system.files is not None and job.target.files is not None


def one_sided(document: Document[Job], profiles: Mapping[str, Profile]) -> list[Finding]:
    """A warning for every source whose rows name files that nobody copies. `profiles`: by system."""
    job = document.value
    out = []
    for number, source in enumerate(job.sources):
        if not any(one.files and one.to for one in profiles[source.system].datasets.values()):
            continue
        for system, loc in ((source, ("sources", number)), (job.target, ("target",))):
            if system.files is None:
                fields = {"system": source.system, "missing": system.system}
                out.append(Finding("files", "one-side", Severity.WARNING, document.place(loc), fields))
    return out


def require_stores(campaign: Campaign) -> None:
    """Opens every store that files are moved from or to, once. Raises Refused, StoreFailed."""
    for system in stores_of(campaign):
        with open_store(campaign.path, system):
            pass


def stores_of(campaign: Campaign) -> list[System]:
    """The systems whose file stores are used: the sources whose files are moved, and then the target."""
    job = campaign.job
    found = [
        system
        for system, source in zip(job.sources, campaign.sources, strict=True)
        if moves_files(job, system, source.profile)
    ]
    return [*found, job.target] if found else []
