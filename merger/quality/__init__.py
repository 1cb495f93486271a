"""What is wrong with a mapping that can be read. `check` runs every check there is."""

from collections.abc import Callable, Iterable, Iterator

from merger.errors import Finding
from merger.mapping import LoadedMapping
from merger.quality import agencies, references, texts, units

__all__ = ["CHECKS", "check"]

CHECKS: tuple[Callable[[LoadedMapping], Iterable[Finding]], ...] = (
    units.whole_units_are_named_once,
    units.predecessors_are_named_once_in_an_entry,
    units.units_are_made_once,
    units.communes_of_districts_go_somewhere,
    units.communes_belong_to_one_district,
    units.codes_have_their_digits,
    units.divided_units_add_up,
    units.names_agree,
    references.localities_name_divided_units,
    references.localities_go_to_one_unit,
    references.agencies_serve_known_units,
    references.rules_name_known_agencies,
    references.services_and_fields_are_known,
    references.decisions_name_known_successors,
    agencies.agency_codes_are_given_once,
    agencies.agencies_go_to_known_ones,
    agencies.agencies_do_not_go_in_circles,
    agencies.rules_do_not_compete,
    agencies.names_of_rules_are_given_once,
    texts.texts_are_composed,
)


def check(loaded: LoadedMapping) -> list[Finding]:
    """Every finding of every check, in the order of files and lines."""
    return sorted(_all(loaded), key=lambda one: (one.place.file, one.place.line, one.place.column, one.code))


def _all(loaded: LoadedMapping) -> Iterator[Finding]:
    for one in CHECKS:
        yield from one(loaded)
