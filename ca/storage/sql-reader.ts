import type { z } from 'zod';
import type { CertificateStatus } from '../../core/requests/issued-certificate.ts';
import type { SqlConnection, SqlRow, SqlValue } from './sql-connection.ts';
import {
  auditEventRow,
  certificateRow,
  checkpointRow,
  countRow,
  counterRow,
  crlRow,
  idRow,
  invitationRow,
  partitionRow,
  requestRow,
  revokedRow,
  sequenceRow,
  sessionRow,
  settingRow,
  signingJobRow,
  statementRow,
} from './sql-rows.ts';
import type {
  Page,
  RequestAndCertificate,
  RevokedCertificate,
  Rows,
  SettingName,
  StoredAuditEvent,
  StoredCertificate,
  StoredCheckpoint,
  StoredCrl,
  StoredInvitation,
  StoredRequest,
  StoredSession,
  StoredSigningJob,
  StoredStatement,
  StoreReader,
} from './store.ts';

/** Text to look for, as a LIKE pattern of its own characters (`ESCAPE '!'`). */
function containing(text: string): string {
  return `%${text.toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`;
}

/** A part of a list by its `sequence`; which rows, and in which direction. */
interface List<T> {
  readonly table: string;
  readonly where: readonly string[];
  readonly values: readonly SqlValue[];
  readonly isAscending?: boolean;
  readonly row: z.ZodType<T>;
}

/** What a sequence can be at most: BIGINT and Number agree below it. */
const LAST_SEQUENCE = Number.MAX_SAFE_INTEGER;

/** Reads rows. See {@link StoreReader} for what each method means. */
export class SqlReader implements StoreReader {
  constructor(protected readonly connection: SqlConnection) {}

  protected async all<T>(row: z.ZodType<T>, sql: string, ...values: readonly SqlValue[]): Promise<readonly T[]> {
    return (await this.connection.all(sql, values)).map((found) => row.parse(found));
  }

  protected async one<T>(row: z.ZodType<T>, sql: string, ...values: readonly SqlValue[]): Promise<T | undefined> {
    const [found] = await this.connection.all(sql, values);
    return found === undefined ? undefined : row.parse(found);
  }

  /** Rows after the page before; one more than wanted is read, to know whether there are more. */
  private async pageOf(list: Omit<List<unknown>, 'row'>, page: Page): Promise<{ readonly found: readonly SqlRow[]; readonly next: string | null }> {
    const { table, where, values, isAscending = false } = list;
    const start = page.after === undefined ? (isAscending ? -1 : LAST_SEQUENCE) : Number(page.after);
    if (!Number.isSafeInteger(start)) return { found: [], next: null };
    const conditions = [...where, `sequence ${isAscending ? '>' : '<'} ?`, ...(page.search === undefined ? [] : [`search LIKE ? ESCAPE '!'`])];
    const sql = `SELECT * FROM ${table} WHERE ${conditions.join(' AND ')} ORDER BY sequence ${isAscending ? 'ASC' : 'DESC'} LIMIT ?`;
    const more = page.search === undefined ? [] : [containing(page.search)];
    const rows = await this.connection.all(sql, [...values, start, ...more, page.limit + 1]);
    const found = rows.slice(0, page.limit);
    const last = found.at(-1);
    return { found, next: rows.length > page.limit && last !== undefined ? String(sequenceRow.parse(last).sequence) : null };
  }

  private async page<T>(list: List<T>, page: Page): Promise<Rows<T>> {
    const { found, next } = await this.pageOf(list, page);
    return { rows: found.map((row) => list.row.parse(row)), next };
  }

