"""A small made-up country with two old systems and a platform, for tests of the engine."""
# ruff: noqa: E501, RUF005 (tables of rows and files that read best with one entry a line)

import sqlite3
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa

from merger.approval import Role, add_person, load_key, load_public, new_key, public_file
from merger.migrate import api
from merger.migrate.campaign import Campaign
from merger.migrate.model import Outcome, Plan
from merger.migrate.state import fate_of
from merger.migrate.survey import Survey
from merger.migrate.workbench import Workbench

PASSPHRASE = "a passphrase for tests"

MAPPING = files("merger.testing.pairs") / "files" / "mapping"
"""The country's definitions, which all made-up worlds over it share."""
UNITS, AGENCIES, COMPETENCE, SERVICES, LOCALITIES = (
    (MAPPING / f"{name}.yaml").read_text("utf-8")
    for name in ("units", "agencies", "competence", "services", "localities")
)
SOURCE = """\
schema: merger/profile/1
id: source
doubtful: [{first: 2025-07-01, last: 2025-07-01}]
datasets:
  officers:
    table: officer
    key: [id]
    personal: [full_name]
    to: officers
    columns: {userName: user_name, fullName: full_name}
  citizens:
    table: citizen
    key: [id]
    personal: [name, idno]
    to: applicants
    columns: {name: name, idNo: idno, birth: birth}
  dossiers:
    table: dossier
    key: [id]
    personal: [owner, address]
    units: {place: {value: commune, role: place}}
    agencies:
      holder: {value: agency, role: holder, place: place}
      received-by: {value: received_by, role: origin, optional: true}
    service: service
    dated_by: {column: received, time: iso}
    status: status
    pending: ["1", "4"]
    finished: ["9"]
    locality: address
    number: number
    deadline: {column: due, time: iso}
    workflow: process
    references:
      citizen: {to: citizens, column: citizen_id, optional: true}
    to: dossiers
    columns:
      number: number
      ward: {decided: place.code}
      wardName: {decided: place.name}
      province: {decided: place.parent}
      agency: {decided: holder.code}
      agencyName: {decided: holder.name}
      receivedBy: received_by
      applicantId: {reference: citizen, column: citizen_id}
      owner: owner
      address: address
      due: {column: due, time: iso}
      status: {column: status, values: {"1": new, "4": processing}}
      handlers: {column: handlers, qualify: true, separator: "##"}
      note: note
      amount: amount
  files:
    table: file
    key: [id]
    parent: dossier
    references: {dossier: {to: dossiers, column: number, "on": number}}
    to: files
    columns: {dossierId: {reference: dossier, column: number}, path: path, content: content}
"""
PLATFORM = """\
schema: merger/profile/1
id: platform
datasets:
  officers:
    table: p_officer
    key: [id]
    keys: {way: block}
    unique: {user-name: [userName]}
  applicants:
    table: p_applicant
    key: [id]
    keys: {way: block}
    unique: {id-number: [idNo]}
  dossiers:
    table: p_dossier
    key: [id]
    keys: {way: block, counter_table: counter, counter_where: {name: dossier}, counter_column: current}
    unique: {number: [number]}
    references: {applicant: {to: applicants, column: applicantId, optional: true}}
    holder_columns: [agency]
    place_columns: [ward, province]
  files:
    table: p_file
    key: [id]
    keys: {way: block}
    unique: {path: [path]}
    references: {dossier: {to: dossiers, column: dossierId}}
    parent: dossier
"""
JOB = """\
schema: merger/job/1
id: small
author: writer
mapping: [mapping]
cutover: 2025-07-10T00:00:00+07:00
target: {system: platform, profile: platform.yaml, database: {path: platform.db}}
sources:
  - {system: one, profile: source.yaml, database: {path: one.db}}
  - {system: two, profile: source.yaml, database: {path: two.db}}
exclude:
  - {rule: finished-stays, datasets: [dossiers], not_pending: true}
collisions:
  - {dataset: officers, unique: user-name, rule: qualify, column: userName, with: "{value}@{system}"}
  - {dataset: applicants, unique: id-number, rule: merge, second: [name, birth], placeholders: ["000000001"]}
  - {dataset: dossiers, unique: number, rule: hold}
  - {dataset: files, unique: path, rule: qualify, column: path, with: "{system}/{value}"}
policies: {approvals: 2, holds_allowed: 100, stale_codes: resolve, batch_rows: 7}
"""
SOURCE_DDL = """
CREATE TABLE officer (id INTEGER PRIMARY KEY, user_name TEXT NOT NULL, full_name TEXT);
CREATE TABLE citizen (id TEXT PRIMARY KEY NOT NULL, name TEXT, idno TEXT, birth TEXT);
CREATE TABLE dossier (id TEXT PRIMARY KEY NOT NULL, number TEXT, commune TEXT, agency TEXT, received_by TEXT,
  service TEXT, received TEXT, due TEXT, status TEXT, citizen_id TEXT, owner TEXT, address TEXT, handlers TEXT,
  process TEXT, note TEXT, amount REAL);
CREATE TABLE file (id INTEGER PRIMARY KEY, number TEXT, path TEXT, content BLOB);
"""
PLATFORM_DDL = """
CREATE TABLE p_officer (id INTEGER PRIMARY KEY AUTOINCREMENT, userName TEXT UNIQUE, fullName TEXT);
CREATE TABLE p_applicant (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, idNo TEXT UNIQUE, birth TEXT);
CREATE TABLE p_dossier (id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, ward TEXT, wardName TEXT,
  province TEXT, agency TEXT, agencyName TEXT, receivedBy TEXT, applicantId INTEGER REFERENCES p_applicant (id),
  owner TEXT, address TEXT, due TEXT, status TEXT, handlers TEXT, note TEXT, amount REAL, remark TEXT);
CREATE TABLE p_file (id INTEGER PRIMARY KEY AUTOINCREMENT, dossierId INTEGER REFERENCES p_dossier (id),
  path TEXT UNIQUE, content BLOB);
CREATE TABLE counter (name TEXT PRIMARY KEY, current INTEGER NOT NULL);
INSERT INTO p_officer (userName, fullName) VALUES ('an@one', 'Own Officer');
INSERT INTO p_applicant (name, idNo, birth) VALUES ('Trần Bê', '012345678999', '1990-01-01');
INSERT INTO p_dossier (id, number, ward, agency) VALUES (7, 'Z01.101-250702-0001', '10001', 'Z01.101');
INSERT INTO p_file (dossierId, path) VALUES (7, 'own/a.pdf');
INSERT INTO counter VALUES ('dossier', 50);
"""


