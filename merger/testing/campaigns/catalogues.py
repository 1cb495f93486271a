"""Lists of services with planted differences, written as offices write them, read and merged: what is found
against the truth."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from merger.catalogues import Entry, merge, read_catalogues
from merger.testing.campaigns.outcome import Note, Outcome
from merger.testing.catalogues import SURVIVOR, made_up, planted, written

Base = Callable[[Random], Sequence[Entry]]


Facts = set[tuple[str, ...]]


def run(count: int, seed: int, note: Note, base: Base = lambda chance: made_up(chance, 60)) -> Outcome:
    """`count` trials. A failure is a difference that was not found or is none, a code with another fate, or a
    procedure that is another's under a similar name and is not offered as that."""
    outcome = Outcome("catalogues")
    chance = Random(seed)
    totals = [0, 0, 0]
    for number in range(count):
        note(f"catalogues: {number} of {count}")
        found, true = _trial(Random(chance.getrandbits(64)), base)
        for kind, *_ in true:
            outcome.counts[kind] += 1
        outcome.failures += [f"trial {number}: not found: {one}" for one in sorted(true - found)]
        outcome.failures += [f"trial {number}: not so: {one}" for one in sorted(found - true)]
        mine, theirs = _differences(found), _differences(true)
        totals = [sum(pair) for pair in zip(totals, map(len, (mine & theirs, mine, theirs)), strict=True)]
    both, claimed, there = totals
    outcome.notes.append(
        f"differences: {there:,} planted, {claimed:,} found, recall {both / max(there, 1):.4f}, "
        f"precision {both / max(claimed, 1):.4f}"
    )
    return outcome


def _differences(facts: Facts) -> Facts:
    return {one for one in facts if one[0] not in (_FATE, _TWIN)}


_FATE, _TWIN = "fates of codes", "offered under a similar name"


def _trial(chance: Random, base: Base) -> tuple[Facts, Facts]:
    """What was found and what is true: differences by kind, province and code, fates, and what is offered."""
    truth = planted(chance, base(chance))
    with tempfile.TemporaryDirectory() as folder:
        files = [(one.province, written(chance, one, Path(folder))) for one in truth.catalogues]
        into = SURVIVOR, written(chance, truth.survivor, Path(folder))
        chance.shuffle(files)
        listed, survivor = read_catalogues(files, into)
    merged = merge([one.catalogue for one in listed], survivor.catalogue)
    found: Facts = {(one.kind.value, one.province, one.entry.code) for one in merged.differences}
    true: Facts = {(kind.value, province, code) for kind, province, code in truth.differences}
    found |= {(_FATE, one.province, one.entry.code, one.outcome.value, *one.into) for one in merged.fates}
    true |= {(_FATE, *code, result.value, *into) for code, (result, into) in truth.fates.items()}
    true |= {(_TWIN, *code, twin) for code, twin in truth.twins.items()}
    for group in merged.groups:
        offered = {one.code for one in group.offered}
        for one in group.differences:
            twin = truth.twins.get((one.province, one.entry.code), "")
            if twin in offered:
                found.add((_TWIN, one.province, one.entry.code, twin))
    return found, true
