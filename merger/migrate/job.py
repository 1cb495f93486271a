"""A job: the mapping, the source systems, the target, the cut-over moment, and the signed policies."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from merger.mapping.models import Model, Title
from merger.systems.profile import Database, FilesAt


class System(Model):
    """One system of the job: its id, its profile file, its database, and where its files are.

    `province`: the code of the old province whose list of services the system uses; needed where provinces
    used one code for different services.
    """

    system: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: Title | None = None
    profile: str
    database: Database
    files: FilesAt | None = None
    province: str = ""


class Exclusion(Model):
    """A named rule that leaves rows in the source.

    `not_pending`: rows whose status is not one of the dataset's pending ones. Otherwise rows whose
    `column` has one of `values`. Narrowed to `systems` and `datasets` where given.
    """

    rule: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: Title | None = None
    systems: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    not_pending: bool = False
    column: str = ""
    values: tuple[str, ...] = ()


class Collision(Model):
    """What to do where two rows want the same unique value in the target.

    `hold`: both stay until a person decides. `qualify`: the value of `column` is changed for every row
    that this job moves into the dataset, as `with` says (`{system}` and `{value}` stand for
    themselves), and so keeps both. `merge`: rows are the same person when `unique` and every `second`
    attribute agree; a placeholder value is nobody's and becomes NULL.
    """

    dataset: str
    unique: str
    rule: Literal["hold", "qualify", "merge"]
    column: str = ""
    with_: str = Field(default="", alias="with")
    second: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()


class AddressRule(Model):
    """Addresses in free text decide rows whose unit has no code.

    `confidence`: the share of right answers below which none decides, by the calibration that comes with the
    toolkit.
    """

    confidence: Annotated[float, Field(ge=0.9, le=0.9999)]


class Policies(Model):
    """What the signers of the job agreed to.

    `approvals`: how many different people must sign. `author_may_sign`: whether those count whose own work it
    is: the job's author, and who wrote a decision of its mapping. `roles`: each must be among those who sign.
    `approval_days`: how long a signature counts at most, whatever it says itself.
    `holds_allowed`: how many rows may be held before `plan` and `apply` end with 1.
    `stale_codes`: a code that was no longer valid on the row's day, and never meant another unit, is
    resolved from its last day (`resolve`) or held (`hold`). `batch_rows`: how many rows a batch has at most;
    where nobody says, what is best for the kind of target.
    """

    approvals: Annotated[int, Field(ge=0)] = 2
    author_may_sign: bool = False
    roles: tuple[Literal["administrator", "approver"], ...] = ()
    approval_days: Annotated[int, Field(ge=1)] | None = None
    holds_allowed: Annotated[int, Field(ge=0)] = 0
    stale_codes: Literal["hold", "resolve"] = "hold"
    batch_rows: Annotated[int, Field(ge=1)] | None = None

    @model_serializer(mode="wrap")
    def _written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without `roles` and `approval_days` where a job does not say them: what was signed before
        there were any stays as it was signed."""
        said: dict[str, Any] = handler(self)
        return {
            name: value for name, value in said.items() if value or name not in ("roles", "approval_days")
        }

    def agreed(self) -> dict[str, str | int | bool | None]:
        """The policies as they are signed."""
        roles = {"roles": ",".join(sorted(self.roles))} if self.roles else {}
        return self.model_dump() | roles


class Job(Model):
    """A whole campaign (`merger/job/1`).

    `trust` is the signed list of people and keys; `trust_root`, where given, the id of the key that must
    have begun it. Without `addresses` no address decides anything.
    """

    schema_: Literal["merger/job/1"] = Field(alias="schema")
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: Title | None = None
    author: str
    mapping: tuple[str, ...]
    trust: str = "trust.json"
    trust_root: str = ""
    cutover: datetime
    target: System
    sources: tuple[System, ...] = Field(min_length=1)
    exclude: tuple[Exclusion, ...] = ()
    collisions: tuple[Collision, ...] = ()
    addresses: AddressRule | None = None
    policies: Policies = Policies()
