/** A CA without a server: the CSR is kept for a person who signs it with a tool, and the certificate comes from a file. */
import { certificateForKey, certificatesInFile, isAuthority } from '../core/by-hand/certificate-file.ts';
import { sha256, toHex } from '../core/bytes.ts';
import type { CertificateAuthority, PinnedAuthority, SubmittedRequest } from '../core/certificate-authority.ts';
import { type Result, failed, success } from '../core/result.ts';
import { checkCertificateFit } from '../core/x509/certificate-fit.ts';
import { isSelfIssued } from '../core/x509/certificate-chain.ts';
import { csrPublicKey } from '../core/x509/csr-inspection.ts';
import { attributeValues, describeName } from '../core/x509/names.ts';
import { NAME_OID } from '../core/x509/object-identifiers.ts';
import { type KeptRequest, type KeptRequests, requestIdOf, submittedOf } from './kept-requests.ts';

/** What the person named as their CA's certificate, pinned. Fails with certificate-file-refused. */
export async function pinByHand(file: Uint8Array): Promise<Result<PinnedAuthority>> {
  const read = certificatesInFile(file);
  if (!read.ok) return read;
  const authorities = read.value.filter(isAuthority);
  const pinned = authorities.find(isSelfIssued) ?? authorities[0];
  if (pinned === undefined) return failed({ kind: 'certificate-file-refused', problem: 'no-authority' });
  const issuers = authorities.filter((authority) => authority !== pinned).map(({ der }) => der);
  return success({
    protocol: 'by-hand',
    address: '',
    name: attributeValues(pinned.subject, NAME_OID.commonName)[0] ?? describeName(pinned.subject),
    fingerprint: toHex(await sha256(pinned.der)),
    caCertificate: pinned.der,
    ...(issuers.length === 0 ? {} : { issuers }),
  });
}

/** A client of a CA that a person runs by hand. */
export function byHandAuthority(requests: KeptRequests, now: () => Date = () => new Date()): CertificateAuthority {
  const answer = async (id: string): Promise<SubmittedRequest | null> => {
    const kept = await requests.read(id);
    return kept === null ? null : submittedOf(id, kept, now());
  };
  const change = async (id: string, changed: (kept: KeptRequest) => KeptRequest): Promise<Result<SubmittedRequest>> => {
    const kept = await requests.read(id);
    if (kept === null) return failed({ kind: 'request-unknown' });
    await requests.write(id, changed(kept));
    return success(submittedOf(id, changed(kept), now()));
  };
  return {
    submit: async (csr) => {
      const publicKey = csrPublicKey(csr);
      if (!publicKey.ok) return publicKey;
      const id = await requestIdOf(publicKey.value);
      const before = await answer(id);
      if (before?.status === 'pending') return success(before);
      const kept = { csr, submittedAt: now() };
      await requests.write(id, kept);
      return success(submittedOf(id, kept, now()));
    },
    request: async (id) => {
      const request = await answer(id);
      return request === null ? failed({ kind: 'request-unknown' }) : success(request);
    },
    requestForKey: async (publicKey) => success(await answer(await requestIdOf(publicKey))),
    invitation: () => Promise.resolve(failed({ kind: 'authority-cannot', what: 'invitations' })),
    withdraw: (id) => change(id, (kept) => ({ ...kept, isWithdrawn: true })),
    renewalCode: () => Promise.resolve(success(null)),
  };
}

/**
 * Takes the certificate that came back for a request out of a file. It is kept only where it may be written onto the key. Fails with certificate-file-refused, certificate-unfit, request-unknown.
 */
export async function takeCertificate(authority: PinnedAuthority, requests: KeptRequests, id: string, file: Uint8Array): Promise<Result<void>> {
  const kept = await requests.read(id);
  if (kept === null) return failed({ kind: 'request-unknown' });
  const publicKey = csrPublicKey(kept.csr);
  if (!publicKey.ok) return publicKey;
  const found = certificateForKey(file, publicKey.value);
  if (!found.ok) return found;
  const { certificate, others: chain } = found.value;
  const { caCertificate, issuers = [] } = authority;
  const fit = await checkCertificateFit({ certificate, publicKey: publicKey.value, caCertificate, chain: [...chain, ...issuers], now: new Date() });
  if (!fit.ok) return fit;
  await requests.write(id, { csr: kept.csr, submittedAt: kept.submittedAt, certificate, chain });
  return success(undefined);
}
