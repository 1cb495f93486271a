import itertools
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pytest

from merger.errors import Refused
from merger.migrate import api
from merger.migrate.model import Plan, Verification
from merger.migrate.results import RunResult
from merger.testing.pairs.kinds import DIALECTS, FILES, MARIADB, POSTGRESQL
from merger.testing.pairs.tables import PLATFORM, Row, insert
from merger.testing.pairs.world import DATABASES, World, everything, make_world, platform
from merger.testing.people import sign_by_all
from merger.testing.servers import DatabaseServer, mariadb, postgresql, reader_url

PAIRS = [
    pytest.param((source, target), id=f"{source}-{target}") for source in DIALECTS for target in DIALECTS
]


ADDED = 8
"""How many applicants and files the platform gets while a run goes on."""


def quiet(_stage: str, _done: int, _total: int) -> None:
    """No progress."""


class Servers:
    """Private servers, started when first asked for a database."""

    def __init__(self, running: ExitStack) -> None:
        self._running = running
        self._servers: dict[str, DatabaseServer] = {}

    def of(self, dialect: str) -> DatabaseServer:
        """The server of a dialect. Skips the test where its program is missing."""
        if dialect not in self._servers:
            start = {POSTGRESQL: postgresql, MARIADB: mariadb}[dialect]
            try:
                self._servers[dialect] = self._running.enter_context(start())
            except Refused as refused:
                pytest.skip(str(refused))
        return self._servers[dialect]


@dataclass
class State:
    """A world in which everything was moved once."""

    world: World
    before: dict[str, list[Row]]
    sources: dict[str, dict[str, list[Row]]]
    plan: Plan
    result: RunResult

    @property
    def plan_file(self) -> Path:
        return self.world.folder / "plan.json"

    @cached_property
    def proof(self) -> Verification:
        """What the first verification found, at full strength."""
        return api.verify(str(self.plan_file), False, False, quiet)


@dataclass
class Pairs:
    """Worlds for pairs of databases; the moved one of a pair is made once and shared."""

    base: Path
    servers: Servers
    patch: pytest.MonkeyPatch
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _kept: dict[tuple[str, tuple[str, str]], State | Exception] = field(default_factory=dict)

    def fresh(self, pair: tuple[str, str]) -> World:
        """A new world whose job nobody has planned, as the one that the environment names."""
        number = next(self._numbers)
        source, target = pair
        kinds = {"one": source, "two": source, "platform": target}
        urls = {
            name: self.servers.of(kinds[name]).create(f"{name}_{number}")
            for name in DATABASES
            if kinds[name] not in FILES
        }
        world = make_world(self.base / str(number), source, target, urls)
        readers = {name: reader_url(world.urls[name]) for name in ("one", "two") if source not in FILES}
        world = replace(world, readers=readers)
        self.enter(world)
        return world

    def enter(self, world: World) -> None:
        """Lets the environment name a world's databases."""
        for name, value in world.environment.items():
            self.patch.setenv(name, value)
        self.patch.setenv("MERGER_STATE", str(world.folder / "state"))

    def leave(self, world: World) -> None:
        """Drops a world's databases and folder."""
        for url in world.urls.values():
            if url.get_backend_name() not in FILES:
                self.servers.of(url.get_backend_name()).drop(str(url.database))
        shutil.rmtree(world.folder)

    def kept(self, name: str, pair: tuple[str, str]) -> State:
        """The shared world of a pair that the method `name` makes, once."""
        if (name, pair) not in self._kept:
            try:
                self._kept[name, pair] = getattr(self, name)(pair)
            except Exception as error:
                self._kept[name, pair] = error
        found = self._kept[name, pair]
        if isinstance(found, Exception):
            raise found
        self.enter(found.world)
        return found

    def moved(self, pair: tuple[str, str]) -> State:
        """A world of the pair after its first run."""
        world = self.fresh(pair)
        before = platform(world)
        sources = {system: everything(world, system) for system in ("one", "two")}
        plan = planned(world)
        return State(world, before, sources, plan, applied(world))

    def busy(self, pair: tuple[str, str]) -> State:
        """A world of the pair whose platform was in use while everything was moved."""
        world = self.fresh(pair)
        before = platform(world)
        plan = planned(world)
        added = iter(range(ADDED))

        def meanwhile(_stage: str, _done: int, _total: int) -> None:
            number = next(added, None)
            if number is not None:
                engine = world.engine("platform")
                with engine.begin() as connection:
                    insert(connection, PLATFORM["p_applicant"], [{"name": f"meanwhile {number}"}])
                    insert(connection, PLATFORM["p_file"], [{"path": f"meanwhile {number}"}])
                engine.dispose()

        result = api.apply(world.folder / "plan.json", 1, meanwhile)
        assert next(added, None) is None
        return State(world, before, {}, plan, result)


def planned(world: World, name: str = "plan", *, scope: tuple[str, ...] = (), final: bool = False) -> Plan:
    """A plan of the world's job, signed by all."""
    path = world.folder / f"{name}.json"
    plan = api.make_plan(world.job, path, scope, final, quiet)
    sign_by_all(path)
    return plan


def applied(world: World, name: str = "plan") -> RunResult:
    """What a run of a signed plan did."""
    return api.apply(world.folder / f"{name}.json", 1, quiet)


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pairs]:
    with pytest.MonkeyPatch.context() as patch, ExitStack() as running:
        yield Pairs(tmp_path_factory.mktemp("pairs"), Servers(running), patch)


@pytest.fixture
def moved(pair: tuple[str, str], pairs: Pairs) -> State:
    """The world of the pair after its first run, shared: a test leaves it as it was."""
    return pairs.kept("moved", pair)


@pytest.fixture
def busy(pair: tuple[str, str], pairs: Pairs) -> State:
    """The world of the pair after a run while the platform was in use; taken out by the last test."""
    return pairs.kept("busy", pair)
