/** The CA itself: its certificate, and the key that signs. */
import { equalBytes, sha256, toHex } from '../../core/bytes.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { toBeSigned, keyIdentifier, randomSerialNumber, withSignature } from '../../core/x509/certificate-building.ts';
import { basicConstraints, isSignedBy, keyUsage, parseCertificate, type ParsedCertificate, subjectKeyIdentifier } from '../../core/x509/certificate.ts';
import { attributeValues, commonNameOnly, describeName, sameName } from '../../core/x509/names.ts';
import { NAME_OID } from '../../core/x509/object-identifiers.ts';
import { AUTHORITY_PROFILE, validityOf } from '../../core/x509/profile.ts';
import { encodePublicKey } from '../../core/x509/public-key.ts';
import type { AuthorityKey } from '../keys/authority-key.ts';

export interface Authority {
  readonly certificate: ParsedCertificate;
  /** Common name, or the whole subject where it has none. */
  readonly name: string;
  /** SHA-256 of its own DER certificate, lower-case hex: `issuerId` of what it issues. */
  readonly id: string;
  /** From its own certificate to the root, which is last; just its own where it signed itself. */
  readonly chain: readonly ParsedCertificate[];
  /** SHA-256 of the root's DER certificate, lower-case hex: what people compare and clients pin. */
  readonly fingerprint: string;
  /** What issued certificates name in authorityKeyIdentifier. */
  readonly keyIdentifier: Uint8Array;
  readonly key: AuthorityKey;
}

type Unfit = Extract<Result<never>, { ok: false }>;
function unfit(reason: 'unreadable' | 'not-a-ca' | 'not-self-signed' | 'other-key' | 'expired'): Unfit {
  return failed({ kind: 'authority-certificate-unfit', reason });
}

/** Whether extensions allow it to sign certificates (RFC 5280, sections 4.2.1.3 and 4.2.1.9). */
function maySignCertificates(certificate: ParsedCertificate): boolean {
  const usage = keyUsage(certificate);
  return basicConstraints(certificate)?.isAuthority === true && (usage === undefined || usage.includes('keyCertSign'));
}

async function problemWith(certificate: ParsedCertificate, key: AuthorityKey, now: Date): Promise<Unfit | undefined> {
  if (!maySignCertificates(certificate)) return unfit('not-a-ca');
  if (!equalBytes(encodePublicKey(certificate.publicKey), key.publicKey)) return unfit('other-key');
  // TLS clients end a path at a self-signed certificate, and ours trust this one only: an intermediate cannot be pinned yet.
  if (!sameName(certificate.subject, certificate.issuer) || !(await isSignedBy(certificate, certificate))) return unfit('not-self-signed');
  if (certificate.notAfter.getTime() <= now.getTime()) return unfit('expired');
  return undefined;
}

/** A CA from its certificate (DER) and key. Fails with authority-certificate-unfit where they are not one CA's. */
export async function openAuthority(der: Uint8Array, key: AuthorityKey, now: Date): Promise<Result<Authority>> {
  const certificate = parseCertificate(der);
  if (certificate === undefined) return unfit('unreadable');
  try {
    const problem = await problemWith(certificate, key, now);
    if (problem) return problem;
    return success({
      certificate,
      name: attributeValues(certificate.subject, NAME_OID.commonName)[0] ?? describeName(certificate.subject),
      id: toHex(await sha256(der)),
      chain: [certificate],
      fingerprint: toHex(await sha256(der)),
      keyIdentifier: subjectKeyIdentifier(certificate) ?? (await keyIdentifier(key.publicKey)),
      key,
    });
  } catch {
    // Extensions that cannot be parsed: the file comes from outside.
    return unfit('unreadable');
  }
}

/** A self-signed CA certificate, as DER. */
export async function newAuthorityCertificate(wanted: { readonly name: string; readonly key: AuthorityKey; readonly days: number; readonly now: Date }): Promise<Uint8Array> {
  const { key } = wanted;
  const subject = commonNameOnly(wanted.name);
  const profile = { ...AUTHORITY_PROFILE, validDays: wanted.days };
  const tbs = await toBeSigned({
    profile,
    serialNumber: randomSerialNumber(),
    subject,
    issuer: subject,
    validity: validityOf(profile, wanted.now),
    alternativeNames: [],
    publicKey: key.publicKey,
    authorityKeyIdentifier: await keyIdentifier(key.publicKey),
    signatureAlgorithm: key.signatureAlgorithm,
  });
  return withSignature(tbs, key.signatureAlgorithm, await key.sign(tbs));
}
