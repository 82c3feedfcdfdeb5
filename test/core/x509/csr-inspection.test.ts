import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectCsr } from '../../../core/x509/csr-inspection.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-csr-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', [...args], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** A CSR of OpenSSL's, with a key of its own. */
function csr(key: readonly string[], subject = '/CN=Ana Example', ...extra: readonly string[]): Uint8Array {
  openssl('genpkey', ...key, '-out', 'key.pem');
  openssl('req', '-new', '-utf8', '-key', 'key.pem', '-subj', subject, '-outform', 'DER', '-out', 'csr.der', ...extra);
  return new Uint8Array(readFileSync(join(folder, 'csr.der')));
}

const P256 = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const curve = (name: string): readonly string[] => ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${name}`];
const rsa = (bits: number): readonly string[] => ['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`];

describe('what OpenSSL makes', () => {
  test.each([
    ['ECCP256', P256],
    ['ECCP384', curve('P-384')],
    ['RSA2048', rsa(2048)],
    ['RSA3072', rsa(3072)],
    ['ED25519', ['-algorithm', 'ED25519']],
  ])('%s is accepted', async (keyType, key) => {
    expect(await inspectCsr(csr(key))).toMatchObject({ ok: true, value: { keyType, commonName: 'Ana Example', email: null, otherNames: [], attestation: null } });
    const spki = execFileSync('openssl', ['pkey', '-in', 'key.pem', '-pubout', '-outform', 'DER'], { cwd: folder });
    const inspected = await inspectCsr(new Uint8Array(readFileSync(join(folder, 'csr.der'))));
    expect(inspected.ok && Buffer.from(inspected.value.publicKey).toString('hex')).toBe(spki.toString('hex'));
  });

  test.each([
    ['RSA-1024', rsa(1024)],
    ['RSA-2047', rsa(2047)],
    ['RSA-2048 with another exponent than 65537', [...rsa(2048), '-pkeyopt', 'rsa_keygen_pubexp:3']],
    ['P-192', curve('P-192')],
    ['P-224', curve('P-224')],
    ['P-521', curve('P-521')],
    ['elliptic curve 1.3.132.0.10', curve('secp256k1')],
    ['elliptic curve without a name', [...P256, '-pkeyopt', 'ec_param_enc:explicit']],
  ])('%s is refused', async (keyType, key) => {
    expect(await inspectCsr(csr(key))).toEqual({ ok: false, failure: { kind: 'csr-key-refused', keyType } });
  });

  test('DSA is refused', async () => {
    openssl('genpkey', '-genparam', '-algorithm', 'DSA', '-pkeyopt', 'dsa_paramgen_bits:1024', '-out', 'dsa.pem');
    expect(await inspectCsr(csr(['-paramfile', 'dsa.pem']))).toEqual({ ok: false, failure: { kind: 'csr-key-refused', keyType: 'DSA' } });
  });

  test('a CSR signed with SHA-1 is refused', async () => {
    expect(await inspectCsr(csr(P256, '/CN=Ana', '-sha1'))).toMatchObject({ ok: false, failure: { kind: 'csr-unreadable' } });
  });

  test('names: CN, the first e-mail, the others; what else stands in the subject is left out', async () => {
    const san = 'subjectAltName=email:ana@example.org,URI:https://example.org/,DNS:ana.example.org,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:ana@corp.example';
    const inspected = await inspectCsr(csr(P256, '/C=DE/O=Example/CN=Añá/emailAddress=second@example.org', '-addext', san));
    expect(inspected).toMatchObject({
      ok: true,
      value: {
        commonName: 'Añá',
        email: 'ana@example.org',
        otherNames: [
          { kind: 'email', value: 'second@example.org' },
          { kind: 'uri', value: 'https://example.org/' },
          { kind: 'dns', value: 'ana.example.org' },
          { kind: 'upn', value: 'ana@corp.example' },
        ],
      },
    });
  });

  test.each([
    ['commonName', '/CN=Ana\u202eelpmaxE', []],
    ['email', '/CN=Ana/emailAddress=not an address', []],
    ['ip', '/CN=Ana', ['-addext', 'subjectAltName=IP:10.0.0.1']],
    ['dns', '/CN=Ana', ['-addext', 'subjectAltName=DNS:*.example.org']],
    ['subjectAltName', '/CN=Ana', ['-addext', 'subjectAltName=RID:1.2.3']],
    ['subjectAltName', '/CN=Ana', ['-addext', `subjectAltName=${Array.from({ length: 17 }, (_, index) => `DNS:a${index}.example.org`).join(',')}`]],
  ])('a name that cannot stand in a certificate is refused: %s', async (field, subject, extra) => {
    expect(await inspectCsr(csr(P256, subject, ...extra))).toEqual({ ok: false, failure: { kind: 'csr-name-refused', field } });
  });
});

