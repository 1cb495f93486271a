"""How many characters columns take, and which of them hold codes of agencies."""

import sqlite3

import pytest

from merger.codes.eid import Form
from merger.errors import InputError
from merger.systems.code_columns import code_columns
from merger.systems.widths import width_of

PROFILE = """\
schema: merger/profile/1
id: office
database: {path: office.db}
datasets:
  agencies: {table: agency, key: [id]}
  dossiers:
    table: dossier
    key: [id]
    agencies:
      holder: {value: holder, role: holder}
      sender: {value: {lookup: sender_id -> agencies.code}, role: origin}
      hidden: {value: {column: payload, json: $.agency}, role: origin}
    widths: {holder: 20}
  tasks: {table: task, key: [id], holder_columns: [office]}
"""
TABLES = """
CREATE TABLE agency (id INTEGER PRIMARY KEY, code CHAR(13));
CREATE TABLE dossier (id INTEGER PRIMARY KEY, holder VARCHAR(13), sender_id INTEGER, payload TEXT);
CREATE TABLE task (id INTEGER PRIMARY KEY, office TEXT);
INSERT INTO agency (code) VALUES ('000.00.05.H90'), (NULL), ('not a code');
"""


@pytest.fixture
def profile(tmp_path):
    with sqlite3.connect(tmp_path / "office.db") as connection:
        connection.executescript(TABLES)
    path = tmp_path / "office.yaml"
    path.write_text(PROFILE, "utf-8")
    return path


@pytest.mark.parametrize(
    ("declared", "width"),
    [
        ("VARCHAR(13)", 13),
        ("char (35)", 35),
        ("CHARACTER VARYING(013)", 13),
        ("NVARCHAR(255) COLLATE NOCASE", 255),
        ("TEXT", None),
        ("VARCHAR(0)", None),
        ("DECIMAL(10)", None),
        ("DECIMAL(10, 2)", None),
        ("", None),
    ],
)
def test_only_a_text_that_is_declared_with_a_size_has_a_width(declared, width):
    assert width_of(declared) == width


def test_the_columns_of_codes_come_from_the_profile_and_their_widths_from_it_or_from_the_database(profile):
    columns, findings = code_columns(profile)
    assert [(one.name, one.width, one.said_by) for one in columns] == [
        ("dossier.holder", 20, "profile"),
        ("agency.code", 13, "database"),
    ]
    assert columns[0].forms == {Form.NEW, Form.FORMER}
    assert columns[1].forms == {Form.FORMER}
    assert [one.message for one in findings] == [
        "the database of office declares no width for these columns: task.office"
    ]


def test_a_database_that_cannot_be_read_is_said_and_what_the_profile_says_still_counts(profile):
    (profile.parent / "office.db").unlink()
    columns, [finding] = code_columns(profile)
    assert [one.name for one in columns] == ["dossier.holder"]
    assert finding.code == "width-unread"
    assert finding.fields["columns"] == "agency.code, task.office"
    assert "there is no database at" in finding.message


def test_a_database_of_a_kind_that_is_not_spoken_is_said(profile, monkeypatch):
    profile.write_text(PROFILE.replace("path: office.db", "url_env: OFFICE_URL"), "utf-8")
    monkeypatch.setenv("OFFICE_URL", "mysql://somewhere/office")
    assert "of the kind mysql" in code_columns(profile)[1][0].message


def test_a_column_that_is_not_there_and_a_profile_without_codes_are_said(profile):
    with sqlite3.connect(profile.parent / "office.db") as connection:
        connection.execute("ALTER TABLE dossier DROP COLUMN holder")
    assert [one.code for one in code_columns(profile)[1]] == ["no-such-column", "width-unsaid"]
    profile.write_text("schema: merger/profile/1\nid: none\ndatasets: {}\n", "utf-8")
    assert [one.code for one in code_columns(profile)[1]] == ["no-code-columns"]


def test_looking_at_a_database_leaves_it_as_it_is(profile):
    before = (profile.parent / "office.db").read_bytes()
    code_columns(profile)
    assert (profile.parent / "office.db").read_bytes() == before
    assert sorted(one.name for one in profile.parent.iterdir()) == ["office.db", "office.yaml"]


def test_widths_of_less_than_one_character_are_mistakes(profile):
    profile.write_text(PROFILE.replace("holder: 20", "holder: 0"), "utf-8")
    with pytest.raises(InputError, match=r"office\.yaml:13:22: DOC122 0 is out of range"):
        code_columns(profile)
