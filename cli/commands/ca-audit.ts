import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exportAudit, issuersOfFolder, verifyAuditFile } from '../../ca/audit-file.ts';
import { auditLines, verifyAudit, type VerifiedAudit } from '../../ca/domain/audit-verification.ts';
import { errorCode } from '../../ca/folder.ts';
import { openStore } from '../../ca/storage/open-store.ts';
import { failed, type Result } from '../../core/result.ts';
import type { CommandContext } from '../command.ts';
import { storePlace, type DatabaseOptions } from '../database-place.ts';
import type { Outcome } from '../failures.ts';

export interface AuditVerifyOptions extends DatabaseOptions {
  readonly dir?: string;
  readonly file?: string;
  readonly caCertificate?: string;
}

export interface AuditExportOptions extends DatabaseOptions {
  readonly dir: string;
  readonly to: string;
}

/** `latchkey ca audit verify`: the log of a folder, or an exported file with nothing but the CA's certificates. */
export async function verify(_: CommandContext, options: AuditVerifyOptions): Promise<Outcome> {
  const { dir, file, caCertificate } = options;
  if (file !== undefined && caCertificate !== undefined) return told(await verifyAuditFile(file, caCertificate));
  if (dir === undefined || file !== undefined) return { ok: false, failure: { kind: 'usage', detail: 'Say --dir, or --file and --ca-certificate.' } };
  return told(await verifyFolder(dir, options));
}

async function verifyFolder(dir: string, options: DatabaseOptions): Promise<Result<VerifiedAudit>> {
  const trusted = await issuersOfFolder(dir);
  if (!trusted.ok) return trusted;
  const store = await openStore(await storePlace(dir, options));
  if (!store.ok) return store;
  try {
    const checkpoints = await store.value.read((rows) => rows.checkpoints());
    return await verifyAudit({ events: auditLines(store.value), checkpoints, ...trusted.value });
  } finally {
    await store.value.close();
  }
}

function told(found: Result<VerifiedAudit>): Outcome {
  if (!found.ok) return found;
  const { events, signedUpTo } = found.value;
  const rest = events - signedUpTo;
  const unsigned = rest === 0 ? '' : ` The CA has not signed for the last ${rest} yet; a server that runs does within a minute.`;
  return { ok: true, json: { events, signedUpTo }, text: `The audit log is whole: ${events} lines.${unsigned}` };
}

/** `latchkey ca audit export` */
export async function exportTo(_: CommandContext, options: AuditExportOptions): Promise<Outcome> {
  const { dir, to } = options;
  const store = await openStore(await storePlace(dir, options));
  if (!store.ok) return store;
  try {
    // Names and addresses of people are in it.
    await pipeline(Readable.from(exportAudit(store.value)), createWriteStream(to, { flags: 'wx', mode: 0o600, flush: true }));
    const { audit_events: lines = 0 } = await store.value.counts();
    return { ok: true, json: { to, lines }, text: `${to} holds the ${lines} lines of the audit log. Check it anywhere with: latchkey ca audit verify --file ${to} --ca-certificate ca.crt` };
  } catch (error) {
    const detail = errorCode(error);
    if (detail === undefined) throw error;
    return failed({ kind: 'file-unwritable', path: to, detail });
  } finally {
    await store.value.close();
  }
}
