"""Made-up mappings and jobs for Hypothesis, and the laws that must hold for them and for yours.

Needs the extra `testing` (`pip install merger[testing]`). Nothing else in the package imports it.
"""

from merger.testing import laws
from merger.testing.histories import lineages, wild_lineages
from merger.testing.trials import Trial, trial_of, trial_of_copy
from merger.testing.worlds import World, agencies, made_world, worlds

__all__ = [
    "Trial",
    "World",
    "agencies",
    "laws",
    "lineages",
    "made_world",
    "trial_of",
    "trial_of_copy",
    "wild_lineages",
    "worlds",
]
