CREATE TABLE departments (
    id INTEGER PRIMARY KEY, parent_id INTEGER, code TEXT, name TEXT NOT NULL, is_unit INTEGER NOT NULL,
    level INTEGER NOT NULL, allow_doc_book INTEGER NOT NULL, is_deleted INTEGER NOT NULL DEFAULT 0);
CREATE TABLE staff (
    id INTEGER PRIMARY KEY, username TEXT NOT NULL UNIQUE, full_name TEXT NOT NULL, position TEXT,
    department_id INTEGER REFERENCES departments (id), phone TEXT, email TEXT,
    is_locked INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL);
CREATE TABLE doc_books (
    id INTEGER PRIMARY KEY, unit_id INTEGER NOT NULL REFERENCES departments (id), type_id INTEGER NOT NULL,
    code TEXT NOT NULL, name TEXT NOT NULL, year INTEGER NOT NULL, is_default INTEGER NOT NULL DEFAULT 0,
    is_deleted INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL);
CREATE TABLE incoming_docs (
    id INTEGER PRIMARY KEY, unit_id INTEGER NOT NULL, received_date TEXT, number INTEGER, notation TEXT,
    document_code TEXT, abstract TEXT, publish_unit TEXT, publish_unit_code TEXT, publish_date TEXT, signer TEXT,
    doc_book_id INTEGER, doc_type TEXT, secret_id INTEGER NOT NULL DEFAULT 1, urgent_id INTEGER NOT NULL DEFAULT 1,
    number_paper INTEGER, expired_date TEXT, recipients TEXT, status TEXT NOT NULL, source_type TEXT NOT NULL,
    external_doc_id TEXT, created_by INTEGER NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE outgoing_docs (
    id INTEGER PRIMARY KEY, unit_id INTEGER NOT NULL, number INTEGER, sub_number TEXT, notation TEXT,
    document_code TEXT, abstract TEXT, publish_unit_code TEXT, publish_date TEXT, signer TEXT, doc_book_id INTEGER,
    doc_type TEXT, secret_id INTEGER NOT NULL DEFAULT 1, urgent_id INTEGER NOT NULL DEFAULT 1,
    number_paper INTEGER, recipients TEXT, status TEXT NOT NULL, is_released INTEGER NOT NULL,
    created_by INTEGER NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE attachment_incoming_docs (
    id INTEGER PRIMARY KEY, incoming_doc_id INTEGER NOT NULL, file_name TEXT NOT NULL, file_path TEXT NOT NULL,
    file_size INTEGER, content_type TEXT, created_at TEXT NOT NULL);
CREATE TABLE attachment_outgoing_docs (
    id INTEGER PRIMARY KEY, outgoing_doc_id INTEGER NOT NULL, file_name TEXT NOT NULL, file_path TEXT NOT NULL,
    file_size INTEGER, content_type TEXT, created_at TEXT NOT NULL);
CREATE TABLE handling_docs (
    id INTEGER PRIMARY KEY, incoming_doc_id INTEGER NOT NULL, action_type TEXT NOT NULL, from_staff_id INTEGER,
    to_staff_id INTEGER, note TEXT, created_at TEXT NOT NULL);
