/** Migrations of the SQLite file, in their order; `PRAGMA user_version` counts those that have run. Released ones never change. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    code_sha256 TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('user', 'approver')),
    approval TEXT NOT NULL CHECK (approval IN ('by-approver', 'automatic-if-attested', 'first-approver')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_by TEXT REFERENCES requests (id) DEFERRABLE INITIALLY DEFERRED
  ) STRICT;

  CREATE TABLE requests (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    csr BLOB NOT NULL,
    csr_sha256 TEXT NOT NULL,
    public_key_sha256 TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'issued', 'denied')),
    submitted_at INTEGER NOT NULL,
    submitted_from TEXT NOT NULL,
    verified TEXT NOT NULL,
    claimed TEXT NOT NULL,
    words TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('user', 'approver')),
    invitation_id TEXT REFERENCES invitations (id),
    decided_by TEXT,
    decided_at INTEGER,
    reason TEXT
  ) STRICT;
  CREATE UNIQUE INDEX requests_by_csr ON requests (csr_sha256) WHERE status <> 'denied';
  CREATE INDEX requests_by_key ON requests (public_key_sha256, sequence);
  CREATE INDEX requests_by_status ON requests (status, sequence);

  CREATE TABLE certificates (
    serial_number TEXT PRIMARY KEY,
    request_id TEXT UNIQUE REFERENCES requests (id),
    profile TEXT NOT NULL,
    role TEXT CHECK (role IN ('user', 'approver')),
    name TEXT NOT NULL,
    tbs BLOB NOT NULL,
    certificate BLOB,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX certificates_by_role ON certificates (role);

  CREATE TABLE challenges (id TEXT PRIMARY KEY, challenge BLOB NOT NULL, expires_at INTEGER NOT NULL) STRICT;

  CREATE TABLE sessions (
    token_sha256 TEXT PRIMARY KEY,
    serial_number TEXT NOT NULL REFERENCES certificates (serial_number),
    name TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  `,
];
