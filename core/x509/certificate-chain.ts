/** Chains of CAs: from the one that issues to the root that is trusted (RFC 5280, section 6.1, as far as our CAs use it). */
import { equalBytes } from '../bytes.ts';
import { basicConstraints, isSignedBy, keyUsage, parseCertificate, type ParsedCertificate } from './certificate.ts';
import { sameName } from './names.ts';
import { EXTENSION_OID } from './object-identifiers.ts';

/** Issuing CA, CAs between, root: more would be a mistake, or a try to keep us busy. */
const MAX_LENGTH = 6;
/** Of what somebody sends along; the rest is not looked at. */
const MAX_CANDIDATES = 24;

/** Critical extensions whose meaning is honoured here; any other makes a CA unfit (section 4.2). */
const UNDERSTOOD: ReadonlySet<string> = new Set([EXTENSION_OID.basicConstraints, EXTENSION_OID.keyUsage, EXTENSION_OID.subjectKeyIdentifier, EXTENSION_OID.authorityKeyIdentifier]);

export type ChainProblem = 'not-a-ca' | 'path-length' | 'expired' | 'not-yet-valid' | 'unreadable';

/** Whether it names itself as its issuer (self-issued); who signed it is another question. */
export function isSelfIssued(certificate: ParsedCertificate): boolean {
  return sameName(certificate.subject, certificate.issuer);
}

/** Whether its own key signed it. */
export async function isSelfSigned(certificate: ParsedCertificate): Promise<boolean> {
  return isSelfIssued(certificate) && (await isSignedBy(certificate, certificate));
}

/** Parses what is a certificate, and leaves the rest out. */
export function parseCandidates(certificates: readonly Uint8Array[]): readonly ParsedCertificate[] {
  return certificates.slice(0, MAX_CANDIDATES).flatMap((der) => parseCertificate(der) ?? []);
}

/**
 * The chain above `certificate`: its issuer first, one that `isEnd` accepts last; names and signatures fit from each to the
 * next. Empty where it is such an end itself; undefined where `candidates` have no way.
 */
export async function chainAbove(
  certificate: ParsedCertificate,
  candidates: readonly ParsedCertificate[],
  isEnd: (candidate: ParsedCertificate) => boolean | Promise<boolean>,
): Promise<readonly ParsedCertificate[] | undefined> {
  return climb([certificate], candidates.slice(0, MAX_CANDIDATES), isEnd);
}

async function climb(path: readonly ParsedCertificate[], candidates: readonly ParsedCertificate[], isEnd: (candidate: ParsedCertificate) => boolean | Promise<boolean>): Promise<readonly ParsedCertificate[] | undefined> {
  const top = path[path.length - 1] as ParsedCertificate;
  if (await isEnd(top)) return path.slice(1);
  if (path.length >= MAX_LENGTH) return undefined;
  for (const candidate of candidates) {
    const isLoop = path.some(({ der }) => equalBytes(der, candidate.der));
    if (isLoop || !sameName(candidate.subject, top.issuer) || !(await isSignedBy(top, candidate))) continue;
    const found = await climb([...path, candidate], candidates, isEnd);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * What is wrong with a chain of CAs, issuing one first, whose names and signatures fit; undefined: nothing. `now` is left
 * out of the last one's judgement where it is a trust anchor that somebody pinned (section 6.1.1).
 */
export function chainProblem(chain: readonly ParsedCertificate[], now: Date, anchor: 'pinned' | 'judged'): { readonly problem: ChainProblem; readonly at: ParsedCertificate } | undefined {
  let intermediates = 0;
  for (const [index, certificate] of chain.entries()) {
    const isAnchor = anchor === 'pinned' && index === chain.length - 1;
    const problem = problemOf(certificate, intermediates) ?? (isAnchor ? undefined : validityProblem(certificate, now));
    if (problem !== undefined) return { problem, at: certificate };
    // Self-issued certificates do not count (section 6.1.4, l).
    if (!isSelfIssued(certificate)) intermediates += 1;
  }
  return undefined;
}

function problemOf(certificate: ParsedCertificate, intermediates: number): ChainProblem | undefined {
  try {
    const constraints = basicConstraints(certificate);
    const usage = keyUsage(certificate);
    if (constraints?.isAuthority !== true || (usage !== undefined && !usage.includes('keyCertSign'))) return 'not-a-ca';
    const known = new Set(certificate.extensions.map(({ extnID }) => extnID));
    // Twice the same extension is forbidden (section 4.2), and every reader would take another one of them.
    if (known.size < certificate.extensions.length) return 'unreadable';
    if (certificate.extensions.some(({ critical, extnID }) => critical && !UNDERSTOOD.has(extnID))) return 'unreadable';
    return constraints.pathLength !== null && constraints.pathLength < intermediates ? 'path-length' : undefined;
  } catch {
    // Extensions come from outside: the parser dislikes them.
    return 'unreadable';
  }
}

function validityProblem({ notBefore, notAfter }: ParsedCertificate, now: Date): ChainProblem | undefined {
  if (notAfter.getTime() <= now.getTime()) return 'expired';
  return notBefore.getTime() > now.getTime() ? 'not-yet-valid' : undefined;
}

/**
 * Whether a certificate was issued by a pinned CA or by one below it: the chain between, its issuer first and the pinned
 * one last; undefined where there is none, or where one of it is unfit. `issuers` (DER) are all that is known to stand below.
 */
export async function chainToPinned(certificate: ParsedCertificate, issuers: readonly Uint8Array[], pinned: ParsedCertificate, now: Date): Promise<readonly ParsedCertificate[] | undefined> {
  const candidates = [pinned, ...parseCandidates(issuers)];
  const chain = await chainAbove(certificate, candidates, (candidate) => candidate !== certificate && equalBytes(candidate.der, pinned.der));
  return chain === undefined || chainProblem(chain, now, 'pinned') !== undefined ? undefined : chain;
}
