"""What can go wrong, in one tree.

    MergerError                  has a message for the person who can mend it, and an exit code
    ├── InputError (exit 2)      files that cannot be used; carries every finding of the run
    └── Refused (exit 3)         not approved, stale, used, locked; nothing was changed

A `Finding` is one result of a check. Its code is stable; its message and how to mend it come from
the message catalogue under `<part>.<code>.message` and `<part>.<code>.mend`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from merger.messages import text


class Severity(StrEnum):
    """How much a finding weighs: errors stop, warnings are read, notes inform."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is: a file with line and column (from 1), or a dataset of a system and a key."""

    file: str = ""
    line: int = 0
    column: int = 0
    system: str = ""
    dataset: str = ""
    key: str = ""

    def __str__(self) -> str:
        if self.file:
            return f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return "/".join(part for part in (self.system, self.dataset, self.key) if part)


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a check. `fields` fill the message; they never hold a citizen's data."""

    part: str
    code: str
    severity: Severity
    place: Place = Place()
    fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return text(f"{self.part}.{self.code}.message", **self.fields)

    @property
    def mend(self) -> str:
        return text(f"{self.part}.{self.code}.mend", **self.fields)

    def __str__(self) -> str:
        return f"{self.place}: {self.code} {self.message}"


class MergerError(Exception):
    """An error whose text is the catalogue's message `key`, filled with `fields`."""

    exit_code = 1

    def __init__(self, key: str, **fields: object) -> None:
        super().__init__(key)
        self.key = key
        self.fields = fields

    def __str__(self) -> str:
        return text(self.key, **self.fields)


class InputError(MergerError):
    """Input that cannot be used. Every problem is one finding; nothing was changed."""

    exit_code = 2

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("errors.input", count=len(self.findings))

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)


class Refused(MergerError):
    """Something that must not be done now: `key` says what state things are in and what to do."""

    exit_code = 3
