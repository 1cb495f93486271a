"""Laws of evidence, for every history and whatever is known of its divisions."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from merger.lineage import Lineage, build
from merger.lineage.record import record_of
from merger.lineage.written import read, write
from merger.testing import laws
from merger.testing.evidence import Known, known
from merger.testing.laws.evidence import answers_of

quick = settings(max_examples=40)


@quick
@given(known())
def test_evidence_chooses_one_of_those_that_are_possible_without_it(one: Known) -> None:
    laws.evidence_chooses_among_what_is_possible(one)


@quick
@given(known())
def test_weaker_evidence_never_changes_what_is_decided(one: Known) -> None:
    laws.weaker_evidence_changes_nothing(one)


@quick
@given(known(), st.randoms(use_true_random=False))
def test_the_order_of_files_and_what_was_asked_before_do_not_matter(one: Known, chance: Random) -> None:
    laws.order_of_evidence_does_not_matter(one, chance)


@quick
@given(known())
def test_where_a_point_was_found_to_lie_decides_as_the_point_does(one: Known) -> None:
    laws.a_located_point_decides_as_the_point(one)


@quick
@given(known())
def test_a_record_read_back_decides_as_the_mapping_does(one: Known) -> None:
    kept = Lineage(read(write(record_of(one.mapping))))
    assert answers_of(kept, one) == answers_of(build(one.mapping), one)
