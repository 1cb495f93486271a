"""Made-up systems: two old ones of different makes and a platform, each with its profile and tables."""

from dataclasses import dataclass
from typing import Any

Tree = dict[str, Any]


@dataclass(frozen=True)
class Make:
    """What tells one make of an old system from another.

    `tables`: its table for each dataset. `integer_keys`: whether dossiers and citizens are numbered
    (else their keys are text). `time`: how it writes times, as profiles call it, `pattern` as Python does.
    """

    name: str
    tables: dict[str, str]
    integer_keys: bool
    time: str
    pattern: str


MAKES = (
    Make(
        "plain",
        {"officers": "officer", "citizens": "citizen", "dossiers": "dossier", "files": "file"},
        integer_keys=False,
        time="iso",
        pattern="%Y-%m-%d %H:%M:%S",
    ),
    Make(
        "numbered",
        {"officers": "t_user", "citizens": "t_person", "dossiers": "t_case", "files": "t_paper"},
        integer_keys=True,
        time="dd/MM/yyyy HH:mm:ss",
        pattern="%d/%m/%Y %H:%M:%S",
    ),
)
COLUMNS = {
    "officers": ("id", "user_name", "full_name"),
    "citizens": ("id", "name", "idno", "birth", "phone"),
    "dossiers": (
        "id", "number", "commune", "agency", "received_by", "service", "received", "due", "status",
        "citizen_id", "owner", "address", "handlers", "process", "note", "amount",
    ),
    "files": ("id", "number", "path", "content"),
}  # fmt: skip
PLATFORM_COLUMNS = {
    "p_officer": ("id", "userName", "fullName"),
    "p_applicant": ("id", "name", "idNo", "birth", "phone"),
    "p_dossier": ("id", "number", "ward", "agency", "owner"),
    "p_file": ("id", "dossierId", "path"),
    "counter": ("name", "current"),
}
PLATFORM_DDL = """
CREATE TABLE p_officer (id INTEGER PRIMARY KEY AUTOINCREMENT, userName TEXT UNIQUE, fullName TEXT);
CREATE TABLE p_applicant (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, idNo TEXT UNIQUE, birth TEXT,
  phone TEXT);
CREATE TABLE p_dossier (id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, ward TEXT, wardName TEXT,
  province TEXT, agency TEXT, agencyName TEXT, receivedBy TEXT, applicantId INTEGER
  REFERENCES p_applicant (id), owner TEXT, address TEXT, due TEXT, status TEXT, handlers TEXT, note TEXT,
  amount REAL, remark TEXT);
CREATE TABLE p_file (id INTEGER PRIMARY KEY AUTOINCREMENT, dossierId INTEGER REFERENCES p_dossier (id),
  path TEXT UNIQUE, content BLOB);
CREATE TABLE counter (name TEXT PRIMARY KEY, current INTEGER NOT NULL);
"""


def source_ddl(make: Make) -> str:
    """The tables of an old system."""
    key = "INTEGER PRIMARY KEY" if make.integer_keys else "TEXT PRIMARY KEY NOT NULL"
    foreign = "INTEGER" if make.integer_keys else "TEXT"
    tables = make.tables
    return f"""
CREATE TABLE {tables["officers"]} (id INTEGER PRIMARY KEY, user_name TEXT NOT NULL, full_name TEXT);
CREATE TABLE {tables["citizens"]} (id {key}, name TEXT, idno TEXT, birth TEXT, phone TEXT);
CREATE TABLE {tables["dossiers"]} (id {key}, number TEXT, commune TEXT, agency TEXT, received_by TEXT,
  service TEXT, received TEXT, due TEXT, status TEXT, citizen_id {foreign}, owner TEXT, address TEXT,
  handlers TEXT, process TEXT, note TEXT, amount REAL);
CREATE TABLE {tables["files"]} (id INTEGER PRIMARY KEY, number TEXT, path TEXT, content BLOB);
"""


