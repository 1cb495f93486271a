"""The made-up country with its two old systems and its platform, in databases of any two kinds."""

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import sqlalchemy as sa

from merger.testing.pairs import desk, gate, values
from merger.testing.pairs.kinds import FILES
from merger.testing.pairs.made import EXCLUDE, HOLD, MERGE, MOVE, Made, Row
from merger.testing.pairs.tables import DESK, GATE, PLATFORM, Table, make, open_database, read
from merger.testing.people import trust_people

DATABASES = {"one": "PAIRS_ONE", "two": "PAIRS_TWO", "platform": "PAIRS_PLATFORM"}
"""The three databases of a world, and the environment variables in which its job looks for them."""
SCHEMAS: Mapping[str, Mapping[str, Table]] = {"one": GATE, "two": DESK, "platform": PLATFORM}
TABLES = {
    "one": {"officers": "officer", "citizens": "citizen", "dossiers": "dossier", "files": "file",
            "steps": "step"},
    "two": {"accounts": "account", "people": "person", "records": "record", "attachments": "attachment",
            "steps": "step"},
}  # fmt: skip
"""The table of each dataset of each old system."""
GOES_TO = {
    "officers": "p_officer", "accounts": "p_officer", "citizens": "p_applicant", "people": "p_applicant",
    "dossiers": "p_dossier", "records": "p_dossier", "files": "p_file", "attachments": "p_file",
    "steps": "p_step",
}  # fmt: skip
"""The platform's table into which each dataset goes."""
KNOWN_BY = {"p_officer": "userName", "p_applicant": "name", "p_dossier": "number", "p_file": "path",
            "p_step": "id", "counter": "name"}  # fmt: skip
"""The column by which people know the rows of each of the platform's tables."""
KEPT = ("p_step",)
"""The tables whose keys are the old systems' own."""
OWN = 7
"""The key of the platform's own dossier."""


@dataclass(frozen=True)
class World:
    """A world that was written. `urls`: its databases, by the names of `DATABASES`; `readers`: the same for
    accounts that may only read, which the job is given where there are any."""

    folder: Path
    job: Path
    urls: Mapping[str, sa.URL]
    readers: Mapping[str, sa.URL] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What must stand in the environment of whoever runs the job."""
        urls = {**self.urls, **self.readers}
        return {
            variable: urls[name].render_as_string(hide_password=False) for name, variable in DATABASES.items()
        }

    def engine(self, name: str) -> sa.Engine:
        """An engine for one of the databases, to be disposed of by the caller."""
        return open_database(self.urls[name])


@dataclass(frozen=True)
class Figures:
    """What a plan must say of one dataset."""

    in_scope: int
    to_move: int
    held: dict[str, int]
    excluded: dict[str, int]


def make_world(
    folder: Path, source_dialect: str, target_dialect: str, urls: Mapping[str, sa.URL] | None = None
) -> World:
    """Writes the country, its job and its systems, with rows of every kind.

    `urls`: empty databases, by the names of `DATABASES`; those that are files may be left out and then are
    in the folder. DuckDB is a source only.
    """
    definitions = files("merger.testing.pairs") / "files"
    with as_file(definitions) as there:
        shutil.copytree(there, folder, dirs_exist_ok=True)
    trust_people(folder / "trust.json")
    kinds = {"one": source_dialect, "two": source_dialect, "platform": target_dialect}
    found = {
        name: (urls or {}).get(name)
        or sa.URL.create(kind, database=str(folder / f"{name}{FILES.get(kind, '')}"))
        for name, kind in kinds.items()
    }
    for name, url in found.items():
        if not url.get_backend_name().replace("mysql", "mariadb").startswith(kinds[name]):
            raise ValueError(f"{name}: {url.get_backend_name()} is not {kinds[name]}")
        engine = open_database(url)
        make(engine, SCHEMAS[name], own_rows() if name == "platform" else source_rows(name))
        engine.dispose()
    return World(folder, folder / "job.yaml", found)


@cache
def made() -> dict[tuple[str, str], list[Made]]:
    """Every row of the old systems with its fate, by system and dataset."""
    systems = {"one": gate.rows(), "two": desk.rows()}
    return {(system, name): rows for system, every in systems.items() for name, rows in every.items()}


def figures() -> dict[tuple[str, str], Figures]:
    """What the first plan must say, by system and dataset."""
    return {
        where: Figures(
            in_scope=len(rows),
            to_move=sum(one.fate in (MOVE, MERGE) for one in rows),
            held=dict(Counter(one.why for one in rows if one.fate == HOLD)),
            excluded=dict(Counter(one.why for one in rows if one.fate == EXCLUDE)),
        )
        for where, rows in made().items()
    }


def source_rows(system: str) -> dict[str, list[Row]]:
    """The rows of an old system, by table."""
    rows = {TABLES[system][name]: [one.row for one in every]
            for (whose, name), every in made().items() if whose == system}  # fmt: skip
    if system == "one":
        rows["office"] = [{"id": key, "name": name} for key, name in gate.OFFICES.items()]
    return rows


def own_rows() -> dict[str, list[Row]]:
    """What the platform had before, by table; keys that the database gives out are left to it."""
    return {
        "p_officer": [{"userName": "own@one", "fullName": "Own Officer"}],
        "p_applicant": [{"name": "Trần Bê", "idNo": "012345678999", "birth": gate.BORN}],
        "p_dossier": [{
            "id": OWN, "number": "Z01.101-250702-0001", "ward": "10001", "agency": "Z01.101",
            "received": datetime(2025, 7, 2, 9), "note": "của mình 🙂", "applicantId": 1,
        }],
        "p_file": [{"dossierId": OWN, "path": "own/a.pdf", "content": b"\0own"},
                   {"dossierId": OWN, "path": "one/own.pdf"}],
        "p_step": [{"id": values.uuid(3001, 0), "dossierId": OWN, "order": 1}],
        "counter": [{"name": "dossier", "current": 50}, {"name": "other", "current": 7}],
    }  # fmt: skip


def platform(world: World) -> dict[str, list[Row]]:
    """Everything in the platform that is not the ledger's, in the order of keys."""
    return everything(world, "platform")


