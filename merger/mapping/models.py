"""The kinds of definitions that people write, read beside the law, and sign.

Each kind is one file with its own `schema:`, loadable alone. Units and agencies are written as
`code name` in one string, so that a reader checks both at a glance and a diff shows both.
A `Mapping` is what several files say together.
"""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError


def _written_as_day(value: Any) -> Any:
    """Refuses text that is no `2025-07-01`: a bare number would be read as seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise PydanticCustomError("date_parsing", "not written as year-month-day")
    return value


Day = Annotated[date, BeforeValidator(_written_as_day)]


class Model(BaseModel):
    """Closed and frozen: an unknown key is a mistake to be named, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


What = Literal["merge", "split", "rename", "recode", "transfer", "create", "abolish"]
"""What happens to a unit in a change."""


class UnitKind(StrEnum):
    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


class Land(StrEnum):
    """How much of the predecessor's land goes to the successor."""

    WHOLE = "whole"
    PART = "part"
    NONE = "none"
    UNSPECIFIED = "unspecified"


class People(StrEnum):
    """How many of the predecessor's people go to the successor."""

    ALL = "all"
    SOME = "some"
    NONE = "none"
    UNSPECIFIED = "unspecified"


class Follows(StrEnum):
    """What a service goes by where land and people went different ways."""

    PEOPLE = "people"
    LAND = "land"


class Ref(Model):
    """A code and the name that stands beside it: `24848 Xã Lạc Dương`."""

    code: str = Field(min_length=1)
    name: str = ""

    @model_validator(mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            code, _, name = value.strip().partition(" ")
            return {"code": code, "name": name.strip()}
        return value

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class Title(Model):
    """A text in both languages."""

    vi: str
    en: str


class LegalAct(Model):
    """A law or resolution: its number, its date and what it decides."""

    number: str
    date: Day
    on: str = ""


class Predecessor(Model):
    """A unit that goes, whole or in part, into the unit of its entry.

    Written as `24865 Xã Đạ Sar` when all of it goes; `people` left out of a divided unit is
    unspecified, never assumed. `words` quotes what the clause says of this unit.
    """

    unit: Ref
    land: Land = Land.WHOLE
    people: People = People.ALL
    share: Annotated[float, Field(ge=0, le=1)] | None = None
    words: str = ""
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"unit": value}
        if isinstance(value, dict) and value.get("land", "whole") != "whole" and "people" not in value:
            return {**value, "people": "unspecified"}
        return value


class Area(Model):
    """What goes into a unit and never had a commune's code: an island district, a military range.

    `district` is the district that it was, or that it belonged to; `name` what the law calls it.
    """

    name: str = ""
    district: Ref | None = None
    land: Land = Land.WHOLE
    words: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _one_at_least(self) -> "Area":
        if not self.name and self.district is None:
            raise ValueError("area-needs-name-or-district")
        return self


class UnitEntry(Model):
    """One clause: the unit that it makes or keeps, and what this one is made of.

    `areas` are parts that had no commune's code. `words` quotes the clause where that helps a reader.
    """

    clause: str = ""
    into: Ref | None = None
    keep: Ref | None = None
    from_: tuple[Predecessor, ...] = Field(default=(), alias="from")
    areas: tuple[Area, ...] = ()
    words: str = ""
    area_km2: float | None = None
    point: tuple[float, float] | None = None
    note: str = ""

    @model_validator(mode="after")
    def _one_of(self) -> "UnitEntry":
        if (self.into is None) == (self.keep is None):
            raise ValueError("entry-needs-into-or-keep")
        if self.keep is not None and self.from_:
            raise ValueError("keep-takes-no-from")
        return self

    @property
    def unit(self) -> Ref:
        ref = self.into or self.keep
        assert ref is not None
        return ref


class DistrictEntry(Model):
    """A district of the time before, the province that it belonged to, and its communes' codes.

    `communes` may also say where each commune goes, as a conversion table from old to new does:
    `{22975: 22969, 22978: [22978, 22972]}`. The entries say the same from new to old; lint compares both.
    """

    unit: Ref
    province: str
    communes: tuple[str, ...] | dict[str, str | Annotated[tuple[str, ...], Field(min_length=2)]] = ()

    @property
    def goes(self) -> dict[str, tuple[str, ...]]:
        """The codes that each commune goes into, where the list says it."""
        if not isinstance(self.communes, dict):
            return {}
        return {code: (into,) if isinstance(into, str) else into for code, into in self.communes.items()}


