/**
 * A file of CRLs before it goes to a server. A wrong one makes nginx refuse everybody, or lets in who was revoked: so every
 * CRL has to be signed by a CA that is trusted, valid now, and no older than the one that is there.
 */
import { equalBytes } from '../core/bytes.ts';
import { failed, success, type Result } from '../core/result.ts';
import { basicConstraints, isSignedBy, parseCertificate, type ParsedCertificate } from '../core/x509/certificate.ts';
import { subjectDer } from '../core/x509/certificate-parts.ts';
import { isCrlSignedBy, parseCrl, type ParsedCrl } from '../core/x509/crl.ts';
import { describeName, sameName } from '../core/x509/names.ts';
import { crlPem, readCrlFile } from './crl-pem.ts';

export interface VerifiedCrl {
  readonly crl: ParsedCrl;
  readonly issuer: ParsedCertificate;
}

export interface VerifiedBundle {
  readonly crls: readonly VerifiedCrl[];
  /** PEM, one after the other. */
  readonly text: string;
}

/** Longer chains than any CA has, so that a heap of certificates costs no time. */
const MAX_ISSUERS = 100;

function isAuthority(certificate: ParsedCertificate): boolean {
  try {
    return basicConstraints(certificate)?.isAuthority === true;
  } catch {
    return false;
  }
}

/**
 * The trusted CAs and, of `offered` (DER), those that lead to them signature by signature. Those that are expired are left
 * out: nothing of theirs is good any more.
 */
export async function trustedIssuers(trusted: readonly ParsedCertificate[], offered: readonly Uint8Array[], now: Date): Promise<readonly ParsedCertificate[]> {
  const isLive = (certificate: ParsedCertificate) => certificate.notAfter.getTime() > now.getTime();
  const accepted = trusted.filter(isLive);
  let waiting = offered.slice(0, MAX_ISSUERS).flatMap((der) => parseCertificate(der) ?? []).filter((candidate) => isLive(candidate) && isAuthority(candidate));
  for (let grew = true; grew; ) {
    grew = false;
    const left: ParsedCertificate[] = [];
    for (const candidate of waiting) {
      if (accepted.some(({ der }) => equalBytes(der, candidate.der))) continue;
      const parents = accepted.filter((parent) => sameName(parent.subject, candidate.issuer));
      const isTrusted = (await Promise.all(parents.map((parent) => isSignedBy(candidate, parent)))).includes(true);
      if (isTrusted) accepted.push(candidate);
      else left.push(candidate);
      grew ||= isTrusted;
    }
    waiting = left;
  }
  return accepted;
}

type Unusable = Extract<Result<never>, { ok: false }>;
function unusable(problem: 'unreadable' | 'unknown-issuer' | 'expired' | 'not-yet-valid' | 'older' | 'missing', issuer: string): Unusable {
  return failed({ kind: 'crl-unusable', problem, issuer });
}

async function issuerOf(crl: ParsedCrl, issuers: readonly ParsedCertificate[]): Promise<ParsedCertificate | undefined> {
  for (const issuer of issuers) {
    if (equalBytes(subjectDer(issuer.der), crl.issuerName) && (await isCrlSignedBy(crl, issuer))) return issuer;
  }
  return undefined;
}

async function verified(der: Uint8Array, issuers: readonly ParsedCertificate[], now: Date): Promise<Result<VerifiedCrl>> {
  const crl = parseCrl(der);
  if (!crl) return unusable('unreadable', '');
  const issuer = await issuerOf(crl, issuers);
  if (!issuer) return unusable('unknown-issuer', '');
  const name = describeName(issuer.subject);
  if (crl.nextUpdate === null || crl.nextUpdate.getTime() <= now.getTime()) return unusable('expired', name);
  return crl.thisUpdate.getTime() > now.getTime() ? unusable('not-yet-valid', name) : success({ crl, issuer });
}

/** Of the same issuer and partition. */
function isSameList(a: ParsedCrl, b: ParsedCrl): boolean {
  if (!equalBytes(a.issuerName, b.issuerName) || (a.scope === null) !== (b.scope === null)) return false;
  return a.scope === null || b.scope === null || equalBytes(a.scope, b.scope);
}

/** A file from before is believed only where a trusted CA signed it: anything else cannot hold a new one up. */
async function isOlder({ crl, issuer }: VerifiedCrl, before: readonly ParsedCrl[]): Promise<boolean> {
  for (const old of before) {
    if (isSameList(crl, old) && (crl.number ?? 0n) < (old.number ?? 0n) && (await isCrlSignedBy(old, issuer))) return true;
  }
  return false;
}

/** Checks the CRLs of a file (PEM or DER). `before`: what stands in the files that they would replace. Fails with crl-unusable. */
export async function verifyCrls(bytes: Uint8Array, issuers: readonly ParsedCertificate[], before: readonly Uint8Array[], now: Date): Promise<Result<VerifiedBundle>> {
  const ders = readCrlFile(bytes);
  const old = before.flatMap(readCrlFile).flatMap((der) => parseCrl(der) ?? []);
  const crls: VerifiedCrl[] = [];
  for (const der of ders) {
    const one = await verified(der, issuers, now);
    if (!one.ok) return one;
    if (await isOlder(one.value, old)) return unusable('older', describeName(one.value.issuer.subject));
    crls.push(one.value);
  }
  return ders.length === 0 ? unusable('unreadable', '') : success({ crls, text: ders.map(crlPem).join('') });
}

/** As {@link verifyCrls}; each of `issuers` has to have one, because servers refuse everybody where one is missing. */
export async function verifyBundle(bytes: Uint8Array, issuers: readonly ParsedCertificate[], before: readonly Uint8Array[], now: Date): Promise<Result<VerifiedBundle>> {
  const verified = await verifyCrls(bytes, issuers, before, now);
  if (!verified.ok) return verified;
  const without = issuers.find((issuer) => !verified.value.crls.some((found) => sameName(found.issuer.subject, issuer.subject)));
  return without ? unusable('missing', describeName(without.subject)) : verified;
}
