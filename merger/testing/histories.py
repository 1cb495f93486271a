"""Made-up histories of units: codes reused, divided, rejoined, swapped, over several rounds."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from merger.mapping.models import Mapping, UnitsFile

CODES = ("00001", "00002", "00003", "00004", "00005", "00006")
ROUNDS = (date(2020, 1, 1), date(2022, 7, 1), date(2025, 7, 1))
DAYS = (date(2019, 6, 1), *ROUNDS, date(2026, 1, 1))

Entry = dict[str, Any]

Steps = list[tuple[date, list[list[Entry]]]]
"""By day, for each of its steps, the entries."""


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


def as_changes(day: date, entries: Sequence[Entry], seq: int | None = None) -> list[Entry]:
    """Entries of communes as changes of their own, all at one step of the day."""
    return [
        {
            "date": day,
            "seq": seq,
            "what": "merge",
            "from": part["unit"],
            "to": entry["into"],
            "land": part.get("land", "whole"),
            "people": part.get("people", "all"),
            "share": part.get("share"),
        }
        for entry in entries
        for part in entry["from"]
    ]


@st.composite
def steps(draw: st.DrawFn, rounds: Sequence[date] = ROUNDS) -> Steps:
    """Sound histories with days of up to three steps."""
    alive = sorted(draw(st.sets(st.sampled_from(CODES), min_size=1)))
    chance = draw(st.randoms(use_true_random=False))
    days = []
    for day in draw(st.lists(st.sampled_from(rounds), unique=True, min_size=1).map(sorted)):
        done = []
        for _ in range(draw(st.integers(1, 3))):
            entries, alive = one_round(chance, alive, CODES)
            done.append(entries)
        days.append((day, done))
    return days


def chained(days: Steps) -> Mapping:
    """The steps of each day in their order on that day."""
    return mapping(
        *(
            units_file(
                day, [], changes=[one for i, each in enumerate(done) for one in as_changes(day, each, i + 1)]
            )
            for day, done in days
        )
    )


def spread(days: Steps) -> Mapping:
    """The steps of each day on days of their own, the last one on the day itself."""
    changes = [
        one
        for day, done in days
        for i, each in enumerate(done)
        for one in as_changes(day - timedelta(days=len(done) - 1 - i), each)
    ]
    return mapping(units_file(ROUNDS[0], [], changes=changes))


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
            "what": st.sampled_from(["merge", "rename", "recode", "create", "abolish", "split"]),
            "land": st.sampled_from(["unspecified", "part", "whole"]),
            "people": st.sampled_from(["unspecified", "some", "all"]),
            "seq": st.sampled_from([None, None, 1, 2]),
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
