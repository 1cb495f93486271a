CREATE TABLE agency (
    agency_id INTEGER PRIMARY KEY, agency_code TEXT, agency_name TEXT NOT NULL, parent_id INTEGER,
    commune_code TEXT);
CREATE TABLE officer (
    officer_id INTEGER PRIMARY KEY, login TEXT NOT NULL UNIQUE, full_name TEXT NOT NULL, job_title TEXT,
    agency_id INTEGER REFERENCES agency (agency_id), phone TEXT, email TEXT, active INTEGER NOT NULL,
    registered_on TEXT NOT NULL);
CREATE TABLE citizen (
    citizen_id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, id_kind TEXT, id_number TEXT, born TEXT,
    phone TEXT, email TEXT, street_address TEXT, commune_code TEXT, registered_on TEXT NOT NULL);
CREATE TABLE dossier (
    dossier_id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, receipt_no TEXT, agency_code TEXT, received_at_agency TEXT,
    service_code TEXT, commune_code TEXT, citizen_id INTEGER, owner_name TEXT, owner_id_kind TEXT,
    owner_id_number TEXT, owner_phone TEXT, owner_email TEXT, owner_address TEXT, subject TEXT, state TEXT,
    channel TEXT NOT NULL, filed_at TEXT, accepted_at TEXT, due_at TEXT, closed_at TEXT, step_code TEXT,
    step_name TEXT, process_ref TEXT, handlers TEXT, note TEXT, changed_at TEXT NOT NULL);
CREATE TABLE dossier_file (
    file_id INTEGER PRIMARY KEY, dossier_id INTEGER, title TEXT NOT NULL, form_code TEXT, path TEXT, bytes INTEGER,
    uploaded_at TEXT NOT NULL);
CREATE TABLE dossier_step (
    step_id INTEGER PRIMARY KEY, dossier_id INTEGER, at INTEGER, action TEXT NOT NULL, login TEXT, remark TEXT);
CREATE TABLE payment (
    payment_id INTEGER PRIMARY KEY, dossier_id INTEGER, collector_code TEXT, fee INTEGER NOT NULL,
    charge INTEGER NOT NULL, state TEXT NOT NULL, way TEXT, asked_at TEXT NOT NULL, paid_at TEXT,
    receipt_no TEXT);
CREATE TABLE assignment (
    assignment_id INTEGER PRIMARY KEY, dossier_id INTEGER, officer_id INTEGER, role TEXT NOT NULL);
