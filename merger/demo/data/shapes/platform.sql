CREATE TABLE counter (name TEXT PRIMARY KEY, currentid INTEGER NOT NULL);
CREATE TABLE opencps_employee (
    employeeId INTEGER PRIMARY KEY, userName TEXT NOT NULL UNIQUE, fullName TEXT NOT NULL, title TEXT, telNo TEXT,
    email TEXT, govAgencyCode TEXT, originAgencyCode TEXT, workingStatus INTEGER NOT NULL, createDate TEXT NOT NULL);
CREATE TABLE opencps_applicant (
    applicantId INTEGER PRIMARY KEY, applicantName TEXT NOT NULL, applicantIdType TEXT, applicantIdNo TEXT UNIQUE,
    birthDate TEXT, address TEXT, cityCode TEXT, wardCode TEXT, wardName TEXT, contactTelNo TEXT, contactEmail TEXT,
    createDate TEXT NOT NULL);
CREATE TABLE opencps_dossier (
    dossierId INTEGER PRIMARY KEY, referenceUid TEXT NOT NULL UNIQUE, createDate TEXT NOT NULL, modifiedDate TEXT,
    systemId TEXT NOT NULL, serviceCode TEXT, domainName TEXT, govAgencyCode TEXT NOT NULL,
    govAgencyName TEXT, originAgencyCode TEXT, applicantId INTEGER REFERENCES opencps_applicant (applicantId),
    applicantName TEXT, applicantIdType TEXT, applicantIdNo TEXT, address TEXT, cityCode TEXT, cityName TEXT,
    wardCode TEXT, wardName TEXT, contactTelNo TEXT, contactEmail TEXT, dossierNo TEXT UNIQUE,
    originDossierNo TEXT, submitDate TEXT, receiveDate TEXT, dueDate TEXT, dossierStatus TEXT NOT NULL,
    dossierSubStatus TEXT, stepName TEXT, handlingUsers TEXT, briefNote TEXT, dossierNote TEXT,
    originality INTEGER NOT NULL, channel TEXT NOT NULL);
CREATE INDEX opencps_dossier_agency ON opencps_dossier (govAgencyCode, dossierStatus);
CREATE TABLE opencps_dossierfile (
    dossierFileId INTEGER PRIMARY KEY, dossierId INTEGER NOT NULL REFERENCES opencps_dossier (dossierId),
    createDate TEXT NOT NULL, fileTemplateNo TEXT, displayName TEXT NOT NULL, filePath TEXT UNIQUE, fileSize INTEGER,
    dossierPartType INTEGER NOT NULL, original INTEGER NOT NULL);
CREATE INDEX opencps_dossierfile_dossier ON opencps_dossierfile (dossierId);
CREATE TABLE opencps_dossierlog (
    dossierLogId INTEGER PRIMARY KEY, dossierId INTEGER NOT NULL REFERENCES opencps_dossier (dossierId),
    createDate TEXT, author TEXT, content TEXT, notificationType TEXT NOT NULL, payload TEXT);
CREATE INDEX opencps_dossierlog_dossier ON opencps_dossierlog (dossierId);
CREATE TABLE opencps_paymentfile (
    paymentFileId INTEGER PRIMARY KEY, dossierId INTEGER NOT NULL REFERENCES opencps_dossier (dossierId),
    createDate TEXT, govAgencyCode TEXT NOT NULL, originAgencyCode TEXT, feeAmount INTEGER NOT NULL,
    serviceAmount INTEGER NOT NULL, paymentStatus TEXT NOT NULL, paymentMethod TEXT, confirmDatetime TEXT,
    invoiceNo TEXT, invoicePayload TEXT);
CREATE INDEX opencps_paymentfile_dossier ON opencps_paymentfile (dossierId);
CREATE TABLE opencps_dossieractionuser (
    dossierActionUserId INTEGER PRIMARY KEY, dossierId INTEGER NOT NULL REFERENCES opencps_dossier (dossierId),
    userId INTEGER NOT NULL REFERENCES opencps_employee (employeeId), assigned TEXT NOT NULL);
CREATE INDEX opencps_dossieractionuser_dossier ON opencps_dossieractionuser (dossierId);
CREATE TABLE edoc_doc_book (
    bookId INTEGER PRIMARY KEY AUTOINCREMENT, bookCode TEXT NOT NULL UNIQUE, bookName TEXT NOT NULL,
    direction TEXT NOT NULL, bookYear INTEGER NOT NULL, govAgencyCode TEXT NOT NULL, originAgencyCode TEXT,
    isClosed INTEGER NOT NULL, createDate TEXT NOT NULL);
CREATE TABLE edoc_incoming_doc (
    docId INTEGER PRIMARY KEY AUTOINCREMENT, bookId INTEGER NOT NULL REFERENCES edoc_doc_book (bookId),
    systemId TEXT NOT NULL, govAgencyCode TEXT NOT NULL, govAgencyName TEXT, receiverCode TEXT NOT NULL,
    arrivalNumber INTEGER, arrivalDate TEXT, codeNumber TEXT, codeNotation TEXT, issueDate TEXT, issuerName TEXT, issuerCode TEXT,
    subject TEXT, signer TEXT, typeName TEXT, priority TEXT NOT NULL, secrecy TEXT NOT NULL, dueDate TEXT,
    toPlaces TEXT, documentId TEXT, docStatus TEXT NOT NULL, createDate TEXT NOT NULL,
    UNIQUE (codeNumber, codeNotation, issueDate, issuerCode, receiverCode));
CREATE INDEX edoc_incoming_doc_book ON edoc_incoming_doc (bookId, arrivalNumber);
CREATE TABLE edoc_outgoing_doc (
    docId INTEGER PRIMARY KEY AUTOINCREMENT, bookId INTEGER NOT NULL REFERENCES edoc_doc_book (bookId),
    systemId TEXT NOT NULL, govAgencyCode TEXT NOT NULL, govAgencyName TEXT, codeNumber TEXT, codeNotation TEXT,
    issueDate TEXT, issuerCode TEXT, subject TEXT, signer TEXT, typeName TEXT, priority TEXT NOT NULL,
    secrecy TEXT NOT NULL, toPlaces TEXT, docStatus TEXT NOT NULL, createDate TEXT NOT NULL,
    UNIQUE (codeNumber, codeNotation, issueDate, issuerCode));
CREATE TABLE edoc_attachment (
    attachmentId INTEGER PRIMARY KEY AUTOINCREMENT,
    incomingId INTEGER REFERENCES edoc_incoming_doc (docId), outgoingId INTEGER REFERENCES edoc_outgoing_doc (docId),
    fileName TEXT NOT NULL, filePath TEXT NOT NULL UNIQUE, fileSize INTEGER, createDate TEXT NOT NULL);
CREATE INDEX edoc_attachment_incoming ON edoc_attachment (incomingId);
CREATE INDEX edoc_attachment_outgoing ON edoc_attachment (outgoingId);
CREATE TABLE edoc_handling (
    handlingId INTEGER PRIMARY KEY AUTOINCREMENT, incomingId INTEGER NOT NULL REFERENCES edoc_incoming_doc (docId),
    action TEXT NOT NULL, fromUser TEXT, toUser TEXT, comment TEXT, createDate TEXT NOT NULL);
CREATE INDEX edoc_handling_incoming ON edoc_handling (incomingId);
