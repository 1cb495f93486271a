"""What reading a foreign format gives: drafts of definitions, to be mended, checked and signed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from merger.errors import Finding, Place
from merger.mapping.models import Definitions
from merger.mapping.tree import Loc
from merger.mapping.write import to_yaml


@dataclass(frozen=True, slots=True)
class Draft:
    """One file to be written: its definitions and the comments that stand beside them (see `to_yaml`).

    `origin` gives the place, in what was read, of a value of the draft; None where nobody keeps it.
    """

    value: Definitions
    comments: Mapping[Loc, Sequence[str]] = field(default_factory=dict)
    origin: Callable[[Loc], Place] | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """The file's name: its id."""
        return f"{self.value.id}.yaml"

    @property
    def text(self) -> str:
        """The file's content."""
        return to_yaml(self.value, self.comments)


@dataclass(frozen=True, slots=True)
class Imported:
    """The drafts, and what a person must look at; their places are in what was read.

    Input that cannot be used at all raises InputError instead.
    """

    drafts: tuple[Draft, ...]
    findings: tuple[Finding, ...] = ()
