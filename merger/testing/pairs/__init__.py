"""One made-up country in databases of any two kinds, with every trap that a migration meets.

    world = make_world(folder, "postgresql", "mariadb", urls)
    os.environ.update(world.environment)
    …                       # plan, sign by `merger.testing.people.sign_by_all`, apply
    content(platform(world))        # must hold the tables of expected()

`made` tells of every row what must become of it, `figures` what a plan must count. `cells`, `spoil` and
`put_back` change cells of the platform after the first run; `later` is what goes on until the cut-over.
"""

from merger.testing.pairs.kinds import DIALECTS
from merger.testing.pairs.later import expected_later, go_on
from merger.testing.pairs.spoiling import Cell, cells, of_every_column, other, put_back, spoil
from merger.testing.pairs.world import (
    DATABASES,
    Figures,
    World,
    content,
    everything,
    expected,
    figures,
    made,
    make_world,
    platform,
)

__all__ = [
    "DATABASES",
    "DIALECTS",
    "Cell",
    "Figures",
    "World",
    "cells",
    "content",
    "everything",
    "expected",
    "expected_later",
    "figures",
    "go_on",
    "made",
    "make_world",
    "of_every_column",
    "other",
    "platform",
    "put_back",
    "spoil",
]
