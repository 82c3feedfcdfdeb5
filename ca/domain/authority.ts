/** The CA itself: its certificate, and the key that signs. */
import { equalBytes, sha256, toHex } from '../../core/bytes.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { toBeSigned, keyIdentifier, randomSerialNumber, withSignature } from '../../core/x509/certificate-building.ts';
import { chainAbove, chainProblem, isSelfSigned, parseCandidates, type ChainProblem } from '../../core/x509/certificate-chain.ts';
import { parseCertificate, type ParsedCertificate, subjectKeyIdentifier } from '../../core/x509/certificate.ts';
import { attributeValues, commonNameOnly, describeName } from '../../core/x509/names.ts';
import { NAME_OID } from '../../core/x509/object-identifiers.ts';
import { AUTHORITY_PROFILE, ROOT_PROFILE, validityOf } from '../../core/x509/profile.ts';
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
function unfit(reason: 'unreadable' | 'other-key' | ChainProblem): Unfit {
  return failed({ kind: 'authority-certificate-unfit', reason });
}

/** The chain from `certificate` (included) to a root that signed itself. Fails with chain-broken. */
async function chainOf(certificate: ParsedCertificate, others: readonly Uint8Array[]): Promise<Result<readonly ParsedCertificate[]>> {
  const candidates = parseCandidates(others);
  const above = await chainAbove(certificate, candidates, isSelfSigned);
  if (above !== undefined) return success([certificate, ...above]);
  return failed({ kind: 'chain-broken', missingIssuer: describeName(await lastIssuer(certificate, candidates)) });
}

/** Whom the chain ends without, for the person who has to look for its certificate. */
async function lastIssuer(certificate: ParsedCertificate, candidates: readonly ParsedCertificate[]): Promise<ParsedCertificate['issuer']> {
  let top = certificate;
  for (const _ of candidates) {
    const [next] = await chainAbove(top, candidates, (candidate) => candidate !== top).then((above) => above ?? []);
    if (next === undefined) break;
    top = next;
  }
  return top.issuer;
}

/**
 * A CA from its chain (DER; its own certificate first, the others in any order, the root among them) and its key.
 * Fails with authority-certificate-unfit where they are not one CA's, and with chain-broken.
 */
export async function openAuthority(certificates: readonly Uint8Array[], key: AuthorityKey, now: Date): Promise<Result<Authority>> {
  const [der = new Uint8Array(), ...others] = certificates;
  const certificate = parseCertificate(der);
  if (certificate === undefined) return unfit('unreadable');
  try {
    const ownProblem = chainProblem([certificate], now, 'pinned');
    if (ownProblem) return unfit(ownProblem.problem);
    if (!equalBytes(encodePublicKey(certificate.publicKey), key.publicKey)) return unfit('other-key');
    const chain = await chainOf(certificate, others);
    if (!chain.ok) return chain;
    const problem = chainProblem(chain.value, now, 'judged');
    if (problem) return unfit(problem.problem);
    const root = chain.value[chain.value.length - 1] as ParsedCertificate;
    return success({
      certificate,
      name: attributeValues(certificate.subject, NAME_OID.commonName)[0] ?? describeName(certificate.subject),
      id: toHex(await sha256(der)),
      chain: chain.value,
      fingerprint: toHex(await sha256(root.der)),
      keyIdentifier: subjectKeyIdentifier(certificate) ?? (await keyIdentifier(key.publicKey)),
      key,
    });
  } catch {
    // Extensions that cannot be parsed: the file comes from outside.
    return unfit('unreadable');
  }
}

/** What stands between its certificates and the root, its own first; none where it signed itself. */
export function issuersBelowRoot({ chain }: Authority): readonly Uint8Array[] {
  return chain.slice(0, -1).map(({ der }) => der);
}

interface Authorities {
  readonly authority: Authority;
  readonly formerAuthorities: readonly Authority[];
}

/** What a certificate's `issuerId` says stands between it and the pinned root; none where nobody here issued it. */
export function chainOfIssuer({ authority, formerAuthorities }: Authorities, issuerId: string): readonly Uint8Array[] {
  const issuer = [authority, ...formerAuthorities].find(({ id }) => id === issuerId);
  return issuer === undefined ? [] : issuersBelowRoot(issuer);
}

/** Every CA below the roots that signs now or did, each once. */
export function allIssuers({ authority, formerAuthorities }: Authorities): readonly Uint8Array[] {
  const all = [authority, ...formerAuthorities].flatMap(issuersBelowRoot);
  return all.filter((der, index) => all.findIndex((other) => equalBytes(other, der)) === index);
}

/** What clients pin, as DER. */
export function rootOf({ chain, certificate }: Authority): Uint8Array {
  return (chain[chain.length - 1] ?? certificate).der;
}

/** A self-signed CA certificate, as DER. `isRoot`: it has issuing CAs below it. */
export async function newAuthorityCertificate(wanted: { readonly name: string; readonly key: AuthorityKey; readonly days: number; readonly now: Date; readonly isRoot?: boolean }): Promise<Uint8Array> {
  const { key } = wanted;
  const subject = commonNameOnly(wanted.name);
  const profile = { ...(wanted.isRoot === true ? ROOT_PROFILE : AUTHORITY_PROFILE), validDays: wanted.days };
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

/** The certificate of an issuing CA below `root`, as DER; it does not outlive the root. Throws AuthorityKeyUnavailable. */
export async function newIssuerCertificate(root: Authority, wanted: { readonly name: string; readonly publicKey: Uint8Array; readonly days: number; readonly now: Date }): Promise<Uint8Array> {
  const profile = { ...AUTHORITY_PROFILE, validDays: wanted.days };
  const { signatureAlgorithm } = root.key;
  const tbs = await toBeSigned({
    profile,
    serialNumber: randomSerialNumber(),
    subject: commonNameOnly(wanted.name),
    issuer: root.certificate.subject,
    validity: validityOf(profile, wanted.now, root.certificate),
    alternativeNames: [],
    publicKey: wanted.publicKey,
    authorityKeyIdentifier: root.keyIdentifier,
    signatureAlgorithm,
  });
  return withSignature(tbs, signatureAlgorithm, await root.key.sign(tbs));
}
