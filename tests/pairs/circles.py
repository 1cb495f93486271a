"""Dossiers that follow dossiers and name their newest document, documents that reply to documents, and notes
on documents: what of them moves, and how it is linked then."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate import api
from merger.migrate.failpoints import VARIABLE
from merger.migrate.model import Plan, Verification
from merger.migrate.rolling_back import RollbackResult
from merger.testing.pairs.kinds import FILES
from merger.testing.people import sign_by_all, trust_people
from merger.testing.servers import reader_url
from tests.pairs.conftest import Pairs, quiet
from tests.pairs.small import KEYS

SOURCE = """\
schema: merger/profile/1
id: source
datasets:
  dossiers:
    table: dossier
    key: [id]
    units: {place: {value: commune, role: place}}
    references:
      follows: {to: dossiers, column: follows, optional: true}
      newest: {to: documents, column: newest, "on": title, optional: true}
    to: dossiers
    columns:
      ward: {decided: place.code}
      title: title
      follows_id: {reference: follows, column: follows}
      newest_id: {reference: newest, column: newest}
  documents:
    table: document
    key: [id]
    parent: dossier
    references:
      dossier: {to: dossiers, column: dossier}
      reply: {to: documents, column: reply, optional: true}
    to: documents
    columns:
      title: title
      dossier_id: {reference: dossier, column: dossier}
      reply_id: {reference: reply, column: reply}
  notes:
    table: note
    key: [id]
    parent: document
    references: {document: {to: documents, column: document}}
    to: notes
    columns: {title: title, document_id: {reference: document, column: document}}
"""
PLATFORM = """\
schema: merger/profile/1
id: platform
datasets:
  dossiers:
    table: p_dossier
    key: [id]
    references:
      follows: {to: dossiers, column: follows_id, optional: true}
      newest: {to: documents, column: newest_id, optional: true}
  documents:
    table: p_document
    key: [id]
    references:
      dossier: {to: dossiers, column: dossier_id}
      reply: {to: documents, column: reply_id, optional: true}
  notes:
    table: p_note
    key: [id]
    references: {document: {to: documents, column: document_id}}
