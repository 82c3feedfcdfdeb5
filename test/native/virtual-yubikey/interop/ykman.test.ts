import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testAttestationRootPem } from '../../../../native/virtual-yubikey/test-attestation-root.ts';
import { FACTORY_MANAGEMENT_KEY, startReader } from './reader.ts';
import type { ReaderUnderTest } from './reader.ts';

/** Debian's ykman 4.0.9. The steps build on each other, as a person's would. */
describe('ykman with firmware 5.4.3', () => {
  let reader: ReaderUnderTest;
  beforeAll(async () => {
    reader = await startReader();
  });
  afterAll(() => reader.close());

  it('lists the key, and finds it by serial', async () => {
    expect(await reader.succeed('ykman', 'list')).toBe('YubiKey 5C (5.4.3) [OTP+FIDO+CCID] Serial: 5210001\n');
    const info = await reader.ykman('info');
    for (const line of ['Serial number: 5210001', 'Firmware version: 5.4.3', 'Form factor: Keychain (USB-C)', /PIV\s+Enabled/]) expect(info).toMatch(line);
  });

  it('sees factory values and attempts', async () => {
    const info = await reader.succeed('ykman', '--device', '5210001', 'piv', 'info');
    for (const line of ['PIV version: 5.4.3', 'WARNING: Using default PIN!', 'PIN tries remaining: 3/3', 'WARNING: Using default Management key!', 'Management key algorithm: TDES']) {
      expect(info).toContain(line);
    }
  });

  it('changes PIN and PUK', async () => {
    await reader.ykman('piv', 'access', 'change-pin', '-P', '123456', '-n', '654321');
    await reader.ykman('piv', 'access', 'change-puk', '-p', '12345678', '-n', '87654321');
    const refused = await reader.run('ykman', '--reader', reader.readerName, 'piv', 'access', 'change-pin', '-P', '123456', '-n', '111111');
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toContain('2 tries left');
  });

  it('changes the management key to a random AES key that the PIN protects', async () => {
    await reader.ykman('piv', 'access', 'change-management-key', '-m', FACTORY_MANAGEMENT_KEY, '--algorithm', 'AES256', '--protect', '-P', '654321', '-f');
    const info = await reader.ykman('piv', 'info');
    expect(info).toContain('Management key algorithm: AES256');
    expect(info).toContain('Management key is stored on the YubiKey, protected by PIN.');
    expect(info).not.toContain('default Management key');
  });

  it('generates, requests, certifies, exports', async () => {
    const [publicKey, csr, certificate] = [reader.path('9a.pem'), reader.path('9a.csr'), reader.path('9a.crt')];
    await reader.ykman('piv', 'keys', 'generate', '-P', '654321', '-a', 'ECCP384', '--pin-policy', 'ONCE', '--touch-policy', 'ALWAYS', '9a', publicKey);
    await reader.ykman('piv', 'certificates', 'request', '-P', '654321', '-s', 'CN=Ada', '9a', publicKey, csr);
    expect(execFileSync('openssl', ['req', '-in', csr, '-verify', '-noout', '-subject'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).toContain('CN = Ada');
    await reader.ykman('piv', 'certificates', 'generate', '-P', '654321', '-s', 'CN=Ada', '9a', publicKey);
    await reader.ykman('piv', 'certificates', 'export', '9a', certificate);
    const exported = new X509Certificate(readFileSync(certificate));
    expect(exported.verify(exported.publicKey)).toBe(true);
    expect(readFileSync(publicKey, 'utf8').replaceAll(/\s/g, '')).toBe(exported.publicKey.export({ format: 'pem', type: 'spki' }).toString().replaceAll(/\s/g, ''));
  });

  it('attests, in a chain that openssl accepts', async () => {
    const [statement, f9, root] = [reader.path('statement.pem'), reader.path('f9.pem'), reader.path('root.pem')];
    await reader.ykman('piv', 'keys', 'attest', '9a', statement);
    await reader.ykman('piv', 'certificates', 'export', 'f9', f9);
    writeFileSync(root, testAttestationRootPem);
    const verified = execFileSync('openssl', ['verify', '-CAfile', root, '-untrusted', f9, statement], { encoding: 'utf8' });
    expect(verified).toContain('OK');
  });

  it('imports a key and its certificate, and refuses to attest it', async () => {
    const [key, certificate] = [reader.path('imported.pem'), reader.path('imported.crt')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-subj', '/CN=Imported'], { stdio: 'ignore' });
    await reader.ykman('piv', 'keys', 'import', '-P', '654321', '9d', key);
    await reader.ykman('piv', 'certificates', 'import', '-P', '654321', '--verify', '9d', certificate);
    expect(await reader.ykman('piv', 'info')).toMatch(/Slot 9d:\n\tAlgorithm:\tRSA2048\n\tSubject DN:\tCN=Imported/);
    expect((await reader.run('ykman', '--reader', reader.readerName, 'piv', 'keys', 'attest', '9d', '-')).exitCode).toBe(1);
  });

  it('writes CHUID and CCC, and sets retries', async () => {
    await reader.ykman('piv', 'objects', 'generate', '-P', '654321', 'chuid');
    await reader.ykman('piv', 'objects', 'generate', '-P', '654321', 'ccc');
    await reader.ykman('piv', 'access', 'set-retries', '-P', '654321', '-f', '4', '2');
    const info = await reader.ykman('piv', 'info');
    expect(info).toMatch(/PIN tries remaining: 4\/4[\s\S]*CHUID:\t3019[\s\S]*CCC: \tf015/);
    expect(info).toContain('WARNING: Using default PIN!');
  });

  it('unblocks a blocked PIN', async () => {
    for (let attempt = 0; attempt < 4; attempt++) await reader.run('yubico-piv-tool', '-a', 'verify-pin', '-P', '999999');
    expect(await reader.ykman('piv', 'info')).toContain('PIN tries remaining: 0/4');
    await reader.ykman('piv', 'access', 'unblock-pin', '-p', '12345678', '-n', '112358');
    expect(await reader.ykman('piv', 'info')).toContain('PIN tries remaining: 4/4');
  });

  it('resets', async () => {
    await reader.ykman('piv', 'reset', '-f');
    const info = await reader.ykman('piv', 'info');
    expect(info).toContain('PIN tries remaining: 3/3');
    expect(info).not.toContain('Slot');
    expect(Object.keys(reader.key.exportState().keys)).toEqual(['f9']);
  });
});

describe('ykman with other firmware', () => {
  it('works with 4.3.7, which tells no serial over PIV and has no metadata', async () => {
    const reader = await startReader({ firmware: '4.3.7' });
    try {
      expect(await reader.ykman('piv', 'info')).toMatch(/PIV version: 4.3.7\nPIN tries remaining: 3\nManagement key algorithm: TDES/);
      const publicKey = reader.path('9a.pem');
      await reader.ykman('piv', 'keys', 'generate', '-m', FACTORY_MANAGEMENT_KEY, '-P', '123456', '-a', 'ECCP256', '9a', publicKey);
      await reader.ykman('piv', 'certificates', 'generate', '-m', FACTORY_MANAGEMENT_KEY, '-P', '123456', '-s', 'CN=Four', '9a', publicKey);
      expect(await reader.ykman('piv', 'keys', 'attest', '9a', '-')).toContain('BEGIN CERTIFICATE');
    } finally {
      await reader.close();
    }
  });

  it('works with 5.7.1 and its AES-192 management key', async () => {
    const reader = await startReader({ firmware: '5.7.1' });
    try {
      expect(await reader.ykman('piv', 'info')).toContain('Management key algorithm: AES192');
      await reader.ykman('piv', 'access', 'change-management-key', '-m', FACTORY_MANAGEMENT_KEY, '--algorithm', 'AES192', '--protect', '-P', '123456', '-f');
      const publicKey = reader.path('9a.pem');
      await reader.ykman('piv', 'keys', 'generate', '-P', '123456', '-a', 'ECCP256', '9a', publicKey);
      await reader.ykman('piv', 'certificates', 'generate', '-P', '123456', '-s', 'CN=Five', '9a', publicKey);
      expect(await reader.ykman('piv', 'info')).toContain('CN=Five');
    } finally {
      await reader.close();
    }
  });
});
