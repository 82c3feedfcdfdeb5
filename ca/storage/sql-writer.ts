import type { RequestStatus } from '../../core/requests/certificate-request.ts';
import type { CertificateStatus, RevocationReason } from '../../core/requests/issued-certificate.ts';
import type { Role } from '../../core/requests/roles.ts';
import type { SqlValue } from './sql-connection.ts';
import { SqlReader } from './sql-reader.ts';
import { challengeRow, countRow } from './sql-rows.ts';
import type {
  SettingName,
  StoredAuditEvent,
  StoredCertificate,
  StoredChallenge,
  StoredCheckpoint,
  StoredCrl,
  StoredDecision,
  StoredInvitation,
  StoredRequest,
  StoredSession,
  StoredSigningJob,
  StoredStatement,
  StoreWriter,
} from './store.ts';

/** What a search finds: lower-case, parts that are there, with a space between. */
function searchText(...parts: readonly (string | number | null)[]): string {
  return parts.filter((part) => part !== null && part !== '').join(' ').toLowerCase();
}

/** Writes rows, and reads them in the same transaction. See {@link StoreWriter} for what each method means. */
export class SqlWriter extends SqlReader implements StoreWriter {
  private run(sql: string, ...values: readonly SqlValue[]): Promise<number> {
    return this.connection.run(sql, values);
  }

