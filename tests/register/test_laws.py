"""Laws of allocation, of the register and of its differences, on made-up agencies."""

import tempfile
from datetime import date
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from merger.codes import eid
from merger.codes.eid import Eid
from merger.codes.waiting import waits
from merger.lineage import Agencies, build
from merger.mapping import LoadedMapping, load
from merger.mapping.models import AgenciesFile, Agency
from merger.mapping.write import to_yaml
from merger.register import (
    Allocation,
    Entry,
    allocate,
    differences,
    entries_of,
    fill,
    read_register,
    write_register,
)

DAY = date(2025, 7, 1)
FUNCTIONS = ("office", "works", "land")
LEVELS = ("province", "commune")
PARENTS = ("", "", "", "H90.05", "new-a", "new-b")

numbers = st.sampled_from(["1", "01", "2", "02", "03", "9", "98", "99", "101", "100", "007", "0012", "AB"])
olds = st.lists(
    st.tuples(
        st.lists(numbers, min_size=1, max_size=3),
        st.sampled_from(["H90", "H91"]),
        st.sampled_from(FUNCTIONS),
        st.sampled_from(["", "000.00.04.H90", "000.03.09.H90", "000.00.07.H91"]),
        st.sampled_from(["H90", "new-a", "new-b", "H90.05"]),
    ),
    max_size=10,
    unique_by=lambda one: (tuple(one[0]), one[1]),
)
news = st.lists(
    st.tuples(
        st.sampled_from(FUNCTIONS),
        st.sampled_from(LEVELS),
        st.integers(1, 40),
        st.sampled_from(PARENTS),
    ),
    max_size=8,
    unique_by=lambda one: one[:3],
)
draws = st.tuples(olds, news)


def agency(code: str, name: str, level: str, function: str, unit: str, **more: str) -> dict[str, str]:
    said = {"agency": f"{code} {name}", "level": level, "function": function, "unit": unit}
    return said | {key: value for key, value in more.items() if value}


def files(drawn: tuple[list, list], shuffle: Random | None = None) -> list[AgenciesFile]:
    """Two files of one day: agencies of before and after, some of them without a code."""
    old, new = drawn
    before = [agency("H90", "UBND", "province", "committee", "90", into="H90")] + [
        agency(".".join([top, *groups]), f"Sở {number}", "province", function, "90", former=former, into=into)
        for number, (groups, top, function, former, into) in enumerate(old)
    ]
    after = [
        agency("H90", "UBND", "province", "committee", "90"),
        agency("H90.05", "Sở Năm", "province", "works", "90"),
        agency("new-a", "Sở A", "province", "land", "90"),
        agency("new-b", "Sở B", "province", "works", "90"),
    ]
    wanted = [
        agency("new", f"Cơ quan {function} {unit}", level, function, f"{90000 + unit}", parent=parent)
        for function, level, unit, parent in new
    ]
    if shuffle:
        for entries in (before, after, wanted):
            shuffle.shuffle(entries)
    made = [
        {"id": "one", "before": before[::2], "after": after},
        {"id": "two", "before": before[1::2], "after": wanted},
    ]
    if shuffle:
        shuffle.shuffle(made)
    return [
        AgenciesFile.model_validate({"schema": "merger/agencies/1", "effective": DAY, **said})
        for said in made
    ]


def loaded(made: list[AgenciesFile]) -> LoadedMapping:
    with tempfile.TemporaryDirectory() as folder:
        for number, file in enumerate(made):
            (Path(folder) / f"{number}.yaml").write_text(to_yaml(file), "utf-8")
        return load([Path(folder)])


def given_codes(found: Allocation) -> dict[tuple[str, ...], str]:
    return {(one.wanted.agency.level, *_told(one.wanted.agency)): one.code for one in found.codes}


def _told(one: Agency) -> tuple[str, str, str]:
    return one.function, one.unit, one.agency.name


def forms(code: str) -> set[tuple[str, ...]]:
    read = eid.parse(code)
    return {eid.identity(read)} if isinstance(read, Eid) else set()


@settings(max_examples=120, deadline=None)
@given(draws)
def test_codes_are_all_different_of_nobody_ever_and_within_their_limits(drawn):
    mapping = loaded(files(drawn))
    found = allocate(mapping)
    used = set().union(
        *(
            forms(code)
            for file in mapping.mapping.agencies
            for one in (*file.before, *file.after)
            for code in (one.agency.code, one.former)
        )
    )
    fresh = [one for one in found.codes if not one.kept]
    own = [eid.identity(eid.parse(one.code)) for one in found.codes]
    assert len(own) == len(set(own))
    assert not {eid.identity(eid.parse(one.code)) for one in fresh} & used
    for one in found.codes:
        assert len(one.code) <= eid.LONGEST
        assert one.code.startswith(f"{one.parent}." if one.parent else "H")
        former = eid.to_former(eid.parse(one.code))
        if not one.kept:
            assert one.former == (former.text if isinstance(former, Eid) else "")
            assert bool(one.former) != bool(one.why_no_former)
        if one.former and not one.kept:
            assert forms(one.former) == forms(one.code)


