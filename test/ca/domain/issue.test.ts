import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newAuthorityCertificate, openAuthority, type Authority } from '../../../ca/domain/authority.ts';
import { planCertificate, signCertificate, type WantedCertificate } from '../../../ca/domain/issue.ts';
import { AUTHORITY_KEY_TYPES, type AuthorityKeyType } from '../../../ca/keys/authority-key.ts';
import { authorityKey, generatePrivateKey } from '../../../ca/keys/software.ts';
import { ENROLLABLE_KEY_TYPES } from '../../../core/security-key.ts';
import { checkCertificateFit } from '../../../core/x509/certificate-fit.ts';
import { writePem } from '../../../core/x509/pem.ts';
import { PERSON_PROFILE } from '../../../core/x509/profile.ts';
import { softwareKey } from '../../core/x509/software-key.ts';
import { must } from '../running-authority.ts';

const NOW = new Date('2026-03-01T12:00:00.789Z');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-issue-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function authority(keyType: AuthorityKeyType = 'ECCP256', days = 3650): Promise<Authority> {
  const key = must(authorityKey(await generatePrivateKey(keyType)));
  return must(await openAuthority([await newAuthorityCertificate({ name: 'Test CA', key, days, now: NOW })], key, NOW));
}

const wanted = (more: Partial<WantedCertificate> = {}): WantedCertificate => ({
  profile: PERSON_PROFILE,
  name: 'Ana Example',
  alternativeNames: [{ kind: 'email', value: 'ana@example.org' }],
  publicKey: softwareKey('ECCP256').publicKey,
  requestId: null,
  role: 'user',
  ...more,
});

async function issue(ca: Authority, more: Partial<WantedCertificate> = {}): Promise<Uint8Array> {
  return signCertificate(ca, await planCertificate(ca, wanted(more), NOW));
}

function openssl(ca: Authority, certificate: Uint8Array, ...args: readonly string[]): string {
  writeFileSync(join(folder, 'ca.crt'), writePem(ca.certificate.der, 'CERTIFICATE'));
  writeFileSync(join(folder, 'person.crt'), writePem(certificate, 'CERTIFICATE'));
  return execFileSync('openssl', [...args], { cwd: folder, encoding: 'utf8' });
}

const verify = (ca: Authority, certificate: Uint8Array): string =>
  openssl(ca, certificate, 'verify', '-x509_strict', '-purpose', 'sslclient', '-attime', String(Math.floor(NOW.getTime() / 1000)), '-CAfile', 'ca.crt', 'person.crt');

