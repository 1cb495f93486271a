"""What a dry run writes and what a run reports: plans, holds, counts, checks, differences.

None of these hold a citizen's name, number, address or free text: codes, counts, digests and the
technical keys of rows only.
"""

from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from pydantic import Field

from merger.mapping.models import LegalAct, Model, Title


class Fate(StrEnum):
    """What becomes of a row: it is moved, it stays until a person decides, or a rule leaves it."""

    MOVE = "move"
    HOLD = "hold"
    EXCLUDE = "exclude"


class Candidate(Model):
    """A possible successor of a hold."""

    field: str
    code: str
    name: str = ""


ADDRESS = "address"
"""How an outcome says that an address decided."""
AGAINST = "against {}"
"""How it says what was given too and says otherwise, but is weaker than what decided."""
MANUAL = "decision {}"
"""How it says that a person's decision did, by its name."""


class Outcome(Model):
    """What is decided for combinations of codes, and why.

    `gives` is what moved rows get (`<field>.code`, `<field>.name`). `why` is the exclusion's rule or the
    hold's reason, `field` the first field that a hold waits for. `old_unit` and `old_agency` are the
    identified ones, or `unknown`. `decided_by`: what chose between several successors (`lineage.By`,
    `Follows`, names of rules of competence), and the words above, with commas between them.
    """

    fate: Fate
    gives: dict[str, str] = Field(default_factory=dict)
    why: str = ""
    field: str = ""
    decided_by: str = ""
    evidence: tuple[str, ...] = ()
    old_unit: str = "unknown"
    old_agency: str = "unknown"


class Decision(NamedTuple):
    """One combination of codes as the source holds it (in the order of the dataset's `parts`), the number
    of its outcome, and how many rows have it."""

    codes: tuple[str | None, ...]
    outcome: int
    rows: int


class RowException(NamedTuple):
    """A row that its combination alone does not settle: held by `why`, or merged into another row.

    `key` is the technical key. `into_key` is that of the surviving row of dataset `into_dataset` of
    `into_system`, or of the target's own row where `into_system` is empty.
    """

    key: str
    fate: Fate
    why: str
    into_system: str = ""
    into_dataset: str = ""
    into_key: str = ""


class UnitCount(Model):
    """Conservation for one old unit of one dataset: in_scope = moved + held + excluded."""

    unit: str
    name: str = ""
    in_scope: int
    moved: int
    held: int
    excluded: int


class AgencyCount(Model):
    """Conservation for the rows that one old agency has and one new agency gets: of one dataset, rows that
    belong to others included. `new` is empty for what does not move; `held` by reason, `excluded` by rule."""

    old: str
    new: str = ""
    moved: int = 0
    held: dict[str, int] = Field(default_factory=dict)
    excluded: dict[str, int] = Field(default_factory=dict)


class DatasetPlan(Model):
    """What the plan says of one dataset of one system.

    A decision's number is its place in `decisions`, an outcome's its place in `outcomes`. `by_address` are
    the rows to move whose unit an address decided. `to_update` and `to_withdraw`: rows moved by earlier runs
    that say something else now, and that the source does not have any more. `files`: the files
    that the rows to move and to update name, where these are moved too. `by_agency`: of datasets whose rows
    have a holder, or belong to one that has.
    """

    system: str
    dataset: str
    target: str
    in_scope: int
    to_move: int
    held: int
    excluded: dict[str, int]
    held_by_reason: dict[str, int] = Field(default_factory=dict)
    collisions: int
    batches: int
    by_address: int = 0
    to_update: int = 0
    to_withdraw: int = 0
    files: int = 0
    by_unit: tuple[UnitCount, ...] = ()
    by_agency: tuple[AgencyCount, ...] = ()
    parts: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    decisions: tuple[Decision, ...] = ()
    exceptions: tuple[RowException, ...] = ()


class Hold(Model):
    """Combinations (or rows) of one dataset that have no unique successor, for one reason.

    `field`: the first field that nothing decides; empty where the codes alone do not hold the rows.
    `column`: the target's column whose value cannot be carried over, where that holds the rows.
    """

    id: str
    system: str
    dataset: str
    codes: dict[str, str | None]
    reason: str
    rows: int
    field: str = ""
    column: str = ""
    candidates: tuple[Candidate, ...] = ()
    evidence: tuple[str, ...] = ()


class Fingerprint(Model):
    """What a source was when the plan was made.

    A bulk run compares schema and combinations (the source is in use), a final one the content too.
    """

    schema_: str = Field(alias="schema")
    combinations: str
    content: str = ""


class Digests(Model):
    """SHA-256 of everything the plan was computed from."""

    job: str
    mapping: str
    profiles: dict[str, str]
    engine: str


class Flow(NamedTuple):
    """Work that goes from an old agency to a new one: by dataset, service and state.

    `running`: rows bound to a running workflow that the new platform's officers must start again.
    """

    dataset: str
    system: str
    from_agency: str
    to_agency: str
    service: str = ""
    state: str = ""
    rows: int = 0
    overdue: int = 0
    due_soon: int = 0
    running: int = 0


DUE_DAYS = (0, 3, 7, 30)
"""The days after the cut-over that divide deadlines: overdue, due within three days, a week, thirty days."""
Due = tuple[int, ...]
"""Rows by when they are due: before each of DUE_DAYS (and not before an earlier one), later, without a
deadline."""


class Caveat(Model):
    """What must be known of how a source was read (see `migrate/caveats.py`): how a replica follows its
    primary, and the age of the last change that it has; or which tables are not read as of one moment."""

    code: Literal["follows", "behind", "paused", "cut-off", "untold", "no-one-view"]
    seconds: int | None = None
    tables: tuple[str, ...] = ()


