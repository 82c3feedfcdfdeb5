/**
 * Is this key in a genuine YubiKey, and what are its policies?
 *
 *   statement (says it of the key)  ◀── f9 (in the key)  ◀── root
 *                                                        ◀── intermediate ◀── intermediate ◀── root    firmware 5.7.4 and later
 *
 * The path is checked leniently, because genuine keys break RFC 5280: f9 certificates without basicConstraints, and one
 * more level than the root's path length allows. What must hold: every signature, every issuer's name, and that everything
 * above f9 is one of the pinned certificates. Only f9 and the statement come from outside.
 */
import type { AttestedFacts } from '../requests/certificate-request.ts';
import { equalBytes } from '../bytes.ts';
import { isSignedBy, parseCertificate, type ParsedCertificate } from './certificate.ts';
import type { CarriedAttestation } from './csr-inspection.ts';
import { attributeValues, describeName, sameName } from './names.ts';
import { NAME_OID } from './object-identifiers.ts';
import { encodePublicKey } from './public-key.ts';
import { isStatement, readStatement } from './statement.ts';

/** The certificates that attestations may end in or pass through. */
export interface AttestationTrust {
  /** Self-issued ones end a path, the others lead to one. */
  readonly certificates: readonly ParsedCertificate[];
}

export type AttestationFinding =
  | { readonly kind: 'verified'; readonly facts: AttestedFacts }
  | { readonly kind: 'refuted'; readonly problem: 'unreadable' | 'signature' | 'other-key' }
  /** Nothing speaks against it, but nobody we know vouches for it: 'missing', or `issuer` is not among the trusted. */
  | { readonly kind: 'unproven'; readonly problem: 'missing' }
  | { readonly kind: 'unproven'; readonly problem: 'unknown-issuer'; readonly issuer: string };

/** The longest genuine path above f9 is two intermediates and a root. */
const MAX_PATH = 5;

/** Reads pinned certificates. Throws on one that is none: the list is ours or the administrator's, and was checked. */
export function attestationTrust(certificates: readonly Uint8Array[]): AttestationTrust {
  return {
    certificates: certificates.map((der, index) => {
      const parsed = parseCertificate(der);
      if (parsed === undefined) throw new Error(`Trusted attestation certificate ${index} cannot be read.`);
      return parsed;
    }),
  };
}

type Path = { readonly kind: 'root'; readonly root: ParsedCertificate } | { readonly kind: 'unknown'; readonly issuer: string } | { readonly kind: 'forged' };

/** Follows the issuers of `certificate` through the pinned ones. */
async function pathToRoot(certificate: ParsedCertificate, trust: AttestationTrust, depth = 0): Promise<Path> {
  const named = trust.certificates.filter((candidate) => sameName(candidate.subject, certificate.issuer));
  if (named.length === 0 || depth >= MAX_PATH) return { kind: 'unknown', issuer: describeName(certificate.issuer) };
  let unknown: Path | undefined;
  for (const issuer of named) {
    if (!(await isSignedBy(certificate, issuer))) continue;
    if (sameName(issuer.subject, issuer.issuer)) return { kind: 'root', root: issuer };
    const path = await pathToRoot(issuer, trust, depth + 1);
    if (path.kind === 'root') return path;
    unknown = path;
  }
  return unknown ?? { kind: 'forged' };
}

const refuted = (problem: 'unreadable' | 'signature' | 'other-key'): AttestationFinding => ({ kind: 'refuted', problem });

/**
 * Checks the attestation that came with a CSR against the CSR's public key (DER SubjectPublicKeyInfo).
 * Dates are not looked at: statements and f9 carry made-up ones, and roots are trusted by being pinned.
 */
export async function verifyAttestation(carried: CarriedAttestation, publicKey: Uint8Array, trust: AttestationTrust): Promise<AttestationFinding> {
  if (carried === null) return { kind: 'unproven', problem: 'missing' };
  if (carried === 'incomplete') return refuted('unreadable');
  const [statement, f9] = [parseCertificate(carried.statement), parseCertificate(carried.intermediate)];
  const facts = statement && readStatement(statement);
  if (!statement || !f9 || !facts) return refuted('unreadable');
  if (!equalBytes(encodePublicKey(statement.publicKey), publicKey)) return refuted('other-key');
  // Whoever holds a genuine key could sign a false statement with its key in 9a, and show the statement of 9a as "f9".
  if (isStatement(f9)) return refuted('signature');
  if (!sameName(statement.issuer, f9.subject) || !(await isSignedBy(statement, f9))) return refuted('signature');
  const path = await pathToRoot(f9, trust);
  switch (path.kind) {
    case 'forged':
      return refuted('signature');
    case 'unknown':
      return { kind: 'unproven', problem: 'unknown-issuer', issuer: path.issuer };
    case 'root':
      return { kind: 'verified', facts: { root: attributeValues(path.root.subject, NAME_OID.commonName)[0] ?? describeName(path.root.subject), ...facts } };
  }
}
