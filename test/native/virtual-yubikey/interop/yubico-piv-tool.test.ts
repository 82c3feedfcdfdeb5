import { execFileSync } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FACTORY_MANAGEMENT_KEY, startReader } from './reader.ts';
import type { ReaderUnderTest } from './reader.ts';

/** Debian's yubico-piv-tool 2.2. The steps build on each other. */
describe('yubico-piv-tool with firmware 5.4.3', () => {
  const managementKey = randomBytes(24).toString('hex');
  let reader: ReaderUnderTest;
  const tool = (...args: readonly string[]): Promise<string> => reader.succeed('yubico-piv-tool', ...args);

  beforeAll(async () => {
    reader = await startReader();
  });
  afterAll(() => reader.close());

  it('sees the key', async () => {
    const status = await tool('-a', 'status');
    for (const line of [/Version:\s+5\.4\.3/, /Serial Number:\s+5210001/, /PIN tries left:\s+3/]) expect(status).toMatch(line);
  });

  it('writes CHUID and CCC, changes PIN, PUK and management key', async () => {
    await tool('-a', 'set-chuid', '-a', 'set-ccc', `-k${FACTORY_MANAGEMENT_KEY}`);
    await tool('-a', 'change-pin', '-P', '123456', '-N', '654321');
    await tool('-a', 'change-puk', '-P', '12345678', '-N', '87654321');
    await tool('-a', 'set-mgm-key', `-k${FACTORY_MANAGEMENT_KEY}`, '-n', managementKey);
    expect((await reader.run('yubico-piv-tool', '-a', 'set-chuid', `-k${FACTORY_MANAGEMENT_KEY}`)).exitCode).toBe(1);
    expect(await tool('-a', 'status')).toMatch(/CHUID:\s+3019/);
  });

  it.each([
    ['9a', 'ECCP256'],
    ['9c', 'RSA2048'],
    ['9d', 'ECCP384'],
  ])('generates in %s (%s), attests it, imports a certificate and reads it back', async (slot, algorithm) => {
    const publicKey = reader.path(`${slot}.pem`);
    await tool(`-k${managementKey}`, '-a', 'generate', '-s', slot, '-A', algorithm, '-o', publicKey);
    const statement = await tool('-a', 'attest', '-s', slot);
    const f9 = new X509Certificate(await tool('-a', 'read-certificate', '-s', 'f9'));
    expect(new X509Certificate(statement.slice(statement.indexOf('-----'))).verify(f9.publicKey)).toBe(true);
    const certificate = certify(publicKey, reader.path(`${slot}.crt`), `CN=${slot}`);
    await tool(`-k${managementKey}`, '-a', 'import-certificate', '-s', slot, '-i', certificate);
    expect(new X509Certificate(await tool('-a', 'read-certificate', '-s', slot)).subject).toBe(`CN=${slot}`);
  });

  it.each(['9a', '9c', '9d'])('signs with %s', async (slot) => {
    const output = await tool('-a', 'verify-pin', '-P', '654321', '-a', 'test-signature', '-s', slot, '-i', reader.path(`${slot}.crt`));
    expect(output).toContain('Successful');
  });

  it('deciphers with 9c', async () => {
    expect(await tool('-a', 'verify-pin', '-P', '654321', '-a', 'test-decipher', '-s', '9c', '-i', reader.path('9c.crt'))).toContain('Successful');
  });

  it.each(['request-certificate', 'selfsign-certificate'])('%s', async (action) => {
    reader.instructions.length = 0;
    const result = await reader.run('yubico-piv-tool', '-a', 'verify-pin', '-P', '654321', '-a', action, '-s', '9a', '-S', '/CN=Ada/', '-i', reader.path('9a.pem'));
    // Built with OpenSSL 3, version 2.2 breaks inside libcrypto before it asks the key (yubico-piv-tool, issue 388).
    if (!reader.instructions.includes('87')) return console.info(`skipped: this yubico-piv-tool cannot do ${action} with OpenSSL 3: ${result.output.trim()}`);
    expect(result.exitCode).toBe(0);
  });

  it('imports a key', async () => {
    const [key, certificate] = [reader.path('imported.pem'), reader.path('imported.crt')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', certificate, '-subj', '/CN=I'], { stdio: 'ignore' });
    await tool(`-k${managementKey}`, '-a', 'import-key', '-s', '9e', '-i', key);
    await tool(`-k${managementKey}`, '-a', 'import-certificate', '-s', '9e', '-i', certificate);
    expect(await tool('-a', 'test-signature', '-s', '9e', '-i', certificate)).toContain('Successful');
  });

  it('sets retries, counts down, unblocks', async () => {
    await tool(`-k${managementKey}`, '-P', '654321', '-a', 'verify-pin', '-a', 'pin-retries', '--pin-retries', '2', '--puk-retries', '2');
    const wrong = (): Promise<{ output: string }> => reader.run('yubico-piv-tool', '-a', 'verify-pin', '-P', '999999');
    expect((await wrong()).output).toContain('1 tries left');
    expect((await wrong()).output).toContain('Pin code blocked');
    await tool('-a', 'unblock-pin', '-P', '12345678', '-N', '112358');
    await tool('-a', 'verify-pin', '-P', '112358');
  });

  it('resets, only with PIN and PUK blocked', async () => {
    expect((await reader.run('yubico-piv-tool', '-a', 'reset')).output).toContain('Reset failed');
    for (let attempt = 0; attempt < 2; attempt++) {
      await reader.run('yubico-piv-tool', '-a', 'verify-pin', '-P', '999999');
      await reader.run('yubico-piv-tool', '-a', 'change-puk', '-P', '99999999', '-N', '11111111');
    }
    await tool('-a', 'reset');
    expect(await tool('-a', 'status')).toMatch(/CHUID:\s+No data available[\s\S]*PIN tries left:\s+3/);
  });
});

describe('yubico-piv-tool with firmware 5.7.1', () => {
  it('reads and changes the PIN, but knows no AES management key', async () => {
    const reader = await startReader({ firmware: '5.7.1' });
    try {
      expect(await reader.succeed('yubico-piv-tool', '-a', 'status')).toMatch(/Version:\s+5\.7\.1/);
      const result = await reader.run('yubico-piv-tool', '-a', 'generate', '-s', '9a', '-A', 'ECCP256', `-k${FACTORY_MANAGEMENT_KEY}`);
      // Version 2.2 (and ykcs11 2.2) asks for 3DES, which a key of 5.7 refuses; a later version may succeed.
      const isMade = Object.keys(reader.key.exportState().keys).includes('9a');
      expect({ isMade, saysWhy: result.output.includes('Failed authentication with the application') }).toEqual({ isMade: result.exitCode === 0, saysWhy: result.exitCode !== 0 });
      await reader.succeed('yubico-piv-tool', '-a', 'change-pin', '-P', '123456', '-N', '654321');
    } finally {
      await reader.close();
    }
  });
});

/** A certificate for a public key, from a throw-away CA of openssl. */
function certify(publicKey: string, certificate: string, subject: string): string {
  const [request, caKey] = [`${certificate}.csr`, `${certificate}.ca`];
  execFileSync('openssl', ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', caKey, '-out', request, '-subj', `/${subject}`], { stdio: 'ignore' });
  const pem = execFileSync('openssl', ['x509', '-req', '-in', request, '-signkey', caKey, '-force_pubkey', publicKey, '-days', '1'], { stdio: ['ignore', 'pipe', 'ignore'] });
  writeFileSync(certificate, pem);
  return certificate;
}
