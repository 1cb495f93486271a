"""What it costs to read a name as a unit: nothing if it is written in full, more for what is wrong or lost.

A reading that costs 2 more than another is clearly worse, one that costs 3 more is not to be believed. How
often readings are right is not told by these numbers but by the calibration (`merger.addresses.confidence`).
"""

EXACT, PLAIN, OTHER, MISSPELT, SHORT = range(5)
"""How a name is written: as it is; without (some) marks; with other marks; one letter wrong; as initials."""
MARKS = (0.0, 0.4, 3.0, 3.2, 0.8)

SAME, BARE, OTHER_TYPE = range(3)
"""The word for its kind: the unit's own, none, another of the same level."""
TYPES = (0.0, 0.5, 2.0)

LOOSE = 0.8
"""For each end of a name at which the text just goes on."""
ROAD = 3.5
"""A name that stands where roads and hamlets stand."""
ABOVE = 0.6
"""What is wrong with the name of a district or province weighs so much less than with a commune's."""
APART = 0.4
"""For each stretch of words between a commune and the unit above it."""

USED, WEAK, MISSING, CONTRARY, NONE = range(5)
"""The unit above: named; named badly; not named; another one named instead; there is none."""

UNNAMED = 1.0
"""For a district or province that is not named."""
CONTRADICTION = 3.0
"""For another district or province that is."""
UNKNOWN_ABOVE = 3.0
"""A word for a district is followed by none that is known."""
UNKNOWN_COMMUNE = 3.0
"""Another name is said to be a commune's, and is none that is known."""
ALSO_ABOVE = 1.5
"""A name without a word for its kind, which is a district's or province's too."""

WEAKLY = 1.0
"""Naming that costs more is weak."""
GOOD = 2.5
"""Readings that cost less leave no need to look for others elsewhere."""
TOO_DEAR = 5.0
"""Readings that cost more are none."""
BEHIND = 3.0
"""A reading that must cost so much more than the cheapest is not worked out."""
ALIKE = 1.2
"""A reading that costs at most so much more than the cheapest is as good."""

DOUBTFUL = 2.6
"""If the cheapest reading costs more, names within names and misspelt names are looked for too."""
