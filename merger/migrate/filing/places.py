"""Where the files of a job's systems are."""

from collections.abc import Mapping
from pathlib import Path

from merger.errors import Finding, Severity
from merger.mapping.document import Document
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