"""
JOB = """\
schema: merger/job/1
id: circles
author: writer
mapping: [mapping]
cutover: 2025-07-10T00:00:00+07:00
target: {system: platform, profile: platform.yaml, database: {url_env: CIRCLES_PLATFORM}}
sources: [{system: one, profile: source.yaml, database: {url_env: CIRCLES_ONE}}]
policies: {approvals: 2, holds_allowed: 1000, batch_rows: 2}
"""
MERGING = """\
collisions: [{dataset: dossiers, unique: title, rule: merge, second: [ward]}]
"""
OLD = {
    "dossier": "id INTEGER PRIMARY KEY, commune VARCHAR(10), title VARCHAR(20), follows INTEGER,"
               " newest VARCHAR(20)",
    "document": "id INTEGER PRIMARY KEY, title VARCHAR(20), dossier INTEGER, reply INTEGER",
    "note": "id INTEGER PRIMARY KEY, title VARCHAR(20), document INTEGER",
}  # fmt: skip
NEW = {
    "p_dossier": "ward VARCHAR(10), title VARCHAR(20), {follows_id}, {newest_id}",
    "p_document": "title VARCHAR(20), {dossier_id}, {reply_id}",
    "p_note": "title VARCHAR(20), {document_id}",
}
LINKS = {
    "p_dossier": {"follows_id": "p_dossier", "newest_id": "p_document"},
    "p_document": {"dossier_id": "p_dossier", "reply_id": "p_document"},
    "p_note": {"document_id": "p_document"},
}
HELD_PLACE = "10004"
"""A commune that was divided, and whose dossiers have no day: nothing says where they go."""
DOSSIERS: dict[int, tuple[str, int | None, int | None]] = {
    1: ("10001", 5, 12),
    2: ("10001", 2, None),
    3: ("10002", 4, None),
    4: ("10002", 3, None),
    5: ("10005", None, 10),
    6: (HELD_PLACE, None, 14),
    7: ("10001", 6, None),
    8: ("10001", 7, None),
    9: ("10001", 99, None),
    10: ("10001", 9, None),
    11: ("10001", None, 14),
    12: ("10001", 1, None),
    13: ("10001", None, 16),
    14: ("10001", 13, None),
}
"""Commune, the dossier that it follows, its newest document."""
DOCUMENTS: dict[int, tuple[int, int | None]] = {
    10: (5, None), 11: (1, 12), 12: (1, 11), 13: (1, 13), 14: (6, None), 15: (2, 14), 16: (2, 15),
    17: (7, None), 18: (5, 10), 19: (12, 18), 20: (13, None),
}  # fmt: skip
"""The dossier, and the document that it replies to."""
NOTES = {1: 11, 2: 15, 3: 19}
Content = dict[str, dict[str, tuple[str | None, ...]]]
MOVED: Content = {
    "p_dossier": {"d1": ("d5", "n12"), "d2": ("d2", None), "d3": ("d4", None), "d4": ("d3", None),
                  "d5": (None, "n10"), "d12": ("d1", None)},
    "p_document": {"n10": ("d5", None), "n11": ("d1", "n12"), "n12": ("d1", "n11"), "n13": ("d1", "n13"),
                   "n18": ("d5", "n10"), "n19": ("d12", "n18")},
    "p_note": {"o1": ("n11",), "o3": ("n19",)},
}  # fmt: skip
"""What moves, by title, with the titles that it is linked to."""
HELD = {
    "dossiers": {"day-unclear": 1, "orphan": 1, "reference-held": 6},
    "documents": {"parent-held": 3, "reference-held": 2},
    "notes": {"parent-held": 1},
}

OWN: Content = {"p_dossier": {"own": (None, "own-n")}, "p_document": {"own-n": ("own", None)}, "p_note": {}}
"""What the platform has of its own."""
_numbers = count()


@dataclass
class Circles:
    """A job over an old system and a platform that refer so, in a pair of databases. The platform has a
    dossier and a document of its own, linked to each other."""

    pairs: Pairs
    pair: tuple[str, str]
    merging: bool = False
    keep: bool = False
    urls: dict[str, sa.URL] = field(default_factory=dict)

    def __post_init__(self) -> None:
        number = next(_numbers)
        self.folder: Path = self.pairs.base / f"circles-{number}"
        with as_file(files("merger.testing.pairs") / "files" / "mapping") as mapping:
            shutil.copytree(mapping, self.folder / "mapping")
        trust_people(self.folder / "trust.json")
        texts = {"source": SOURCE, "platform": PLATFORM, "job": JOB}
        if self.merging:
            texts["job"] += MERGING
            texts["platform"] = PLATFORM.replace(
                "table: p_dossier\n", "table: p_dossier\n    unique: {title: [title]}\n"
            )
        if self.keep:
            texts["platform"] = PLATFORM.replace("    key: [id]\n", "    key: [id]\n    keys: {way: keep}\n")
        for name, text in texts.items():
            (self.folder / f"{name}.yaml").write_text(text, "utf-8")
        for name, kind in zip(("one", "platform"), self.pair, strict=True):
            self.urls[name] = (
                sa.URL.create(kind, database=str(self.folder / f"{name}.db"))
                if kind in FILES
                else self.pairs.servers.of(kind).create(f"circles_{name}_{number}")
            )
        self.run("one", *[f"CREATE TABLE {name} ({columns})" for name, columns in OLD.items()])
        self.run("platform", *_made(self.pair[1], 1000 if self.keep else 1))
        self._fill()
        read = {**self.urls, "one": reader_url(self.urls["one"])}
        for name, url in read.items():
            self.pairs.patch.setenv(f"CIRCLES_{name.upper()}", url.render_as_string(hide_password=False))
        self.pairs.patch.setenv("MERGER_STATE", str(self.folder / "state"))

    def run(self, name: str, *statements: str) -> list[tuple[object, ...]]:
        """Runs statements in one of the databases; answers the rows of the last."""
        engine = sa.create_engine(self.urls[name], poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        rows: list[tuple[object, ...]] = []
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            for statement in statements:
                done = connection.exec_driver_sql(statement)
                rows = [tuple(row) for row in done] if done.returns_rows else []
        return rows

    def plan(self, name: str = "plan", scope: tuple[str, ...] = (), *, final: bool = False) -> Plan:
        """A signed plan."""
        path = self.folder / f"{name}.json"
        plan = api.make_plan(self.folder / "job.yaml", path, scope, final, quiet)
        sign_by_all(path)
        return plan

    def apply(self, name: str = "plan", workers: int = 1) -> Verification:
        """Runs a plan and verifies every cell."""
        api.apply(self.folder / f"{name}.json", workers, quiet)
        return self.verify(name)

    def killed_at(self, failpoint: str, command: str = "apply", name: str = "plan") -> None:
        """Applies or rolls back a plan in a process of its own that is killed at a failpoint."""
        code = f"import sys; from pathlib import Path; from merger.migrate import api; api.{command}("
        code += "Path(sys.argv[1]), 1, " if command == "apply" else "sys.argv[1], "
        given = [sys.executable, "-c", f"{code}lambda *_: None)", str(self.folder / f"{name}.json")]
        done = subprocess.run(given, env={**os.environ, VARIABLE: failpoint}, check=False)
        assert done.returncode == -signal.SIGKILL, f"{failpoint} was not reached"

    def signed_rollback(self, name: str = "plan") -> str:
        """A plan whose roll-back is signed."""
        path = self.folder / f"{name}.json"
        with pytest.raises(Refused):
            api.rollback(str(path), quiet)
        sign_by_all(self.folder / f"{name}.rollback.json")
        return str(path)

    def roll_back(self, name: str = "plan") -> RollbackResult:
        return api.rollback(self.signed_rollback(name), quiet)

    def ledger(self) -> list[tuple[object, ...]]:
        """The ledger's rows."""
        return self.run(
            "platform",
            "SELECT dataset_id, source_key, target_key, row_hash, merged, state FROM merger_row"
            " ORDER BY dataset_id, source_key",
        )

    def verify(self, name: str = "plan", *, quick: bool = False) -> Verification:
        return api.verify(str(self.folder / f"{name}.json"), quick, True, quiet)

    def content(self) -> Content:
        """What stands in the platform, by title, with the titles that it is linked to; its own left out."""
        out: Content = {}
        for table, links in LINKS.items():
            joins = [f" LEFT JOIN {other} {name}x ON {name}x.id = t.{name}" for name, other in links.items()]
            titles = ", ".join(f"{name}x.title" for name in links)
            rows = self.run("platform", f"SELECT t.title, {titles} FROM {table} t{''.join(joins)}")
            out[table] = {str(title): tuple(others) for title, *others in rows}  # type: ignore[arg-type]
            for title, links_of in OWN[table].items():
                assert out[table].pop(title) == links_of
        return out

    def _fill(self) -> None:
        self.run(
            "one",
            *[f"INSERT INTO dossier VALUES ({key}, '{commune}', 'd{key}', {_link(follows)},"
              f" {_link(newest, 'n')})"
              for key, (commune, follows, newest) in DOSSIERS.items()],
            *[f"INSERT INTO document VALUES ({key}, 'n{key}', {dossier}, {_link(reply)})"
              for key, (dossier, reply) in DOCUMENTS.items()],
            *[f"INSERT INTO note VALUES ({key}, 'o{key}', {document})" for key, document in NOTES.items()],
        )  # fmt: skip


def _link(key: int | None, title: str = "") -> str:
    """A key, or the title that goes with it, as SQL."""
    if key is None:
        return "NULL"
    return f"'{title}{key}'" if title else str(key)


def _made(kind: str, own: int) -> Iterator[str]:
    """The platform's tables, with foreign keys."""
    for table, columns in NEW.items():
        links = LINKS[table]
        typed = {
            name: f"{name} BIGINT" + (f" REFERENCES {other} (id)" if kind in FILES else "")
            for name, other in links.items()
        }
        quoted = columns.format(**typed)
        yield f"CREATE TABLE {table} (id {KEYS[kind]}, {quoted})"
    if kind not in FILES:
        for table, links in LINKS.items():
            for name, other in links.items():
                yield f"ALTER TABLE {table} ADD FOREIGN KEY ({name}) REFERENCES {other} (id)"
    columns, key = ("id, title", f"{own}, ") if own > 1 else ("title", "")
    yield f"INSERT INTO p_dossier ({columns}) VALUES ({key}'own')"
    yield f"INSERT INTO p_document ({columns}, dossier_id) VALUES ({key}'own-n', {own})"
    yield f"UPDATE p_dossier SET newest_id = {own}"
