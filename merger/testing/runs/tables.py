"""A small job in databases of any two kinds: one old system and a platform, of three tables each."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from merger.testing.pairs import kinds
from merger.testing.pairs.tables import Row, Table, dialect_of, make, open_database, read
from merger.testing.people import trust_people

DATASETS = {"citizens": "p_applicant", "dossiers": "p_dossier", "steps": "p_step"}
"""The datasets, those that others refer to first, and the platform's tables that they go into."""
TABLES = {"citizens": "citizen", "dossiers": "dossier", "steps": "step"}
"""The old system's tables, by dataset."""
REFERS = {"p_dossier": ("applicantId", "p_applicant"), "p_step": ("dossierId", "p_dossier")}
"""The column of a table of the platform that refers to another, and which."""
UNIQUE = {"p_applicant": "idNo", "p_dossier": "number"}
FILLED = {
    "p_applicant": ("name", "idNo"),
    "p_dossier": ("number", "ward", "applicantId", "status", "note"),
    "p_step": ("dossierId", "note"),
}
"""The columns that moved rows fill, their keys left out."""
VARIABLES = {"old": "RUNS_OLD", "platform": "RUNS_PLATFORM"}
OLD = {
    "citizen": Table("citizen", {"id": kinds.BIG, "name": kinds.NAME, "idno": kinds.CODE}),
    "dossier": Table(
        "dossier",
        {"id": kinds.BIG, "number": kinds.CODE, "commune": kinds.CODE, "citizen_id": kinds.BIG,
         "status": kinds.CODE, "note": kinds.LONG},
    ),
    "step": Table("step", {"id": kinds.CODE, "dossier_id": kinds.BIG, "note": kinds.LONG}),
}  # fmt: skip
PLATFORM = {
    "p_applicant": Table(
        "p_applicant", {"id": kinds.BIG, "name": kinds.NAME, "idNo": kinds.CODE},
        counted=True, unique=("idNo",),
    ),
    "p_dossier": Table(
        "p_dossier",
        {"id": kinds.BIG, "number": kinds.CODE, "ward": kinds.CODE, "applicantId": kinds.BIG,
         "status": kinds.CODE, "note": kinds.LONG, "remark": kinds.LONG},
        unique=("number",), required=("number",), references={"applicantId": "p_applicant"},
    ),
    "p_step": Table(
        "p_step", {"id": kinds.CODE, "dossierId": kinds.BIG, "note": kinds.LONG},
        references={"dossierId": "p_dossier"},
    ),
    "counter": Table("counter", {"name": kinds.CODE, "current": kinds.BIG}),
}  # fmt: skip
SCHEMAS: Mapping[str, Mapping[str, Table]] = {"old": OLD, "platform": PLATFORM}
FIRST_COUNT = 100
"""What the platform's counter of dossiers says at first."""


@dataclass(frozen=True)
class Ground:
    """Where a job and its databases are."""

    folder: Path
    urls: Mapping[str, sa.URL]

    @property
    def job(self) -> Path:
        return self.folder / "job.yaml"

    @property
    def environment(self) -> dict[str, str]:
        """What must stand in the environment of whoever runs the job."""
        urls = {VARIABLES[name]: url.render_as_string(hide_password=False) for name, url in self.urls.items()}
        return {**urls, "MERGER_STATE": str(self.folder / "state")}

    def engine(self, name: str) -> sa.Engine:
        """An engine for one of the databases, to be disposed of by the caller."""
        return open_database(self.urls[name])


def make_ground(folder: Path, urls: Mapping[str, sa.URL]) -> Ground:
    """Writes the job, and its tables, which are empty, into empty databases."""
    here, country = (
        files("merger.testing.runs") / "files",
        files("merger.testing.pairs") / "files" / "mapping",
    )
    with as_file(here) as job, as_file(country) as mapping:
        shutil.copytree(job, folder)
        shutil.copytree(mapping, folder / "mapping")
    trust_people(folder / "trust.json")
    ground = Ground(folder, urls)
    for name, tables in SCHEMAS.items():
        own = {"counter": [{"name": "dossier", "current": FIRST_COUNT}]} if name == "platform" else {}
        engine = ground.engine(name)
        make(engine, tables, own)
        engine.dispose()
    return ground


def content(connection: sa.Connection, tables: Mapping[str, Table]) -> dict[str, dict[Any, Row]]:
    """Every row of the tables, by table and key."""
    return {name: {row[table.key]: row for row in read(connection, table)} for name, table in tables.items()}


def put(connection: sa.Connection, table: Table, row: Row) -> None:
    """Writes a row, new or changed."""
    clause = table.clause()
    taken = table.taken(row, dialect_of(connection.engine))
    mine = clause.c[table.key] == taken[table.key]
    if connection.execute(sa.select(clause.c[table.key]).where(mine)).first():
        connection.execute(sa.update(clause).values(taken).where(mine))
    else:
        connection.execute(sa.insert(clause).values(taken))


def drop(connection: sa.Connection, table: Table, key: Any) -> None:
    """Deletes a row."""
    clause = table.clause()
    connection.execute(sa.delete(clause).where(clause.c[table.key] == key))
