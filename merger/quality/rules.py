"""Every rule: its stable code, how much it weighs, and the check that finds it. See docs/rules.md."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from merger.errors import Severity
from merger.quality import (
    agencies,
    closure,
    codes,
    competence,
    dates,
    divisions,
    drafts,
    eids,
    evidence,
    names,
    official,
    references,
    services,
    texts,
    units,
)
from merger.quality.subject import Hit, Subject

Check = Callable[[Subject], Iterator[Hit]]

ERROR, WARNING = Severity.ERROR, Severity.WARNING


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of mistake. `unless`: rules that say the same of the same unit more exactly, so that this one
    is silent. A rule without a check is one about suppressions, which `lint` applies itself."""

    code: str
    severity: Severity
    check: Check | None
    unless: tuple[str, ...] = ()


def _from_lineage(word: str, *unless: str) -> Rule:
    severity = WARNING if word == "names-differ" else ERROR
    return Rule(closure.MAPPED[word], severity, partial(closure.said_by_lineage, word=word), unless)


OPEN = ("MAP161", "MAP162")
"""The rules on points that drafts leave open: settled in the file itself, never suppressed."""

CONTRADICTIONS = frozenset(
    {"MAP113", "MAP114", "MAP117", "MAP118", "MAP146", "MAP153", "MAP158"}
    | {rule for word, rule in closure.MAPPED.items() if word != "names-differ"}
)
"""The rules on changes that cannot be true, or not together: what a list of changes is told at once."""

UNUSED = "MAP901"
UNKNOWN = "MAP902"
AMBIGUOUS = "MAP903"

RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        Rule("MAP101", ERROR, units.whole_units_are_named_once, ("MAP102",)),
        Rule("MAP102", ERROR, units.predecessors_are_named_once_in_an_entry),
        Rule("MAP103", ERROR, units.units_are_made_once),
        Rule("MAP104", ERROR, units.communes_of_districts_go_somewhere),
        Rule("MAP105", ERROR, units.communes_belong_to_one_district),
        Rule("MAP106", WARNING, codes.codes_have_their_digits),
        Rule("MAP107", ERROR, units.land_adds_up, ("MAP113",)),
        Rule("MAP108", ERROR, units.people_add_up, ("MAP107", "MAP113")),
        Rule("MAP109", ERROR, units.shares_add_up),
        Rule("MAP110", ERROR, names.names_agree),
        Rule("MAP111", ERROR, units.taken_communes_are_listed),
        Rule("MAP112", ERROR, units.units_are_made_of_something),
        Rule("MAP113", ERROR, units.every_edge_moves_something),
        Rule("MAP114", ERROR, units.shares_fit_extents),
        Rule("MAP115", WARNING, units.extents_are_said),
        Rule("MAP116", ERROR, units.lists_and_entries_say_the_same),
        Rule("MAP117", WARNING, evidence.ends_fit_what_happens),
        Rule("MAP118", WARNING, units.wholes_leave_nothing_open, ("MAP101",)),
        Rule("MAP121", ERROR, codes.codes_are_assigned),
        Rule("MAP122", WARNING, codes.codes_used_again_are_linked),
        Rule("MAP123", ERROR, codes.districts_belong_to_provinces_of_the_file),
        Rule("MAP124", ERROR, codes.communes_come_from_provinces_of_the_file),
        Rule("MAP131", WARNING, names.names_change_by_changes),
        Rule("MAP132", ERROR, names.types_fit_kinds),
        Rule("MAP133", WARNING, names.names_have_types),
        Rule("MAP134", ERROR, names.names_are_borne_once),
        Rule("MAP135", WARNING, names.names_are_not_nearly_the_same),
        Rule("MAP141", WARNING, evidence.files_name_their_acts),
        Rule("MAP142", WARNING, evidence.entries_name_their_clause),
        Rule("MAP143", ERROR, evidence.clauses_form_one_unit, ("MAP103",)),
        Rule("MAP144", WARNING, evidence.clauses_are_complete),
        Rule("MAP145", WARNING, evidence.changes_name_their_source),
        Rule("MAP146", ERROR, evidence.changes_are_told_once),
        Rule("MAP147", ERROR, evidence.counts_are_met),
        Rule("MAP148", WARNING, evidence.clauses_stand_in_order),
        Rule("MAP151", ERROR, dates.acts_come_before_their_effect),
        Rule("MAP152", ERROR, dates.acts_have_one_date),
        Rule("MAP153", ERROR, dates.changes_are_seen_before_they_happened),
        Rule("MAP154", WARNING, dates.spans_do_not_cross),
        Rule("MAP155", WARNING, dates.changes_lie_on_one_side),
        Rule("MAP156", ERROR, dates.files_of_one_act_have_one_day),
        Rule("MAP157", WARNING, dates.decisions_follow_the_acts),
        Rule("MAP158", WARNING, dates.units_do_not_go_in_circles),
        Rule("MAP159", WARNING, dates.acts_follow_their_numbers),
        Rule(OPEN[0], ERROR, drafts.open_errors_are_settled),
        Rule(OPEN[1], WARNING, drafts.open_warnings_are_settled),
        Rule("MAP201", ERROR, references.localities_name_known_units),
        Rule("MAP202", ERROR, references.localities_go_where_their_unit_goes),
        Rule("MAP203", ERROR, references.localities_go_to_one_unit),
        Rule("MAP204", ERROR, references.agencies_serve_known_units),
        Rule("MAP205", ERROR, references.rules_name_known_agencies),
        Rule("MAP206", ERROR, references.rules_name_known_functions),
        Rule("MAP207", ERROR, references.services_are_known),
        Rule("MAP208", ERROR, references.fields_are_known),
        Rule("MAP209", ERROR, references.decisions_name_known_successors),
        Rule("MAP210", WARNING, references.localities_are_named_once),
        Rule("MAP211", ERROR, divisions.drawings_are_of_known_units),
        Rule("MAP212", ERROR, divisions.drawings_do_not_overlap),
        Rule("MAP213", WARNING, divisions.points_lie_in_their_units),
        Rule("MAP214", ERROR, divisions.decisions_name_a_part_of_their_unit),
        Rule("MAP215", ERROR, divisions.decisions_on_a_unit_agree),
        Rule("MAP301", ERROR, agencies.agency_codes_are_given_once),
        Rule("MAP302", ERROR, agencies.agencies_go_to_known_ones),
        Rule("MAP303", ERROR, agencies.agencies_do_not_go_in_circles),
        Rule("MAP304", ERROR, competence.rules_do_not_compete),
        Rule("MAP305", ERROR, competence.names_of_rules_are_given_once),
        Rule("MAP306", ERROR, agencies.agencies_of_one_code_serve_one_province),
        Rule("MAP307", ERROR, agencies.agencies_of_abolished_units_go_on),
        Rule("MAP308", ERROR, agencies.agencies_are_of_their_units_level),
        Rule("MAP309", WARNING, competence.rules_can_match),
        Rule("MAP310", ERROR, competence.agencies_have_rules),
        Rule("MAP311", WARNING, competence.services_say_what_they_follow),
        Rule("MAP312", ERROR, competence.fields_follow_one_thing),
        Rule("MAP313", ERROR, competence.services_are_told_alike),
        Rule("MAP321", ERROR, eids.codes_of_agencies_are_allocated),
        Rule("MAP322", ERROR, eids.former_codes_are_borne_once, ("MAP301",)),
        Rule("MAP323", ERROR, eids.closed_codes_are_not_given_again),
        Rule("MAP324", WARNING, eids.codes_of_agencies_have_their_form),
        Rule("MAP325", ERROR, eids.parents_of_agencies_fit),
        Rule("MAP331", WARNING, services.levels_that_end_have_rules),
        Rule("MAP332", ERROR, services.levels_are_told_alike),
        Rule("MAP333", ERROR, services.old_services_go_to_known_ones),
        Rule("MAP334", ERROR, services.old_services_are_told_once),
        Rule("MAP335", ERROR, services.old_services_name_known_decisions),
        Rule("MAP401", ERROR, texts.texts_are_composed),
        Rule("MAP402", ERROR, texts.letters_are_latin),
        Rule("MAP403", WARNING, texts.spaces_are_plain),
        Rule("MAP501", ERROR, closure.units_of_the_eve_go_somewhere),
        Rule("MAP502", ERROR, closure.units_made_are_on_the_roster, ("MAP112",)),
        _from_lineage("day-outside-calendar"),
        _from_lineage("land-told-differently", "MAP102", "MAP103"),
        _from_lineage("people-told-differently", "MAP102", "MAP103"),
        _from_lineage("land-given-twice", "MAP101"),
        _from_lineage("people-given-twice", "MAP101"),
        _from_lineage("ended-and-succeeded"),
        _from_lineage("shares-above-one", "MAP109"),
        _from_lineage("not-in-force"),
        _from_lineage("goes-on-unsaid"),
        _from_lineage("names-differ", "MAP110"),
        Rule("MAP551", ERROR, official.listed_units_are_there),
        Rule("MAP552", ERROR, official.units_are_on_the_list),
        Rule("MAP553", ERROR, official.names_are_those_of_the_list),
        Rule(UNUSED, WARNING, None),
        Rule(UNKNOWN, ERROR, None),
        Rule(AMBIGUOUS, ERROR, None),
    )
}
"""The rules by code."""
