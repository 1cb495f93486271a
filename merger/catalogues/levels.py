"""Who does services before and after: what a mapping says, counted."""

from collections import Counter
from dataclasses import dataclass

from merger.catalogues.model import ordered
from merger.mapping.models import Level, Mapping, Service

Step = tuple[str, str]


@dataclass(frozen=True)
class LevelChanges:
    """`changed`: the services whose levels change; `open`: those of which nothing is said of afterwards;
    `same`: how many keep their levels; `counts`: how many there are of each step from before to after, where
    an empty text stands for levels that are not said."""

    changed: tuple[Service, ...]
    open: tuple[Service, ...]
    counts: dict[Step, int]
    same: int


def level_changes(mapping: Mapping) -> LevelChanges:
    """Looks at every service of a mapping that says who does it before or after, in the order of codes."""
    found = {one.service.code: one for file in mapping.services for one in file.services}
    services = [found[code] for code in sorted(found) if found[code].levels or found[code].levels_after]
    counts = Counter((written(one.levels), written(one.levels_after)) for one in services)
    changed = tuple(
        one
        for one in services
        if one.levels and one.levels_after and set(one.levels) != set(one.levels_after)
    )
    left = tuple(one for one in services if not one.levels_after)
    same = len(services) - len(changed) - len(left) - sum(not one.levels for one in services)
    return LevelChanges(changed, left, dict(sorted(counts.items())), same)


def written(levels: tuple[Level, ...]) -> str:
    """Levels as a reader sees them: `province+commune`."""
    return "+".join(ordered(levels))