def dossier(name: str, /, **fields: object) -> dict[str, object]:
    """A clean pending dossier with the key `d-<name>`, with what the caller changes."""
    row: dict[str, object] = {
        "id": f"d-{name}", "number": name, "commune": "10002", "agency": "Z01.05", "received_by": "Z01.05",
        "service": "1.000002.000.00.00.Z01", "received": "2025-05-05 08:00:00", "due": "2025-08-01 17:00:00",
        "status": "4", "citizen_id": None, "owner": "Nguyễn Văn A", "address": "12 đường Chợ", "handlers": "an##anh",
        "process": None, "note": "ghi chú 🙂", "amount": 12.5,
    }  # fmt: skip
    return row | fields


def fill(path: Path, table: str, rows: list[dict[str, object]]) -> None:
    """Inserts rows into a table of a SQLite file."""
    with sqlite3.connect(path) as connection:
        for row in rows:
            names = ", ".join(row)
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))
    connection.close()


def rows_of(path: Path, table: str, order: str = "id") -> list[tuple[object, ...]]:
    """All rows of a table."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall()
    finally:
        connection.close()


PLATFORM_TABLES = {"p_officer": "id", "p_applicant": "id", "p_dossier": "id", "p_file": "id",
                   "counter": "name"}  # fmt: skip


def platform(world: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the platform that is not the ledger's."""
    return {table: rows_of(world / "platform.db", table, order) for table, order in PLATFORM_TABLES.items()}


