"""Made-up histories of units: codes reused, divided, rejoined, swapped, over several rounds."""

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any

from hypothesis import strategies as st

from merger.mapping.models import Mapping, UnitsFile

CODES = ("00001", "00002", "00003", "00004", "00005", "00006")
ROUNDS = (date(2020, 1, 1), date(2022, 7, 1), date(2025, 7, 1))
DAYS = (date(2019, 6, 1), *ROUNDS, date(2026, 1, 1))

Entry = dict[str, Any]


def units_file(day: date, entries: Sequence[Entry], **more: Any) -> UnitsFile:
    """A file of communes that change together on `day`. `more`: other parts of the file."""
    return UnitsFile.model_validate(
        {
            "schema": "merger/units/1",
            "id": f"made-up-{day.isoformat()}",
            "effective": day,
            "legal_basis": [{"number": f"act-{day.year}", "date": day, "on": "communes"}],
            "communes": list(entries),
            **more,
        }
    )


def mapping(*files: UnitsFile) -> Mapping:
    """The files as one mapping."""
    return Mapping(units=files)


def one_round(chance: Random, alive: Sequence[str], codes: Sequence[str]) -> tuple[list[Entry], list[str]]:
    """Entries that say of every unit in `alive` where its land and people go, and the units of after.

    The units of after bear some of `codes`, those of `alive` among them, so codes are reused.
    """
    after = sorted(chance.sample(codes, chance.randint(1, len(codes))))
    made_of: dict[str, list[Entry]] = {}
    for code in alive:
        targets = sorted(chance.sample(after, min(chance.choice([1, 1, 1, 2, 3]), len(after))))
        if len(targets) == 1:
            made_of.setdefault(targets[0], []).append({"unit": code})
            continue
        home = chance.choice([None, *targets])
        share = chance.choice([None, 1 / len(targets)])
        for target in targets:
            people = "some" if home is None else ("all" if target == home else "none")
            part = {"unit": code, "land": "part", "people": people, "share": share}
            made_of.setdefault(target, []).append(part)
    entries = [
        {"clause": str(number), "into": code, "from": made_of[code]}
        for number, code in enumerate(sorted(made_of), start=1)
    ]
    return entries, sorted(made_of)


@st.composite
def lineages(draw: st.DrawFn, rounds: Sequence[date] = ROUNDS) -> Mapping:
    """Histories that a legislator could write: each unit in force goes somewhere, nothing goes twice."""
    alive = sorted(draw(st.sets(st.sampled_from(CODES), min_size=1)))
    chance = draw(st.randoms(use_true_random=False))
    files = []
    for day in draw(st.lists(st.sampled_from(rounds), unique=True, min_size=1).map(sorted)):
        entries, alive = one_round(chance, alive, CODES)
        files.append(units_file(day, entries))
    return mapping(*files)


@st.composite
def wild_lineages(draw: st.DrawFn) -> Mapping:
    """Whatever can be written down, contradictions and gaps included."""
    land = st.sampled_from(["whole", "part", "none", "unspecified"])
    people = st.sampled_from(["all", "some", "none", "unspecified"])
    code = st.sampled_from(CODES[:4])
    part = st.fixed_dictionaries(
        {"unit": code, "land": land, "people": people, "share": st.none() | st.floats(0, 1)}
    )
    entry = st.fixed_dictionaries({"into": code, "from": st.lists(part, max_size=3)}) | st.fixed_dictionaries(
        {"keep": code}
    )
    change = st.fixed_dictionaries(
        {
            "date": st.sampled_from([*DAYS, date.min, date.max]),
            "from": st.none() | code,
            "to": st.none() | code,
            "what": st.sampled_from(["merge", "rename", "recode", "create", "abolish"]),
        }
    )
    district = st.fixed_dictionaries(
        {"unit": st.just("901 District"), "province": st.just("91"), "communes": st.lists(code, max_size=2)}
    )
    days = draw(st.lists(st.sampled_from(ROUNDS), min_size=1, max_size=4))
    files = [
        units_file(
            day,
            draw(st.lists(entry, max_size=4)),
            id=f"wild-{number}",
            changes=draw(st.lists(change, max_size=3)),
            districts=draw(st.lists(district, max_size=1)),
        )
        for number, day in enumerate(days)
    ]
    return mapping(*files)
