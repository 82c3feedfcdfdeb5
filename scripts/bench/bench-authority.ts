import { generateKeyPairSync } from 'node:crypto';
import { openAuthority, newAuthorityCertificate } from '../../ca/domain/authority.ts';
import { planCertificate, signCertificate } from '../../ca/domain/issue.ts';
import { authorityKey } from '../../ca/keys/software.ts';
import { sha256, toHex } from '../../core/bytes.ts';
import type { CertificateAuthority, PinnedAuthority, SubmittedRequest } from '../../core/certificate-authority.ts';
import { success, type Result } from '../../core/result.ts';
import { inspectCsr } from '../../core/x509/csr-inspection.ts';
import { PERSON_PROFILE } from '../../core/x509/profile.ts';

/** A CA without network, storage or questions: what is compared is the work with the key. */
export interface BenchAuthority {
  readonly pinned: PinnedAuthority;
  /** A certificate (DER) for a public key (DER SubjectPublicKeyInfo). */
  readonly issue: (publicKey: Uint8Array) => Promise<Uint8Array>;
  /** Issues at once what is handed in. */
  readonly client: CertificateAuthority;
}

const NAME = 'Bench CA';

/** The value of a result that cannot fail here. */
export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

export async function createBenchAuthority(): Promise<BenchAuthority> {
  const now = new Date();
  const key = valueOf(authorityKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey));
  const caCertificate = await newAuthorityCertificate({ name: NAME, key, days: 2, now });
  const authority = valueOf(await openAuthority([caCertificate], key, now));
  const pinned = { address: 'https://bench.invalid', name: NAME, fingerprint: toHex(await sha256(caCertificate)), caCertificate };
  const issue = async (publicKey: Uint8Array): Promise<Uint8Array> => {
    const wanted = { profile: PERSON_PROFILE, name: 'Ana Example', alternativeNames: [], publicKey, requestId: null, role: null };
    return signCertificate(authority, await planCertificate(authority, wanted, new Date()));
  };
  return { pinned, issue, client: createClient(issue) };
}

function createClient(issue: BenchAuthority['issue']): CertificateAuthority {
  const requests = new Map<string, SubmittedRequest>();
  const byKey = new Map<string, SubmittedRequest>();
  return {
    submit: async (csr) => {
      const id = toHex(crypto.getRandomValues(new Uint8Array(16)));
      const { publicKey } = valueOf(await inspectCsr(csr));
      const submitted: SubmittedRequest = { id, status: 'issued', submittedAt: new Date(), certificate: await issue(publicKey) };
      requests.set(id, submitted);
      byKey.set(toHex(publicKey), submitted);
      return success(submitted);
    },
    request: async (id) => {
      const request = requests.get(id);
      return request === undefined ? { ok: false, failure: { kind: 'request-unknown' } } : success(request);
    },
    requestForKey: async (publicKey) => success(byKey.get(toHex(publicKey)) ?? null),
    invitation: async () => ({ ok: false, failure: { kind: 'invitation-unknown' } }),
    withdraw: async () => ({ ok: false, failure: { kind: 'request-unknown' } }),
    renewalCode: async () => success(null),
  };
}
