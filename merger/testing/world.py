"""Small made-up jobs: mapping, old systems, platform, profiles and job, written into a folder."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import yaml
from hypothesis import strategies as st

from merger.mapping.models import Definitions, Mapping
from merger.testing.country import country, with_agencies
from merger.testing.people import AUTHOR, trust_people
from merger.testing.rows import CUTOVER, Row, Rows, Tables, without_codes
from merger.testing.systems import (
    COLUMNS,
    MAKES,
    PLATFORM_COLUMNS,
    PLATFORM_DDL,
    Make,
    Tree,
    collision_rules,
    platform_profile,
    source_ddl,
    source_profile,
)

SYSTEMS = ("one", "two")
KINDS = ("units", "agencies", "competence", "services", "localities", "decisions")


@dataclass(frozen=True, repr=False)
class World:
    """A made-up job. `sources`: each old system's make and rows, by the system's name. `made`: how to make it
    again, where that is known."""

    mapping: Mapping
    sources: dict[str, tuple[Make, Tables]]
    platform: Tables
    collisions: Sequence[Tree] = ()
    policies: Tree = field(default_factory=dict)
    addresses: Tree = field(default_factory=dict)
    made: str = ""

    def __repr__(self) -> str:
        return self.made or f"World of {', '.join(self.sources)}"

    def write(self, folder: Path) -> Path:
        """Writes everything into an empty folder and answers the job's path."""
        (folder / "mapping").mkdir(parents=True)
        for kind in KINDS:
            for file in getattr(self.mapping, kind):
                _dump(folder / "mapping" / f"{file.id}.yaml", _plain(file))
        for name, (make, tables) in self.sources.items():
            _dump(folder / f"{make.name}.yaml", source_profile(make))
            columns = {make.tables[dataset]: COLUMNS[dataset] for dataset in tables}
            rows = {make.tables[dataset]: found for dataset, found in tables.items()}
            _fill(folder / f"{name}.db", source_ddl(make), columns, rows)
        _dump(folder / "platform.yaml", platform_profile())
        _fill(folder / "platform.db", PLATFORM_DDL, PLATFORM_COLUMNS, self.platform)
        trust_people(folder / "trust.json")
        _dump(folder / "job.yaml", self._job())
        return folder / "job.yaml"

    def _job(self) -> Tree:
        return {
            "schema": "merger/job/1",
            "id": "made-up",
            "author": AUTHOR,
            "mapping": ["mapping"],
            "cutover": f"{CUTOVER.isoformat()}+07:00",
            "target": {"system": "platform", "profile": "platform.yaml", "database": {"path": "platform.db"}},
            "sources": [
                {"system": name, "profile": f"{make.name}.yaml", "database": {"path": f"{name}.db"}}
                for name, (make, _) in self.sources.items()
            ],
            "exclude": [{"rule": "finished-stays", "datasets": ["dossiers"], "not_pending": True}],
            "collisions": list(self.collisions),
            "policies": self.policies,
            **({"addresses": self.addresses} if self.addresses else {}),
        }


def made_world(chance: Random, dossiers: int = 8, communes: int = 6, batch_rows: int | None = None) -> World:
    """A world with up to `dossiers` dossiers in each of two old systems."""
    mapping = country(chance, communes)
    rows = Rows(chance, mapping)
    makes = [chance.choice(MAKES) for _ in SYSTEMS]
    sources = {name: (make, rows.source(make, dossiers)) for name, make in zip(SYSTEMS, makes, strict=True)}
    chosen = [chance.choice([None, *rules]) for rules in collision_rules().values()]
    world = World(
        mapping,
        sources,
        rows.platform(chance.randint(1, 3)),
        [rule for rule in chosen if rule is not None],
        {
            "approvals": 2,
            "holds_allowed": 10 * dossiers,
            "stale_codes": chance.choice(["hold", "resolve"]),
            "batch_rows": batch_rows or chance.choice([1, 3, 7, 5000]),
        },
    )
    return _by_address(chance, world) if chance.randrange(2) else world


def _by_address(chance: Random, world: World) -> World:
    """The world with rows without codes, which its job lets addresses decide."""
    sources = {
        name: (make, tables | {"dossiers": without_codes(chance, world.mapping, tables["dossiers"])})
        for name, (make, tables) in world.sources.items()
    }
    return replace(world, sources=sources, addresses={"confidence": chance.choice([0.9, 0.99])})


def worlds(dossiers: int = 8, least: int = 0) -> st.SearchStrategy[World]:
    """Small made-up jobs, `least` to `dossiers` dossiers a system. Each says how to make it again."""
    return st.builds(world_of_seed, st.integers(0, 2**32 - 1), st.integers(least, dossiers))


def world_of_seed(seed: int, dossiers: int) -> World:
    """The made-up job of a seed."""
    world = made_world(Random(seed), dossiers)
    return replace(world, made=f"made_world(Random({seed}), {dossiers})")


def mappings(communes: int = 6) -> st.SearchStrategy[Mapping]:
    """Mappings that no check objects to, with up to `communes` units of before and of after, agencies, rules,
    services and localities."""
    return st.builds(country, st.randoms(use_true_random=False), st.integers(1, communes))


def agencies(mapping: Mapping) -> st.SearchStrategy[Mapping]:
    """The mapping with agencies, competence rules, services and localities that fit its last units file."""
    return st.builds(with_agencies, st.randoms(use_true_random=False), st.just(mapping))


def _plain(file: Definitions) -> Any:
    said = file.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {"schema": file.schema_, **said}


def _short(value: Any) -> Any:
    """A copy that shares nothing, with units and agencies as people write them: `code name`."""
    if isinstance(value, list):
        return [_short(one) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) in ({"code"}, {"code", "name"}):
        return " ".join(value.values())
    return {name: _short(one) for name, one in value.items()}


def _dump(path: Path, tree: Any) -> None:
    text = yaml.safe_dump(_short(tree), allow_unicode=True, sort_keys=False, width=100)
    path.write_text(text, encoding="utf-8")


def _fill(path: Path, ddl: str, columns: dict[str, tuple[str, ...]], rows: dict[str, list[Row]]) -> None:
    connection = sqlite3.connect(path)
    try:
        connection.executescript(ddl)
        for table, names in columns.items():
            marks = ", ".join("?" * len(names))
            quoted = ", ".join(f'"{name}"' for name in names)
            connection.executemany(f"INSERT INTO {table} ({quoted}) VALUES ({marks})", rows[table])
        connection.commit()
    finally:
        connection.close()
