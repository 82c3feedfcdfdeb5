/** What the slots of a key hold, read for a person: certificates as fields, attestations as a verdict. */
import { equalBytes, sha256, toHex } from '../bytes.ts';
import type { PinnedAuthority } from '../certificate-authority.ts';
import type { PivSlot } from '../piv-slots.ts';
import type { AttestedFacts } from '../requests/certificate-request.ts';
import type { HeldSlot, KeyPairFacts } from '../security-key.ts';
import { type AttestationTrust, verifyAttestation } from '../x509/attestation.ts';
import { chainAbove, parseCandidates } from '../x509/certificate-chain.ts';
import { type ParsedCertificate, keyUsage, parseCertificate, purposes } from '../x509/certificate.ts';
import { describeName, formatAlternativeName, readAlternativeNames } from '../x509/names.ts';
import { EXTENSION_OID } from '../x509/object-identifiers.ts';
import { writePem } from '../x509/pem.ts';

/** Whether the key pair is proven to have been made on a genuine YubiKey. */
export type AttestationVerdict =
  | { readonly kind: 'genuine'; readonly facts: AttestedFacts }
  /** There is none: imported, made by firmware before 4.3, or the attestation key was deleted. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown-issuer'; readonly issuer: string }
  | { readonly kind: 'false' };

/** A certificate as readable fields. Names as describeName writes them ("O=Contoso, CN=Ana Example"); bytes as lower-case hex. */
export interface CertificateView {
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  /** Such as "email:ana@example.org". */
  readonly otherNames: readonly string[];
  /** Key usage, as RFC 5280 names it ("digitalSignature"). */
  readonly keyUsage: readonly string[];
  /** Extended key usage, as OIDs. */
  readonly purposes: readonly string[];
  readonly sha256: string;
  readonly pem: string;
}

export interface SlotView {
  readonly slot: PivSlot;
  readonly keyPair: Omit<KeyPairFacts, 'publicKey'> | null;
  /** 'unreadable': something is there that is no certificate. */
  readonly certificate: CertificateView | 'unreadable' | null;
  readonly fits: boolean | null;
  /** From the certificate up, as far as this computer knows: the certificate's issuer, and so on. */
  readonly chain: readonly CertificateView[];
  readonly attestation: AttestationVerdict;
}

/** The inventory for a person. `authority`: the CA that chains can end in; `trust`: what attestations can end in. */
export function viewInventory(slots: readonly HeldSlot[], authority: PinnedAuthority | null, trust: AttestationTrust): Promise<readonly SlotView[]> {
  const ca = authority === null ? undefined : parseCertificate(authority.caCertificate);
  const issuers = ca === undefined ? [] : [ca, ...parseCandidates(authority?.issuers ?? [])];
  return Promise.all(slots.map((held) => viewSlot(held, issuers, trust)));
}

/** `issuers`: the pinned CA first, then those below it; none where there is no CA. */
async function viewSlot({ slot, keyPair, certificate, fits, attestation }: HeldSlot, issuers: readonly ParsedCertificate[], trust: AttestationTrust): Promise<SlotView> {
  const parsed = certificate === null ? undefined : parseCertificate(certificate);
  const [pinned] = issuers;
  // Time is no question here: an expired certificate is shown with the chain it had.
  const isPinned = (candidate: ParsedCertificate): boolean => candidate !== parsed && pinned !== undefined && equalBytes(candidate.der, pinned.der);
  const chain = parsed === undefined ? undefined : await chainAbove(parsed, issuers, isPinned);
  const { publicKey, ...shown } = keyPair ?? { publicKey: null };
  return {
    slot,
    keyPair: keyPair === null ? null : (shown as Omit<KeyPairFacts, 'publicKey'>),
    certificate: parsed === undefined ? (certificate === null ? null : 'unreadable') : await viewCertificate(parsed),
    fits,
    chain: await Promise.all((chain ?? []).map(viewCertificate)),
    attestation: publicKey === null || attestation === null ? { kind: 'none' } : await judge(attestation, publicKey, trust),
  };
}

async function judge(attestation: NonNullable<HeldSlot['attestation']>, publicKey: Uint8Array, trust: AttestationTrust): Promise<AttestationVerdict> {
  const finding = await verifyAttestation(attestation, publicKey, trust);
  switch (finding.kind) {
    case 'verified':
      return { kind: 'genuine', facts: finding.facts };
    case 'refuted':
      return { kind: 'false' };
    case 'unproven':
      return finding.problem === 'missing' ? { kind: 'none' } : { kind: 'unknown-issuer', issuer: finding.issuer };
  }
}

/** The fields of a certificate. What its extensions say is left out where they are broken. */
export async function viewCertificate(certificate: ParsedCertificate): Promise<CertificateView> {
  return {
    subject: describeName(certificate.subject),
    issuer: describeName(certificate.issuer),
    serialNumber: toHex(certificate.serialNumber),
    validFrom: certificate.notBefore,
    validTo: certificate.notAfter,
    otherNames: orNone(() => alternativeNames(certificate)),
    keyUsage: orNone(() => keyUsage(certificate) ?? []),
    purposes: orNone(() => purposes(certificate) ?? []),
    sha256: toHex(await sha256(certificate.der)),
    pem: writePem(certificate.der, 'CERTIFICATE'),
  };
}

function alternativeNames(certificate: ParsedCertificate): readonly string[] {
  const extension = certificate.extensions.find((candidate) => candidate.extnID === EXTENSION_OID.subjectAltName);
  return extension === undefined ? [] : readAlternativeNames(extension).names.map(formatAlternativeName);
}

/** The parser throws for an extension that is broken; certificates come from anywhere. */
function orNone(read: () => readonly string[]): readonly string[] {
  try {
    return read();
  } catch {
    return [];
  }
}