  /** Certificates and approvals of some requests: two questions, however many they are. */
  private async withCertificates(requests: readonly StoredRequest[]): Promise<readonly RequestAndCertificate[]> {
    if (requests.length === 0) return [];
    const ids = requests.map(({ id }) => id);
    const places = ids.map(() => '?').join(', ');
    const certificates = await this.all(certificateRow, `SELECT * FROM certificates WHERE request_id IN (${places})`, ...ids);
    const statements = await this.all(statementRow, `SELECT * FROM statements WHERE subject IN (${places}) AND kind = 'approve' ORDER BY sequence`, ...ids);
    const certificateOf = new Map(certificates.map((certificate) => [certificate.requestId, certificate]));
    return requests.map((request) => ({
      request,
      certificate: certificateOf.get(request.id) ?? null,
      approvals: statements.filter(({ subject }) => subject === request.id),
    }));
  }

  async setting(name: SettingName): Promise<string | undefined> {
    return (await this.one(settingRow, 'SELECT value FROM settings WHERE name = ?', name))?.value;
  }

  async request(id: string): Promise<RequestAndCertificate | undefined> {
    return (await this.withCertificates(await this.all(requestRow, 'SELECT * FROM requests WHERE id = ?', id)))[0];
  }

  async requestByCsr(csrSha256: string): Promise<StoredRequest | undefined> {
    const isOver = `CASE WHEN status IN ('pending', 'approved', 'issued') THEN 0 ELSE 1 END`;
    return this.one(requestRow, `SELECT * FROM requests WHERE csr_sha256 = ? ORDER BY ${isOver}, sequence DESC LIMIT 1`, csrSha256);
  }

  async requestsForKey(publicKeySha256: string): Promise<readonly RequestAndCertificate[]> {
    return this.withCertificates(await this.all(requestRow, 'SELECT * FROM requests WHERE public_key_sha256 = ? ORDER BY sequence DESC LIMIT 100', publicKeySha256));
  }

  async requests(query: Page & { readonly list: 'pending' | 'decided' }): Promise<Rows<RequestAndCertificate>> {
    const isPending = query.list === 'pending';
    const { rows, next } = await this.page({ table: 'requests', where: [isPending ? `status = 'pending'` : `status <> 'pending'`], values: [], isAscending: isPending, row: requestRow }, query);
    return { rows: await this.withCertificates(rows), next };
  }

  async requestCounts(): Promise<{ readonly pending: number; readonly decided: number }> {
    const counters = await this.all(counterRow, `SELECT name, value FROM counters WHERE name IN ('pending', 'decided')`);
    const valueOf = (name: string): number => counters.find((counter) => counter.name === name)?.value ?? 0;
    return { pending: valueOf('pending'), decided: valueOf('decided') };
  }

  async unissuedRequests(): Promise<readonly string[]> {
    return (await this.all(idRow, `SELECT id FROM requests WHERE status = 'approved' ORDER BY sequence`)).map((row) => row.id);
  }

  async expiredRequests(now: Date, limit: number): Promise<readonly string[]> {
    const rows = await this.all(idRow, `SELECT id FROM requests WHERE status = 'pending' AND expires_at <= ? ORDER BY expires_at LIMIT ?`, now.getTime(), limit);
    return rows.map((row) => row.id);
  }

  async pendingWithoutInvitation(): Promise<number> {
    return (await this.one(countRow, `SELECT count(*) AS count FROM requests WHERE status = 'pending' AND invitation_id IS NULL`))?.count ?? 0;
  }

  async invitationByCode(codeSha256: string): Promise<StoredInvitation | undefined> {
    return this.one(invitationRow, 'SELECT * FROM invitations WHERE code_sha256 = ?', codeSha256);
  }

  async invitation(id: string): Promise<StoredInvitation | undefined> {
    return this.one(invitationRow, 'SELECT * FROM invitations WHERE id = ?', id);
  }

  async requestsOfInvitation(id: string): Promise<readonly StoredRequest[]> {
    return this.all(requestRow, 'SELECT r.* FROM invitation_uses u JOIN requests r ON r.id = u.request_id WHERE u.invitation_id = ? ORDER BY r.sequence', id);
  }

  async invitations(query: Page): Promise<Rows<StoredInvitation>> {
    return this.page({ table: 'invitations', where: [`approval <> 'renewal'`], values: [], row: invitationRow }, query);
  }