def everything(world: World, name: str) -> dict[str, list[Row]]:
    """All rows of one of the databases, the ledger's left out, by table, in the order of keys."""
    engine = world.engine(name)
    with engine.connect() as connection:
        found = {
            table.name: sorted(read(connection, table), key=lambda row: str(row[table.key]))
            for table in SCHEMAS[name].values()
        }
    engine.dispose()
    return found


def content(found: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    """What `platform` found, without the keys that the platform gave: rows refer to people by their names
    and to dossiers by their numbers. Rows and values are in one order and form, whatever the database."""
    people = {row["id"]: row["name"] for row in found["p_applicant"]}
    dossiers = {row["id"]: row["number"] for row in found["p_dossier"]}
    known = {"applicantId": people, "dossierId": dossiers}
    out = {}
    for name, rows in found.items():
        out[name] = in_order(
            name,
            (
                {
                    column: known[column].get(value, value) if column in known else value
                    for column, value in row.items()
                    if column != "id" or name in KEPT
                }
                for row in rows
            ),
        )
    return out


def in_order(name: str, rows: Iterable[Row]) -> list[Row]:
    """Rows of a table of the platform in the order of what people know them by."""
    return sorted(rows, key=lambda row: str(row[KNOWN_BY[name]]))


def expected() -> dict[str, list[Row]]:
    """What `content` must find after everything was moved once, but for the counters."""
    out: dict[str, list[Row]] = {}
    for name, table in PLATFORM.items():
        own = [dict.fromkeys(table.columns) | row | _known(row) for row in own_rows()[name]]
        moved = [one.becomes for (_, dataset), rows in made().items() if GOES_TO[dataset] == name
                 for one in rows if one.fate == MOVE]  # fmt: skip
        out[name] = in_order(name, ({column: table.given(column, value) for column, value in row.items()
                                     if column != "id" or name in KEPT}
                                    for row in (*own, *moved)))  # fmt: skip
    del out["counter"]
    return out


def _known(row: Row) -> Row:
    """What a row of the platform's own refers to, as `content` says it."""
    known = {"applicantId": "Trần Bê", "dossierId": "Z01.101-250702-0001"}
    return {column: name for column, name in known.items() if row.get(column) is not None}
