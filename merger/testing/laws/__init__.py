"""What must hold for every mapping and every job. Each law raises AssertionError in few words.

Laws of a mapping take a `Mapping`, laws of a job a `Trial`; both may be made up or somebody's own. Laws of
the graph take a `Land`, of which it is known what truly happened; laws of codes take `Waiting` agencies,
laws of lists of services `Planted` ones.
"""

from merger.testing.laws.codes import (
    codes_are_given_once,
    order_of_agencies_does_not_matter,
    registers_read_back,
    written_codes_stay,
)
from merger.testing.laws.evidence import (
    a_located_point_decides_as_the_point,
    evidence_chooses_among_what_is_possible,
    order_of_evidence_does_not_matter,
    weaker_evidence_changes_nothing,
)
from merger.testing.laws.graphs import (
    one_step_lies_within_two,
    order_does_not_matter,
    steps_answer_as_days,
)
from merger.testing.laws.handing import work_is_found_both_ways
from merger.testing.laws.jobs import (
    applying_again_changes_nothing,
    every_row_is_accounted_for,
    no_change_escapes_verification,
    resuming_equals_running_through,
    rolling_back_restores,
)
from merger.testing.laws.lists import (
    a_list_does_not_differ_from_itself,
    an_answer_settles_its_question_alone,
    every_code_is_once_in_the_outcome,
    merging_again_changes_nothing,
    order_of_lists_does_not_matter,
    what_is_merged_resolves_as_merged,
)
from merger.testing.laws.mappings import every_agency_is_answered_for, every_unit_is_answered_for
from merger.testing.laws.truth import all_that_can_be_decided_is, answers_are_true, the_way_back_leads_home

__all__ = [
    "a_list_does_not_differ_from_itself",
    "a_located_point_decides_as_the_point",
    "all_that_can_be_decided_is",
    "an_answer_settles_its_question_alone",
    "answers_are_true",
    "applying_again_changes_nothing",
    "codes_are_given_once",
    "every_agency_is_answered_for",
    "every_code_is_once_in_the_outcome",
    "every_row_is_accounted_for",
    "every_unit_is_answered_for",
    "evidence_chooses_among_what_is_possible",
    "merging_again_changes_nothing",
    "no_change_escapes_verification",
    "one_step_lies_within_two",
    "order_does_not_matter",
    "order_of_agencies_does_not_matter",
    "order_of_evidence_does_not_matter",
    "order_of_lists_does_not_matter",
    "registers_read_back",
    "resuming_equals_running_through",
    "rolling_back_restores",
    "steps_answer_as_days",
    "the_way_back_leads_home",
    "weaker_evidence_changes_nothing",
    "what_is_merged_resolves_as_merged",
    "work_is_found_both_ways",
    "written_codes_stay",
]