describe('a person’s certificate', () => {
  test.each(AUTHORITY_KEY_TYPES)('of a CA with %s passes openssl verify -x509_strict', async (keyType) => {
    const ca = await authority(keyType);
    expect(verify(ca, await issue(ca))).toContain('person.crt: OK');
  });

  test.each(ENROLLABLE_KEY_TYPES)('for a key of type %s, too, and it fits the key', async (keyType) => {
    const ca = await authority();
    const { publicKey } = softwareKey(keyType);
    const certificate = await issue(ca, { publicKey });
    expect(verify(ca, certificate)).toContain('person.crt: OK');
    expect(await checkCertificateFit({ certificate, publicKey, caCertificate: ca.certificate.der, now: NOW })).toMatchObject({ ok: true });
  });

  test('says what its profile says', async () => {
    const ca = await authority();
    const text = openssl(
      ca,
      await issue(ca, {
        name: 'Añá',
        alternativeNames: [
          { kind: 'email', value: 'ana@example.org' },
          { kind: 'uri', value: 'https://example.org/' },
          { kind: 'upn', value: 'ana@corp.example' },
        ],
      }),
      'x509',
      '-in',
      'person.crt',
      '-noout',
      '-text',
      '-nameopt',
      'utf8,sep_comma_plus_space,show_type',
    );
    expect(text).toContain('Issuer: CN=UTF8STRING:Test CA');
    expect(text).toContain('Subject: CN=UTF8STRING:Añá');
    expect(text).toContain('Not Before: Mar  1 11:55:00 2026 GMT');
    expect(text).toContain('Not After : Mar  1 12:00:00 2027 GMT');
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(text).toMatch(/Extended Key Usage: \s+TLS Web Client Authentication\n/);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toMatch(/Subject Alternative Name: \s+email:ana@example.org, URI:https:\/\/example.org\/, othername: UPN::?ana@corp.example/);
    const [ski, aki] = [/Subject Key Identifier: \s+([0-9A-F:]+)/, /Authority Key Identifier: \s+([0-9A-F:]+)/].map((pattern) => pattern.exec(text)?.[1]);
    expect(ski).not.toBe(aki);
    expect(openssl(ca, ca.certificate.der, 'x509', '-in', 'ca.crt', '-noout', '-ext', 'subjectKeyIdentifier')).toContain(aki);
  });

  test('never outlives the CA', async () => {
    const ca = await authority('ECCP256', 30);
    const planned = await planCertificate(ca, wanted(), NOW);
    expect(planned.expiresAt).toEqual(ca.certificate.notAfter);
    expect(verify(ca, await signCertificate(ca, planned))).toContain('OK');
  });

  test('past 2049 dates are GeneralizedTime', async () => {
    const ca = await authority('ECCP256', 365 * 30);
    const certificate = await signCertificate(ca, await planCertificate(ca, wanted({ profile: { ...PERSON_PROFILE, validDays: 365 * 25 } }), NOW));
    const asn1 = openssl(ca, certificate, 'asn1parse', '-in', 'person.crt');
    expect(asn1).toContain('UTCTIME           :260301115500Z');
    expect(asn1).toContain('GENERALIZEDTIME   :20510223120000Z');
  });

  test('serial numbers: 128 bits, positive, never the same', async () => {
    const ca = await authority();
    const serials = new Set<string>();
    for (let count = 0; count < 5; count += 1) {
      const planned = await planCertificate(ca, wanted(), NOW);
      expect(planned.serialNumber).toMatch(/^[0-9a-f]{32}$/);
      serials.add(planned.serialNumber);
      const shown = openssl(ca, await signCertificate(ca, planned), 'x509', '-in', 'person.crt', '-noout', '-serial');
      expect(shown.trim().toLowerCase()).toBe(`serial=${planned.serialNumber}`);
    }
    for (let count = 0; count < 500; count += 1) serials.add((await planCertificate(ca, wanted(), NOW)).serialNumber);
    expect(serials.size).toBe(505);
  });

  test('the same plan signed twice is the same certificate but for the signature', async () => {
    const ca = await authority();
    const planned = await planCertificate(ca, wanted(), NOW);
    const [one, two] = [await signCertificate(ca, planned), await signCertificate(ca, planned)];
    const end = 4 + planned.tbs.length;
    expect(Buffer.from(one.subarray(4, end)).equals(two.subarray(4, end))).toBe(true);
  });
});

describe('what comes out wrong never leaves', () => {
  test('a signature of another key', async () => {
    const [ca, other] = [await authority(), await authority()];
    const planned = await planCertificate(ca, wanted(), NOW);
    const broken = { ...ca, key: { ...ca.key, sign: other.key.sign } };
    await expect(signCertificate(broken, planned)).rejects.toThrow('signature');
  });

  test('another serial number than planned', async () => {
    const ca = await authority();
    const planned = await planCertificate(ca, wanted(), NOW);
    await expect(signCertificate(ca, { ...planned, serialNumber: 'ff' })).rejects.toThrow('serial number');
  });

  test('a certificate for the CA’s own key', async () => {
    const ca = await authority();
    await expect(issue(ca, { publicKey: ca.key.publicKey })).rejects.toThrow("the CA's own key");
  });

  test('a CA certificate', async () => {
    const ca = await authority();
    await expect(issue(ca, { profile: { ...PERSON_PROFILE, isAuthority: true } })).rejects.toThrow('basicConstraints');
  });
});