  async officers(now: Date): Promise<readonly StoredCertificate[]> {
    const isOfficer = `role IN ('auditor', 'approver', 'owner')`;
    return this.all(certificateRow, `SELECT * FROM certificates WHERE ${isOfficer} AND status = 'good' AND expires_at > ? ORDER BY sequence`, now.getTime());
  }

  async certificate(serialNumber: string): Promise<StoredCertificate | undefined> {
    return this.one(certificateRow, 'SELECT * FROM certificates WHERE serial_number = ?', serialNumber);
  }

  async certificates(query: Page & { readonly status?: CertificateStatus | undefined }): Promise<Rows<StoredCertificate>> {
    const where = ['request_id IS NOT NULL', 'certificate IS NOT NULL', ...(query.status === undefined ? [] : ['status = ?'])];
    return this.page({ table: 'certificates', where, values: query.status === undefined ? [] : [query.status], row: certificateRow }, query);
  }

  async certificatesOf(email: string): Promise<readonly StoredCertificate[]> {
    const sql = `SELECT * FROM certificates WHERE lower(email) = ? AND certificate IS NOT NULL AND status <> 'revoked' ORDER BY sequence`;
    return this.all(certificateRow, sql, email.toLowerCase());
  }

  async revoked(issuerId: string, partition: number, expiredAfter: Date): Promise<readonly RevokedCertificate[]> {
    const columns = 'serial_number, revoked_at, status, revocation_reason';
    const sql = `SELECT ${columns} FROM certificates WHERE issuer_id = ? AND crl_partition = ? AND status <> 'good' AND expires_at > ? ORDER BY serial_number`;
    return this.all(revokedRow, sql, issuerId, partition, expiredAfter.getTime());
  }

  async crl(issuerId: string, partition: number): Promise<StoredCrl | undefined> {
    return this.one(crlRow, 'SELECT * FROM crls WHERE issuer_id = ? AND crl_partition = ?', issuerId, partition);
  }

  async crlPartitions(issuerId: string): Promise<readonly number[]> {
    const sql = 'SELECT DISTINCT crl_partition FROM certificates WHERE issuer_id = ? UNION SELECT crl_partition FROM crls WHERE issuer_id = ?';
    const found = await this.all(partitionRow, sql, issuerId, issuerId);
    return [...new Set([0, ...found.map((row) => row.crl_partition)])].toSorted((a, b) => a - b);
  }

  async statements(subject: string): Promise<readonly StoredStatement[]> {
    return this.all(statementRow, 'SELECT * FROM statements WHERE subject = ? ORDER BY sequence', subject);
  }

  async lastAuditEvent(): Promise<StoredAuditEvent | undefined> {
    return this.one(auditEventRow, 'SELECT * FROM audit_events ORDER BY sequence DESC LIMIT 1');
  }

  async auditEvents(query: Page): Promise<Rows<StoredAuditEvent>> {
    return this.page({ table: 'audit_events', where: [], values: [], row: auditEventRow }, query);
  }

  async auditEventsFrom(sequence: number, limit: number): Promise<readonly StoredAuditEvent[]> {
    return this.all(auditEventRow, 'SELECT * FROM audit_events WHERE sequence >= ? ORDER BY sequence LIMIT ?', sequence, limit);
  }

  async checkpoints(): Promise<readonly StoredCheckpoint[]> {
    return this.all(checkpointRow, 'SELECT * FROM audit_checkpoints ORDER BY sequence');
  }

  async session(tokenSha256: string): Promise<StoredSession | undefined> {
    return this.one(sessionRow, 'SELECT * FROM sessions WHERE token_sha256 = ?', tokenSha256);
  }

  async signingJob(id: string): Promise<StoredSigningJob | undefined> {
    return this.one(signingJobRow, 'SELECT * FROM signing_jobs WHERE id = ?', id);
  }

  async openSigningJobs(): Promise<readonly StoredSigningJob[]> {
    return this.all(signingJobRow, 'SELECT * FROM signing_jobs WHERE signature IS NULL ORDER BY sequence LIMIT 500');
  }
}
