"""What is wrong with mappings that can be read.

`lint` applies every rule of `RULES` and keeps apart what a file suppresses; `check` is its findings.
`contradictions` tells of changes read from tables what cannot be true together, at the lines of the tables.
`read_roster` reads an official list to compare a mapping's units with.
"""

from merger.quality.linting import Linted, check, contradictions, lint
from merger.quality.roster import Roster, read_roster
from merger.quality.rules import OPEN, RULES, Rule
from merger.quality.suppress import Suppressed

__all__ = [
    "OPEN",
    "RULES",
    "Linted",
    "Roster",
    "Rule",
    "Suppressed",
    "check",
    "contradictions",
    "lint",
    "read_roster",
]
