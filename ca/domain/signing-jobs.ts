/**
 * Signatures of a CA whose key an approver holds. Whatever wants one finds it here, by the bytes that are to be signed; where
 * it is not there yet it becomes a job, and whoever asked asks again later.
 */
import { createHash } from 'node:crypto';
import { toHex } from '../../core/bytes.ts';
import type { SigningJob } from '../../core/certificate-authority.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import { crlEntries, type ParsedCrl } from '../../core/x509/crl.ts';
import { encodePublicKey } from '../../core/x509/public-key.ts';
import { certificateToBeSigned, crlToBeRead } from '../../core/x509/to-be-signed.ts';
import { AuthorityKeyUnavailable, type AuthorityKey } from '../keys/authority-key.ts';
import { isSignature } from '../keys/signing-scheme.ts';
import type { Store, StoredSigningJob, StoreReader, StoreWriter } from '../storage/store.ts';
import { record } from './audit.ts';
import type { Actor } from './context.ts';
import { putSignedCrl } from './signed-crl.ts';

/** A CRL that waits with the same entries for longer is made anew, so that what is signed is not almost over. */
const CRL_JOB_MS = 3_600_000;
/** How a job reads in the store that nobody has to sign any more. */
const SUPERSEDED = new Uint8Array();

/** The job's id: nobody can make two of the same bytes. 32 hex digits. */
function jobId(issuer: Uint8Array, message: Uint8Array): string {
  return createHash('sha256').update(issuer).update(message).digest('hex').slice(0, 32);
}

type Description = Pick<SigningJob, 'kind' | 'about' | 'requestId'>;

/** What the bytes are. A certificate is known by its serial number: it was planned in the store before. */
async function describe(rows: StoreReader, message: Uint8Array): Promise<Description | undefined> {
  const crl = crlToBeRead(message);
  if (crl !== undefined) return { kind: 'crl', about: crl.scope === null ? 'CRL' : `CRL ${toHex(crl.scope).slice(-8)}`, requestId: null };
  const certificate = certificateToBeSigned(message);
  const planned = certificate && (await rows.certificate(toHex(certificate.serialNumber)));
  if (planned === undefined) return undefined;
  const kind = planned.profile === 'authority-server' ? 'server-certificate' : planned.profile === 'ocsp-responder' ? 'ocsp-responder' : 'certificate';
  return { kind, about: planned.name, requestId: planned.requestId };
}

function serialsOf(crl: ParsedCrl): string {
  return [...crlEntries(crl)].map(({ serialNumber }) => serialNumber).toSorted().join(' ');
}

/** Whether an open job for the same CRL says the same and is young enough to be signed; an older one is put aside. */
async function isWaitedFor(rows: StoreWriter, issuer: Uint8Array, wanted: Description, message: Uint8Array, now: Date): Promise<boolean> {
  const next = crlToBeRead(message);
  if (next === undefined) return false;
  for (const job of await rows.openSigningJobs()) {
    if (job.kind !== 'crl' || job.about !== wanted.about || !Buffer.from(job.issuer).equals(issuer)) continue;
    const before = crlToBeRead(job.toBeSigned);
    if (before !== undefined && serialsOf(before) === serialsOf(next) && now.getTime() - job.createdAt.getTime() < CRL_JOB_MS) return true;
    await rows.signSigningJob(job.id, SUPERSEDED, 'superseded');
  }
  return false;
}

/** Adds the job unless it is there. Throws where nobody planned these bytes: such a signature is never asked for. */
async function addJob(rows: StoreWriter, issuer: Uint8Array, message: Uint8Array, now: Date): Promise<Uint8Array | undefined> {
  const id = jobId(issuer, message);
  const there = await rows.signingJob(id);
  if (there !== undefined) return there.signature !== null && there.signature.length > 0 ? there.signature : undefined;
  const description = await describe(rows, message);
  // The audit log's checkpoints: its chain of hashes stands without them, and nobody would sign one an hour by hand.
  if (description === undefined) return undefined;
  if (await isWaitedFor(rows, issuer, description, message, now)) return undefined;
  await rows.addSigningJob({ id, ...description, toBeSigned: message, issuer, createdAt: now, signature: null, signedBy: null });
  return undefined;
}

/** The key of a CA (`issuer`: its certificate, DER) that an approver holds: it signs what was signed already, and asks for the rest. */
export function heldKeySigner(storeOf: () => Store, clock: () => Date): (issuer: Uint8Array) => AuthorityKey['sign'] {
  return (issuer) => async (message) => {
    const signature = await storeOf().write((rows) => addJob(rows, issuer, message, clock()));
    if (signature === undefined) throw new AuthorityKeyUnavailable({ kind: 'authority-locked' });
    return signature;
  };
}

/** A certificate that would be over before it is signed is not worth a touch. */
function isStale(job: StoredSigningJob, now: Date): boolean {
  const certificate = job.kind === 'crl' ? undefined : certificateToBeSigned(job.toBeSigned);
  const end = certificate?.notAfter ?? crlToBeRead(job.toBeSigned)?.nextUpdate;
  return end != null && end.getTime() <= now.getTime();
}

interface Jobs {
  readonly store: Store;
  readonly clock: () => Date;
}

/** What waits for the holder of the key, oldest first. */
export async function openJobs({ store, clock }: Jobs): Promise<readonly SigningJob[]> {
  const open = await store.read((rows) => rows.openSigningJobs());
  const now = clock();
  return open.filter((job) => !isStale(job, now)).map(({ id, kind, toBeSigned, about, issuer, requestId }) => ({ id, kind, toBeSigned, about, issuer, requestId }));
}

/**
 * Takes a signature in, once it was verified with the CA's certificate. A CRL is handed out from then on; a certificate is
 * there at the next question for it. Safe to repeat. Fails with request-unknown and signature-refused.
 */
export async function handInSignature({ store, clock }: Jobs, id: string, signature: Uint8Array, actor: Actor): Promise<Result<SigningJob>> {
  const job = await store.read((rows) => rows.signingJob(id));
  if (job === undefined || job.signature?.length === 0) return failed({ kind: 'request-unknown' });
  if (job.signature !== null) return success(job);
  const issuer = parseCertificate(job.issuer);
  if (issuer === undefined || !isSignature(encodePublicKey(issuer.publicKey), job.toBeSigned, signature)) return failed({ kind: 'signature-refused' });
  return store.write(async (rows) => {
    // Put aside, or signed by another approver, at the same moment.
    if (!(await rows.signSigningJob(id, signature, actor.name))) return failed({ kind: 'request-unknown' });
    const facts = { kind: job.kind, about: job.about };
    await record(rows, { event: 'signature-handed-in', actor, at: clock(), subject: job.requestId ?? id, facts });
    if (job.kind === 'crl') await putSignedCrl(rows, job, signature, clock());
    return success(job);
  });
}