class ProvinceEntry(Model):
    """The new province and the old ones that it is made of."""

    into: Ref
    from_: tuple[Predecessor, ...] = Field(alias="from")


class Change(Model):
    """One edge with a day of its own: a change before or after the reorganisation, or of another country.

    `date` is the first day on which the successor exists. Where that is only seen in lists, `after` is
    the last day on which the change had not happened. `dated: signed`: only the day on which the act was
    signed is known. `to` left out: what became of the unit is not known or it ended; `from` left out: it
    was created. A unit that goes on under the same code and name is written as both.

    `event` joins the edges of one act. Changes of one day happen together, unless `seq` orders them.
    `notes` holds further columns of a table that the change was read from.
    """

    date: Day
    what: What = "merge"
    kind: UnitKind = UnitKind.COMMUNE
    from_: Ref | None = Field(default=None, alias="from")
    to: Ref | None = None
    land: Land = Land.UNSPECIFIED
    people: People = People.UNSPECIFIED
    share: Annotated[float, Field(ge=0, le=1)] | None = None
    after: Day | None = None
    dated: Literal["effective", "signed"] = "effective"
    event: str = ""
    seq: int | None = None
    source: str = ""
    note: str = ""
    notes: dict[str, str] = Field(default_factory=dict)


class Counts(Model):
    """How many units there are by another source: the resolution's own count, the official lists.

    `before`, `after` and `kept` (those without arrangement) count communes by the word for their type
    (`{xã: 103, phường: 20}`), `districts` the districts by old province, `communes` the communes by
    district, `areas` what had no commune's code, `changes` the file's changes by what happens and `days`
    by their day. What is left out is not compared.
    """

    before: dict[str, int] = Field(default_factory=dict)
    after: dict[str, int] = Field(default_factory=dict)
    kept: dict[str, int] = Field(default_factory=dict)
    districts: dict[str, int] = Field(default_factory=dict)
    communes: dict[str, int] = Field(default_factory=dict)
    areas: int | None = None
    changes: dict[str, int] = Field(default_factory=dict)
    days: dict[str, int] = Field(default_factory=dict)


class Suppression(Model):
    """A finding that somebody has looked at and lets stand.

    `rule` is the finding's code, `of` the code or name that it is about (left out: every finding of the
    rule in this file), `reason` says why it may stand.
    """

    rule: str = Field(pattern=r"^[A-Z]{3}[0-9]{3}$")
    of: str = ""
    reason: str = Field(min_length=1)


class Definitions(Model):
    """What the files of every kind have in common."""

    schema_: str = Field(alias="schema")
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: Title | None = None
    example: bool = False
    note: str = ""
    suppress: tuple[Suppression, ...] = ()


class UnitsFile(Definitions):
    """Units of one new province and what they are made of (`merger/units/1`).

    `codes`: whose codes these are, `vn` those of Viet Nam's statistics office (2, 3 or 5 digits), `other`
    any that hold no space.
    """

    schema_: Literal["merger/units/1"] = Field(alias="schema")
    codes: Literal["vn", "other"] = "vn"
    effective: Day
    legal_basis: tuple[LegalAct, ...] = ()
    counts: Counts | None = None
    province: ProvinceEntry | None = None
    districts: tuple[DistrictEntry, ...] = ()
    communes: tuple[UnitEntry, ...] = ()
    changes: tuple[Change, ...] = ()


class Level(StrEnum):
    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


class Agency(Model):
    """An organisation: `X00.05 Sở Xây dựng`, with the older written form of its code if it had one.

    `unit` is the code of the administrative unit that it serves; `function` a word that competence
    rules use (`construction`, `committee`, `office` and so on).
    """

    agency: Ref
    former: str = ""
    level: Level
    function: str = ""
    unit: str


class AgencyBefore(Agency):
    """An agency of the time before and where its work goes.

    `into` is the code of its one successor, or `unit` (the agency of the same function of the unit
    that its unit went into), or `competence` (a competence rule says, service by service).
    `documents` names the agency that receives its documents where `into` cannot say.
    """

    into: str
    documents: str = ""