def make_world(folder: Path, *, keys: bool = True) -> Path:
    """Writes the country, its systems and its job into a folder; answers the job's path."""
    (folder / "mapping").mkdir(parents=True)
    for name, text in {"units": UNITS, "agencies": AGENCIES, "competence": COMPETENCE, "services": SERVICES,
                       "localities": LOCALITIES}.items():  # fmt: skip
        (folder / "mapping" / f"{name}.yaml").write_text(text, encoding="utf-8")
    (folder / "source.yaml").write_text(SOURCE, encoding="utf-8")
    (folder / "platform.yaml").write_text(PLATFORM, encoding="utf-8")
    (folder / "job.yaml").write_text(JOB, encoding="utf-8")
    for name, ddl in {"one": SOURCE_DDL, "two": SOURCE_DDL, "platform": PLATFORM_DDL}.items():
        connection = sqlite3.connect(folder / f"{name}.db")
        connection.executescript(ddl)
        connection.close()
    if keys:
        make_people(folder)
    return folder / "job.yaml"


def standard_rows(folder: Path) -> None:
    """Rows of every kind: clean, excluded, held for each reason, colliding, dirty."""
    one, two = folder / "one.db", folder / "two.db"
    for path, other in ((one, "one"), (two, "two")):
        fill(path, "officer", [{"id": 1, "user_name": "an", "full_name": f"Lê An {other}"},
                               {"id": 2, "user_name": "anh", "full_name": f"Lê Anh {other}"}])  # fmt: skip
    fill(one, "citizen", [
        {"id": "c1", "name": "Nguyễn A", "idno": "012345678901", "birth": "1980-01-01"},
        {"id": "c2", "name": "Trần Bê", "idno": "012345678999", "birth": "1990-01-01"},
        {"id": "c3", "name": "Ai Đó", "idno": "000000001", "birth": None},
        {"id": "c4", "name": "Khác Tên", "idno": "099999999999", "birth": "1970-01-01"},
    ])  # fmt: skip
    fill(two, "citizen", [
        {"id": "c1", "name": "Nguyễn A", "idno": "012345678901", "birth": "1980-01-01"},
        {"id": "c3", "name": "Ai Khác", "idno": "000000001", "birth": None},
        {"id": "c4", "name": "Tên Khác", "idno": "099999999999", "birth": "1971-01-01"},
    ])  # fmt: skip
    clean = [dossier(f"Z01.05-250505-{n:04d}", citizen_id="c1" if n % 2 else "c2") for n in range(20)]
    fill(one, "dossier", clean + [
        dossier("finished", status="9"),
        dossier("land-divided", commune="10003"),
        dossier("people-divided", commune="10003", service="1.000001.Z01", agency="Z01.30"),
        dossier("works", service="1.000003", agency="000.00.30.Z01"),
        dossier("person", service="1.000004", agency="Z01.30"),
        dossier("unknown-unit", commune="99999"),
        dossier("empty-unit", commune=""),
        dossier("null-unit", commune=None),
        dossier("july", commune="10001", received="2025-07-05 08:00:00"),
        dossier("undated-two-ways", commune="10005", received=None),
        dossier("undated-one-way", commune="10002", received=None),
        dossier("bad-date", commune="10005", received="hôm qua"),
        dossier("untranslated", status="77"),
        dossier("bad-due", due="soon"),
        dossier("other-person", citizen_id="c4"),
        dossier("no-citizen", citizen_id="c99"),
        dossier("former-agency", agency="000.00.05.Z01", note=None, process="p-1"),
        dossier("same-number"),
    ])  # fmt: skip
    clean = [dossier(f"Z02.05-250505-{n:04d}", agency="Z02.05", commune="10005", citizen_id="c1" if n % 3 else "c3")
             for n in range(15)]  # fmt: skip
    fill(two, "dossier", clean + [
        dossier("east", commune="10004", agency="Z02.30.20", address="nhà 3, thôn 01"),
        dossier("south", commune="10004", agency="Z02.30.20", address="THÔN 10, chợ"),
        dossier("nowhere", commune="10004", agency="Z02.30.20", address="không rõ"),
        dossier("same-number", agency="Z02.05", commune="10005"),
    ])  # fmt: skip
    for path, count in ((one, 20), (two, 15)):
        prefix = "Z01" if path == one else "Z02"
        files = [{"number": f"{prefix}.05-250505-{n:04d}", "path": f"a/{n}.pdf", "content": bytes([n, 0, 255])}
                 for n in range(count)]  # fmt: skip
        fill(path, "file", [*files, {"number": "nobody", "path": "orphan.pdf", "content": None}])
    fill(one, "file", [{"number": "finished", "path": "f.pdf", "content": None},
                       {"number": "unknown-unit", "path": "u.pdf", "content": b""}])  # fmt: skip


