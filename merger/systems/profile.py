"""A profile: what a system's tables and columns mean, and how its rows become the target's.

A profile is written once for a product and serves every database of that product. The job says which
database it is (path or environment variable), so a profile holds no credentials.

Values are read by small declarative expressions (`Value`), never by code: a new vendor's schema
needs a new profile only.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from merger.mapping.models import Day, Follows, Model, Title, UnitKind
from merger.mapping.tree import Loc

SERVICE = "service"
"""How columns ask what was decided on the service of a row: `service.code`."""


class Role(StrEnum):
    """What a unit or agency in a row says, and so whether it is reassigned.

    `holder`: who acts next (reassigned). `place`: where the matter belongs (reassigned).
    `origin`: who issued or received it (history; kept as it is).
    """

    HOLDER = "holder"
    PLACE = "place"
    ORIGIN = "origin"


class Value(Model):
    """Where a value comes from. A bare string is a column, copied as it is.

    Source of the value, one of:
      column     a column of the dataset's table
      lookup     `local_column -> dataset.column`: the column of the one row of another dataset of the
                 same system whose key equals the local column
      constant   the same for every row
      decided    `<field>.code` or `<field>.name`, of a unit also `.parent` and `.parent_name` (its
                 province): what the plan decided for a unit or agency field of this dataset, or of the
                 row it belongs to (its parent). `service.code` and `service.name`: the service of the
                 list that goes on, if the dataset has a `service`
      reference  a dataset: the target's key of the row of that dataset which `column` refers to
      system     true: the id of the source system
    Then, in this order:
      json       `$.a.b[0].c`: a path inside the JSON text that the column holds
      time       how a time is written (`iso`, `dd/MM/yyyy`, `dd/MM/yyyy HH:mm:ss`, `yyyyMMddHHmmss`,
                 `yyyyMMdd`, `epoch_ms`), `zone` its zone where the text does not say (the profile's
                 zone else); becomes `YYYY-MM-DD HH:MM:SS` in the profile's zone; the empty text is no
                 time and becomes NULL
      day        true: only the day of that time, `YYYY-MM-DD`
      values     a translation; a value that it does not name holds the row (reason `untranslated`)
      qualify    true: a user name, written as `name@system`, since user names belong to their system;
                 with `separator` a list of them
      default    what NULL becomes
    """

    column: str = ""
    lookup: str = ""
    constant: str | int | None = None
    decided: str = ""
    reference: str = ""
    system: bool = False
    json_path: str = Field(default="", alias="json", pattern=r"^(\$.*)?$")
    time: str = ""
    zone: str = ""
    day: bool = False
    values: dict[str, str] = Field(default_factory=dict)
    qualify: bool = False
    separator: str = ""
    default: str | int | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value

    @property
    def is_plain(self) -> bool:
        """Whether it is a column of its own table, as it stands there."""
        return bool(self.column) and self.model_dump(exclude_defaults=True) == {"column": self.column}

    def looked_up(self) -> tuple[str, str, str]:
        """Local column, dataset and column of a lookup."""
        local, _, rest = (part.strip() for part in self.lookup.partition("->"))
        dataset, _, column = rest.partition(".")
        return local, dataset, column


class UnitField(Model):
    """A field that names an administrative unit by its code.

    `follows` says what the row goes by where land and people differ and its service does not say.
    `address` is where the matter's address stands in free text: read for rows without a code, and only where
    the job says so.
    """

    value: Value
    address: Value | None = None
    kind: UnitKind = UnitKind.COMMUNE
    role: Role
    follows: Follows | None = None
    optional: bool = False


class AgencyField(Model):
    """A field that names an agency by its electronic identification code, in either written form.

    `place` names the unit field that says where the matter lies, for competence by place.
    """

    value: Value
    role: Role
    place: str = ""
    works: Literal["dossiers", "documents"] = "dossiers"
    optional: bool = False


class Reference(Model):
    """A row of this dataset refers to one of another. The child shares the fate of what it refers to.

    `column` holds the key of the other dataset, or the value of its column `on`. `optional`: NULL and
    empty refer to nothing and are no orphans; a row without its parent always is one.
    """

    to: str
    column: str
    json_path: str = Field(default="", alias="json")
    on: str = ""
    optional: bool = False


class PointField(Model):
    """Where a matter lies on the map: latitude and longitude in degrees of WGS 84, as numbers or text."""

    lat: Value
    lon: Value


class FileField(Model):
    """A file outside the database that a row names.

    `path`: where it is in the source system's file store; NULL and the empty text name none. `to`: the
    column of the target, one of `columns`, that says where it is to be. `size` (bytes) and `sha256`
    (hexadecimal): what the database says of the file.
    """

    path: Value
    to: str
    size: Value | None = None
    sha256: Value | None = None


class KeyAllocation(Model):
    """How the target gives keys to moved rows.

    `block`: a reserved run of integers, given out in the order of the source's keys. `keep`: the
    source's key is kept as it is. The platform's own counter (`counter_table`, the row `counter_where`,
    its `counter_column`) is advanced past the block; without one the table's own sequence is.
    """

    way: Literal["block", "keep"] = "block"
    counter_table: str = ""
    counter_where: dict[str, str] = Field(default_factory=dict)
    counter_column: str = ""


class Dataset(Model):
    """One table of a system.

    Reading side: `units`, `agencies`, `service`, `dated_by`, `status`, `locality`, `point`, `references`,
    `files`, `to` (the target's dataset) and `columns` (target column: value). Writing side: `keys`, `unique`,
    `references` (used for order and roll-back).
    `parent` names the reference whose row this one belongs to. `number` is the value under which
    people know the row (a dossier's number), `deadline` a value that must be carried over unchanged.
    `states`: what people call the values of `status`; one without a title is shown as it is.
    `personal` are columns that must never appear in a message, a log, a plan or a report; `public` are
    columns that say nothing of anybody, so that a masked copy for rehearsals leaves them as they are.
    `widths`: how many characters a column takes, which counts instead of the type that the database declares.
    """

    table: str
    key: tuple[str, ...] = Field(min_length=1)
    title: Title | None = None
    units: dict[str, UnitField] = Field(default_factory=dict)
    agencies: dict[str, AgencyField] = Field(default_factory=dict)
    service: Value | None = None
    dated_by: Value | None = None
    status: Value | None = None
    pending: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    states: dict[str, Title] = Field(default_factory=dict)
    locality: Value | None = None
    point: PointField | None = None
    number: Value | None = None
    deadline: Value | None = None
    workflow: Value | None = None
    references: dict[str, Reference] = Field(default_factory=dict)
    files: dict[str, FileField] = Field(default_factory=dict)
    parent: str = ""
    personal: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    widths: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    to: str = ""
    columns: dict[str, Value] = Field(default_factory=dict)
    keys: KeyAllocation = KeyAllocation()
    unique: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    holder_columns: tuple[str, ...] = ()
    place_columns: tuple[str, ...] = ()

    def values(self) -> dict[Loc, Value]:
        """Every value that the dataset reads, by where the profile says so."""
        found: dict[Loc, Value] = {("units", name, "value"): one.value for name, one in self.units.items()}
        found |= {("units", name, "address"): one.address for name, one in self.units.items() if one.address}
        found |= {("agencies", name, "value"): one.value for name, one in self.agencies.items()}
        found |= {("columns", name): one for name, one in self.columns.items()}
        for name, file in self.files.items():
            read = {"path": file.path, "size": file.size, "sha256": file.sha256}
            found |= {("files", name, what): one for what, one in read.items() if one is not None}
        named = {"service": self.service, "dated_by": self.dated_by, "status": self.status,
                 "locality": self.locality, "number": self.number, "deadline": self.deadline,
                 "workflow": self.workflow}  # fmt: skip
        if self.point is not None:
            found |= {("point", "lat"): self.point.lat, ("point", "lon"): self.point.lon}
        return found | {(name,): one for name, one in named.items() if one is not None}

    def looked_up(self) -> set[str]:
        """The datasets of the same system in which values are looked up."""
        return {one.looked_up()[1] for one in self.values().values() if one.lookup}


class Doubtful(Model):
    """Days (both included) on which a row may carry codes from before or from after the change."""

    first: Day
    last: Day


class Database(Model):
    """Where a system's data is: a file beside the file that says so, or an environment variable that holds
    a URL."""

    path: str = ""
    url_env: str = ""


class FilesAt(Model):
    """Where the files are that a system's rows name. One of:

    path      a folder, seen from the file that says so
    url       `file:///folder`, `sftp://user@host:port/folder` or `s3://bucket/prefix`, without a password
    url_env   an environment variable that holds such a URL; there it may hold a password
    `options`: a YAML file, seen from the file that says so, with what else the store asks for: for SFTP
    `username`, `password`, `client_keys` (files), `passphrase`, `known_hosts` (a file); for S3 `key`,
    `secret`, `token`, `endpoint_url`, `region`, `anon`. What is left out comes from the environment, as
    usual for OpenSSH and AWS.
    """

    path: str = ""
    url: str = ""
    url_env: str = ""
    options: str = ""


class Profile(Model):
    """A system's tables and columns (`merger/profile/1`).

    `database` is where questions to a table (`PROFILE:TABLE`) look; a job names its databases itself.
    """

    schema_: Literal["merger/profile/1"] = Field(alias="schema")
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: Title | None = None
    product: str = ""
    zone: str = "Asia/Ho_Chi_Minh"
    doubtful: tuple[Doubtful, ...] = ()
    database: Database | None = None
    datasets: dict[str, Dataset]

    @property
    def recodes_services(self) -> bool:
        """Whether any column asks what became of the rows' services."""
        return any(
            value.decided.partition(".")[0] == SERVICE
            for dataset in self.datasets.values()
            for value in dataset.columns.values()
        )

    def root_of(self, name: str) -> str:
        """The dataset whose combinations decide a dataset's rows: itself, or its parent's root."""
        while parent := self.datasets[name].parent:
            name = self.datasets[name].references[parent].to
        return name
