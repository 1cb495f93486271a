"""What the tests of masked copies share: a small system to be spoiled at will, and what a database holds."""

import sqlite3
from contextlib import closing
from hashlib import sha256

PROFILE = {
    "schema": "merger/profile/1",
    "id": "small",
    "datasets": {
        "people": {"table": "person", "key": ["id"], "personal": ["name", "born"]},
        "cases": {
            "table": "file",
            "key": ["id"],
            "units": {"place": {"value": "commune", "role": "place"}},
            "status": "state",
            "pending": ["đang chờ"],
            "dated_by": {"column": "day", "time": "iso"},
            "references": {"person": {"to": "people", "column": "person", "optional": True}},
            "personal": ["owner"],
        },
        "papers": {
            "table": "paper",
            "key": ["id"],
            "parent": "case",
            "references": {"case": {"to": "cases", "column": "file"}},
        },
    },
}
DATABASE = """
CREATE TABLE person (id TEXT PRIMARY KEY, name TEXT NOT NULL, born TEXT, hobby TEXT DEFAULT 'none',
  photo BLOB);
CREATE TABLE file (id INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT REFERENCES person (id),
  commune TEXT, state TEXT CHECK (length(state) < 40), day TEXT, owner TEXT COLLATE NOCASE,
  number TEXT UNIQUE, data TEXT);
CREATE TABLE paper (id INTEGER PRIMARY KEY, file INTEGER, title TEXT, size INTEGER,
  twice INTEGER GENERATED ALWAYS AS (size * 2) VIRTUAL);
CREATE TABLE elsewhere (code TEXT, words TEXT, PRIMARY KEY (code, words)) WITHOUT ROWID;
CREATE TABLE loud (said TEXT);
CREATE TABLE merger_row (hash BLOB);
CREATE VIRTUAL TABLE found USING fts5 (words);
CREATE INDEX by_owner ON file (owner) WHERE owner IS NOT NULL;
CREATE VIEW waiting AS SELECT id FROM file WHERE state = 'đang chờ';
CREATE TRIGGER speaks AFTER INSERT ON paper BEGIN INSERT INTO loud VALUES (new.title); END;
INSERT INTO person VALUES ('068190001234', 'Nguyễn Thị Hoà', '1990-02-03', 'câu cá', x'FFD8FF00'),
  ('068190005678', 'Nguyễn Thị Hòa', '19900203', NULL, NULL), ('000000001', 'Lê An', '', '', x'');
INSERT INTO file (person, commune, state, day, owner, number, data) VALUES
  ('068190001234', '24848', 'đang chờ', '2025-06-30', 'Nguyễn Thị Hoà', 'A-1',
   '{"owner": {"name": "Nguyễn Thị Hoà", "phones": ["0912345678", 84912345678]}, "vip": true}'),
  ('068190005678', ' 24848', 'xong', '2025-02-30', 'NGUYỄN THỊ HOÀ', 'A-2', '{"broken": "Nguyễn'),
  ('gone', '', 'đang chờ', 'hôm qua', NULL, 'A-3', NULL),
  (NULL, NULL, NULL, '', ' Lê  An ', NULL, '[]'),
  (NULL, 'Nhà bà Tư Cải', 'x', '2025-06-30', '', '', '');
INSERT INTO paper (id, file, title, size) VALUES (1, 1, 'Đơn của Nguyễn Thị Hoà', 1200),
  (2, 77, 'Đơn', 7);
INSERT INTO elsewhere VALUES ('068190001234', 'bệnh nhân số 12');
INSERT INTO merger_row VALUES (x'00');
INSERT INTO found VALUES ('Nguyễn Thị Hoà');
PRAGMA user_version = 41;
"""


def quiet(*_):
    pass


def asked(database, words, *values):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(words, values).fetchall()


def told(database, script):
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(script)


def everything(database):
    """Every cell of a database as one text."""
    with closing(sqlite3.connect(database)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        cells = (
            str(cell)
            for (name,) in names
            for row in connection.execute(f'SELECT * FROM "{name}"')
            for cell in row
        )
        return "\n".join(cells)


def digests(folder):
    return {path: sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}
