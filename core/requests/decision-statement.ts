/**
 * The statement of a decision: a compact JWS (RFC 7515, section 7.1) that the approver's key signs. Header: alg, typ and
 * the certificate (x5c, section 4.1.6); payload: v, the CA's fingerprint, the time, and the decision. It is kept for good,
 * and whoever has the CA's certificate can verify it with any JWS library.
 */
import { z } from 'zod';
import { fromBase64, fromBase64Url, sha256, toBase64, toBase64Url, toHex } from '../bytes.ts';
import type { Sign } from '../certificate-authority.ts';
import { failed, success, type Result } from '../result.ts';
import type { EnrollableKeyType } from '../security-key.ts';
import { parseCertificate, type ParsedCertificate } from '../x509/certificate.ts';
import { derEcdsaSignature, rawEcdsaSignature } from '../x509/ecdsa-signature.ts';
import { SIGNATURE_OID } from '../x509/object-identifiers.ts';
import { publicKeyKind } from '../x509/public-key.ts';
import { verifySignature } from '../x509/signature-algorithm.ts';
import type { CertificateRequest } from './certificate-request.ts';
import type { Decision } from './decision.ts';
import { fourWords } from './four-words.ts';
import { REVOCATION_REASONS } from './issued-certificate.ts';

const TYPE = 'latchkey-decision+jws';
const VERSION = 1;

interface JwsAlgorithm {
  /** RFC 7518, section 3.1; RFC 8037, section 3.1. */
  readonly alg: 'ES256' | 'ES384' | 'RS256' | 'EdDSA';
  /** As the key signs in X.509. */
  readonly oid: string;
  /** Only ECDSA: JWS carries r and s in so many bytes each. */
  readonly coordinateBytes: number | null;
}

const RS256: JwsAlgorithm = { alg: 'RS256', oid: SIGNATURE_OID.sha256WithRSAEncryption, coordinateBytes: null };
/** How each key type signs: see SecurityKey.sign in core/security-key.ts. */
const ALGORITHMS: Readonly<Record<EnrollableKeyType, JwsAlgorithm>> = {
  ECCP256: { alg: 'ES256', oid: SIGNATURE_OID.ecdsaWithSHA256, coordinateBytes: 32 },
  ECCP384: { alg: 'ES384', oid: SIGNATURE_OID.ecdsaWithSHA384, coordinateBytes: 48 },
  RSA2048: RS256,
  RSA3072: RS256,
  RSA4096: RS256,
  ED25519: { alg: 'EdDSA', oid: SIGNATURE_OID.ed25519, coordinateBytes: null },
};

const csrSha256 = z.string().regex(/^[0-9a-f]{64}$/);
const requestId = z.string().regex(/^[0-9a-f]{32}$/);
const serialNumber = z.string().regex(/^[0-9a-f]{2,40}$/);
const revocationReason = z.enum(REVOCATION_REASONS);
const said = { v: z.literal(VERSION), authority: z.string().regex(/^[0-9a-f]{64}$/), at: z.iso.datetime() };
const payloadBody = z.discriminatedUnion('decision', [
  z.strictObject({ ...said, decision: z.literal('approve'), requestId, csrSha256 }),
  z.strictObject({ ...said, decision: z.literal('deny'), requestId, csrSha256, reason: z.string().trim().min(1).max(500) }),
  z.strictObject({ ...said, decision: z.literal('revoke'), serialNumber, reason: revocationReason }),
  z.strictObject({ ...said, decision: z.literal('hold'), serialNumber }),
  z.strictObject({ ...said, decision: z.literal('release'), serialNumber }),
  z.strictObject({ ...said, decision: z.literal('revoke-person'), email: z.string().min(1).max(320), reason: revocationReason }),
]);
// `crit` and every other header that would change the meaning are refused with it (RFC 7515, section 4.1.11).
const headerBody = z.strictObject({ alg: z.string(), typ: z.literal(TYPE), x5c: z.array(z.string().max(12_000)).length(1) });

/** A statement whose signature holds. Whether its certificate is an approver's is not looked at. */
export interface DecisionStatement {
  readonly decision: Decision;
  /** Fingerprint of the CA that it was made for, lower-case hex. */
  readonly authority: string;
  readonly at: Date;
  readonly certificate: ParsedCertificate;
  /** SHA-256 of what was signed, lower-case hex: the same for every signature over the same words. */
  readonly signedSha256: string;
}