describe('what is broken', () => {
  let good: Uint8Array;
  beforeAll(() => {
    good = csr(P256);
  });

  test('every cut is unreadable', async () => {
    for (let length = 0; length < good.length; length += 7) {
      expect(await inspectCsr(good.slice(0, length))).toMatchObject({ ok: false, failure: { kind: 'csr-unreadable' } });
    }
  });

  test('a byte behind the end is unreadable', async () => {
    expect(await inspectCsr(Uint8Array.of(...good, 0))).toMatchObject({ ok: false, failure: { kind: 'csr-unreadable' } });
  });

  test('PEM is not DER', async () => {
    expect(await inspectCsr(new TextEncoder().encode('-----BEGIN CERTIFICATE REQUEST-----'))).toMatchObject({ ok: false, failure: { kind: 'csr-unreadable' } });
  });

  test('a changed name breaks the signature', async () => {
    const changed = good.slice();
    changed[Buffer.from(good).indexOf('Ana Example')] = 'B'.charCodeAt(0);
    expect(await inspectCsr(changed)).toEqual({ ok: false, failure: { kind: 'csr-signature-invalid' } });
  });

  test("another CSR's key does not verify", async () => {
    const other = csr(P256);
    // Both have points of 65 bytes behind the same prefix.
    const prefix = Buffer.from('2a8648ce3d030107034200', 'hex');
    const changed = Buffer.from(good);
    Buffer.from(other).copy(changed, changed.indexOf(prefix) + prefix.length, Buffer.from(other).indexOf(prefix) + prefix.length, Buffer.from(other).indexOf(prefix) + prefix.length + 65);
    expect(await inspectCsr(new Uint8Array(changed))).toEqual({ ok: false, failure: { kind: 'csr-signature-invalid' } });
  });

  test('a certificate is not a CSR', async () => {
    openssl('req', '-x509', '-key', 'key.pem', '-subj', '/CN=x', '-outform', 'DER', '-out', 'certificate.der');
    expect(await inspectCsr(new Uint8Array(readFileSync(join(folder, 'certificate.der'))))).toMatchObject({ ok: false });
  });

  test('garbage and changed bytes never throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => !(await inspectCsr(bytes)).ok),
      { numRuns: 300, seed: 20260301 },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = good.slice();
        changed[at] = (changed[at] as number) ^ flip;
        return !(await inspectCsr(changed)).ok;
      }),
      { numRuns: 300, seed: 20260302 },
    );
  });

  test('deep nesting is refused quickly', async () => {
    const deep = Array.from({ length: 5000 }).reduce<Uint8Array>((inner) => {
      const length = inner.length;
      return Uint8Array.of(0x30, ...(length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff]), ...inner);
    }, new Uint8Array());
    const before = performance.now();
    expect(await inspectCsr(deep)).toMatchObject({ ok: false, failure: { kind: 'csr-unreadable' } });
    expect(performance.now() - before).toBeLessThan(1000);
  });
});
