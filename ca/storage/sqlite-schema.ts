/** Migrations of the SQLite file, in their order; `PRAGMA user_version` counts those that have run. Released ones never change. */
export const SQLITE_MIGRATIONS: readonly string[] = [
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
  // Roles, policy, revocation, audit. SQLite cannot change a CHECK, so tables that have one are made anew.
  `
  CREATE TABLE invitations_2 (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    code_sha256 TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    profile TEXT NOT NULL,
    approval TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    max_uses INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    ended_at INTEGER,
    renews_serial_number TEXT,
    search TEXT NOT NULL
  ) STRICT;
  -- In the first release approvers could do everything there was to do: they are the owners of this one.
  INSERT INTO invitations_2 (id, code_sha256, name, email, role, profile, approval, created_by, created_at, expires_at, max_uses, uses, search)
    SELECT id, code_sha256, name, email, CASE role WHEN 'approver' THEN 'owner' ELSE role END, 'person', approval, 'operator', created_at, expires_at, 1,
      used_by IS NOT NULL, lower(name || ' ' || email)
    FROM invitations ORDER BY created_at;

  CREATE TABLE requests_2 (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    csr BLOB NOT NULL,
    csr_sha256 TEXT NOT NULL,
    public_key_sha256 TEXT NOT NULL,
    status TEXT NOT NULL,
    profile TEXT NOT NULL,
    submitted_at INTEGER NOT NULL,
    submitted_from TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    verified TEXT NOT NULL,
    claimed TEXT NOT NULL,
    words TEXT NOT NULL,
    role TEXT NOT NULL,
    approvals_needed INTEGER NOT NULL,
    invitation_id TEXT,
    renews_serial_number TEXT,
    decided_by TEXT,
    decided_at INTEGER,
    reason TEXT,
    search TEXT NOT NULL
  ) STRICT;
  INSERT INTO requests_2 (sequence, id, csr, csr_sha256, public_key_sha256, status, profile, submitted_at, submitted_from, expires_at, verified, claimed, words, role,
      approvals_needed, invitation_id, decided_by, decided_at, reason, search)
    SELECT sequence, id, csr, csr_sha256, public_key_sha256, status, 'person', submitted_at, submitted_from,
      max(submitted_at, CAST(strftime('%s', 'now') AS INTEGER) * 1000) + 2592000000, verified, claimed, words, CASE role WHEN 'approver' THEN 'owner' ELSE role END,
      1, invitation_id, decided_by, decided_at, reason,
      lower(json_extract(claimed, '$.name') || ' ' || coalesce(json_extract(claimed, '$.email'), '') || ' ' || replace(replace(replace(words, '","', ' '), '["', ''), '"]', ''))
    FROM requests;

  CREATE TABLE invitation_uses (invitation_id TEXT NOT NULL, request_id TEXT NOT NULL, PRIMARY KEY (invitation_id, request_id)) STRICT, WITHOUT ROWID;
  INSERT INTO invitation_uses SELECT id, used_by FROM invitations WHERE used_by IS NOT NULL;

  CREATE TABLE certificates_2 (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    serial_number TEXT NOT NULL UNIQUE,
    request_id TEXT UNIQUE,
    profile TEXT NOT NULL,
    issuer_id TEXT NOT NULL,
    crl_partition INTEGER NOT NULL,
    role TEXT,
    name TEXT NOT NULL,
    email TEXT,
    key_serial INTEGER,
    public_key_sha256 TEXT NOT NULL,
    tbs BLOB NOT NULL,
    certificate BLOB,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    revoked_at INTEGER,
    revocation_reason TEXT,
    search TEXT NOT NULL
  ) STRICT;
  -- Which CA issued them is not in the old rows; adoptIssuer() says it when the CA is opened.
  INSERT INTO certificates_2 (serial_number, request_id, profile, issuer_id, crl_partition, role, name, email, key_serial, public_key_sha256, tbs, certificate, made_at,
      expires_at, status, search)
    SELECT c.serial_number, c.request_id, c.profile, '', 0, CASE c.role WHEN 'approver' THEN 'owner' ELSE c.role END, c.name, json_extract(r.claimed, '$.email'),
      json_extract(r.verified, '$.attestation.serial'), coalesce(r.public_key_sha256, ''), c.tbs, c.certificate, c.made_at, c.expires_at, 'good',
      lower(c.name || ' ' || coalesce(json_extract(r.claimed, '$.email'), '') || ' ' || c.serial_number || ' ' || coalesce(json_extract(r.verified, '$.attestation.serial'), ''))
    FROM certificates c LEFT JOIN requests r ON r.id = c.request_id ORDER BY c.made_at;

  CREATE TABLE sessions_2 (token_sha256 TEXT PRIMARY KEY, serial_number TEXT NOT NULL, name TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT;
  INSERT INTO sessions_2 SELECT * FROM sessions;

  DROP TABLE sessions;
  DROP TABLE certificates;
  DROP TABLE invitations;
  DROP TABLE requests;
  ALTER TABLE invitations_2 RENAME TO invitations;
  ALTER TABLE requests_2 RENAME TO requests;
  ALTER TABLE certificates_2 RENAME TO certificates;
  ALTER TABLE sessions_2 RENAME TO sessions;

  CREATE UNIQUE INDEX requests_by_csr ON requests (csr_sha256) WHERE status IN ('pending', 'approved', 'issued');
  CREATE INDEX requests_with_csr ON requests (csr_sha256, sequence);
  CREATE INDEX requests_by_key ON requests (public_key_sha256, sequence);
  CREATE INDEX requests_by_status ON requests (status, sequence);
  CREATE INDEX requests_decided ON requests (sequence) WHERE status <> 'pending';
  CREATE INDEX requests_without_invitation ON requests (sequence) WHERE status = 'pending' AND invitation_id IS NULL;
  CREATE INDEX requests_by_end ON requests (expires_at) WHERE status = 'pending';
  CREATE INDEX certificates_by_email ON certificates (lower(email));
  CREATE INDEX certificates_revoked ON certificates (issuer_id, crl_partition, serial_number) WHERE status <> 'good';
  CREATE INDEX certificates_of_officers ON certificates (sequence) WHERE role IN ('auditor', 'approver', 'owner');
  CREATE INDEX certificates_by_partition ON certificates (issuer_id, crl_partition);
  CREATE INDEX sessions_by_certificate ON sessions (serial_number);

  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  INSERT INTO counters SELECT 'pending', count(*) FROM requests WHERE status = 'pending';
  INSERT INTO counters SELECT 'decided', count(*) FROM requests WHERE status <> 'pending';

  CREATE TABLE statements (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    statement TEXT NOT NULL
  ) STRICT;
  CREATE INDEX statements_by_subject ON statements (subject, sequence);

  CREATE TABLE crls (
    issuer_id TEXT NOT NULL,
    crl_partition INTEGER NOT NULL,
    number INTEGER NOT NULL,
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    crl BLOB NOT NULL,
    PRIMARY KEY (issuer_id, crl_partition)
  ) STRICT;

  CREATE TABLE audit_events (
    sequence INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_serial_number TEXT,
    from_address TEXT NOT NULL,
    http_request_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    facts TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    search TEXT NOT NULL
  ) STRICT;
  CREATE TABLE audit_checkpoints (
    sequence INTEGER PRIMARY KEY, hash TEXT NOT NULL, at INTEGER NOT NULL, issuer_id TEXT NOT NULL, signature BLOB NOT NULL
  ) STRICT;

  CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT;

  CREATE TABLE signing_jobs (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    to_be_signed BLOB NOT NULL,
    about TEXT NOT NULL,
    issuer BLOB NOT NULL,
    request_id TEXT,
    created_at INTEGER NOT NULL,
    signature BLOB,
    signed_by TEXT
  ) STRICT;
  CREATE INDEX signing_jobs_open ON signing_jobs (sequence) WHERE signature IS NULL;
  `,
];