const encodeJson = (value: unknown): string => toBase64Url(new TextEncoder().encode(JSON.stringify(value)));

/** The algorithm for a certificate's key; undefined: none, or a key that no statement is signed with. */
function algorithmOf(certificate: ParsedCertificate): JwsAlgorithm | undefined {
  try {
    const kind = publicKeyKind(certificate.publicKey);
    return kind.accepted ? ALGORITHMS[kind.keyType] : undefined;
  } catch {
    // Broken ASN.1 in a certificate from outside.
    return undefined;
  }
}

/**
 * Signs a decision with the key of `certificate` (DER); answers a compact JWS. `authority`: the CA's fingerprint.
 * Fails with whatever `sign` fails with, and certificate-unfit where no key of that type signs statements.
 */
export async function signDecision(
  decision: Decision,
  by: { readonly authority: string; readonly certificate: Uint8Array; readonly at: Date; readonly sign: Sign },
): Promise<Result<string>> {
  const certificate = parseCertificate(by.certificate);
  const algorithm = certificate && algorithmOf(certificate);
  if (algorithm === undefined) return failed({ kind: 'certificate-unfit', reason: 'unreadable' });
  const header = encodeJson({ alg: algorithm.alg, typ: TYPE, x5c: [toBase64(by.certificate)] });
  const payload = encodeJson({ v: VERSION, authority: by.authority, at: by.at.toISOString(), ...decision });
  const signed = await by.sign(new TextEncoder().encode(`${header}.${payload}`));
  if (!signed.ok) return signed;
  const raw = algorithm.coordinateBytes === null ? signed.value : rawEcdsaSignature(signed.value, algorithm.coordinateBytes);
  if (raw === undefined) throw new Error('The key answered with a signature of another curve.');
  return success(`${header}.${payload}.${toBase64Url(raw)}`);
}

/** undefined for what is not JSON in base64url. */
function decodeJson(part: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64Url(part)));
  } catch {
    return undefined;
  }
}

function decode(text: string, from: (text: string) => Uint8Array): Uint8Array | undefined {
  try {
    return from(text);
  } catch {
    return undefined;
  }
}

async function isSigned(certificate: ParsedCertificate, alg: string, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const algorithm = algorithmOf(certificate);
  // The key says how it signs, never the header: "none" and HMAC with a public key are known tricks (RFC 8725, section 2.1).
  if (algorithm === undefined || algorithm.alg !== alg) return false;
  if (algorithm.coordinateBytes === null) return verifySignature(certificate.publicKey, algorithm.oid, message, signature);
  if (signature.length !== 2 * algorithm.coordinateBytes) return false;
  return verifySignature(certificate.publicKey, algorithm.oid, message, derEcdsaSignature(signature));
}

/** Reads and verifies a statement. Fails with statement-refused: unreadable, signature. */
export async function verifyDecision(statement: string): Promise<Result<DecisionStatement>> {
  const unreadable = failed({ kind: 'statement-refused', problem: 'unreadable' });
  const [headerPart = '', payloadPart = '', signaturePart = '', ...more] = statement.split('.');
  const header = headerBody.safeParse(decodeJson(headerPart));
  const payload = payloadBody.safeParse(decodeJson(payloadPart));
  const signature = decode(signaturePart, fromBase64Url);
  if (more.length > 0 || !header.success || !payload.success || signature === undefined) return unreadable;
  const der = decode(header.data.x5c[0] as string, fromBase64);
  const certificate = der && parseCertificate(der);
  if (certificate === undefined) return unreadable;
  const message = new TextEncoder().encode(`${headerPart}.${payloadPart}`);
  if (!(await isSigned(certificate, header.data.alg, message, signature))) return failed({ kind: 'statement-refused', problem: 'signature' });
  const { v: _, authority, at, ...decision } = payload.data;
  return success({ decision, authority, at: new Date(at), certificate, signedSha256: toHex(await sha256(message)) });
}

/**
 * What the approver's own program makes of the CSR in a queue entry: the hash that a decision names, and the four words.
 * Compare the words with what the applicant says; those that the server sent along prove nothing.
 */
export async function seenInEntry(entry: Pick<CertificateRequest, 'csr'>): Promise<{ readonly csrSha256: string; readonly words: readonly string[] }> {
  return { csrSha256: toHex(await sha256(entry.csr)), words: await fourWords(entry.csr) };
}
