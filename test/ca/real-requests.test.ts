/** CSRs of other programs, from a virtual YubiKey behind pcscd, handed in to a running CA; the certificates go back to the key. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testAttestationRootPem } from '../../native/virtual-yubikey/test-attestation-root.ts';
import { buildCsr } from '../../core/x509/csr-building.ts';
import { readPem, writePem } from '../../core/x509/pem.ts';
import { FACTORY_MANAGEMENT_KEY, startReader, type ReaderUnderTest } from '../native/virtual-yubikey/interop/reader.ts';
import { firstApprover, must, startTestAuthority, type TestAuthority } from './running-authority.ts';
import { signInAs } from './test-officer.ts';
import { startAuthorityServer } from '../../ca/server.ts';
import { silent } from '../../ca/log.ts';
import { PASSPHRASE } from './passphrase.ts';
import { latchkeyAuthority } from '../../authorities/latchkey.ts';

let authority: TestAuthority;
let reader: ReaderUnderTest;
/** The same folder, served again with the virtual key's root among the trusted ones. */
let trusting: { client: ReturnType<typeof latchkeyAuthority>; approver: Awaited<ReturnType<typeof signInAs>> };
let endServer: () => Promise<void>;

beforeAll(async () => {
  authority = await startTestAuthority();
  const bo = await firstApprover(authority);
  writeFileSync(join(authority.dir, 'attestation-roots', 'virtual.pem'), testAttestationRootPem);
  const server = must(await startAuthorityServer({ dir: authority.dir, passphrase: PASSPHRASE, listen: { host: '127.0.0.1', port: 0 }, log: silent }));
  endServer = () => server.close();
  const pinned = { ...authority.pinned, address: server.address };
  trusting = { client: latchkeyAuthority(pinned), approver: await signInAs(pinned, bo.certificate, bo.key.sign) };
  reader = await startReader({ firmware: '5.4.3', serial: 5210007 });
});
afterAll(async () => {
  await reader?.close();
  await endServer?.();
  await authority?.close();
});

const file = (name: string, label: string): Uint8Array => readPem(readFileSync(reader.path(name), 'utf8'), label)[0] as Uint8Array;

/** Hands in, approves, fetches. */
async function certify(csr: Uint8Array): Promise<{ entry: object; certificate: Uint8Array }> {
  const submitted = must(await trusting.client.submit(csr));
  const approver = must(trusting.approver);
  const entry = must(await approver.request(submitted.id));
  must(await approver.approve(submitted.id));
  return { entry, certificate: must(await trusting.client.request(submitted.id)).certificate ?? new Uint8Array() };
}

describe('ykman', () => {
  test.each(['ECCP256', 'ECCP384', 'RSA2048'])('a CSR of %s; the certificate is imported and matches', async (algorithm) => {
    await reader.ykman('piv', 'keys', 'generate', '-m', FACTORY_MANAGEMENT_KEY, '-P', '123456', '-a', algorithm, '9a', reader.path('9a.pub'));
    await reader.ykman('piv', 'certificates', 'request', '-P', '123456', '-s', 'CN=Ana Example', '9a', reader.path('9a.pub'), reader.path('9a.csr'));
    const { entry, certificate } = await certify(file('9a.csr', 'CERTIFICATE REQUEST'));
    expect(entry).toMatchObject({ verified: { keyType: algorithm, attestation: null, attestationProblem: 'missing' }, claimed: { name: 'Ana Example', email: null } });
    writeFileSync(reader.path('9a.crt'), writePem(certificate, 'CERTIFICATE'));
    await reader.ykman('piv', 'certificates', 'import', '--verify', '-m', FACTORY_MANAGEMENT_KEY, '-P', '123456', '9a', reader.path('9a.crt'));
    expect(await reader.ykman('piv', 'certificates', 'export', '9a', '-')).toContain('BEGIN CERTIFICATE');
  });
});

describe('attestation of the key', () => {
  test('ykman’s statement and f9, carried in a CSR as yubico-piv-tool does, are verified', async () => {
    await reader.ykman('piv', 'keys', 'generate', '-m', FACTORY_MANAGEMENT_KEY, '-P', '123456', '-a', 'ECCP256', '--touch-policy', 'CACHED', '9a', reader.path('9a.pub'));
    await reader.ykman('piv', 'keys', 'attest', '9a', reader.path('statement.pem'));
    await reader.ykman('piv', 'certificates', 'export', 'f9', reader.path('f9.pem'));
    const attestation = { statement: file('statement.pem', 'CERTIFICATE'), intermediate: file('f9.pem', 'CERTIFICATE') };
    const publicKey = file('9a.pub', 'PUBLIC KEY');
    // Signed by the key itself, through ykcs11: no program here but ours writes a CSR with attestation and P-256.
    const csr = must(
      await buildCsr({
        commonName: 'Ana Example',
        email: 'ana@example.org',
        attestation,
        publicKey,
        sign: async (message) => {
          writeFileSync(reader.path('digest'), createHash('sha256').update(message).digest());
          await reader.succeed('pkcs11-tool', '--module', '/usr/lib/x86_64-linux-gnu/libykcs11.so', '--login', '--pin', '123456', '--sign', '--id', '01', '-m', 'ECDSA', '--signature-format', 'openssl', '-i', reader.path('digest'), '-o', reader.path('signature'));
          return { ok: true, value: new Uint8Array(readFileSync(reader.path('signature'))) };
        },
      }),
    );
    const { entry } = await certify(csr);
    expect(entry).toMatchObject({ verified: { attestation: { root: 'Latchkey TEST PIV Root CA (proves nothing)', serial: 5210007, firmware: '5.4.3', pinPolicy: 'once', touchPolicy: 'cached' } } });
  });

  test.each(['ECCP256', 'RSA2048'])('yubico-piv-tool --attestation, %s', async (algorithm) => {
    await reader.succeed('yubico-piv-tool', '-a', 'generate', '-s', '9a', '-A', algorithm, `-k${FACTORY_MANAGEMENT_KEY}`, '-o', reader.path('9a.pub'));
    const made = await reader.run('yubico-piv-tool', '-a', 'verify-pin', '-P', '123456', '-a', 'request-certificate', '--attestation', '-s', '9a', '-S', '/CN=Ana Example/', '-i', reader.path('9a.pub'), '-o', reader.path('tool.csr'));
    if (made.exitCode !== 0) return console.info(`skipped: this yubico-piv-tool makes no CSR with OpenSSL 3: ${made.output.trim()}`);
    const { entry } = await certify(file('tool.csr', 'CERTIFICATE REQUEST'));
    expect(entry).toMatchObject({ verified: { attestation: { serial: 5210007, firmware: '5.4.3' } } });
    return undefined;
  });
});

