/**
 * A look at a certificate before anybody gets it, against RFC 5280 and the profile it is issued by. It is given a certificate
 * that has every byte of the one to be, but for the signature, which is a throwaway key's: what is found here was never signed.
 */
import { equalBytes } from '../bytes.ts';
import { basicConstraints, extensionValue, keyUsage, parseCertificate, purposes, subjectKeyIdentifier, type ParsedCertificate } from './certificate.ts';
import { DerProblem, DerReader, onlyElement, TAG } from './der-reading.ts';
import { sameName } from './names.ts';
import { EXTENSION_OID } from './object-identifiers.ts';
import type { CertificateProfile } from './profile.ts';
import { encodePublicKey, publicKeyKind } from './public-key.ts';

/** What the certificate should be. */
export interface LintRules {
  readonly profile: CertificateProfile;
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly issuer: ParsedCertificate;
  readonly hasAlternativeNames: boolean;
}

/** Section 4.1.2.2. */
const MAX_SERIAL_OCTETS = 20;
/** Section 4.1.2.5: UTCTime through the year 2049. */
const FIRST_GENERALIZED_YEAR = 2050;
const DAY_MS = 86_400_000;
const VERSION_3 = 2;

interface RawFields {
  readonly version: Uint8Array | undefined;
  readonly serial: Uint8Array;
  readonly innerAlgorithm: Uint8Array;
  readonly outerAlgorithm: Uint8Array;
  readonly timeTags: readonly number[];
}

/** Fields whose encoding matters, as they are written. Throws DerProblem. */
function rawFields(der: Uint8Array): RawFields {
  const whole = new DerReader(onlyElement(der, TAG.sequence).content);
  const tbs = whole.enter(TAG.sequence);
  const version = tbs.optional(0xa0)?.content;
  const serial = tbs.next(TAG.integer).content;
  const innerAlgorithm = tbs.next(TAG.sequence).whole;
  tbs.next(TAG.sequence);
  const validity = tbs.enter(TAG.sequence);
  const timeTags: number[] = [];
  while (!validity.isAtEnd) {
    const tag = validity.nextTag ?? 0;
    timeTags.push(tag);
    validity.next(tag);
  }
  return { version, serial, innerAlgorithm, outerAlgorithm: whole.next(TAG.sequence).whole, timeTags };
}

function formProblems(certificate: ParsedCertificate, raw: RawFields): readonly (string | false)[] {
  const { serial, timeTags } = raw;
  const wantedTag = (date: Date): number => (date.getUTCFullYear() < FIRST_GENERALIZED_YEAR ? TAG.utcTime : TAG.generalizedTime);
  return [
    raw.version?.[2] !== VERSION_3 && 'it is not of version 3',
    (serial.length === 0 || (serial[0] ?? 0x80) >= 0x80 || serial.every((byte) => byte === 0)) && 'the serial number is not positive',
    serial.length > MAX_SERIAL_OCTETS && `the serial number has more than ${MAX_SERIAL_OCTETS} octets`,
    !equalBytes(raw.innerAlgorithm, raw.outerAlgorithm) && 'the signature algorithms inside and outside differ',
    (timeTags[0] !== wantedTag(certificate.notBefore) || timeTags[1] !== wantedTag(certificate.notAfter)) && 'a time is not in the form of its year',
  ];
}

function validityProblems({ notBefore, notAfter }: ParsedCertificate, { profile, issuer }: LintRules): readonly (string | false)[] {
  const lifeMs = notAfter.getTime() - notBefore.getTime();
  return [
    lifeMs <= 0 && 'it ends before it begins',
    lifeMs > profile.validDays * DAY_MS + profile.backdatedMinutes * 60_000 && `it is valid for more than the ${profile.validDays} days of its profile`,
    notAfter > issuer.notAfter && 'it outlives its issuer',
    notBefore < issuer.notBefore && 'it begins before its issuer',
  ];
}

function nameProblems(certificate: ParsedCertificate, { issuer, hasAlternativeNames }: LintRules): readonly (string | false)[] {
  const alternative = certificate.extensions.find(({ extnID }) => extnID === EXTENSION_OID.subjectAltName);
  const isNameless = certificate.subject.length === 0;
  return [
    !sameName(certificate.issuer, issuer.subject) && 'it names another issuer',
    isNameless && alternative?.critical !== true && 'it has no subject, and its alternative names are not critical',
    hasAlternativeNames && alternative === undefined && 'its alternative names are missing',
    alternative !== undefined && alternative.extnValue.buffer.byteLength <= 2 && 'its list of alternative names is empty',
  ];
}

function extensionProblems(certificate: ParsedCertificate, { profile }: LintRules): readonly (string | false)[] {
  const identifiers = certificate.extensions.map(({ extnID }) => extnID);
  const isCritical = (oid: string): boolean => certificate.extensions.find(({ extnID }) => extnID === oid)?.critical === true;
  const constraints = basicConstraints(certificate);
  const usage = keyUsage(certificate) ?? [];
  const signsCertificates = usage.includes('keyCertSign') || usage.includes('cRLSign');
  const purposesOf = purposes(certificate) ?? [];
  return [
    new Set(identifiers).size !== identifiers.length && 'an extension is there twice',
    (constraints?.isAuthority ?? false) !== profile.isAuthority && (profile.isAuthority ? 'it is no CA' : 'it is a CA'),
    constraints !== undefined && !isCritical(EXTENSION_OID.basicConstraints) && 'basicConstraints are not critical',
    !isCritical(EXTENSION_OID.keyUsage) && 'keyUsage is missing or not critical',
    !profile.isAuthority && signsCertificates && 'its key may sign certificates',
    [...usage].toSorted().join() !== [...profile.keyUsage].toSorted().join() && 'its key usage is not that of its profile',
    [...purposesOf].toSorted().join() !== [...profile.purposes].toSorted().join() && 'its purposes are not those of its profile',
    subjectKeyIdentifier(certificate) === undefined && 'subjectKeyIdentifier is missing',
    extensionValue(certificate, EXTENSION_OID.authorityKeyIdentifier) === undefined && 'authorityKeyIdentifier is missing',
    (isCritical(EXTENSION_OID.subjectKeyIdentifier) || isCritical(EXTENSION_OID.authorityKeyIdentifier)) && 'a key identifier is critical',
  ];
}

/** What is wrong with it, in plain words; empty: nothing was found. */
export function lintCertificate(der: Uint8Array, rules: LintRules): readonly string[] {
  const certificate = parseCertificate(der);
  if (certificate === undefined) return ['it cannot be read'];
  try {
    const kind = publicKeyKind(certificate.publicKey);
    const problems = [
      ...formProblems(certificate, rawFields(der)),
      ...validityProblems(certificate, rules),
      ...nameProblems(certificate, rules),
      ...extensionProblems(certificate, rules),
      !equalBytes(encodePublicKey(certificate.publicKey), rules.publicKey) && 'it has another key than was asked for',
      !kind.accepted && 'its key is of a type that gets no certificate',
    ];
    return problems.filter((problem) => problem !== false);
  } catch (error) {
    if (error instanceof DerProblem) return ['it is not DER'];
    // What the parser dislikes about an extension.
    return ['an extension cannot be read'];
  }
}
