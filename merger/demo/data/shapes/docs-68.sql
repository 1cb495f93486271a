CREATE TABLE unit (
    unit_id INTEGER PRIMARY KEY, eid TEXT, unit_name TEXT NOT NULL, parent_id INTEGER);
CREATE TABLE account (
    account_id INTEGER PRIMARY KEY, login TEXT NOT NULL UNIQUE, full_name TEXT NOT NULL, title TEXT,
    unit_id INTEGER REFERENCES unit (unit_id), phone TEXT, mail TEXT, locked INTEGER NOT NULL,
    opened TEXT NOT NULL);
CREATE TABLE register (
    register_id INTEGER PRIMARY KEY, unit_eid TEXT, direction TEXT NOT NULL, sign TEXT NOT NULL, title TEXT NOT NULL,
    year INTEGER NOT NULL, opened TEXT NOT NULL);
CREATE TABLE doc_in (
    doc_id INTEGER PRIMARY KEY, register_id INTEGER, unit_eid TEXT, arrival_no INTEGER, arrived TEXT, code_number TEXT,
    code_notation TEXT, issued TEXT, issuer_name TEXT, issuer_eid TEXT, subject TEXT, signer TEXT, kind TEXT,
    priority INTEGER NOT NULL, secrecy INTEGER NOT NULL, due TEXT, deliver_to TEXT, axis_id TEXT, state INTEGER NOT NULL,
    entered_by INTEGER, entered TEXT NOT NULL);
CREATE TABLE doc_out (
    doc_id INTEGER PRIMARY KEY, register_id INTEGER, unit_eid TEXT, code_number TEXT, code_notation TEXT, issued TEXT,
    issuer_eid TEXT, subject TEXT, signer TEXT, kind TEXT, priority INTEGER NOT NULL, secrecy INTEGER NOT NULL,
    deliver_to TEXT, state INTEGER NOT NULL, entered_by INTEGER, entered TEXT NOT NULL);
CREATE TABLE file_in (
    file_id INTEGER PRIMARY KEY, doc_id INTEGER NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL, bytes INTEGER,
    entered TEXT NOT NULL);
CREATE TABLE file_out (
    file_id INTEGER PRIMARY KEY, doc_id INTEGER NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL, bytes INTEGER,
    entered TEXT NOT NULL);
CREATE TABLE doc_step (
    step_id INTEGER PRIMARY KEY, doc_id INTEGER NOT NULL, act TEXT NOT NULL, from_login TEXT, to_login TEXT, remark TEXT,
    done TEXT NOT NULL);