class Plan(Model):
    """One run of a job in every detail (`merger/plan/1`).

    `due`: the rows of each flow by when they are due, in the order of `flows`; empty in plans that were made
    before this was counted.
    `untried`: by dataset of the target, the rules of its table of which nothing could be told beforehand.
    `job_beside`: the job's file, seen from the plan's folder.
    `isolation`: in which the sources were read that had to be copied, by system; empty where the database
    does not say.
    `caveats`: by system, of sources of which there is something to be known.
    `service_classes`: by system, which class of services stands for a service's code in the combinations.
    """

    schema_: Literal["merger/plan/1"] = Field(alias="schema")
    id: str
    job: str
    job_file: str
    job_beside: str = ""
    author: str
    kind: Literal["pilot", "bulk", "catch-up", "final"]
    scope: tuple[str, ...] = ()
    cutover: datetime
    created: datetime
    digests: Digests
    source_fingerprints: dict[str, Fingerprint]
    isolation: dict[str, str] = Field(default_factory=dict)
    caveats: dict[str, tuple[Caveat, ...]] = Field(default_factory=dict)
    service_classes: dict[str, dict[str, str]] = Field(default_factory=dict)
    target_schema: str
    untried: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    datasets: tuple[DatasetPlan, ...]
    holds: tuple[Hold, ...]
    flows: tuple[Flow, ...] = ()
    due: tuple[Due, ...] = ()
    approvals_needed: int


State = Literal["ok", "failed", "not-run"]


class Check(Model):
    """One integrity check of one dataset."""

    code: str
    state: State
    detail: str = ""


class Difference(Model):
    """A cell (or a whole row) in which source and target differ. Values are left out unless asked for."""

    system: str
    dataset: str
    key: str
    column: str = ""
    kind: Literal["missing", "extra", "changed"]
    expected: str | None = None
    found: str | None = None


class SideTotal(Model):
    """One side of a comparison as a whole: its rows, and the sum modulo 2**256 of their hashes, as 64
    hexadecimal digits."""

    rows: int
    fold: str


class DatasetChecks(Model):
    """The checks of one dataset of one system. `expected`, `found`: its rows of all runs as the source (or,
    where the source was not read, the ledger) and as the target have them."""

    system: str
    dataset: str
    rows: int
    checks: tuple[Check, ...]
    expected: SideTotal | None = None
    found: SideTotal | None = None


class FileNote(Model):
    """What is to be told of the file of one row: why it is held, what is different, or a note on which
    nothing depends. `code` and `fields`: of the messages `files.<code>.message` and `.mend`."""

    system: str
    dataset: str
    key: str
    code: str
    fields: dict[str, str] = Field(default_factory=dict)
    what: Literal["held", "different", "note"]


class Verification(Model):
    """What `verify` found, and when. `files`: the files that differ or are held."""

    when: datetime | None = None
    state: Literal["equal", "different"]
    strength: Literal["full", "quick"]
    datasets: tuple[DatasetChecks, ...]
    differences: tuple[Difference, ...] = ()
    files: tuple[FileNote, ...] = ()


class FilesInTarget(Model):
    """What became so far of the files that a run's rows of one dataset name. `there`: stood there before;
    `waiting`: begun and not done; `held_by_reason`: by the code of the message."""

    system: str
    dataset: str
    copied: int
    bytes: int
    there: int
    held: int
    waiting: int
    held_by_reason: dict[str, int] = Field(default_factory=dict)


class AgencyName(Model):
    """An agency's code and name, and its older written form."""

    code: str
    name: str
    former: str = ""


class Approval(Model):
    """Who signed what, when. `envelope`: the SHA-256 of the signature's file, where it is to be had."""

    name: str
    role: str = ""
    what: str
    when: datetime
    keyid: str = ""
    statement: str = ""
    envelope: str = ""


class Summary(Model):
    """Everything a report shows of a plan or a run.

    `scope`: the new units of a pilot; `due` as in a plan, `untried` too of what is one; `approvals` of the
    plan, `approvals_before` of its job and definitions. `titles`: by system, by `system/dataset`, by
    `rule <rule>` for the job's exclusions, by `state <system>/<dataset> <state>` for states of rows.
    `isolation`: as of a plan; of a run that is done, as its record in the audit trail keeps it.
    """

    what: Literal["plan", "run"]
    id: str
    state: str
    job: str
    title: Title | None = None
    kind: str = ""
    scope: tuple[str, ...] = ()
    author: str = ""
    cutover: datetime
    made: datetime
    ended: datetime | None = None
    legal_basis: tuple[LegalAct, ...] = ()
    digests: dict[str, str] = Field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    approvals_before: tuple[Approval, ...] = ()
    approvals_needed: int = 0
    datasets: tuple[DatasetPlan, ...] = ()
    holds: tuple[Hold, ...] = ()
    verification: Verification | None = None
    flows: tuple[Flow, ...] = ()
    due: tuple[Due, ...] = ()
    old_agencies: tuple[AgencyName, ...] = ()
    new_agencies: tuple[AgencyName, ...] = ()
    services: dict[str, str] = Field(default_factory=dict)
    titles: dict[str, Title] = Field(default_factory=dict)
    work_list: int = 0
    files: tuple[FilesInTarget, ...] = ()
    isolation: dict[str, str] = Field(default_factory=dict)
    untried: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    caveats: dict[str, tuple[Caveat, ...]] = Field(default_factory=dict)
    trail_anchor: str = ""