@settings(max_examples=80, deadline=None)
@given(draws, st.integers(0, 2**32))
def test_the_order_of_files_and_entries_makes_no_difference(drawn, seed):
    there = allocate(loaded(files(drawn)))
    shuffled = allocate(loaded(files(drawn, Random(seed))))
    assert given_codes(there) == given_codes(shuffled)
    assert sorted(one.code for one in there.findings) == sorted(one.code for one in shuffled.findings)


def filled(mapping: LoadedMapping, found: Allocation) -> list[AgenciesFile]:
    own = {one.document.value.id: one.content for one in fill(mapping, found).files}
    with tempfile.TemporaryDirectory() as folder:
        for document in mapping.documents:
            path = Path(folder) / f"{document.value.id}.yaml"
            path.write_bytes(own.get(document.value.id, document.content))
        return list(load([Path(folder)]).mapping.agencies)


@settings(max_examples=60, deadline=None)
@given(draws, news)
def test_what_was_written_stays_when_agencies_are_added_and_a_second_run_adds_nothing(drawn, more):
    mapping = loaded(files(drawn))
    first = allocate(mapping)
    written = filled(mapping, first)
    again = allocate(loaded(written))
    assert again.codes == ()
    assert fill(loaded(written), again).files == ()
    old, new = drawn
    known = {one[:3] for one in new}
    grown = (old, [*new, *(one for one in more if one[:3] not in known)])
    second = given_codes(allocate(loaded(files(grown)), written=written))
    before = given_codes(first)
    assert {key: second[key] for key in before} == before


@settings(max_examples=60, deadline=None)
@given(draws)
def test_a_register_of_every_kind_reads_back_and_differs_from_itself_in_nothing(drawn):
    mapping = loaded(files(drawn))
    whole = loaded(filled(mapping, allocate(mapping))).mapping
    agencies = Agencies(whole, build(whole))
    for day in (date(2025, 6, 30), DAY):
        entries = entries_of(agencies, day)
        assert not any(waits(one.code) for one in entries)
        with tempfile.TemporaryDirectory() as folder:
            for suffix in (".csv", ".json"):
                path = Path(folder) / f"register{suffix}"
                path.write_bytes(write_register(entries, day, suffix))
                assert read_register(path) == entries
        assert differences(entries, entries) == ()
    assert write_register(entries, DAY, ".csv") == write_register(entries_of(agencies, DAY), DAY, ".csv")


entries = st.lists(
    st.builds(
        Entry,
        code=st.sampled_from(["H90", "H90.01", "H90.02", "H90.03", "H90.04"]),
        name=st.sampled_from(["Sở A", "Sở B", "=Sở C"]),
        level=st.just("province"),
        function=st.sampled_from(FUNCTIONS),
        unit=st.sampled_from(["90", "91"]),
        state=st.sampled_from(["active", "closed"]),
        successors=st.sampled_from([(), ("H90",), ("H90.01",), ("H90.02", "H90.03")]),
        succession=st.sampled_from(["", "one", "several", "open"]),
    ).map(
        lambda one: (
            one.model_copy(update={"successors": (), "succession": ""})
            if one.state == "active"
            else one.model_copy(update={"succession": ("open", "one", "several")[len(one.successors)]})
        )
    ),
    max_size=5,
    unique_by=lambda one: one.code,
)

MIRRORED = {"closed": "reopened", "reopened": "closed", "opened": "dropped", "entered": "dropped"}


@settings(max_examples=200, deadline=None)
@given(entries, entries)
def test_differences_the_other_way_are_the_mirror(old, new):
    there, back = differences(old, new), differences(new, old)
    turned = {
        (MIRRORED.get(one.how, one.how), one.now if one.how == "renumbered" else one.code)
        for one in there
        if one.how != "dropped"
    }
    own = {
        (one.how, one.until if one.how == "renumbered" else one.code)
        for one in back
        if one.how not in ("opened", "entered")
    }
    assert turned == own
    assert (there == ()) == (sorted(old, key=lambda one: one.code) == sorted(new, key=lambda one: one.code))
