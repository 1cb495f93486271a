"""Reads a profile and checks that what it names is there."""

from collections.abc import Iterator
from pathlib import Path

from merger.errors import Finding, InputError, Severity
from merger.mapping.document import Document, read_document
from merger.mapping.models import UnitKind
from merger.mapping.tree import Loc
from merger.systems.circles import parents_in_circle, unbroken
from merger.systems.profile import SERVICE, Dataset, Profile, Role, Value
from merger.systems.times import FORMATS, is_zone

WHAT = ("code", "name", "parent", "parent_name")


def load_profile(path: Path) -> Document[Profile]:
    """The profile in a file. Raises InputError with every problem of it, each at its line and column."""
    document = read_document(path, Profile)
    findings = [
        Finding("systems", code, Severity.ERROR, document.place(loc), fields)
        for code, loc, fields in _problems(document.value)
    ]
    if findings:
        raise InputError(findings)
    return document


Problem = tuple[str, Loc, dict[str, object]]


def _problems(profile: Profile) -> Iterator[Problem]:
    if not is_zone(profile.zone):
        yield "unknown-zone", ("zone",), {"zone": profile.zone}
    for name, dataset in profile.datasets.items():
        yield from _dataset_problems(profile, name, dataset)
    if circle := parents_in_circle(profile):
        yield "parent-cycle", ("datasets", circle[0], "references"), {"cycle": " → ".join(circle)}
    elif circle := unbroken(profile):
        yield "reference-cycle", ("datasets", circle[0], "references"), {"cycle": " → ".join(circle)}


def _dataset_problems(profile: Profile, name: str, dataset: Dataset) -> Iterator[Problem]:
    here: Loc = ("datasets", name)
    if dataset.to and len(dataset.key) != 1:
        yield "composite-key", (*here, "key"), {"dataset": name}
    for reference_name, reference in dataset.references.items():
        if reference.to not in profile.datasets:
            yield "no-dataset", (*here, "references", reference_name, "to"), {"dataset": reference.to}
    if dataset.parent and dataset.parent not in dataset.references:
        yield "no-reference", (*here, "parent"), {"reference": dataset.parent}
    elif dataset.parent and dataset.to:
        parent = dataset.references[dataset.parent].to
        if parent in profile.datasets and not profile.datasets[parent].to:
            yield "unmoved-parent", (*here, "parent"), {"dataset": name, "parent": parent}
    decided = [field for field, one in dataset.units.items() if one.role is not Role.ORIGIN]
    decided += [field for field, one in dataset.agencies.items() if one.role is Role.HOLDER]
    if dataset.parent and (decided or dataset.service is not None):
        yield "child-decides", here, {"dataset": name}
    for field, unit in dataset.units.items():
        if unit.address and (unit.role is Role.ORIGIN or unit.kind is not UnitKind.COMMUNE):
            yield "unread-address", (*here, "units", field, "address"), {"field": field}
    for file_name, file in dataset.files.items():
        if file.to not in dataset.columns:
            yield "no-file-column", (*here, "files", file_name, "to"), {"column": file.to}
    for field, agency in dataset.agencies.items():
        if agency.place and agency.place not in dataset.units:
            yield "no-field", (*here, "agencies", field, "place"), {"field": agency.place}
    for value_loc, value in dataset.values().items():
        yield from _value_problems(profile, dataset, (*here, *value_loc), value)


def _value_problems(profile: Profile, dataset: Dataset, loc: Loc, value: Value) -> Iterator[Problem]:
    if value.time and value.time not in FORMATS:
        yield "unknown-time", loc, {"time": value.time, "known": ", ".join(FORMATS)}
    if value.zone and not is_zone(value.zone):
        yield "unknown-zone", loc, {"zone": value.zone}
    if value.lookup:
        _, other, column = value.looked_up()
        if other not in profile.datasets or not column:
            yield "no-dataset", loc, {"dataset": other or value.lookup}
    if value.reference and value.reference not in dataset.references:
        targets = [one.to for one in dataset.references.values()]
        if targets.count(value.reference) != 1:
            yield "no-reference", loc, {"reference": value.reference}
    if value.reference and dataset.to:
        to = (
            dataset.references[value.reference].to
            if value.reference in dataset.references
            else value.reference
        )
        if to in profile.datasets and not profile.datasets[to].to:
            yield "unmoved-reference", loc, {"dataset": to}
    if value.decided:
        field, _, what = value.decided.partition(".")
        owner = _root(profile, dataset)
        of_service = field == SERVICE and owner.service is not None and what in ("code", "name")
        if not of_service and (what not in WHAT or field not in (*owner.units, *owner.agencies)):
            yield "no-field", loc, {"field": value.decided}


def _root(profile: Profile, dataset: Dataset) -> Dataset:
    seen: list[Dataset] = []
    while dataset.parent and dataset not in seen:
        seen.append(dataset)
        reference = dataset.references.get(dataset.parent)
        if reference is None or reference.to not in profile.datasets:
            break
        dataset = profile.datasets[reference.to]
    return dataset
