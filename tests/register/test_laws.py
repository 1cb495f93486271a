"""Laws of allocation, of the register and of its differences, on made-up agencies."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from merger.register import Entry, differences
from merger.testing import laws
from merger.testing.waiting import Waiting, waiting

FUNCTIONS = ("office", "works", "land")


@settings(max_examples=100, deadline=None)
@given(waiting())
def test_codes_are_all_different_of_nobody_ever_and_within_their_limits(made: Waiting) -> None:
    laws.codes_are_given_once(made)


@settings(max_examples=60, deadline=None)
@given(waiting(), st.randoms(use_true_random=False))
def test_the_order_of_files_and_entries_makes_no_difference(made: Waiting, chance: Random) -> None:
    laws.order_of_agencies_does_not_matter(made, chance)


@settings(max_examples=50, deadline=None)
@given(waiting(), waiting())
def test_what_was_written_stays_when_agencies_are_added_and_a_second_run_adds_nothing(
    made: Waiting, more: Waiting
) -> None:
    laws.written_codes_stay(made, more)


@settings(max_examples=40, deadline=None)
@given(waiting())
def test_a_register_reads_back_and_differs_from_itself_in_nothing(made: Waiting) -> None:
    laws.registers_read_back(made)


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
