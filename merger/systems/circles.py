"""Datasets that refer to each other in circles, or to themselves: which references are *late*, and in what
order rows move all the same.

A late reference is not filled when its row is put in, since the row that it means may come after it; it is
tied when all rows of the circle are there.
"""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from merger.systems.profile import Dataset, Profile

Graph = Mapping[str, Sequence[str]]


def moved(profile: Profile) -> tuple[str, ...]:
    """The datasets whose rows move."""
    return tuple(name for name, dataset in sorted(profile.datasets.items()) if dataset.to)


def circles(profile: Profile) -> list[frozenset[str]]:
    """The moved datasets that have late references between them, or to themselves."""
    graph = _graph(profile)
    found = dict.fromkeys(_circle(graph, name) for name in graph)
    return [one for one in found if any(late(profile, name) for name in one)]


def circle_of(profile: Profile, name: str) -> frozenset[str]:
    """The circle that a dataset is of; empty where it is of none."""
    return next((one for one in circles(profile) if name in one), frozenset())


def late(profile: Profile, name: str) -> frozenset[str]:
    """The names of the late references of a dataset: to the dataset itself, and the optional ones along a
    circle. What a row belongs to is there before it."""
    if not profile.datasets[name].to:
        return frozenset()
    return frozenset(_late(profile.datasets[name], name, _circle(_graph(profile), name)))


def late_columns(profile: Profile, name: str) -> list[str]:
    """The columns of the target that the late references of a dataset fill."""
    dataset, tied = profile.datasets[name], late(profile, name)
    meant = {dataset.references[word].to for word in tied}
    return [
        column
        for column, value in dataset.columns.items()
        if value.reference in tied or (value.reference not in dataset.references and value.reference in meant)
    ]


def in_order(profile: Profile) -> tuple[str, ...]:
    """The moved datasets, those that others refer to first, those of a circle one after another. Raises
    CycleError where a circle has no optional reference."""
    graph = _graph(profile)
    first = {name: min(_circle(graph, name)) for name in graph}
    whole: dict[str, list[str]] = {first[name]: [] for name in graph}
    within: dict[str, dict[str, list[str]]] = {one: {} for one in whole}
    for name in graph:
        tied = late(profile, name)
        references = profile.datasets[name].references.items()
        others = [(word, first.get(one.to, one.to), one.to) for word, one in references]
        whole[first[name]] += [one for _, one, _ in others if one != first[name]]
        inner = [to for word, one, to in others if one == first[name] and word not in tied]
        within[first[name]][name] = inner
    ordered: list[str] = []
    for one in TopologicalSorter(whole).static_order():
        ordered += TopologicalSorter(within.get(one, {})).static_order()
    return tuple(ordered)


def unbroken(profile: Profile) -> list[str]:
    """A circle of moved datasets that no optional reference breaks, first and last the same; else none."""
    try:
        in_order(profile)
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def parents_in_circle(profile: Profile) -> list[str]:
    """A circle of datasets that belong to each other, first and last the same; else none."""
    parents = {
        name: [dataset.references[dataset.parent].to]
        for name, dataset in profile.datasets.items()
        if dataset.parent in dataset.references
    }
    try:
        TopologicalSorter(parents).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def _graph(profile: Profile) -> Graph:
    """The moved datasets that each refers to, itself left out."""
    names = moved(profile)
    return {
        name: [
            one.to for one in profile.datasets[name].references.values() if one.to != name and one.to in names
        ]
        for name in names
    }


def _circle(graph: Graph, name: str) -> frozenset[str]:
    """The datasets that a dataset refers to, straight or by others, and that refer to it so; and itself."""
    there = _reached(graph, name)
    return frozenset(one for one in there if name in _reached(graph, one)) | {name}


def _reached(graph: Graph, name: str) -> set[str]:
    found: set[str] = set()
    ahead = [name]
    while ahead:
        for one in graph[ahead.pop()]:
            if one not in found:
                found.add(one)
                ahead.append(one)
    return found


def _late(dataset: Dataset, name: str, circle: frozenset[str]) -> Iterator[str]:
    for word, reference in dataset.references.items():
        itself = reference.to == name
        if word != dataset.parent and (itself or (reference.optional and reference.to in circle)):
            yield word
