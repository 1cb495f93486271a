"""Made-up mappings and jobs for Hypothesis, and the laws that must hold for them and for yours.

Needs the extra `testing` (`pip install merger[testing]`). Nothing else in the package imports it. What it
offers is imported when first asked for, so that the pytest plugin costs nothing where it is not used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from merger.testing import laws
    from merger.testing.dirty_rows import WAYS, Dirty, dirt
    from merger.testing.histories import lineages, wild_lineages
    from merger.testing.parcels import Land, lands
    from merger.testing.records import documents, dossiers
    from merger.testing.trials import Trial, trial_of, trial_of_copy
    from merger.testing.world import World, agencies, made_world, mappings, worlds

__all__ = [
    "WAYS",
    "Dirty",
    "Land",
    "Trial",
    "World",
    "agencies",
    "dirt",
    "documents",
    "dossiers",
    "lands",
    "laws",
    "lineages",
    "made_world",
    "mappings",
    "trial_of",
    "trial_of_copy",
    "wild_lineages",
    "worlds",
]

_MODULES = {
    "dirty_rows": ("WAYS", "Dirty", "dirt"),
    "histories": ("lineages", "wild_lineages"),
    "parcels": ("Land", "lands"),
    "records": ("documents", "dossiers"),
    "trials": ("Trial", "trial_of", "trial_of_copy"),
    "world": ("World", "agencies", "made_world", "mappings", "worlds"),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "laws":
        return import_module("merger.testing.laws")
    if name in _HOMES:
        return getattr(import_module(f"merger.testing.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