def source_profile(make: Make) -> Tree:
    """The profile of an old system."""
    return {
        "schema": "merger/profile/1",
        "id": make.name,
        "doubtful": [{"first": "2025-07-01", "last": "2025-07-01"}],
        "datasets": {
            "officers": {
                "table": make.tables["officers"],
                "key": ["id"],
                "personal": ["full_name"],
                "to": "officers",
                "columns": {"userName": "user_name", "fullName": "full_name"},
            },
            "citizens": {
                "table": make.tables["citizens"],
                "key": ["id"],
                "personal": ["name", "idno", "phone"],
                "to": "applicants",
                "columns": {"name": "name", "idNo": "idno", "birth": "birth", "phone": "phone"},
            },
            "dossiers": _dossiers(make),
            "files": {
                "table": make.tables["files"],
                "key": ["id"],
                "parent": "dossier",
                "references": {"dossier": {"to": "dossiers", "column": "number", "on": "number"}},
                "to": "files",
                "columns": {
                    "dossierId": {"reference": "dossier", "column": "number"},
                    "path": "path",
                    "content": "content",
                },
            },
        },
    }


def _dossiers(make: Make) -> Tree:
    due = {"column": "due", "time": make.time}
    return {
        "table": make.tables["dossiers"],
        "key": ["id"],
        "personal": ["owner", "address"],
        "units": {"place": {"value": "commune", "address": "address", "role": "place"}},
        "agencies": {
            "holder": {"value": "agency", "role": "holder", "place": "place"},
            "received-by": {"value": "received_by", "role": "origin", "optional": True},
        },
        "service": "service",
        "dated_by": {"column": "received", "time": make.time},
        "status": "status",
        "pending": ["1", "4"],
        "finished": ["9"],
        "locality": "address",
        "number": "number",
        "deadline": due,
        "workflow": "process",
        "references": {"citizen": {"to": "citizens", "column": "citizen_id", "optional": True}},
        "to": "dossiers",
        "columns": {
            "number": "number",
            "ward": {"decided": "place.code"},
            "wardName": {"decided": "place.name"},
            "province": {"decided": "place.parent"},
            "agency": {"decided": "holder.code"},
            "agencyName": {"decided": "holder.name"},
            "receivedBy": "received_by",
            "applicantId": {"reference": "citizen", "column": "citizen_id"},
            "owner": "owner",
            "address": "address",
            "due": due,
            "status": {"column": "status", "values": {"1": "new", "4": "processing"}},
            "handlers": {"column": "handlers", "qualify": True, "separator": "##"},
            "note": "note",
            "amount": "amount",
        },
    }


def platform_profile() -> Tree:
    """The platform's profile."""
    counter = {"counter_table": "counter", "counter_where": {"name": "dossier"}, "counter_column": "current"}
    return {
        "schema": "merger/profile/1",
        "id": "platform",
        "datasets": {
            "officers": {
                "table": "p_officer",
                "key": ["id"],
                "keys": {"way": "block"},
                "unique": {"user-name": ["userName"]},
            },
            "applicants": {
                "table": "p_applicant",
                "key": ["id"],
                "keys": {"way": "block"},
                "unique": {"id-number": ["idNo"]},
            },
            "dossiers": {
                "table": "p_dossier",
                "key": ["id"],
                "keys": {"way": "block", **counter},
                "unique": {"number": ["number"]},
                "references": {"applicant": {"to": "applicants", "column": "applicantId", "optional": True}},
                "holder_columns": ["agency"],
                "place_columns": ["ward", "province"],
            },
            "files": {
                "table": "p_file",
                "key": ["id"],
                "keys": {"way": "block"},
                "unique": {"path": ["path"]},
                "references": {"dossier": {"to": "dossiers", "column": "dossierId"}},
                "parent": "dossier",
            },
        },
    }


def collision_rules() -> dict[str, list[Tree]]:
    """For each unique set of the platform, the rules that a job may choose from."""
    return {
        "user-name": [
            {"dataset": "officers", "unique": "user-name", "rule": "qualify", "column": "userName",
             "with": "{value}@{system}"},
            {"dataset": "officers", "unique": "user-name", "rule": "hold"},
        ],
        "id-number": [
            {"dataset": "applicants", "unique": "id-number", "rule": "merge", "second": ["name", "birth"],
             "placeholders": ["000000001"]},
            {"dataset": "applicants", "unique": "id-number", "rule": "hold"},
        ],
        "number": [{"dataset": "dossiers", "unique": "number", "rule": "hold"}],
        "path": [
            {"dataset": "files", "unique": "path", "rule": "qualify", "column": "path",
             "with": "{system}/{value}"},
            {"dataset": "files", "unique": "path", "rule": "hold"},
        ],
    }  # fmt: skip
