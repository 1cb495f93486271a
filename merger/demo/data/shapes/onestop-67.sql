CREATE TABLE officer (
    id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, fullname TEXT NOT NULL, position TEXT, agency TEXT,
    phone TEXT, email TEXT, enabled INTEGER NOT NULL DEFAULT 1, created_date TEXT NOT NULL);
CREATE TABLE citizen (
    id TEXT PRIMARY KEY, profile TEXT NOT NULL, village TEXT, created_date TEXT NOT NULL);
CREATE TABLE dossier (
    id TEXT PRIMARY KEY, code TEXT, data TEXT NOT NULL, applicant TEXT NOT NULL, note TEXT, source TEXT,
    created_date TEXT NOT NULL, updated_date TEXT);
CREATE TABLE dossier_file (
    id TEXT PRIMARY KEY, dossier_id TEXT, form_name TEXT NOT NULL, form_code TEXT, path TEXT, size INTEGER,
    created_date TEXT NOT NULL);
CREATE TABLE dossier_log (
    id TEXT PRIMARY KEY, dossier_id TEXT, username TEXT, action TEXT NOT NULL, content TEXT, detail TEXT,
    created_date TEXT NOT NULL);
CREATE TABLE dossier_fee (
    id TEXT PRIMARY KEY, dossier_id TEXT, fee TEXT NOT NULL, paid INTEGER NOT NULL, paid_date TEXT,
    receipt TEXT, created_date TEXT NOT NULL);
CREATE TABLE dossier_task (
    id TEXT PRIMARY KEY, dossier_id TEXT, assignee TEXT, candidate_group TEXT, is_current INTEGER NOT NULL,
    created_date TEXT NOT NULL);