  /** INSERT of one row, given as column → value. Column names are ours, never from outside. */
  private async insert(table: string, row: Readonly<Record<string, SqlValue>>): Promise<void> {
    const columns = Object.keys(row);
    const places = columns.map(() => '?').join(', ');
    await this.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`, ...Object.values(row));
  }

  private async count(name: 'pending' | 'decided', by: number): Promise<void> {
    await this.run('UPDATE counters SET value = value + ? WHERE name = ?', by, name);
  }

  async setSetting(name: SettingName, value: string): Promise<void> {
    await this.run('INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value', name, value);
  }

  async adoptIssuer(issuerId: string): Promise<void> {
    await this.run(`UPDATE certificates SET issuer_id = ? WHERE issuer_id = ''`, issuerId);
  }

  async addRequest(request: StoredRequest): Promise<void> {
    const { claimed, verified, words } = request;
    await this.insert('requests', {
      id: request.id,
      csr: request.csr,
      csr_sha256: request.csrSha256,
      public_key_sha256: request.publicKeySha256,
      status: request.status,
      profile: request.profile,
      submitted_at: request.submittedAt.getTime(),
      submitted_from: request.submittedFrom,
      expires_at: request.expiresAt.getTime(),
      verified: JSON.stringify(verified),
      claimed: JSON.stringify(claimed),
      words: JSON.stringify(words),
      role: request.role,
      approvals_needed: request.approvalsNeeded,
      invitation_id: request.invitationId,
      renews_serial_number: request.renewsSerialNumber,
      decided_by: request.decision?.by ?? null,
      decided_at: request.decision?.at.getTime() ?? null,
      reason: request.decision?.reason ?? null,
      search: searchText(claimed.name, claimed.email, words.join(' '), verified.attestation?.serial ?? null),
    });
    await this.count(request.status === 'pending' ? 'pending' : 'decided', 1);
  }

  async changeStatus(id: string, from: RequestStatus, to: RequestStatus, decision?: StoredDecision): Promise<boolean> {
    const decided = decision === undefined ? '' : ', decided_by = ?, decided_at = ?, reason = ?';
    const values = decision === undefined ? [] : [decision.by, decision.at.getTime(), decision.reason];
    const isChanged = (await this.run(`UPDATE requests SET status = ?${decided} WHERE id = ? AND status = ?`, to, ...values, id, from)) === 1;
    if (isChanged && (from === 'pending') !== (to === 'pending')) {
      await this.count('pending', from === 'pending' ? -1 : 1);
      await this.count('decided', from === 'pending' ? 1 : -1);
    }
    return isChanged;
  }

  async addStatement(statement: StoredStatement): Promise<void> {
    const { id, kind, subject, by, serialNumber, at } = statement;
    await this.insert('statements', { id, kind, subject, decided_by: by, serial_number: serialNumber, decided_at: at.getTime(), statement: statement.statement });
  }

  async addCertificate(certificate: StoredCertificate): Promise<void> {
    const { serialNumber, name, email, keySerial } = certificate;
    await this.insert('certificates', {
      serial_number: serialNumber,
      request_id: certificate.requestId,
      profile: certificate.profile,
      issuer_id: certificate.issuerId,
      crl_partition: certificate.crlPartition,
      role: certificate.role,
      name,
      email,
      key_serial: keySerial,
      public_key_sha256: certificate.publicKeySha256,
      tbs: certificate.tbs,
      certificate: certificate.certificate,
      made_at: certificate.madeAt.getTime(),
      expires_at: certificate.expiresAt.getTime(),
      status: certificate.status,
      revoked_at: certificate.revokedAt?.getTime() ?? null,
      revocation_reason: certificate.revocationReason,
      search: searchText(name, email, serialNumber, keySerial),
    });
  }

  async setCertificate(serialNumber: string, certificate: Uint8Array): Promise<boolean> {
    return (await this.run('UPDATE certificates SET certificate = ? WHERE serial_number = ? AND certificate IS NULL', certificate, serialNumber)) === 1;
  }

  async changeCertificateStatus(serialNumber: string, from: CertificateStatus, to: CertificateStatus, at: Date | null, reason: RevocationReason | null): Promise<boolean> {
    const sql = 'UPDATE certificates SET status = ?, revoked_at = ?, revocation_reason = ? WHERE serial_number = ? AND status = ?';
    return (await this.run(sql, to, at?.getTime() ?? null, reason, serialNumber, from)) === 1;
  }

  async setRole(serialNumber: string, role: Role): Promise<void> {
    await this.run('UPDATE certificates SET role = ? WHERE serial_number = ?', role, serialNumber);
  }

  async addInvitation(invitation: StoredInvitation): Promise<void> {
    const { name, email } = invitation;
    await this.insert('invitations', {
      id: invitation.id,
      code_sha256: invitation.codeSha256,
      name,
      email,
      role: invitation.role,
      profile: invitation.profile,
      approval: invitation.approval,
      created_by: invitation.createdBy,
      created_at: invitation.createdAt.getTime(),
      expires_at: invitation.expiresAt.getTime(),
      max_uses: invitation.maxUses,
      uses: invitation.uses,
      ended_at: invitation.endedAt?.getTime() ?? null,
      renews_serial_number: invitation.renewsSerialNumber,
      search: searchText(name, email),
    });
  }

  async useInvitation(id: string, requestId: string): Promise<boolean> {
    const isUsed = (await this.run('UPDATE invitations SET uses = uses + 1 WHERE id = ? AND uses < max_uses AND ended_at IS NULL', id)) === 1;
    if (isUsed) await this.insert('invitation_uses', { invitation_id: id, request_id: requestId });
    return isUsed;
  }

  async endInvitation(id: string, at: Date): Promise<boolean> {
    return (await this.run('UPDATE invitations SET ended_at = ? WHERE id = ? AND ended_at IS NULL', at.getTime(), id)) === 1;
  }

  async removeFirstApproverInvitations(): Promise<void> {
    await this.run(`DELETE FROM invitations WHERE approval = 'first-approver' AND uses = 0`);
  }

  async addChallenge(challenge: StoredChallenge): Promise<void> {
    await this.insert('challenges', { id: challenge.id, challenge: challenge.challenge, expires_at: challenge.expiresAt.getTime() });
  }

  async takeChallenge(id: string): Promise<StoredChallenge | undefined> {
    const challenge = await this.one(challengeRow, 'SELECT * FROM challenges WHERE id = ?', id);
    await this.run('DELETE FROM challenges WHERE id = ?', id);
    return challenge;
  }

  async addSession(session: StoredSession): Promise<void> {
    await this.insert('sessions', { token_sha256: session.tokenSha256, serial_number: session.serialNumber, name: session.name, expires_at: session.expiresAt.getTime() });
  }

  async removeSession(tokenSha256: string): Promise<void> {
    await this.run('DELETE FROM sessions WHERE token_sha256 = ?', tokenSha256);
  }

  async removeSessionsOf(serialNumber: string): Promise<void> {
    await this.run('DELETE FROM sessions WHERE serial_number = ?', serialNumber);
  }

  async removeExpired(now: Date): Promise<void> {
    await this.run('DELETE FROM challenges WHERE expires_at <= ?', now.getTime());
    await this.run('DELETE FROM sessions WHERE expires_at <= ?', now.getTime());
  }

  async putCrl(crl: StoredCrl): Promise<void> {
    await this.run(
      `INSERT INTO crls (issuer_id, crl_partition, number, this_update, next_update, crl) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (issuer_id, crl_partition) DO UPDATE SET number = excluded.number, this_update = excluded.this_update, next_update = excluded.next_update, crl = excluded.crl`,
      crl.issuerId,
      crl.partition,
      crl.number,
      crl.thisUpdate.getTime(),
      crl.nextUpdate.getTime(),
      crl.crl,
    );
  }

  async addAuditEvent(event: StoredAuditEvent): Promise<void> {
    await this.insert('audit_events', {
      sequence: event.sequence,
      at: event.at.getTime(),
      event: event.event,
      actor: event.actor,
      actor_serial_number: event.actorSerialNumber,
      from_address: event.from,
      http_request_id: event.httpRequestId,
      subject: event.subject,
      facts: JSON.stringify(event.facts),
      previous_hash: event.previousHash,
      hash: event.hash,
      search: searchText(event.event, event.actor, event.actorSerialNumber, event.from, event.subject, ...Object.values(event.facts).map(String)),
    });
  }

  async addCheckpoint({ sequence, hash, at, issuerId, signature }: StoredCheckpoint): Promise<void> {
    await this.run(
      'INSERT INTO audit_checkpoints (sequence, hash, at, issuer_id, signature) VALUES (?, ?, ?, ?, ?) ON CONFLICT (sequence) DO NOTHING',
      sequence,
      hash,
      at.getTime(),
      issuerId,
      signature,
    );
  }

  async takeLease(name: string, holder: string, now: Date, until: Date): Promise<boolean> {
    const sql = `INSERT INTO leases (name, holder, expires_at) VALUES (?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at WHERE leases.holder = excluded.holder OR leases.expires_at <= ?`;
    await this.run(sql, name, holder, until.getTime(), now.getTime());
    return (await this.one(countRow, 'SELECT count(*) AS count FROM leases WHERE name = ? AND holder = ?', name, holder))?.count === 1;
  }

  async releaseLease(name: string, holder: string): Promise<void> {
    await this.run('DELETE FROM leases WHERE name = ? AND holder = ?', name, holder);
  }

  async addSigningJob(job: StoredSigningJob): Promise<void> {
    await this.insert('signing_jobs', {
      id: job.id,
      kind: job.kind,
      to_be_signed: job.toBeSigned,
      about: job.about,
      issuer: job.issuer,
      request_id: job.requestId,
      created_at: job.createdAt.getTime(),
      signature: job.signature,
      signed_by: job.signedBy,
    });
  }

  async signSigningJob(id: string, signature: Uint8Array, signedBy: string): Promise<boolean> {
    return (await this.run('UPDATE signing_jobs SET signature = ?, signed_by = ? WHERE id = ? AND signature IS NULL', signature, signedBy, id)) === 1;
  }
}
