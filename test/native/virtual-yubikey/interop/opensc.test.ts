import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FACTORY_MANAGEMENT_KEY, startReader, YKCS11 } from './reader.ts';
import type { ReaderUnderTest } from './reader.ts';

/** OpenSC's tools, and its pkcs11-tool with both modules, on a key that ykman set up. */
describe('PKCS#11 and PKCS#15', () => {
  let reader: ReaderUnderTest;
  beforeAll(async () => {
    reader = await startReader();
    for (const [slot, algorithm] of [['9a', 'ECCP256'], ['9c', 'RSA2048']] as const) {
      const publicKey = reader.path(`${slot}.pem`);
      await reader.ykman('piv', 'keys', 'generate', '-m', FACTORY_MANAGEMENT_KEY, '-P', '123456', '-a', algorithm, slot, publicKey);
      await reader.ykman('piv', 'certificates', 'generate', '-m', FACTORY_MANAGEMENT_KEY, '-P', '123456', '-s', `CN=Ada ${slot}`, slot, publicKey);
    }
  });
  afterAll(() => reader.close());

  it.each([
    ['OpenSC', []],
    ['ykcs11', ['--module', YKCS11]],
  ])('pkcs11-tool --test --login passes with %s', async (_, module) => {
    const output = await reader.succeed('pkcs11-tool', ...module, '--test', '--login', '--pin', '123456');
    expect(output).toContain('No errors');
    expect(output).toContain('RSA-PKCS: OK');
  });

  it.each([
    ['OpenSC', []],
    ['ykcs11', ['--module', YKCS11]],
  ])('a signature by %s with 9a verifies', async (name, module) => {
    const [data, signature] = [reader.path('data'), reader.path(`${name}.sig`)];
    writeFileSync(data, 'to be signed');
    await reader.succeed('pkcs11-tool', ...module, '--login', '--pin', '123456', '--sign', '--mechanism', 'ECDSA-SHA256', '--id', '01', '--signature-format', 'openssl', '-i', data, '-o', signature);
    expect(execFileSync('openssl', ['dgst', '-sha256', '-verify', reader.path('9a.pem'), '-signature', signature, data], { encoding: 'utf8' })).toContain('Verified OK');
  });

  it('OpenSC tells a wrong PIN, changes the PIN and tells the new one', async () => {
    const wrong = await reader.run('pkcs11-tool', '--login', '--pin', '999999', '-O');
    expect(wrong.output).toContain('CKR_PIN_INCORRECT');
    await reader.succeed('pkcs11-tool', '--login', '--pin', '123456', '--change-pin', '--new-pin', '654321');
    await reader.succeed('pkcs11-tool', '--login', '--pin', '654321', '--change-pin', '--new-pin', '123456');
    expect(reader.key.exportState().pin.attemptsLeft).toBe(3);
  });

  it('pkcs15-tool reads certificates, keys and PINs', async () => {
    const dump = await reader.succeed('pkcs15-tool', '--dump');
    for (const text of ['PIN [PIN]', 'PIN [PIV PUK]', 'Private EC Key [PIV AUTH key]', 'Private RSA Key [SIGN key]', 'X.509 Certificate [Certificate for PIV Authentication]']) {
      expect(dump).toContain(text);
    }
    const certificate = reader.path('pkcs15.pem');
    await reader.succeed('pkcs15-tool', '--read-certificate', '01', '-o', certificate);
    expect(readFileSync(certificate, 'utf8')).toContain('BEGIN CERTIFICATE');
  });

  it('piv-tool knows the card, sends commands, authenticates with 3DES and generates', async () => {
    expect(await reader.succeed('piv-tool', '--name')).toContain('Personal Identity Verification Card');
    expect(await reader.succeed('piv-tool', '-s', '00:FD:00:00:00')).toContain('05 04 03');
    // OpenSC 0.23 with OpenSSL 3 fails by itself in the one-sided way (A:), and when it writes the public key to a file,
    // so its exit code is of no use here: what counts is that the key was made.
    const keyFile = reader.path('management-key');
    writeFileSync(keyFile, FACTORY_MANAGEMENT_KEY.replaceAll(/(..)(?=.)/g, '$1:'));
    reader.environment['PIV_EXT_AUTH_KEY'] = keyFile;
    await reader.run('piv-tool', '-A', 'M:9B:03', '-G', '9E:11', '-o', reader.path('piv-tool.pem'));
    expect(reader.key.exportState().keys['9e']).toMatchObject({ keyType: 'ECCP256', origin: 'generated' });
  });

  it('is noticed when pulled and inserted again', async () => {
    expect(await reader.succeed('pkcs11-tool', '-L')).toContain('token label        : Ada 9a');
    await reader.insertion.remove();
    expect(await reader.succeed('pkcs11-tool', '-L')).not.toContain('token label');
    await reader.insertion.insert();
    expect(await reader.succeed('pkcs11-tool', '-L')).toContain('token label        : Ada 9a');
  });

  it('keeps pcscd content while it waits for a finger, and lets it answer others afterwards', async () => {
    const publicKey = reader.path('touch.pem');
    await reader.ykman('piv', 'keys', 'generate', '-m', FACTORY_MANAGEMENT_KEY, '-P', '123456', '-a', 'ECCP256', '--touch-policy', 'ALWAYS', '9a', publicKey);
    reader.key.setAutoTouch(false);
    const waiting = new Promise<void>((resolve) => reader.key.watch(({ isWaitingForTouch }) => isWaitingForTouch && resolve()));
    const request = reader.ykman('piv', 'certificates', 'request', '-P', '123456', '-s', 'CN=Touch', '9a', publicKey, '-');
    await waiting;
    // Longer than pcscd looks for the card, which it does every 0.4 s.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(reader.key.touch()).toBe(true);
    expect(await request).toContain('BEGIN CERTIFICATE REQUEST');
    expect(await reader.ykman('piv', 'info')).toContain('PIV version: 5.4.3');
  });
});