class AgenciesFile(Definitions):
    """Agencies before and after (`merger/agencies/1`)."""

    schema_: Literal["merger/agencies/1"] = Field(alias="schema")
    effective: Day
    legal_basis: tuple[LegalAct, ...] = ()
    before: tuple[AgencyBefore, ...] = ()
    after: tuple[Agency, ...] = ()


class ToFunction(Model):
    """The agency of the new province that has this function."""

    function: str


class ToAgency(Model):
    """This very agency."""

    agency: str


class CompetenceRule(Model):
    """Who takes over the pending work of an abolished agency.

    `to`: `commune` (the committee of the new commune where the place lies), a provincial function,
    an agency, or `person` (a person decides). A rule that names services is more exact than one that
    names fields, and that more than one that names neither; two rules equally exact are a hold.
    """

    rule: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    levels: tuple[Level, ...] = ()
    functions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    works: tuple[Literal["dossiers", "documents"], ...] = ("dossiers",)
    to: Literal["commune", "person"] | ToFunction | ToAgency
    source: str = ""
    note: str = ""


class CompetenceFile(Definitions):
    """Competence rules (`merger/competence/1`)."""

    schema_: Literal["merger/competence/1"] = Field(alias="schema")
    effective: Day
    legal_basis: tuple[LegalAct, ...] = ()
    rules: tuple[CompetenceRule, ...]


class ServiceField(Model):
    """A field of services (lĩnh vực) and whether its services follow people or land."""

    field: str
    follows: Follows | None = None


class Service(Model):
    """An administrative procedure: `1.013228 Cấp lại giấy phép xây dựng …`, by its national root."""

    service: Ref
    field: str
    levels: tuple[Level, ...] = ()
    follows: Follows | None = None


class ServicesFile(Definitions):
    """Services and their fields (`merger/services/1`)."""

    schema_: Literal["merger/services/1"] = Field(alias="schema")
    fields: tuple[ServiceField, ...] = ()
    services: tuple[Service, ...] = ()


class Localities(Model):
    """Hamlets, quarters or roads of a divided unit that went into one successor."""

    unit: Ref
    into: Ref
    names: tuple[str, ...]


class LocalitiesFile(Definitions):
    """Which localities of divided units went where (`merger/localities/1`)."""

    schema_: Literal["merger/localities/1"] = Field(alias="schema")
    effective: Day
    legal_basis: tuple[LegalAct, ...] = ()
    localities: tuple[Localities, ...]


class Decision(Model):
    """What a person decided for combinations that nothing else decides.

    `when` names the codes of the combination as the source holds them (`system`, `dataset`, and any
    of the dataset's fields); what it leaves out may be anything. `then` gives the field's new code;
    `exclude` leaves the rows in the source under that name instead.
    """

    decision: str
    author: str
    date: Day
    reason: str
    when: dict[str, str | None]
    then: dict[str, str] = Field(default_factory=dict)
    exclude: str = ""

    @model_validator(mode="after")
    def _one_of(self) -> "Decision":
        if bool(self.then) == bool(self.exclude):
            raise ValueError("decision-needs-then-or-exclude")
        return self


class DecisionsFile(Definitions):
    """Manual decisions (`merger/decisions/1`)."""

    schema_: Literal["merger/decisions/1"] = Field(alias="schema")
    decisions: tuple[Decision, ...]


AnyFile = UnitsFile | AgenciesFile | CompetenceFile | ServicesFile | LocalitiesFile | DecisionsFile

KINDS: dict[str, type[Definitions]] = {
    "merger/units/1": UnitsFile,
    "merger/agencies/1": AgenciesFile,
    "merger/competence/1": CompetenceFile,
    "merger/services/1": ServicesFile,
    "merger/localities/1": LocalitiesFile,
    "merger/decisions/1": DecisionsFile,
}


class Mapping(Model):
    """What a set of files says together. `digests` are SHA-256 of each file's exact bytes, by id."""

    units: tuple[UnitsFile, ...] = ()
    agencies: tuple[AgenciesFile, ...] = ()
    competence: tuple[CompetenceFile, ...] = ()
    services: tuple[ServicesFile, ...] = ()
    localities: tuple[LocalitiesFile, ...] = ()
    decisions: tuple[DecisionsFile, ...] = ()
    digests: dict[str, str] = Field(default_factory=dict)
