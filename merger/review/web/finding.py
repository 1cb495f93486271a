"""What lies in a folder: jobs, plans, runs, mappings, told by how their files begin."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from merger.review.web.settings import STATE

MAX_DEPTH = 6
MAX_FILES = 20_000
_BEGINNING = 4096
_SUFFIXES = (".yaml", ".yml", ".json")
_SCHEMA = re.compile(rb"""["']?schema["']?\s*:\s*["']?merger/([a-z-]+)/""")


class Kind(StrEnum):
    """What a file is."""

    JOB = "job"
    PLAN = "plan"
    RUN = "run"
    DEFINITIONS = "definitions"
    OTHER = "other"


_DEFINITIONS = ("units", "agencies", "competence", "services", "localities", "decisions", "polygons")
_KINDS = {"job": Kind.JOB, "plan": Kind.PLAN, "run": Kind.RUN} | dict.fromkeys(_DEFINITIONS, Kind.DEFINITIONS)


@dataclass
class Found:
    """The files of a folder by kind, each list in the order of their paths."""

    jobs: list[Path] = field(default_factory=list)
    plans: list[Path] = field(default_factory=list)
    runs: list[Path] = field(default_factory=list)
    mappings: list[Path] = field(default_factory=list)

    def all(self) -> Iterator[Path]:
        yield from (*self.jobs, *self.plans, *self.runs, *self.mappings)


class Finder:
    """Looks through a folder, and reads the beginning of a file again only where the file changed."""

    def __init__(self) -> None:
        self._kinds: dict[Path, tuple[tuple[int, int, int], Kind]] = {}

    def find(self, folder: Path) -> Found:
        """What is there. A mapping is a folder in and under which every YAML file holds definitions (the
        topmost such folder), or a file of definitions that lies elsewhere. Hidden folders, symbolic links,
        and what lies deeper than 6 folders are passed over; at most 20,000 files are looked at."""
        found = Found()
        kinds = {path: self._kind(path, status) for path, status in _files(folder)}
        lists = {Kind.JOB: found.jobs, Kind.PLAN: found.plans, Kind.RUN: found.runs}
        for path, kind in sorted(kinds.items()):
            if kind in lists:
                lists[kind].append(path)
        found.mappings = sorted(_mappings(folder, kinds))
        self._kinds = {path: known for path, known in self._kinds.items() if path in kinds}
        return found

    def _kind(self, path: Path, status: os.stat_result) -> Kind:
        signature = (status.st_ino, status.st_size, status.st_mtime_ns)
        known = self._kinds.get(path)
        if known is not None and known[0] == signature:
            return known[1]
        try:
            with path.open("rb") as file:
                match = _SCHEMA.search(file.read(_BEGINNING))
        except OSError:
            return Kind.OTHER
        kind = _KINDS.get(match[1].decode(), Kind.OTHER) if match else Kind.OTHER
        self._kinds[path] = (signature, kind)
        return kind


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    left = MAX_FILES
    waiting = [(folder, 0)]
    while waiting:
        place, depth = waiting.pop()
        try:
            entries = list(os.scandir(place))
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith(".") or entry.name == STATE or entry.is_symlink():
                continue
            if entry.is_dir():
                if depth < MAX_DEPTH:
                    waiting.append((Path(entry.path), depth + 1))
            elif entry.name.endswith(_SUFFIXES):
                left -= 1
                if left < 0:
                    return
                yield Path(entry.path), entry.stat()


def _mappings(folder: Path, kinds: dict[Path, Kind]) -> set[Path]:
    mixed = {folder}
    for path, kind in kinds.items():
        if path.suffix != ".json" and kind is not Kind.DEFINITIONS:
            mixed |= {parent for parent in path.parents if parent.is_relative_to(folder)}
    found = set()
    for path, kind in kinds.items():
        if kind is not Kind.DEFINITIONS or path.suffix != ".yaml":
            continue
        inside = [parent for parent in path.parents if parent.is_relative_to(folder)]
        whole = [parent for parent in inside if parent not in mixed]
        found.add(whole[-1] if whole else path)
    return found
