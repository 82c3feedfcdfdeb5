/** Rows of a CA that has many, written through the store's own writer: what is measured is the asking, not the filling. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FOLDER } from '../../../ca/folder.ts';
import { openStore } from '../../../ca/storage/open-store.ts';
import type { Store, StoredCertificate, StoredRequest, StoreWriter } from '../../../ca/storage/store.ts';
import { readPem } from '../../../core/x509/pem.ts';
import { valueOf } from '../bench-authority.ts';

/** So many rows a transaction. */
const BATCH = 5_000;
const DAY_MS = 86_400_000;

/** The same for the same words: what looks random but is the same in every run. */
function digest(words: string): Buffer {
  return createHash('sha256').update(words).digest();
}

/** A serial number (hex, 16 bytes) of the certificate at this place. */
export function serialNumberAt(index: number): string {
  const bytes = digest(`serial ${index}`).subarray(0, 16);
  // Neither a sign byte nor a leading zero: it reads the same everywhere.
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

/** SHA-256 of the issuing CA's certificate: what rows name it by. */
export async function issuerIdOf(dir: string): Promise<string> {
  const [der] = readPem(await readFile(join(dir, FOLDER.certificate), 'utf8'), 'CERTIFICATE');
  if (der === undefined) throw new Error('The CA has no certificate.');
  return createHash('sha256').update(der).digest('hex');
}

/** A signed certificate as the store has it, of about the size that they have. */
export function certificateAt(index: number, issuerId: string, more: Partial<StoredCertificate> = {}): StoredCertificate {
  const now = Date.now();
  return {
    serialNumber: serialNumberAt(index),
    requestId: null,
    profile: 'device',
    issuerId,
    crlPartition: 0,
    role: 'user',
    name: `Person ${index}`,
    email: `person${index}@example.org`,
    keySerial: null,
    publicKeySha256: digest(`key ${index}`).toString('hex'),
    tbs: new Uint8Array(400),
    certificate: new Uint8Array(480),
    madeAt: new Date(now - DAY_MS),
    expiresAt: new Date(now + 365 * DAY_MS),
    status: 'good',
    revokedAt: null,
    revocationReason: null,
    ...more,
  };
}

/** A revoked one. */
export function revokedAt(index: number, issuerId: string, crlPartition = 0): StoredCertificate {
  return certificateAt(index, issuerId, { crlPartition, status: 'revoked', revokedAt: new Date(Date.now() - 3_600_000), revocationReason: 'superseded' });
}

/** A request that waits. `csr`: DER; the same one does, because its hash here says another. */
export function pendingAt(index: number, csr: Uint8Array): StoredRequest {
  const name = `Person ${index}`;
  const now = Date.now();
  return {
    id: digest(`request ${index}`).subarray(0, 16).toString('hex'),
    csr,
    csrSha256: digest(`csr ${index}`).toString('hex'),
    publicKeySha256: digest(`key ${index}`).toString('hex'),
    status: 'pending',
    profile: 'device',
    submittedAt: new Date(now - DAY_MS),
    submittedFrom: '192.0.2.1',
    expiresAt: new Date(now + 30 * DAY_MS),
    verified: { keyType: 'ECCP256', attestation: null, attestationProblem: 'missing' },
    claimed: { name, email: `person${index}@example.org`, otherNames: [], invitedAs: null },
    words: ['anchor', 'bicycle', 'candle', 'desert'],
    role: 'user',
    approvalsNeeded: 1,
    invitationId: null,
    renewsSerialNumber: null,
    decision: null,
  };
}

/** Writes the rows from one place up to another. */
export async function fill(store: Store, from: number, to: number, add: (rows: StoreWriter, index: number) => Promise<void>): Promise<void> {
  for (let start = from; start < to; start += BATCH) {
    await store.write(async (rows) => {
      for (let index = start; index < Math.min(start + BATCH, to); index++) await add(rows, index);
    });
  }
}

/** Opens a CA's store beside its server, for as long as the work takes. */
export async function withStore<T>({ dir, database }: { readonly dir: string; readonly database?: string | undefined }, work: (store: Store) => Promise<T>): Promise<T> {
  const store = valueOf(await openStore(database === undefined ? { folder: dir } : { url: database }));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