def make_people(folder: Path) -> None:
    """Three people with keys; `one` and `two` approve, `writer` is the author."""
    now = datetime.now(UTC) - timedelta(seconds=5)
    for name in ("one", "two", "writer"):
        new_key(name, folder / f"{name}.key", PASSPHRASE)
    signer = load_key(folder / "one.key", PASSPHRASE)
    roles = {"one": Role.ADMINISTRATOR, "two": Role.APPROVER, "writer": Role.APPROVER}
    for name, role in roles.items():
        public = load_public(public_file(folder / f"{name}.key"))
        add_person(folder / "trust.json", public, role, signer, now)


def sign_by(folder: Path, file: Path, *names: str) -> None:
    """Signs a file by people of `make_people`."""
    for name in names:
        api.sign(file, folder / f"{name}.key", PASSPHRASE, datetime.now(UTC))


def quiet(_stage: str, _done: int, _total: int) -> None:
    """No progress."""


def planned(folder: Path, *, final: bool = False, name: str = "plan.json") -> Path:
    """A plan of the world's job, signed by two."""
    path = folder / name
    api.make_plan(folder / "job.yaml", path, (), final, quiet)
    sign_by(folder, path, "one", "two")
    return path


def unsigned(folder: Path, *, scope: tuple[str, ...] = (), name: str = "plan.json") -> Plan:
    """A plan of the world's job that nobody has signed."""
    return api.make_plan(folder / "job.yaml", folder / name, scope, False, quiet)


def moved_by(folder: Path, name: str = "plan.json") -> None:
    """Makes, signs and runs a plan."""
    api.apply(planned(folder, name=name), 1, quiet)


def changed(path: Path, old: str, new: str) -> None:
    """Replaces a text that stands once in a file."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def run_sql(path: Path, *statements: str) -> None:
    """Runs statements in a SQLite file."""
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def ask_sql(path: Path, statement: str, *values: object) -> list[tuple[object, ...]]:
    """The rows that a statement selects."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(statement, values).fetchall()
    finally:
        connection.close()


def fates(folder: Path, plan: Plan) -> dict[str, tuple[str, str, Outcome | None]]:
    """What a plan makes of every row: `system/dataset/key` to fate, reason and outcome."""
    campaign = Campaign(folder / "job.yaml")
    out: dict[str, tuple[str, str, Outcome | None]] = {}
    merges = {
        f"{one.system}/{one.dataset}/{each.key}": each.why for one in plan.datasets for each in one.exceptions
    }
    with Workbench(campaign) as bench:
        survey = Survey(campaign, bench.target, bench.ledger)
        for source in campaign.sources:
            with bench.source(source) as store:
                found = survey.follow(source, store, plan)
                for name, stage in found.stages.items():
                    staged = stage.staged()
                    merged = sa.null() if staged.into is None else staged.into
                    asked = sa.select(staged.row.key_text, staged.decision, staged.state, merged)
                    decisions = found.decisions.get(name)
                    rows = store.connection.execute(asked.select_from(staged.row.source))
                    for key, number, state, into in rows:
                        outcome = None if decisions is None or number is None else decisions.outcome(number)
                        fate, why = fate_of(state)
                        where = f"{source.system}/{name}/{key}"
                        word = "merge" if into is not None and state is None else str(fate)
                        out[where] = (word, merges[where] if word == "merge" else why, outcome)
    return out
