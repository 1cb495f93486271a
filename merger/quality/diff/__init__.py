"""What an edit of a mapping changes, in the words of those who answer for it.

`diff` compares two states of a mapping: units that go elsewhere, land and people apart, also through
chains of changes; units added, removed, renamed, recoded; clauses, localities, agencies, competence rules
and the rest. Order, comments and layout are no difference.
"""

from merger.mapping import LoadedMapping
from merger.mapping.models import Mapping
from merger.quality.diff.effects import effects
from merger.quality.diff.matching import compare_statements
from merger.quality.diff.model import PART, Diff, Difference, Group, heading, successors_in_words
from merger.quality.diff.statements import statements
from merger.quality.diff.successors import compare_edges, compare_made, compare_names
from merger.quality.diff.view import View, edges, pair_files, recodings

__all__ = ["NOTHING", "PART", "Diff", "Difference", "Group", "diff", "heading", "successors_in_words"]

NOTHING = LoadedMapping(Mapping(), ())
"""A mapping without files: what a file that was added is compared with."""


_GOES = ("land", "people", "both", "before")


def diff(old: LoadedMapping, new: LoadedMapping) -> Diff:
    """All differences between two states of a mapping."""
    slots, days = pair_files(old, new)
    undated = View(slots, days)
    view = View(slots, days, recodings(old, undated, new))
    then, now = list(edges(old, view)), list(edges(new, View()))
    found = list(compare_edges(then, now, view.codes))
    direct = {(one.kind, one.code) for one in found if one.aspect in _GOES}
    found += compare_made(old, view, new)
    whole = {(one.kind, one.code) for one in found if one.how != "changed" and one.aspect == "after"}
    found += dict.fromkeys(compare_names(old, view, new))
    stated = compare_statements(statements(old, view), statements(new, View()))
    found += [one for one in stated if not (_entry_alone(one) and (one.kind, one.code) in whole)]
    if found:
        keys = {(one.kind, one.day, one.old_key) for one in (*then, *now)}
        found += effects(old, view, new, {key for key in keys if (key[0], key[2]) in direct})
    order = list(Group)
    return Diff(
        tuple(sorted(found, key=lambda one: (order.index(one.group), one.in_old, _place(one), one.subject))),
        frozenset(str(one.path) for one in new.documents if one.value.id not in slots.values()),
        frozenset(str(one.path) for one in old.documents if one.value.id not in slots),
    )


def _entry_alone(one: Difference) -> bool:
    return one.group is Group.CLAUSES and one.how != "changed"


def _place(one: Difference) -> tuple[str, int, int]:
    return one.place.file, one.place.line, one.place.column
