import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FACTORY_PIN, FACTORY_PUK } from '../../../core/key-care/pin-rules.ts';
import type { PinPolicy, TouchPolicy } from '../../../core/security-key.ts';
import { OBJECT } from '../../../native/piv/identifiers.ts';
import { readObject } from '../../../native/virtual-yubikey/state.ts';
import { outcome } from '../piv/direct-access.ts';
import { otherPublicKey, testCertificate } from '../piv/test-certificate.ts';
import { FACTORY_MANAGEMENT_KEY } from '../virtual-yubikey/interop/reader.ts';
import { conditionsOf } from './conditions.ts';
import { FIRMWARES, openSharedReader, type SharedKey, type SharedReader } from './shared-key.ts';
import { certificateIn, expectAgreement, sha256 } from './views.ts';

const [PIN, NEXT_PIN, WRONG] = ['246813', '975310', '000000'];
const [PUK, NEXT_PUK] = ['86420135', '13579246'];
const POLICIES: readonly (readonly [PinPolicy, TouchPolicy])[] = [
  ['never', 'never'],
  ['once', 'cached'],
  ['always', 'always'],
];

let reader: SharedReader;
beforeAll(async () => {
  reader = await openSharedReader();
});
afterAll(() => reader?.close());

/** After each action of yubico-piv-tool we tell the truth, and can go on. */
describe.each(FIRMWARES)('yubico-piv-tool acts, and we read it, firmware %s', (firmware) => {
  const hasMetadata = firmware !== '4.3.7';
  // Version 2.2 knows 3DES alone; ykman sets that, protected, where the firmware begins with AES.
  const beginsWithAes = firmware === '5.7.1';
  const managementKey = beginsWithAes ? randomBytes(24).toString('hex') : FACTORY_MANAGEMENT_KEY;
  let shared: SharedKey;
  beforeAll(async () => {
    shared = await reader.insert({ firmware });
  });
  afterAll(() => shared?.close());
  beforeEach(async () => {
    await shared.startAnew();
    if (beginsWithAes) await shared.ykman('piv', 'access', 'change-management-key', '-f', '-m', FACTORY_MANAGEMENT_KEY, '-a', 'TDES', '--protect', '-n', managementKey, '-P', FACTORY_PIN);
  });

  const act = (action: string, ...args: readonly string[]): Promise<string> => shared.pivTool('-a', action, ...args);
  const manage = (action: string, ...args: readonly string[]): Promise<string> => shared.pivTool(`-k${managementKey}`, '-a', action, ...args);

  test('PIN and PUK: changed, entered wrongly, blocked, unblocked', async () => {
    await act('change-pin', '-P', FACTORY_PIN, '-N', PIN);
    await act('change-puk', '-P', FACTORY_PUK, '-N', PUK);
    expect(await shared.facts()).toMatchObject({ pin: { attemptsLeft: 3, isFactory: hasMetadata ? false : null }, puk: { isFactory: hasMetadata ? false : null } });
    await shared.weDo((key) => key.verifyPin(PIN));
    await shared.weDo((key) => key.changePuk(PUK, NEXT_PUK));
    const wrong = async (...args: readonly string[]): Promise<readonly string[]> => {
      expect((await shared.run('yubico-piv-tool', ...args)).exitCode).toBe(1);
      return conditionsOf(shared);
    };
    expect(await wrong('-a', 'verify-pin', '-P', WRONG)).toEqual(hasMetadata ? ['pin-attempts-lost'] : []);
    expect(await wrong('-a', 'change-pin', '-P', WRONG, '-N', PIN)).toEqual(['pin-last-attempt']);
    expect(await wrong('-a', 'verify-pin', '-P', WRONG)).toEqual(['pin-blocked']);
    expect((await expectAgreement(shared)).pin.left).toBe(0);
    await act('unblock-pin', '-P', NEXT_PUK, '-N', NEXT_PIN);
    await shared.weDo((key) => key.verifyPin(NEXT_PIN));
    for (let attempt = 0; attempt < 3; attempt++) await wrong('-a', 'change-puk', '-P', PUK, '-N', PUK);
    expect(await conditionsOf(shared)).toEqual(hasMetadata ? ['puk-blocked'] : []);
    for (let attempt = 0; attempt < 3; attempt++) await wrong('-a', 'verify-pin', '-P', WRONG);
    expect(await conditionsOf(shared)).toEqual([hasMetadata ? 'pin-and-puk-blocked' : 'pin-blocked']);
  });

  test('attempts, which make PIN and PUK factory values', async () => {
    await act('change-pin', '-P', FACTORY_PIN, '-N', PIN);
    await shared.pivTool(`-k${managementKey}`, '-P', PIN, '-a', 'verify-pin', '-a', 'pin-retries', '--pin-retries', '7', '--puk-retries', '2');
    expect((await expectAgreement(shared)).pin).toEqual({ left: 7, total: hasMetadata ? 7 : null, isFactory: hasMetadata ? true : null });
    await shared.weDo((key) => key.changePin(FACTORY_PIN, PIN));
    await shared.weDo((key) => key.changePuk(FACTORY_PUK, PUK));
    await act('verify-pin', '-P', PIN);
    await expectAgreement(shared);
  });

  test('a management key: unknown to us, usable when typed', async () => {
    const value = randomBytes(24);
    await manage('set-mgm-key', '-n', value.toString('hex'));
    // yubico-piv-tool leaves ADMIN DATA and PRINTED as they are, so that everybody believes them until the key is needed.
    expect(await conditionsOf(shared)).toEqual(hasMetadata && !beginsWithAes ? ['management-key-unknown'] : []);
    expect(outcome(await shared.ours((key) => key.protectManagementKey(FACTORY_PIN)))).toBe('management-key-unknown');
    await shared.weDo((key) => key.rotateManagementKey({ pin: FACTORY_PIN, managementKey: new Uint8Array(value) }));
    expect((await expectAgreement(shared)).managementKey.isStored).toBe(true);
    expect((await shared.run('yubico-piv-tool', `-k${value.toString('hex')}`, '-a', 'set-ccc')).exitCode).toBe(1);
  });

  test('a management key behind our back: the stored one is the right one no longer', async () => {
    await shared.weDo((key) => key.protectManagementKey(FACTORY_PIN));
    const [stored, value] = [shared.state.managementKey.value, randomBytes(24)];
    await shared.pivTool(`-k${stored}`, '-a', 'set-mgm-key', '-n', value.toString('hex'));
    expect((await expectAgreement(shared)).managementKey.isStored).toBe(true);
    expect(await conditionsOf(shared)).toEqual([]);
    expect(outcome(await shared.ours((key) => key.rotateManagementKey({ pin: FACTORY_PIN })))).toBe('management-key-unknown');
    expect(shared.state.managementKey.value).toBe(value.toString('hex'));
    await shared.weDo((key) => key.rotateManagementKey({ pin: FACTORY_PIN, managementKey: new Uint8Array(value) }));
    await shared.ykman('piv', 'keys', 'generate', '-P', FACTORY_PIN, '-a', 'ECCP256', '9c', '-');
    expect((await expectAgreement(shared)).pin.left).toBe(3);
  });

  test('key pairs, generated with policies, and imported', async () => {
    for (const [pinPolicy, touchPolicy] of POLICIES) {
      await manage('generate', '-s', '9a', '-A', 'ECCP256', `--pin-policy=${pinPolicy}`, `--touch-policy=${touchPolicy}`, '-o', shared.path('9a.pem'));
      expect((await shared.inventory())[0]).toMatchObject({ slot: '9a', keyPair: { keyType: 'ECCP256', origin: 'generated', pinPolicy, touchPolicy } });
    }
    expect(await conditionsOf(shared)).toEqual(['enrollment-unfinished']);
    const imported = shared.path('imported.pem');
    writeFileSync(imported, generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await manage('import-key', '-s', '85', '-i', imported, '--pin-policy=never', '--touch-policy=cached');
    const held = (await shared.inventory()).find(({ slot }) => slot === '85');
    if (!hasMetadata) expect(held).toBeUndefined();
    else expect(held).toMatchObject({ keyPair: { keyType: 'ECCP384', origin: 'imported', pinPolicy: 'never', touchPolicy: 'cached' }, attestation: null });
    await expectAgreement(shared);
  });

  test('certificates: plain, compressed, deleted', async () => {
    await act('change-pin', '-P', FACTORY_PIN, '-N', PIN);
    await act('change-puk', '-P', FACTORY_PUK, '-N', PUK);
    const publicKey = await shared.weDo((key) => key.generateKey({ pin: PIN, keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' }));
    const [plain, compressed] = [testCertificate(publicKey), testCertificate(publicKey, { paddingBytes: 5000 })];
    const files = { plain: shared.path('plain.pem'), compressed: shared.path('certificate.gz') };
    writeFileSync(files.plain, new X509Certificate(plain).toString());
    writeFileSync(files.compressed, gzipSync(compressed));
    await manage('import-certificate', '-s', '9a', '-i', files.plain);
    expect((await expectAgreement(shared)).certificates).toEqual({ '9a': sha256(plain) });
    expect(await conditionsOf(shared)).toEqual([]);
    await manage('import-certificate', '-s', '9a', '-K', 'GZIP', '-i', files.compressed);
    expect(readObject(shared.state, OBJECT.AUTHENTICATION_CERTIFICATE)?.length).toBeLessThan(compressed.length);
    expect((await shared.facts()).authentication).toMatchObject({ certificate: compressed, fits: true });
    expect((await shared.inventory())[0]).toMatchObject({ slot: '9a', certificate: compressed, fits: true });
    expect(certificateIn(await shared.succeed('pkcs15-tool', '--reader', shared.readerName, '--read-certificate', '01')).raw).toEqual(Buffer.from(compressed));
    const info = await shared.run('ykman', '--reader', shared.readerName, 'piv', 'info');
    if (info.exitCode !== 0) console.info(`skipped: this ykman shows nothing of a key with a compressed certificate: ${info.output.trim().split('\n').at(-1)}`);
    else await expectAgreement(shared);
    // Written by us it is not compressed, and everybody can read it again.
    await shared.weDo((key) => key.writeCertificate(PIN, plain));
    expect((await expectAgreement(shared)).certificates).toEqual({ '9a': sha256(plain) });
    await manage('delete-certificate', '-s', '9a');
    expect(await conditionsOf(shared)).toEqual(['enrollment-unfinished']);
    await manage('import-certificate', '-s', '9c', '-i', files.plain);
    await shared.weDo((key) => key.deleteCertificate('9c', { pin: PIN }));
    expect((await expectAgreement(shared)).certificates).toEqual({});
  });

  test("another key's certificate, and one that is none", async () => {
    await act('change-pin', '-P', FACTORY_PIN, '-N', PIN);
    await act('change-puk', '-P', FACTORY_PUK, '-N', PUK);
    const file = shared.path('other.der');
    writeFileSync(file, testCertificate(otherPublicKey(), { name: 'Somebody' }));
    await manage('import-certificate', '-s', '9a', '-K', 'DER', '-i', file);
    expect(await conditionsOf(shared)).toEqual(hasMetadata ? ['certificate-without-key'] : []);
    await manage('generate', '-s', '9a', '-A', 'ECCP384', '-o', shared.path('other.pem'));
    expect(await conditionsOf(shared)).toEqual(['certificate-unfit']);
    await expectAgreement(shared);
    writeFileSync(file, '700401020304710101fe00');
    await manage('write-object', '--id', `0x${OBJECT.AUTHENTICATION_CERTIFICATE.toString(16)}`, '-i', file);
    expect((await shared.facts()).authentication).toMatchObject({ certificate: null, fits: null });
    // What cannot be read can be deleted all the same.
    await shared.weDo((key) => key.deleteCertificate('9a', { pin: PIN }));
    await expectAgreement(shared);
  });

  test('CHUID and CCC', async () => {
    await manage('set-chuid');
    await manage('set-ccc');
    const { chuid } = await expectAgreement(shared);
    const ccc = readObject(shared.state, OBJECT.CCC);
    const publicKey = await shared.weDo((key) => key.generateKey({ pin: FACTORY_PIN, keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' }));
    await shared.weDo((key) => key.writeCertificate(FACTORY_PIN, testCertificate(publicKey)));
    expect((await expectAgreement(shared)).chuid).not.toBe(chuid);
    expect(readObject(shared.state, OBJECT.CCC)).toEqual(ccc);
  });

  test('a reset', async () => {
    await shared.weDo((key) => key.rotateManagementKey({ pin: FACTORY_PIN }));
    await shared.weDo((key) => key.generateKey({ pin: FACTORY_PIN, keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' }));
    for (let attempt = 0; attempt < 3; attempt++) {
      await shared.run('yubico-piv-tool', '-a', 'verify-pin', '-P', WRONG);
      await shared.run('yubico-piv-tool', '-a', 'change-puk', '-P', WRONG, '-N', PUK);
    }
    await act('reset');
    expect(await conditionsOf(shared)).toEqual([]);
    expect(await shared.inventory()).toEqual([]);
    expect(await expectAgreement(shared)).toMatchObject({ pin: { left: 3 }, managementKey: { isStored: false }, certificates: {}, chuid: '' });
  });
});
