/** Certificates with one mistake each: the lint finds it, and a request whose certificate would have one is not issued. */
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { type Extension, Extensions, Name, TBSCertificate, Validity, Version } from '@peculiar/asn1-x509';
import { beforeAll, describe, expect, test } from 'vitest';
import { newAuthorityCertificate, openAuthority, type Authority } from '../../../ca/domain/authority.ts';
import { planCertificate, planProblems, type WantedCertificate } from '../../../ca/domain/issue.ts';
import { trialProblems } from '../../../ca/domain/trial-signature.ts';
import { authorityKey, generatePrivateKey } from '../../../ca/keys/software.ts';
import { EXTENSION_OID } from '../../../core/x509/object-identifiers.ts';
import { PERSON_PROFILE, SERVER_PROFILE } from '../../../core/x509/profile.ts';
import { softwareKey } from '../../core/x509/software-key.ts';
import { must } from '../running-authority.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const key = softwareKey('ECCP256');
let ca: Authority;
let wanted: WantedCertificate;
let tbs: Uint8Array;
beforeAll(async () => {
  const caKey = must(authorityKey(await generatePrivateKey('ECCP256')));
  ca = must(await openAuthority([await newAuthorityCertificate({ name: 'Lint CA', key: caKey, days: 3000, now: NOW })], caKey, NOW));
  wanted = { profile: PERSON_PROFILE, name: 'Ana Example', alternativeNames: [{ kind: 'email', value: 'ana@example.org' }], publicKey: key.publicKey, requestId: null, role: null };
  tbs = (await planCertificate(ca, wanted, NOW)).tbs;
});

function problemsOf(changed: Uint8Array): readonly string[] {
  return trialProblems(changed, ca.key.signatureAlgorithm, { profile: PERSON_PROFILE, publicKey: key.publicKey, issuer: ca.certificate, hasAlternativeNames: true });
}

/** The certificate with one thing made another. */
function withChange(change: (parsed: TBSCertificate) => void): Uint8Array {
  const parsed = AsnConvert.parse(new Uint8Array(tbs), TBSCertificate);
  change(parsed);
  return new Uint8Array(AsnConvert.serialize(parsed));
}
const extensionOf = (parsed: TBSCertificate, oid: string): Extension => parsed.extensions?.find(({ extnID }) => extnID === oid) as Extension;
function without(oid: string): (parsed: TBSCertificate) => void {
  return (parsed) => {
    parsed.extensions = new Extensions([...(parsed.extensions ?? [])].filter(({ extnID }) => extnID !== oid));
  };
}
const replaced = (oid: string, hex: string) => (parsed: TBSCertificate) => {
  extensionOf(parsed, oid).extnValue = new OctetString(Uint8Array.from(Buffer.from(hex, 'hex')).buffer);
};
const bytes = (...values: readonly number[]): ArrayBuffer => Uint8Array.from(values).buffer;
const years = (count: number): Date => new Date(NOW.getTime() + count * 365.25 * 86_400_000);

const MISTAKES: readonly (readonly [string, (parsed: TBSCertificate) => void, RegExp])[] = [
  ['a serial number of zero', (parsed) => void (parsed.serialNumber = bytes(0)), /serial number is not positive/],
  ['a negative serial number', (parsed) => void (parsed.serialNumber = bytes(0x80, 1)), /serial number is not positive/],
  ['a serial number of 21 octets', (parsed) => void (parsed.serialNumber = bytes(...Array.from({ length: 21 }, () => 1))), /more than 20 octets/],
  ['version 1', (parsed) => void (parsed.version = Version.v1), /not of version 3/],
  ['an end before its beginning', (parsed) => void (parsed.validity = new Validity({ notBefore: years(1), notAfter: NOW })), /ends before it begins/],
  ['ten years', (parsed) => void (parsed.validity = new Validity({ notBefore: NOW, notAfter: years(8) })), /more than the 365 days/],
  ['a life beyond its issuer', (parsed) => void (parsed.validity = new Validity({ notBefore: years(8), notAfter: years(8.9) })), /outlives its issuer/],
  ['another issuer', (parsed) => void (parsed.issuer = parsed.subject), /another issuer/],
  ['no subject', (parsed) => void (parsed.subject = new Name()), /no subject/],
  ['no alternative names', without(EXTENSION_OID.subjectAltName), /alternative names are missing/],
  ['an empty list of alternative names', replaced(EXTENSION_OID.subjectAltName, '3000'), /list of alternative names is empty|cannot be read/],
  ['an extension twice', (parsed) => void parsed.extensions?.push(extensionOf(parsed, EXTENSION_OID.extKeyUsage)), /there twice/],
  ['a CA', replaced(EXTENSION_OID.basicConstraints, '30030101ff'), /it is a CA/],
  ['basicConstraints that are not critical', (parsed) => void (extensionOf(parsed, EXTENSION_OID.basicConstraints).critical = false), /not critical/],
  ['no keyUsage', without(EXTENSION_OID.keyUsage), /keyUsage is missing/],
  ['a key that signs certificates', replaced(EXTENSION_OID.keyUsage, '03020284'), /may sign certificates/],
  ['the purpose of a server', replaced(EXTENSION_OID.extKeyUsage, '300a06082b06010505070301'), /purposes are not those/],
  ['no subjectKeyIdentifier', without(EXTENSION_OID.subjectKeyIdentifier), /subjectKeyIdentifier is missing/],
  ['no authorityKeyIdentifier', without(EXTENSION_OID.authorityKeyIdentifier), /authorityKeyIdentifier is missing/],
  ['an extension that cannot be read', replaced(EXTENSION_OID.keyUsage, '0401'), /cannot be read/],
  ['another key', (parsed) => void (parsed.subjectPublicKeyInfo = AsnConvert.parse(new Uint8Array(softwareKey('ECCP256').publicKey), parsed.subjectPublicKeyInfo.constructor as never)), /another key/],
  ['another signature algorithm inside', (parsed) => void (parsed.signature.algorithm = '1.2.840.10045.4.3.3'), /differ/],
];

describe('the lint', () => {
  test('finds nothing in what is issued, to people and to servers', async () => {
    expect(problemsOf(tbs)).toEqual([]);
    const server = { ...wanted, profile: SERVER_PROFILE, name: 'web.example.org', alternativeNames: [{ kind: 'dns', value: 'web.example.org' }] } as const;
    expect(planProblems(ca, server, await planCertificate(ca, server, NOW))).toEqual([]);
  });

  test.each(MISTAKES)('finds %s', (_, change, problem) => {
    expect(problemsOf(withChange(change)).join('; ')).toMatch(problem);
  });

  test('finds bytes that are no certificate', () => {
    expect(problemsOf(tbs.subarray(0, 40))).not.toEqual([]);
    expect(problemsOf(new Uint8Array())).not.toEqual([]);
  });
});
