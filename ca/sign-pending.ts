/** `ca sign-pending`: where the folder and the key of its CA are on one machine, what waits for the key is signed there. */
import { parseCertificate } from '../core/x509/certificate.ts';
import { encodePublicKey } from '../core/x509/public-key.ts';
import { equalBytes } from '../core/bytes.ts';
import { problemWithJob, type ApprovedRequest } from '../core/requests/signing-check.ts';
import type { SigningJob } from '../core/certificate-authority.ts';
import { failed, success, type Result } from '../core/result.ts';
import { OPERATOR_ACTOR } from './domain/context.ts';
import { handInSignature, openJobs } from './domain/signing-jobs.ts';
import { AuthorityKeyUnavailable, type AuthorityKey } from './keys/authority-key.ts';
import type { Store } from './storage/store.ts';

export interface SignedJob {
  readonly job: SigningJob;
  /** Why it was not signed; undefined: it was. */
  readonly refused: string | undefined;
}

async function approvedRequest(store: Store, { requestId }: SigningJob): Promise<ApprovedRequest | null> {
  const found = requestId === null ? undefined : await store.read((rows) => rows.request(requestId));
  if (found === undefined || (found.request.status !== 'approved' && found.request.status !== 'issued')) return null;
  const { csr, claimed } = found.request;
  return { csr, name: claimed.name, email: claimed.email, otherNames: claimed.otherNames };
}

function isOf(job: SigningJob, key: AuthorityKey): boolean {
  const issuer = parseCertificate(job.issuer);
  return issuer !== undefined && equalBytes(encodePublicKey(issuer.publicKey), key.publicKey);
}

/**
 * Signs every job that wants this key, after a look at each. Those that do not hold are left, with the reason. Fails with
 * what the key fails with (token-key-unusable), and with authority-certificate-unfit (other-key) where no job is for it.
 */
export async function signPending(store: Store, key: AuthorityKey, clock: () => Date = () => new Date()): Promise<Result<readonly SignedJob[]>> {
  const open = await openJobs({ store, clock });
  const jobs = open.filter((job) => isOf(job, key));
  if (open.length > 0 && jobs.length === 0) return failed({ kind: 'authority-certificate-unfit', reason: 'other-key' });
  const signed: SignedJob[] = [];
  for (const job of jobs) {
    const problem = await problemWithJob(job, await approvedRequest(store, job), clock());
    if (problem !== undefined) {
      signed.push({ job, refused: problem });
      continue;
    }
    try {
      const handed = await handInSignature({ store, clock }, job.id, await key.sign(job.toBeSigned), OPERATOR_ACTOR);
      signed.push({ job, refused: handed.ok ? undefined : handed.failure.kind });
    } catch (error) {
      if (!(error instanceof AuthorityKeyUnavailable)) throw error;
      return failed(error.failure);
    }
  }
  return success(signed);
}
