import { X509Certificate } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { failed } from '../../../core/result.ts';
import { ENROLLABLE_KEY_TYPES } from '../../../core/security-key.ts';
import { type NewCsr, buildCsr } from '../../../core/x509/csr-building.ts';
import { inspectCsr } from '../../../core/x509/csr-inspection.ts';
import { softwareKey } from './software-key.ts';

/** Any two certificates: building only carries them. */
const yubico = (name: string): Uint8Array =>
  new Uint8Array(new X509Certificate(readFileSync(new URL(`../../../resources/attestation/${name}.pem`, import.meta.url))).raw);

const P256 = softwareKey('ECCP256');
const WANTED: NewCsr = { commonName: 'Ana Ünïcode', email: 'ana@example.org', attestation: null, ...P256 };

const openssl = (csr: Uint8Array, ...args: readonly string[]): string =>
  execFileSync('openssl', ['req', '-inform', 'DER', '-noout', ...args], { input: csr, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });

async function build(wanted: NewCsr): Promise<Uint8Array> {
  const csr = await buildCsr(wanted);
  if (!csr.ok) throw new Error(csr.failure.kind);
  return csr.value;
}

describe('buildCsr', () => {
  test.each(ENROLLABLE_KEY_TYPES)('makes a CSR with %s that OpenSSL verifies', async (keyType) => {
    const csr = await build({ ...WANTED, ...softwareKey(keyType) });
    // "verify OK" goes to standard error, and openssl 3.0 exits with 0 either way.
    const said = execFileSync('sh', ['-c', 'openssl req -inform DER -noout -verify 2>&1'], { input: csr, encoding: 'utf8' });
    expect(said).toContain('verify OK');
    expect(await inspectCsr(csr)).toMatchObject({ ok: true, value: { keyType, commonName: 'Ana Ünïcode', email: 'ana@example.org', attestation: null } });
  });

  test('puts the e-mail into the alternative names only, and more names beside it', async () => {
    const otherNames = [
      { kind: 'uri', value: 'https://example.org/people/ana' },
      { kind: 'upn', value: 'ana@corp.example.org' },
      { kind: 'dns', value: 'laptop.example.org' },
    ] as const;
    const text = openssl(await build({ ...WANTED, otherNames }), '-text', '-nameopt', 'utf8,esc_ctrl');
    expect(text).toMatch(/Subject: CN ?= ?Ana Ünïcode\n/);
    expect(text).toContain('email:ana@example.org, URI:https://example.org/people/ana, othername: UPN::ana@corp.example.org, DNS:laptop.example.org');
  });

  test('carries the attestation as yubico-piv-tool does', async () => {
    const attestation = { statement: yubico('yubico-piv-attestation-a1'), intermediate: yubico('yubico-piv-root-263751') };
    const csr = await build({ ...WANTED, attestation });
    const text = openssl(csr, '-text');
    expect(text).toContain('1.3.6.1.4.1.41482.3.11:');
    expect(text).toContain('1.3.6.1.4.1.41482.3.2:');
    expect(await inspectCsr(csr)).toMatchObject({ ok: true, value: { attestation } });
  });

  test.each<[string, Partial<NewCsr>, object]>([
    ['no name', { commonName: '' }, { kind: 'csr-name-refused', field: 'commonName' }],
    ['an e-mail that is none', { email: 'ana' }, { kind: 'csr-name-refused', field: 'email' }],
    ['a further name that is none', { otherNames: [{ kind: 'dns', value: '..' }] }, { kind: 'csr-name-refused', field: 'dns' }],
    ['a signature of another key', { sign: softwareKey('ECCP256').sign }, { kind: 'csr-signature-invalid' }],
    ['a key that does not sign', { sign: async () => failed({ kind: 'touch-timeout' }) }, { kind: 'touch-timeout' }],
  ])('fails with %s', async (_name, changes, failure) => {
    expect(await buildCsr({ ...WANTED, ...changes })).toEqual({ ok: false, failure });
  });
});
