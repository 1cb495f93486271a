"""Agencies and who takes over their work (`merger/agencies/1`, `merger/competence/1`)."""

from typing import Literal

from pydantic import Field

from merger.mapping.models.base import Day, Definitions, LegalAct, Level, Model, Ref


class Agency(Model):
    """An organisation: `X00.05 Sở Xây dựng`, with the older written form of its code if it had one.

    `unit` is the code of the administrative unit that it serves; `function` a word that competence
    rules use (`construction`, `committee`, `office` and so on). An agency whose code is still to be
    allocated has a place-holder for one: `new`, or `new-` and words of one's own. `parent` is the code of
    the agency to which it then belongs; left out, the province's own.
    """

    agency: Ref
    former: str = ""
    level: Level
    function: str = ""
    unit: str
    parent: str = ""


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
    an agency, or `person` (a person decides). `levels_after`: only for services of which it is stated that
    these levels, and no others, do them afterwards. A rule that names services is more exact than one that
    names fields, and that more than one that names neither; of two such rules, one that names
    `levels_after` is the more exact; two rules equally exact are a hold.
    """

    rule: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    levels: tuple[Level, ...] = ()
    functions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    levels_after: tuple[Level, ...] = ()
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
