/**
 * The audit log as a file of JSON lines: `ca audit export`, and looking at such a file without the CA. A line is an event, or
 * `{"checkpoint": …}` behind the event it signs.
 */
import { createPublicKey } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { auditEventBody } from '../core/authority-api.ts';
import { fromBase64, sha256, toBase64, toHex } from '../core/bytes.ts';
import { failed, success, type Result } from '../core/result.ts';
import { parseCertificate } from '../core/x509/certificate.ts';
import { readPem } from '../core/x509/pem.ts';
import { encodePublicKey } from '../core/x509/public-key.ts';
import type { CheckpointIssuer } from './domain/audit-checkpoint.ts';
import { auditLines, verifyAudit, type VerifiedAudit } from './domain/audit-verification.ts';
import { FOLDER, readBytes } from './folder.ts';
import { signingScheme } from './keys/signing-scheme.ts';
import type { Store, StoredAuditEvent, StoredCheckpoint } from './storage/store.ts';

const date = z.iso.datetime().transform((text) => new Date(text));
const eventLine = auditEventBody.extend({ previousHash: z.string() }) satisfies z.ZodType<StoredAuditEvent>;
const checkpointLine = z.object({
  checkpoint: z.object({ sequence: z.number().int(), hash: z.string(), at: date, issuerId: z.string(), signature: z.string().transform(fromBase64) }),
});

/** Every line of the log with its checkpoints, as text that ends with a line break. */
export async function* exportAudit(store: Store): AsyncGenerator<string> {
  const checkpoints = new Map((await store.read((rows) => rows.checkpoints())).map((checkpoint) => [checkpoint.sequence, checkpoint]));
  for await (const event of auditLines(store)) {
    yield `${JSON.stringify(event)}\n`;
    const checkpoint = checkpoints.get(event.sequence);
    if (checkpoint !== undefined) yield `${JSON.stringify({ checkpoint: { ...checkpoint, signature: toBase64(checkpoint.signature) } })}\n`;
  }
}

/** The CAs of a PEM file (the root last, as in `ca.crt`), and the root's fingerprint. Fails with file-unreadable, authority-certificate-unfit. */
export async function readIssuers(path: string): Promise<Result<{ readonly issuers: readonly CheckpointIssuer[]; readonly fingerprint: string }>> {
  const file = await readBytes(path);
  if (!file.ok) return file;
  const issuers: CheckpointIssuer[] = [];
  for (const der of readPem(new TextDecoder('latin1').decode(file.value), 'CERTIFICATE')) {
    const certificate = parseCertificate(der);
    if (certificate === undefined) continue;
    const scheme = signingScheme(createPublicKey({ key: Buffer.from(encodePublicKey(certificate.publicKey)), format: 'der', type: 'spki' }));
    if (scheme !== undefined) issuers.push({ id: toHex(await sha256(der)), certificate, signatureAlgorithm: scheme.algorithm });
  }
  const root = issuers.at(-1);
  return root === undefined ? failed({ kind: 'authority-certificate-unfit', reason: 'unreadable' }) : success({ issuers, fingerprint: root.id });
}

/** The CA of a folder and those before it, as signers of its log. Fails like {@link readIssuers}. */
export async function issuersOfFolder(dir: string): ReturnType<typeof readIssuers> {
  const own = await readIssuers(join(dir, FOLDER.certificate));
  if (!own.ok) return own;
  const names = await readdir(join(dir, FOLDER.issuers)).catch(() => [] as string[]);
  const former = await Promise.all(names.map((name) => readIssuers(join(dir, FOLDER.issuers, name, FOLDER.certificate))));
  return success({ ...own.value, issuers: [...own.value.issuers, ...former.flatMap((found) => (found.ok ? found.value.issuers : []))] });
}

class UnreadableLine extends Error {
  constructor(readonly sequence: number) {
    super(`Line of event ${sequence} cannot be read.`);
  }
}

/** Reads the file line by line; checkpoints are collected on the way, since each stands behind its event. */
async function readFile(path: string): Promise<{ readonly events: readonly StoredAuditEvent[]; readonly checkpoints: readonly StoredCheckpoint[] }> {
  const [events, checkpoints]: [StoredAuditEvent[], StoredCheckpoint[]] = [[], []];
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (text === '') continue;
    let line: unknown;
    try {
      line = JSON.parse(text);
    } catch {
      throw new UnreadableLine(events.length + 1);
    }
    const checkpoint = checkpointLine.safeParse(line);
    const event = eventLine.safeParse(line);
    if (checkpoint.success) checkpoints.push(checkpoint.data.checkpoint);
    else if (event.success) events.push(event.data);
    else throw new UnreadableLine(events.length + 1);
  }
  return { events, checkpoints };
}

/** Looks at an exported file with nothing but the CA's certificates. Fails with audit-broken, file-unreadable, authority-certificate-unfit. */
export async function verifyAuditFile(path: string, certificatePath: string): Promise<Result<VerifiedAudit>> {
  const trusted = await readIssuers(certificatePath);
  if (!trusted.ok) return trusted;
  const readable = await readBytes(path);
  if (!readable.ok) return readable;
  try {
    const { events, checkpoints } = await readFile(path);
    const inOrder = (async function* () {
      yield* events;
    })();
    return await verifyAudit({ events: inOrder, checkpoints, ...trusted.value });
  } catch (error) {
    if (error instanceof UnreadableLine) return failed({ kind: 'audit-broken', sequence: error.sequence, problem: 'changed' });
    throw error;
  }
}
