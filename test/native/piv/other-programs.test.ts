/** What programs that are not ours make of what we write: Debian's ykman 4.0.9, yubico-piv-tool 2.2, OpenSC 0.23. */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OBJECT } from '../../../native/piv/identifiers.ts';
import { startPrivatePcscd, type PrivatePcscd } from '../../../native/virtual-yubikey/private-pcscd.ts';
import { readObject } from '../../../native/virtual-yubikey/state.ts';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd, type VpcdInsertion } from '../../../native/virtual-yubikey/vpcd.ts';
import { directKey, OWNER_PIN, value, virtualKey } from './direct-access.ts';
import { keyOfForm, printedKey, storedHex } from './management-forms.ts';
import { pullAtEveryCommand } from './pulled.ts';
import { testCertificate } from './test-certificate.ts';

const PIN = '246813';

// 5.7 leaves the factory with AES-192, which both programs read from metadata.
describe.each(['5.2.4', '5.4.3', '5.7.1'])('a key that we enrolled, firmware %s', (firmware) => {
  let pcscd: PrivatePcscd;
  let insertion: VpcdInsertion;
  let key: VirtualYubiKey;
  let certificate: Uint8Array;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-programs-'));
    key = virtualKey(firmware);
    const ours = directKey(key);
    value(await ours.changePin('123456', PIN));
    value(await ours.protectManagementKey(PIN));
    const publicKey = value(await ours.generateKey({ pin: PIN, keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' }));
    certificate = testCertificate(publicKey, { name: 'Grace Hopper' });
    value(await ours.writeCertificate(PIN, certificate));
    pcscd = await startPrivatePcscd({ readers: 1 });
    insertion = await insertIntoVpcd(key, { port: pcscd.ports[0] ?? 0 });
  });
  afterAll(async () => {
    await insertion?.close();
    await pcscd?.close();
    await rm(folder, { recursive: true, force: true });
    expect(key.bugs).toEqual([]);
  });

  async function run(program: string, ...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(program, args, { env: pcscd.environment });
    return stdout;
  }

  function ykman(...args: string[]): Promise<string> {
    return run('ykman', '--reader', pcscd.readerNames[0] ?? '', 'piv', ...args);
  }

  test('ykman tells that the management key is protected by the PIN', async () => {
    const info = await ykman('info');
    expect(info).toContain('Management key is stored on the YubiKey, protected by PIN');
    expect(info).toContain('CN=Grace Hopper');
    const chuid = readObject(key.exportState(), OBJECT.CHUID) ?? new Uint8Array();
    expect(info).toContain(`CHUID:\t${Buffer.from(chuid).toString('hex')}`);
  });

  test('ykman authenticates with it, given the PIN alone', async () => {
    await ykman('keys', 'generate', '--algorithm', 'ECCP256', '--pin', PIN, '9c', join(folder, 'public.pem'));
    expect(key.exportState().keys['9c']?.keyType).toBe('ECCP256');
  });

  test('ykman exports the certificate as it is', async () => {
    const path = join(folder, 'certificate.pem');
    await ykman('certificates', 'export', '9a', path);
    expect(new Uint8Array(new X509Certificate(await readFile(path)).raw)).toEqual(certificate);
  });

  test('yubico-piv-tool reads certificate and CHUID', async () => {
    const status = await run('yubico-piv-tool', '--action', 'status');
    const chuid = readObject(key.exportState(), OBJECT.CHUID) ?? new Uint8Array();
    expect(status).toContain(`CHUID:\t${Buffer.from(chuid).toString('hex')}`);
    expect(status).toContain('Subject DN:\tCN=Grace Hopper');
    const pem = await run('yubico-piv-tool', '--action', 'read-certificate', '--slot', '9a');
    expect(new Uint8Array(new X509Certificate(pem).raw)).toEqual(certificate);
  });

  test('OpenSC names the card by the certificate and reads its key', async () => {
    const dump = await run('pkcs15-tool', '--reader', pcscd.readerNames[0] ?? '', '--dump');
    expect(dump).toContain('PIV AUTH pubkey');
    const read = await run('pkcs15-tool', '--reader', pcscd.readerNames[0] ?? '', '--read-certificate', '01');
    expect(new Uint8Array(new X509Certificate(read).raw)).toEqual(certificate);
  });

  test("ykman changes the protected key, and ours goes on with ykman's", async () => {
    const before = key.exportState().managementKey.value;
    await ykman('access', 'change-management-key', '--generate', '--protect', '--pin', PIN);
    expect(key.exportState().managementKey.value).not.toBe(before);
    key.reset();
    const publicKey = value(await directKey(key).generateKey({ pin: PIN, keyType: 'ECCP384', pinPolicy: 'once', touchPolicy: 'never' }));
    value(await directKey(key).writeCertificate(PIN, testCertificate(publicKey)));
    value(await directKey(key).protectManagementKey(PIN));
  });
});

describe.each(['5.2.4', '5.4.3', '5.7.1'] as const)('a management key whose rotation was cut off, firmware %s', (model) => {
  test('disturbs no other program: they read the key, and get on once the rotation is finished', async () => {
    const { key: prepared, access } = await keyOfForm(model, 'protected');
    const cut: VirtualYubiKey[] = [];
    await pullAtEveryCommand(model, prepared, (key) => directKey(key).rotateManagementKey(access), async ({ key }) => {
      const isBetween = storedHex(key, OBJECT.ROTATION) !== undefined && printedKey(key) !== key.exportState().managementKey.value;
      if (isBetween) cut.push(key);
    });
    const [key] = cut;
    if (!key) throw new Error('No cut left the new key set and not stored');
    const pcscd = await startPrivatePcscd({ readers: 1 });
    const insertion = await insertIntoVpcd(key, { port: pcscd.ports[0] ?? 0 });
    const run = async (program: string, ...args: readonly string[]): Promise<string> => (await promisify(execFile)(program, [...args], { env: pcscd.environment })).stdout;
    const ykman = (...args: readonly string[]): Promise<string> => run('ykman', '--reader', pcscd.readerNames[0] ?? '', 'piv', ...args);
    try {
      expect(await ykman('info')).toContain('Management key is stored on the YubiKey, protected by PIN');
      expect(await run('yubico-piv-tool', '--action', 'status')).toContain('PIN tries left');
      expect(await run('pkcs15-tool', '--reader', pcscd.readerNames[0] ?? '', '--dump')).toContain('PIN [PIN]');
      await expect(ykman('keys', 'generate', '--algorithm', 'ECCP256', '--pin', OWNER_PIN, '9c', '-')).rejects.toThrow();
      key.reset();
      value(await directKey(key).protectManagementKey(OWNER_PIN));
      expect(await ykman('keys', 'generate', '--algorithm', 'ECCP256', '--pin', OWNER_PIN, '9c', '-')).toContain('PUBLIC KEY');
    } finally {
      await insertion.close();
      await pcscd.close();
    }
  });
});
