"""Worlds on servers of the tests' own, which they may restart, kill and cut off."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from merger import cli
from merger.errors import Refused
from merger.migrate import api, applying, going_on
from merger.migrate.batching import Retries
from merger.migrate.results import RunResult
from merger.testing.cutting import Wire
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL, SQLITE
from merger.testing.pairs.places import Pair, world_on
from merger.testing.pairs.trial import Found, PairTrial, differing, entered, quiet
from merger.testing.pairs.world import World, made
from merger.testing.servers import DatabaseServer, mariadb, postgresql

PAIRS = {one: (one, one) for one in (POSTGRESQL, MARIADB)}
Progress = Callable[[str, int, int], None]


@dataclass
class Faulty:
    """A world that is ready to be moved, and what it must be like when everything was moved."""

    trial: PairTrial
    server: DatabaseServer | None
    whole: Found

    @property
    def world(self) -> World:
        return self.trial.world

    @property
    def plan(self) -> Path:
        return self.trial.plan_file

    def apply(self, progress: Progress = quiet, workers: int = 1) -> str:
        """The same command; the state that it ends in."""
        return api.apply(self.plan, workers, progress).state

    def command(self, capfd: pytest.CaptureFixture[str], meanwhile: Progress = quiet) -> tuple[int, str]:
        """The same command from the command line: its exit code and all that it printed. `meanwhile` is told
        of its progress."""
        apply = applying.apply

        def watched(path: Path, *, progress: Progress, **more: Any) -> RunResult:
            def both(stage: str, done: int, total: int) -> None:
                progress(stage, done, total)
                meanwhile(stage, done, total)

            return apply(path, progress=both, **more)

        capfd.readouterr()
        with patch.object(applying, "apply", watched):
            code = cli.run(["apply", str(self.plan), "--lang", "en"])
        printed = capfd.readouterr()
        return code, printed.out + printed.err

    def different(self) -> list[str]:
        """The tables of platform and ledger that are not as an uninterrupted run leaves them."""
        return differing(self.whole, self.trial.outcome())


@dataclass
class Ground:
    """Servers and worlds of a test run, made when they are first needed."""

    base: Path
    running: ExitStack
    servers: dict[str, DatabaseServer] = field(default_factory=dict)
    worlds: dict[Pair, Faulty] = field(default_factory=dict)

    def server(self, dialect: str) -> DatabaseServer:
        """The server of a dialect, running. Skips the test where its program is missing."""
        if dialect not in self.servers:
            start = {POSTGRESQL: postgresql, MARIADB: mariadb}[dialect]
            try:
                self.servers[dialect] = self.running.enter_context(start())
            except Refused as refused:
                pytest.skip(str(refused))
        server = self.servers[dialect]
        if server.pid is None:
            server.start()
        return server

    def world(self, pair: Pair) -> Faulty:
        """The world of a pair, as before its first run."""
        servers = {one: self.server(one) for one in set(pair) - {SQLITE}}
        if pair not in self.worlds:
            world = world_on(servers, self.base / "-".join(pair), pair)
            with entered(world):
                trial = PairTrial.of(world)
                assert api.apply(trial.plan_file, 1, quiet).state == "done"
                self.worlds[pair] = Faulty(trial, servers.get(pair[1]), trial.outcome())
        found = self.worlds[pair]
        found.trial.restore()
        return found


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    base = tmp_path_factory.mktemp("faults")
    with ExitStack() as running:
        yield Ground(base, running)


@pytest.fixture(params=sorted(PAIRS))
def faulty(request: pytest.FixtureRequest, ground: Ground) -> Iterator[Faulty]:
    """A world of which old systems and platform are on one server."""
    found = ground.world(PAIRS[request.param])
    with entered(found.world):
        yield found


@pytest.fixture
def wire(faulty: Faulty, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """The wire by which the commands reach the platform, and only they."""
    assert faulty.server is not None
    with Wire("127.0.0.1", faulty.server.port) as found:
        url = found.through(faulty.world.urls["platform"])
        monkeypatch.setenv("PAIRS_PLATFORM", url.render_as_string(hide_password=False))
        yield found


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands give up soon."""
    soon = Retries(times=2, first=0.05, longest=0.1)
    monkeypatch.setattr(going_on, "Retries", lambda: soon)


def when_moving(what: Callable[[], object], *, after: int = 1) -> Progress:
    """A progress callback that does something once, when a number of batches has been moved."""
    seen = 0

    def progress(stage: str, _done: int, _total: int) -> None:
        nonlocal seen
        seen += stage.startswith("apply")
        if seen == after and stage.startswith("apply"):
            what()

    return progress


def says_enough(faulty: Faulty, printed: str) -> bool:
    """Whether what was printed holds words for a person, and no traceback, password or citizen's data."""
    secrets = [str(one.password) for one in faulty.world.urls.values() if one.password]
    personal = [
        value
        for rows in made().values()
        for one in rows
        for column, value in one.row.items()
        if column in ("owner", "name", "idno", "id_number", "note", "address") and isinstance(value, str)
        if len(value) > 4
    ]
    assert printed.strip()
    assert "Traceback" not in printed
    assert not [one for one in (*secrets, *personal) if one in printed]
    return True
