import type { RequestStatus } from '../../core/requests/certificate-request.ts';
import { challengeRow } from './sqlite-rows.ts';
import { SqliteReader, type SqlValue } from './sqlite-reader.ts';
import type {
  SettingName,
  StoredCertificate,
  StoredChallenge,
  StoredDecision,
  StoredInvitation,
  StoredRequest,
  StoredSession,
  StoreWriter,
} from './store.ts';

/** Writes rows, and reads them in the same transaction. See {@link StoreWriter} for what each method means. */
export class SqliteWriter extends SqliteReader implements StoreWriter {
  /** How many rows changed. */
  private run(sql: string, ...values: readonly SqlValue[]): number {
    return this.database.prepare(sql).run([...values]).changes;
  }

  /** INSERT of one row, given as column → value. Column names are ours, never from outside. */
  private insert(table: string, row: Readonly<Record<string, SqlValue>>): void {
    const columns = Object.keys(row);
    const places = columns.map(() => '?').join(', ');
    this.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`, ...Object.values(row));
  }

  async setSetting(name: SettingName, value: string): Promise<void> {
    this.run('INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value', name, value);
  }

  async addRequest(request: StoredRequest): Promise<void> {
    this.insert('requests', {
      id: request.id,
      csr: request.csr,
      csr_sha256: request.csrSha256,
      public_key_sha256: request.publicKeySha256,
      status: request.status,
      submitted_at: request.submittedAt.getTime(),
      submitted_from: request.submittedFrom,
      verified: JSON.stringify(request.verified),
      claimed: JSON.stringify(request.claimed),
      words: JSON.stringify(request.words),
      role: request.role,
      invitation_id: request.invitationId,
      decided_by: request.decision?.by ?? null,
      decided_at: request.decision?.at.getTime() ?? null,
      reason: request.decision?.reason ?? null,
    });
  }

  async changeStatus(id: string, from: RequestStatus, to: RequestStatus, decision?: StoredDecision): Promise<boolean> {
    if (decision === undefined) return this.run('UPDATE requests SET status = ? WHERE id = ? AND status = ?', to, id, from) === 1;
    const { by, at, reason } = decision;
    const sql = 'UPDATE requests SET status = ?, decided_by = ?, decided_at = ?, reason = ? WHERE id = ? AND status = ?';
    return this.run(sql, to, by, at.getTime(), reason, id, from) === 1;
  }

  async addCertificate(certificate: StoredCertificate): Promise<void> {
    this.insert('certificates', {
      serial_number: certificate.serialNumber,
      request_id: certificate.requestId,
      profile: certificate.profile,
      role: certificate.role,
      name: certificate.name,
      tbs: certificate.tbs,
      certificate: certificate.certificate,
      made_at: certificate.madeAt.getTime(),
      expires_at: certificate.expiresAt.getTime(),
    });
  }

  async setCertificate(serialNumber: string, certificate: Uint8Array): Promise<boolean> {
    return this.run('UPDATE certificates SET certificate = ? WHERE serial_number = ? AND certificate IS NULL', certificate, serialNumber) === 1;
  }

  async addInvitation(invitation: StoredInvitation): Promise<void> {
    this.insert('invitations', {
      id: invitation.id,
      code_sha256: invitation.codeSha256,
      name: invitation.name,
      email: invitation.email,
      role: invitation.role,
      approval: invitation.approval,
      created_at: invitation.createdAt.getTime(),
      expires_at: invitation.expiresAt.getTime(),
      used_by: invitation.usedBy,
    });
  }

  async useInvitation(id: string, requestId: string): Promise<boolean> {
    return this.run('UPDATE invitations SET used_by = ? WHERE id = ? AND used_by IS NULL', requestId, id) === 1;
  }

  async removeFirstApproverInvitations(): Promise<void> {
    this.run(`DELETE FROM invitations WHERE approval = 'first-approver' AND used_by IS NULL`);
  }

  async addChallenge(challenge: StoredChallenge): Promise<void> {
    this.insert('challenges', { id: challenge.id, challenge: challenge.challenge, expires_at: challenge.expiresAt.getTime() });
  }

  async takeChallenge(id: string): Promise<StoredChallenge | undefined> {
    const challenge = this.one(challengeRow, 'SELECT * FROM challenges WHERE id = ?', id);
    this.run('DELETE FROM challenges WHERE id = ?', id);
    return challenge;
  }

  async addSession(session: StoredSession): Promise<void> {
    this.insert('sessions', {
      token_sha256: session.tokenSha256,
      serial_number: session.serialNumber,
      name: session.name,
      expires_at: session.expiresAt.getTime(),
    });
  }

  async removeSession(tokenSha256: string): Promise<void> {
    this.run('DELETE FROM sessions WHERE token_sha256 = ?', tokenSha256);
  }

  async removeExpired(now: Date): Promise<void> {
    this.run('DELETE FROM challenges WHERE expires_at <= ?', now.getTime());
    this.run('DELETE FROM sessions WHERE expires_at <= ?', now.getTime());
  }
}
