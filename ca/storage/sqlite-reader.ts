import type { z } from 'zod';
import { certificateRow, countRow, idRow, invitationRow, requestRow, sessionRow, settingRow } from './sqlite-rows.ts';
import type { SqliteDatabase } from './sqlite-store.ts';
import type { RequestAndCertificate, SettingName, StoredCertificate, StoredInvitation, StoredRequest, StoredSession, StoreReader } from './store.ts';

export type SqlValue = string | number | Uint8Array | null;

/** Reads rows. See {@link StoreReader} for what each method means. */
export class SqliteReader implements StoreReader {
  constructor(protected readonly database: SqliteDatabase) {}

  protected one<T>(row: z.ZodType<T>, sql: string, ...values: readonly SqlValue[]): T | undefined {
    const found: unknown = this.database.prepare(sql).get([...values]);
    return found === undefined ? undefined : row.parse(found);
  }

  protected all<T>(row: z.ZodType<T>, sql: string, ...values: readonly SqlValue[]): readonly T[] {
    return this.database.prepare(sql).all([...values]).map((found: unknown) => row.parse(found));
  }

  private withCertificate(request: StoredRequest): RequestAndCertificate {
    const certificate = this.one(certificateRow, 'SELECT * FROM certificates WHERE request_id = ?', request.id);
    return { request, certificate: certificate ?? null };
  }

  async setting(name: SettingName): Promise<string | undefined> {
    return this.one(settingRow, 'SELECT value FROM settings WHERE name = ?', name)?.value;
  }

  async request(id: string): Promise<RequestAndCertificate | undefined> {
    const request = this.one(requestRow, 'SELECT * FROM requests WHERE id = ?', id);
    return request && this.withCertificate(request);
  }

  async requestByCsr(csrSha256: string): Promise<StoredRequest | undefined> {
    return this.one(requestRow, `SELECT * FROM requests WHERE csr_sha256 = ? ORDER BY status = 'denied', sequence DESC LIMIT 1`, csrSha256);
  }

  async requestsForKey(publicKeySha256: string): Promise<readonly RequestAndCertificate[]> {
    const requests = this.all(requestRow, 'SELECT * FROM requests WHERE public_key_sha256 = ? ORDER BY sequence DESC LIMIT 100', publicKeySha256);
    return requests.map((request) => this.withCertificate(request));
  }

  async requests(limit: number): Promise<readonly RequestAndCertificate[]> {
    const pending = this.all(requestRow, `SELECT * FROM requests WHERE status = 'pending' ORDER BY sequence LIMIT ?`, limit);
    const others = this.all(requestRow, `SELECT * FROM requests WHERE status <> 'pending' ORDER BY sequence DESC LIMIT ?`, limit - pending.length);
    return [...pending, ...others].map((request) => this.withCertificate(request));
  }

  async unissuedRequests(): Promise<readonly string[]> {
    return this.all(idRow, `SELECT id FROM requests WHERE status = 'approved' ORDER BY sequence`).map((row) => row.id);
  }

  async pendingWithoutInvitation(): Promise<number> {
    return this.one(countRow, `SELECT count(*) AS count FROM requests WHERE status = 'pending' AND invitation_id IS NULL`)?.count ?? 0;
  }

  async invitationByCode(codeSha256: string): Promise<StoredInvitation | undefined> {
    return this.one(invitationRow, 'SELECT * FROM invitations WHERE code_sha256 = ?', codeSha256);
  }

  async invitation(id: string): Promise<StoredInvitation | undefined> {
    return this.one(invitationRow, 'SELECT * FROM invitations WHERE id = ?', id);
  }

  async approvers(): Promise<number> {
    return this.one(countRow, `SELECT count(*) AS count FROM certificates WHERE role = 'approver'`)?.count ?? 0;
  }

  async certificate(serialNumber: string): Promise<StoredCertificate | undefined> {
    return this.one(certificateRow, 'SELECT * FROM certificates WHERE serial_number = ?', serialNumber);
  }

  async session(tokenSha256: string): Promise<StoredSession | undefined> {
    return this.one(sessionRow, 'SELECT * FROM sessions WHERE token_sha256 = ?', tokenSha256);
  }
}
