/** CRLs as other programs read them: OpenSSL, GnuTLS, keytool; and in the sizes that a large CA has. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AsnConvert } from '@peculiar/asn1-schema';
import { parseCertificate, type ParsedCertificate } from '../../../core/x509/certificate.ts';
import { keyIdentifier, withSignature } from '../../../core/x509/certificate-building.ts';
import { type CrlContents, crlToBeSigned } from '../../../core/x509/crl-building.ts';
import { crlEntries, isCrlSignedBy, parseCrl } from '../../../core/x509/crl.ts';
import { writePem } from '../../../core/x509/pem.ts';
import { must } from '../../ca/running-authority.ts';
import { softwareAuthority, type SoftwareAuthority } from './software-authority.ts';

const dir = mkdtempSync(join(tmpdir(), 'latchkey-crl-'));
let authority: SoftwareAuthority;
let issuer: ParsedCertificate;

beforeAll(async () => {
  authority = await softwareAuthority();
  issuer = parseCertificate(authority.certificate) as ParsedCertificate;
  writeFileSync(join(dir, 'ca.pem'), writePem(authority.certificate, 'CERTIFICATE'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function crl(contents: Partial<CrlContents>): Promise<Uint8Array> {
  const tbs = crlToBeSigned({
    issuerName: new Uint8Array(AsnConvert.serialize(issuer.subject)),
    authorityKeyIdentifier: await keyIdentifier(authority.publicKey),
    signatureAlgorithm: 'ecdsaWithSHA256',
    number: 1_790_000_000,
    thisUpdate: new Date('2026-11-01T00:00:00Z'),
    nextUpdate: new Date('2051-01-01T00:00:00Z'),
    entries: [],
    distributionPoint: null,
    ...contents,
  });
  return withSignature(tbs, 'ecdsaWithSHA256', must(await authority.sign(tbs)));
}

function openssl(der: Uint8Array): string {
  writeFileSync(join(dir, 'list.crl'), der);
  const { stdout, stderr, status } = spawnSync('openssl', ['crl', '-in', join(dir, 'list.crl'), '-inform', 'DER', '-CAfile', join(dir, 'ca.pem'), '-noout', '-text', '-nameopt', 'utf8'], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  expect(stderr).toContain('verify OK');
  return stdout;
}

const REVOKED = [
  { serialNumber: '01', revokedAt: new Date('2026-10-01T12:34:56Z'), reason: 'keyCompromise' },
  { serialNumber: 'ff00000000000000000000000000000000000001', revokedAt: new Date('2026-10-02T00:00:00Z'), reason: 'unspecified' },
  { serialNumber: '7f03', revokedAt: new Date('2026-10-03T00:00:00.999Z'), reason: null },
  { serialNumber: '8003', revokedAt: new Date('2050-01-01T00:00:00Z'), reason: 'privilegeWithdrawn' },
] as const;

describe('a CRL', () => {
  it('says to OpenSSL what it was made of', async () => {
    const text = openssl(await crl({ entries: REVOKED }));
    expect(text).toContain('Version 2 (0x1)');
    expect(text).toMatch(/X509v3 CRL Number: \n\s+1790000000/);
    expect(text).toMatch(/X509v3 Authority Key Identifier: \n\s+(?:keyid:)?[0-9A-F:]{59}/);
    expect(text).toMatch(/Serial Number: 01\n\s+Revocation Date: Oct {2}1 12:34:56 2026 GMT\n\s+CRL entry extensions:\n\s+X509v3 CRL Reason Code: \n\s+Key Compromise/);
    expect(text).toMatch(/Serial Number: FF00000000000000000000000000000000000001\n\s+Revocation Date: Oct {2}2 00:00:00 2026 GMT\n\s+Serial Number/);
    expect(text).toMatch(/Serial Number: 7F03\n[^S]*X509v3 CRL Reason Code: \n\s+Certificate Hold/);
    expect(text).toMatch(/Serial Number: 8003\n\s+Revocation Date: Jan {2}1 00:00:00 2050 GMT\n[^S]*Privilege Withdrawn/);
    expect(text).toContain('Next Update: Jan  1 00:00:00 2051 GMT');
  });

  it('is understood by GnuTLS and Java', async () => {
    const der = await crl({ entries: REVOKED });
    writeFileSync(join(dir, 'gnutls.crl'), writePem(der, 'X509 CRL'));
    const certtool = execFileSync('certtool', ['--verify-crl', '--load-ca-certificate', join(dir, 'ca.pem'), '--infile', join(dir, 'gnutls.crl')], { encoding: 'utf8' });
    expect(certtool).toContain('Verification output: Verified.');
    const keytool = execFileSync('keytool', ['-J-Duser.language=en', '-printcrl', '-file', join(dir, 'gnutls.crl')], { encoding: 'utf8' });
    expect(keytool).toMatch(/CRL Number: +6ab13b80/);
    expect(keytool).toMatch(/Reason Code: (?:Certificate Hold|CERTIFICATE_HOLD)/i);
  });

  it('without entries has no list of them', async () => {
    expect(openssl(await crl({}))).toContain('No Revoked Certificates.');
  });

  it('of a partition names it, critically', async () => {
    const text = openssl(await crl({ distributionPoint: 'http://ca.example.org/crl/aa/3.crl' }));
    expect(text).toMatch(/X509v3 Issuing Distribution Point: critical\n\s+Full Name:\n\s+URI:http:\/\/ca\.example\.org\/crl\/aa\/3\.crl/);
    expect(text).not.toContain('Only User Certificates');
  });

  it('is read back as it was written', async () => {
    const read = parseCrl(await crl({ entries: REVOKED }));
    if (!read) throw new Error('It was not read.');
    expect(read.number).toBe(1_790_000_000n);
    expect(read.nextUpdate).toEqual(new Date('2051-01-01T00:00:00Z'));
    expect([...crlEntries(read)].map((entry) => [entry.serialNumber, entry.reasonCode])).toEqual([['01', 1], [REVOKED[1].serialNumber, 0], ['7f03', 6], ['8003', 9]]);
    expect(await isCrlSignedBy(read, issuer)).toBe(true);
    expect(await isCrlSignedBy(read, parseCertificate((await softwareAuthority()).certificate) as ParsedCertificate)).toBe(false);
  });

  it('that is cut off anywhere, or has something behind its end, is none', async () => {
    const der = await crl({ entries: REVOKED });
    for (let length = 0; length < der.length; length += 1) expect(parseCrl(der.subarray(0, length))).toBeUndefined();
    expect(parseCrl(new Uint8Array([...der, 0]))).toBeUndefined();
  });

  it('of 100,000 entries is made within 2 seconds, and OpenSSL reads it', async () => {
    const entries = Array.from({ length: 100_000 }, (_, index) => ({
      serialNumber: (0x80_0000_0000 + index * 7919).toString(16).padStart(32, 'a'),
      revokedAt: new Date(1_790_000_000_000 - index * 1000),
      reason: 'superseded' as const,
    }));
    const start = performance.now();
    const der = await crl({ entries });
    expect(performance.now() - start).toBeLessThan(2000);
    expect(der.length).toBeGreaterThan(4_000_000);
    writeFileSync(join(dir, 'large.crl'), der);
    const verified = spawnSync('openssl', ['crl', '-in', join(dir, 'large.crl'), '-inform', 'DER', '-CAfile', join(dir, 'ca.pem'), '-noout'], { encoding: 'utf8' });
    expect(verified.stderr).toContain('verify OK');
  });
});
