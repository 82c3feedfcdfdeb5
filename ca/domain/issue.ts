/**
 * Issuing, in two steps, so that a crash between them costs nothing:
 *   plan    every byte that will be signed, with its serial number, goes into the store (together with the decision)
 *   sign    the stored bytes are signed; done again after a crash, it is the same certificate with the same serial number
 */
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { equalBytes, sha256, toHex } from '../../core/bytes.ts';
import { randomSerialNumber, toBeSigned, withSignature } from '../../core/x509/certificate-building.ts';
import { basicConstraints, parseCertificate, purposes } from '../../core/x509/certificate.ts';
import { commonNameOnly, sameName, type AlternativeName } from '../../core/x509/names.ts';
import { validityOf, type CertificateProfile } from '../../core/x509/profile.ts';
import { encodePublicKey } from '../../core/x509/public-key.ts';
import type { StatusAddresses } from '../../core/x509/status-extensions.ts';
import type { Role, StoredCertificate } from '../storage/store.ts';
import type { Authority } from './authority.ts';
import type { Policy } from './policy.ts';
import { crlAddress, issuerAddress, ocspAddress } from './status-addresses.ts';
import { trialProblems } from './trial-signature.ts';

export interface WantedCertificate {
  readonly profile: CertificateProfile;
  readonly name: string;
  readonly alternativeNames: readonly AlternativeName[];
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly requestId: string | null;
  readonly role: Role | null;
  /** Name of the policy's profile; that of `profile` unless said. */
  readonly profileName?: string;
  readonly email?: string | null;
  /** Serial of the YubiKey that attested the key. */
  readonly keySerial?: number | null;
  /** Says where CRL and OCSP are, and over how many CRLs certificates are spread; without it the certificate names none. */
  readonly policy?: Policy;
}

/** Which CRL names the certificate once it is revoked: its serial number, which is random, modulo their number. */
function partitionFor(serialNumber: Uint8Array, partitions: number): number {
  return Number(BigInt(`0x${toHex(serialNumber)}`) % BigInt(partitions));
}

/** What the certificate says of where to ask for it. OCSP responders say nothing: nobody asks for them. */
function statusOf({ profile, policy }: WantedCertificate, issuerId: string, crlPartition: number): StatusAddresses | undefined {
  if (policy === undefined || profile.isNeverChecked === true) return undefined;
  return { crl: crlAddress(policy, issuerId, crlPartition), ocsp: ocspAddress(policy), issuer: issuerAddress(policy, issuerId) };
}

/** The certificate to be, with a serial number of its own, not signed yet. */
export async function planCertificate(authority: Authority, wanted: WantedCertificate, now: Date): Promise<StoredCertificate> {
  const serialNumber = randomSerialNumber();
  const crlPartition = partitionFor(serialNumber, wanted.policy?.revocation.crlPartitions ?? 1);
  const status = statusOf(wanted, authority.id, crlPartition);
  const validity = validityOf(wanted.profile, now, authority.certificate);
  const tbs = await toBeSigned({
    profile: wanted.profile,
    serialNumber,
    subject: commonNameOnly(wanted.name),
    issuer: authority.certificate.subject,
    validity,
    alternativeNames: wanted.alternativeNames,
    publicKey: wanted.publicKey,
    authorityKeyIdentifier: authority.keyIdentifier,
    signatureAlgorithm: authority.key.signatureAlgorithm,
    ...(status ? { status } : {}),
  });
  return {
    serialNumber: toHex(serialNumber),
    requestId: wanted.requestId,
    profile: wanted.profileName ?? wanted.profile.name,
    issuerId: authority.id,
    crlPartition,
    role: wanted.role,
    name: wanted.name,
    email: wanted.email ?? null,
    keySerial: wanted.keySerial ?? null,
    publicKeySha256: toHex(await sha256(wanted.publicKey)),
    tbs,
    certificate: null,
    madeAt: now,
    expiresAt: validity.notAfter,
    status: 'good',
    revokedAt: null,
    revocationReason: null,
  };
}

/** What is wrong with a certificate to be; it is signed with a throwaway key for that. */
export function planProblems(authority: Authority, wanted: WantedCertificate, planned: StoredCertificate): readonly string[] {
  const { profile, publicKey, alternativeNames } = wanted;
  return trialProblems(planned.tbs, authority.key.signatureAlgorithm, { profile, publicKey, issuer: authority.certificate, hasAlternativeNames: alternativeNames.length > 0 });
}

interface StrangersView {
  readonly certificate: X509Certificate;
  readonly publicKey: KeyObject;
}

/** An issuer as OpenSSL sees it, read once: it issues thousands. */
const strangersViews = new WeakMap<Authority, StrangersView>();

function strangersViewOf(authority: Authority): StrangersView {
  const known = strangersViews.get(authority);
  if (known !== undefined) return known;
  const publicKey = createPublicKey({ key: Buffer.from(authority.key.publicKey), format: 'der', type: 'spki' });
  const view = { certificate: new X509Certificate(authority.certificate.der), publicKey };
  strangersViews.set(authority, view);
  return view;
}

/**
 * Looks at a finished certificate as a stranger would, before anybody gets it: OpenSSL (through Node) reads it and
 * verifies it against the CA, our own parser compares it with the plan. A difference is a bug, so it throws.
 */
function check(authority: Authority, planned: StoredCertificate, der: Uint8Array): void {
  const stranger = new X509Certificate(der);
  const issuer = strangersViewOf(authority);
  const parsed = parseCertificate(der);
  const problems = [
    !stranger.verify(issuer.publicKey) && 'signature',
    !stranger.checkIssued(issuer.certificate) && 'issuer',
    (stranger.ca || (parsed && basicConstraints(parsed)?.isAuthority !== false)) && 'basicConstraints',
    stranger.serialNumber.toLowerCase() !== planned.serialNumber && 'serial number',
    !parsed && 'form',
    parsed && !equalBytes(parsed.tbs, planned.tbs) && 'contents',
    parsed && !sameName(parsed.issuer, authority.certificate.subject) && 'issuer name',
    parsed && !sameName(parsed.subject, commonNameOnly(planned.name)) && 'subject',
    parsed && parsed.notAfter.getTime() > authority.certificate.notAfter.getTime() && 'validity',
    parsed && (purposes(parsed)?.length ?? 0) === 0 && 'purposes',
    parsed && equalBytes(encodePublicKey(parsed.publicKey), authority.key.publicKey) && "the CA's own key",
  ].filter((problem) => typeof problem === 'string');
  if (problems.length > 0) throw new Error(`The certificate ${planned.serialNumber} came out wrong: ${problems.join(', ')}.`);
}

/** Signs a planned certificate and checks it. The same plan gives the same certificate, but for the bits of the signature. */
export async function signCertificate(authority: Authority, planned: StoredCertificate): Promise<Uint8Array> {
  const der = withSignature(planned.tbs, authority.key.signatureAlgorithm, await authority.key.sign(planned.tbs));
  check(authority, planned, der);
  return der;
}
