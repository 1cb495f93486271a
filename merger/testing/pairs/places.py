"""Where the databases of worlds are: servers of one's own, started when they are first needed."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from merger.testing.pairs.kinds import DIALECTS, MARIADB, POSTGRESQL, SQLITE
from merger.testing.pairs.world import DATABASES, World, make_world
from merger.testing.servers import DatabaseServer, mariadb, postgresql, reader_url

Pair = tuple[str, str]
"""The dialects of the old systems and of the platform."""
PAIRS: tuple[Pair, ...] = tuple((source, target) for source in DIALECTS for target in DIALECTS)
Servers = Mapping[str, DatabaseServer]
"""Running servers by dialect; SQLite needs none."""


@contextmanager
def running(pairs: tuple[Pair, ...]) -> Iterator[Servers]:
    """The servers that pairs need. Raises Refused where a program is missing."""
    starting = {POSTGRESQL: postgresql, MARIADB: mariadb}
    with ExitStack() as stack:
        dialects = sorted({one for pair in pairs for one in pair if one != SQLITE})
        yield {one: stack.enter_context(starting[one]()) for one in dialects}


def world_on(servers: Servers, folder: Path, pair: Pair) -> World:
    """A new world of a pair; the job is given accounts for its old systems that may only read."""
    source, target = pair
    urls = {
        name: servers[dialect].create(f"{name}_{source}_{target}")
        for name, dialect in zip(DATABASES, (source, source, target), strict=True)
        if dialect != SQLITE
    }
    world = make_world(folder, source, target, urls)
    return replace(world, readers={name: reader_url(world.urls[name]) for name in ("one", "two")})
