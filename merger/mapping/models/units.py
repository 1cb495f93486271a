"""Units before and after, and what became of them (`merger/units/1`, `merger/localities/1`)."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from merger.mapping.models.base import Day, Definitions, LegalAct, Model, Ref

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


class Predecessor(Model):
    """A unit that goes, whole or in part, into the unit of its entry.

    Written as `90004 Xã Hai` when all of it goes; `people` left out of a divided unit is
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
    signed is known. `to` left out: what became of the unit is not known or, with `what: abolish`, it
    ended; `from` left out: what it was made of is not known or, with `what: create`, nothing. A unit that
    goes on under the same code and name is written as both.

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
