/** A CRL that was signed elsewhere, on its way into the store. */
import { createHash } from 'node:crypto';
import { toHex } from '../../core/bytes.ts';
import { withSignature } from '../../core/x509/certificate-building.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import { crlEntries } from '../../core/x509/crl.ts';
import { encodePublicKey } from '../../core/x509/public-key.ts';
import { crlToBeRead } from '../../core/x509/to-be-signed.ts';
import { publicKeyFrom, signingScheme } from '../keys/signing-scheme.ts';
import type { StoredSigningJob, StoreWriter } from '../storage/store.ts';
import { record } from './audit.ts';
import { AUTHORITY_ACTOR, randomId } from './context.ts';
import { clearCrlDue, crlDueMark } from './crl-due.ts';

/** The partition that a CRL's issuingDistributionPoint names: the last number of its address. */
function partitionOf(scope: Uint8Array | null): number {
  const match = scope && /\/(\d+)\.crl/.exec(new TextDecoder('latin1').decode(scope));
  return match ? Number(match[1]) : 0;
}

/** Whether the CRL says of these partitions what the store says now: then it is not due any more. */
async function isTrue(rows: StoreWriter, issuerId: string, partitions: readonly number[], named: ReadonlySet<string>, now: Date): Promise<boolean> {
  const ever = new Set<string>();
  for (const partition of partitions) {
    for (const { serialNumber } of await rows.revoked(issuerId, partition, new Date(0))) ever.add(serialNumber);
    for (const { serialNumber } of await rows.revoked(issuerId, partition, now)) if (!named.has(serialNumber)) return false;
  }
  return [...named].every((serialNumber) => ever.has(serialNumber));
}

/** Puts a signed CRL into the store, in the transaction that takes its signature in; an older one than is there is left out. */
export async function putSignedCrl(rows: StoreWriter, job: StoredSigningJob, signature: Uint8Array, now: Date): Promise<void> {
  const parsed = crlToBeRead(job.toBeSigned);
  const issuer = parseCertificate(job.issuer);
  const key = issuer && publicKeyFrom(encodePublicKey(issuer.publicKey));
  const scheme = key && signingScheme(key);
  if (parsed?.nextUpdate == null || parsed.number === null || scheme === undefined) throw new Error(`The CRL of job ${job.id} cannot be read.`);
  const issuerId = createHash('sha256').update(job.issuer).digest('hex');
  const partition = partitionOf(parsed.scope);
  const number = Number(parsed.number);
  const before = await rows.crl(issuerId, partition);
  if (before !== undefined && before.number >= number) return;
  const crl = withSignature(job.toBeSigned, scheme.algorithm, signature);
  await rows.putCrl({ issuerId, partition, number, thisUpdate: parsed.thisUpdate, nextUpdate: parsed.nextUpdate, crl });
  await rows.setSetting('crl-revision', randomId());
  const named = new Set([...crlEntries(parsed)].map(({ serialNumber }) => serialNumber));
  const covers = parsed.scope === null ? await rows.crlPartitions(issuerId) : [partition];
  if (await isTrue(rows, issuerId, covers, named, now)) {
    for (const covered of covers) await clearCrlDue(rows, { issuerId, partition: covered }, await crlDueMark(rows, { issuerId, partition: covered }));
  }
  const facts = { issuer: toHex(issuer?.serialNumber ?? new Uint8Array()), partition, number, entries: named.size };
  await record(rows, { event: 'crl-issued', actor: AUTHORITY_ACTOR, at: now, subject: issuerId, facts });
}
