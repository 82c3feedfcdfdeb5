import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fromHex } from '../../../core/bytes.ts';
import { FACTORY_PIN, FACTORY_PUK } from '../../../core/key-care/pin-rules.ts';
import type { PinPolicy, TouchPolicy } from '../../../core/security-key.ts';
import { OBJECT } from '../../../native/piv/identifiers.ts';
import { readObject } from '../../../native/virtual-yubikey/state.ts';
import { outcome } from '../piv/direct-access.ts';
import { otherPublicKey, testCertificate } from '../piv/test-certificate.ts';
import { FACTORY_MANAGEMENT_KEY } from '../virtual-yubikey/interop/reader.ts';
import { conditionsOf } from './conditions.ts';
import { FIRMWARES, openSharedReader, type SharedKey, type SharedReader } from './shared-key.ts';
import { expectAgreement, sha256 } from './views.ts';

const [PIN, NEXT_PIN, WRONG] = ['246813', '975310', '000000'];
const [PUK, NEXT_PUK] = ['86420135', '13579246'];
const [WITH_FACTORY_KEY, GENERATE] = [['-m', FACTORY_MANAGEMENT_KEY], { pin: PIN, keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' }] as const;
/** ykman's names, and the length in bytes. AES-128 comes by turns, in interleaved/. */
const ALGORITHMS = { '4.3.7': { TDES: 24 }, '5.4.3': { TDES: 24, AES256: 32 }, '5.7.1': { AES192: 24 } } as const;
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

/** After each of ykman's actions we tell the truth, and can go on. */
describe.each(FIRMWARES)('ykman acts, and we read it, firmware %s', (firmware) => {
  const hasMetadata = firmware !== '4.3.7';
  let shared: SharedKey;
  beforeAll(async () => {
    shared = await reader.insert({ firmware });
  });
  afterAll(() => shared?.close());
  beforeEach(() => shared.startAnew());

  const access = (...args: readonly string[]): Promise<string> => shared.ykman('piv', 'access', ...args);
  const setManagementKey = (...args: readonly string[]): Promise<string> => access('change-management-key', '--force', ...args);

  test('PIN and PUK: changed, entered wrongly, blocked, unblocked', async () => {
    await access('change-pin', '-P', FACTORY_PIN, '-n', PIN);
    await access('change-puk', '-p', FACTORY_PUK, '-n', PUK);
    expect(await shared.facts()).toMatchObject({ pin: { attemptsLeft: 3, isFactory: hasMetadata ? false : null }, puk: { attemptsLeft: hasMetadata ? 3 : null, isFactory: hasMetadata ? false : null } });
    await shared.weDo((key) => key.verifyPin(PIN));
    await shared.weDo((key) => key.changePuk(PUK, NEXT_PUK));
    const wrong = async (...args: readonly string[]): Promise<readonly string[]> => {
      expect((await shared.run('ykman', '--reader', shared.readerName, 'piv', 'access', ...args)).exitCode).toBe(1);
      return conditionsOf(shared);
    };
    const wrongPin = ['change-pin', '-P', WRONG, '-n', PIN];
    expect(await wrong(...wrongPin)).toEqual(hasMetadata ? ['pin-attempts-lost'] : []);
    expect(await wrong(...wrongPin)).toEqual(['pin-last-attempt']);
    expect(await wrong(...wrongPin)).toEqual(['pin-blocked']);
    await access('unblock-pin', '-p', NEXT_PUK, '-n', NEXT_PIN);
    expect(await conditionsOf(shared)).toEqual([]);
    await shared.weDo((key) => key.verifyPin(NEXT_PIN));
    const wrongPuk = ['change-puk', '-p', PUK, '-n', PUK];
    for (let attempt = 0; attempt < 2; attempt++) expect(await wrong(...wrongPuk)).toEqual([]);
    expect(await wrong(...wrongPuk)).toEqual(hasMetadata ? ['puk-blocked'] : []);
    expect(outcome(await shared.ours((key) => key.unblockPin(NEXT_PUK, PIN)))).toBe('puk-blocked');
  });

  test('attempts, which make PIN and PUK factory values; we set them anew', async () => {
    await access('change-pin', '-P', FACTORY_PIN, '-n', PIN);
    await access('set-retries', ...WITH_FACTORY_KEY, '-P', PIN, '-f', '6', '4');
    const told = await shared.facts();
    const isFactory = hasMetadata ? true : null;
    expect(told.pin).toEqual({ attemptsLeft: 6, attemptsTotal: hasMetadata ? 6 : null, isFactory });
    expect(told.puk).toEqual({ attemptsLeft: hasMetadata ? 4 : null, attemptsTotal: hasMetadata ? 4 : null, isFactory });
    await shared.weDo((key) => key.setRetries({ pin: FACTORY_PIN, pinAttempts: 3, pukAttempts: 3, newPin: NEXT_PIN, newPuk: NEXT_PUK }));
    await access('change-puk', '-p', NEXT_PUK, '-n', PUK);
    await expectAgreement(shared);
  });

  describe.each(Object.entries(ALGORITHMS[firmware]))('a management key of %s', (algorithm, length) => {
    const value = randomBytes(length).toString('hex');
    beforeEach(() => access('change-pin', '-P', FACTORY_PIN, '-n', PIN));

    test('protected by the PIN: we open it, replace it, and ykman opens ours', async () => {
      await setManagementKey(...WITH_FACTORY_KEY, '-a', algorithm, '--protect', '-P', PIN);
      expect(await conditionsOf(shared)).toEqual([]);
      expect((await expectAgreement(shared)).managementKey).toEqual({ algorithm, isFactory: hasMetadata ? false : null, isStored: true, isDerived: false });
      await shared.weDo((key) => key.generateKey(GENERATE));
      const theirs = shared.state.managementKey;
      await shared.weDo((key) => key.protectManagementKey(PIN));
      expect(shared.state.managementKey).toEqual(theirs);
      await shared.weDo((key) => key.rotateManagementKey({ pin: PIN }));
      expect(shared.state.managementKey).not.toEqual(theirs);
      expect((await expectAgreement(shared)).managementKey).toMatchObject({ algorithm, isStored: true });
      await shared.ykman('piv', 'keys', 'generate', '-P', PIN, '-a', 'ECCP256', '9e', '-');
      await setManagementKey('-a', algorithm, '--protect', '-n', value, '-P', PIN);
      await shared.weDo((key) => key.generateKey(GENERATE));
    });

    test('not stored: unknown to us, usable when typed, and in the protected form afterwards', async () => {
      await setManagementKey(...WITH_FACTORY_KEY, '-a', algorithm, '-n', value);
      // Firmware before 5.3 does not tell; it shows when the key is needed.
      expect(await conditionsOf(shared)).toEqual(hasMetadata ? ['management-key-unknown'] : []);
      await expectTypedKeyHelps(algorithm, value);
    });

    test('taken out of our protected form', async () => {
      await shared.weDo((key) => key.protectManagementKey(PIN));
      await setManagementKey('-P', PIN, '-a', algorithm, '-n', value);
      expect(await conditionsOf(shared)).toEqual(hasMetadata ? ['management-key-unknown'] : []);
      await expectTypedKeyHelps(algorithm, value);
    });
  });

  async function expectTypedKeyHelps(algorithm: string, value: string): Promise<void> {
    await expectAgreement(shared);
    const wrongKey = fromHex(value).toReversed();
    for (const outcomes of [
      outcome(await shared.ours((key) => key.generateKey(GENERATE))),
      outcome(await shared.ours((key) => key.protectManagementKey(PIN))),
      outcome(await shared.ours((key) => key.rotateManagementKey({ pin: PIN, managementKey: wrongKey }))),
    ]) expect(outcomes).toBe('management-key-unknown');
    expect(outcome(await shared.ours((key) => key.rotateManagementKey({ pin: PIN, managementKey: wrongKey.subarray(1) })))).toBe('management-key-malformed');
    expect(shared.state.managementKey.value).toBe(value);
    await shared.weDo((key) => key.rotateManagementKey({ pin: PIN, managementKey: fromHex(value) }));
    expect(await conditionsOf(shared)).toEqual([]);
    const after = await expectAgreement(shared);
    expect(after.managementKey).toMatchObject({ algorithm, isStored: true });
    expect(after.pin.left).toBe(3);
    await shared.ykman('piv', 'keys', 'generate', '-P', PIN, '-a', 'ECCP256', '9c', '-');
  }

  test('a management key that wants a finger', async () => {
    await setManagementKey(...WITH_FACTORY_KEY, '--protect', '--touch', '-P', FACTORY_PIN);
    expect(shared.state.managementKey.touchPolicy).toBe('always');
    await shared.weDo((key) => key.generateKey({ ...GENERATE, pin: FACTORY_PIN }));
    await shared.weDo((key) => key.rotateManagementKey({ pin: FACTORY_PIN }));
    await shared.ykman('piv', 'keys', 'generate', '-P', FACTORY_PIN, '-a', 'ECCP256', '9c', '-');
  });

  test('something of its own in PRINTED: we leave it alone', async () => {
    const [file, content] = [shared.path('printed'), randomBytes(40)];
    writeFileSync(file, Buffer.concat([Buffer.of(0x01, content.length), content]));
    await shared.ykman('piv', 'objects', 'import', ...WITH_FACTORY_KEY, 'printed', file);
    const before = shared.state;
    expect(outcome(await shared.ours((key) => key.protectManagementKey(FACTORY_PIN)))).toBe('printed-object-in-use');
    expect(outcome(await shared.ours((key) => key.rotateManagementKey({ pin: FACTORY_PIN })))).toBe('printed-object-in-use');
    expect(shared.state).toEqual(before);
    await expectAgreement(shared);
  });

  test('key pairs, generated with policies, and imported', async () => {
    for (const [pinPolicy, touchPolicy] of POLICIES) {
      await shared.ykman('piv', 'keys', 'generate', ...WITH_FACTORY_KEY, '-a', 'ECCP384', '--pin-policy', pinPolicy, '--touch-policy', touchPolicy, '9c', '-');
      expect((await shared.inventory())[0]).toMatchObject({ slot: '9c', keyPair: { keyType: 'ECCP384', origin: 'generated', pinPolicy, touchPolicy }, certificate: null, fits: null });
    }
    const imported = shared.path('imported.pem');
    writeFileSync(imported, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await shared.ykman('piv', 'keys', 'import', ...WITH_FACTORY_KEY, '--pin-policy', 'always', '--touch-policy', 'cached', '9d', imported);
    const held = (await shared.inventory()).find(({ slot }) => slot === '9d');
    // Before 5.3 nothing tells of an imported key.
    if (!hasMetadata) expect(held).toBeUndefined();
    else expect(held).toMatchObject({ keyPair: { keyType: 'RSA2048', origin: 'imported', pinPolicy: 'always', touchPolicy: 'cached' }, attestation: null });
    await expectAgreement(shared);
  });

  test('certificates: fitting, another one, deleted, without a key, unreadable', async () => {
    await access('change-pin', '-P', FACTORY_PIN, '-n', PIN);
    await access('change-puk', '-p', FACTORY_PUK, '-n', PUK);
    const [publicKey, certificate] = [shared.path('9a.pem'), shared.path('9a.der')];
    const importCertificate = async (der: Uint8Array): Promise<readonly string[]> => {
      writeFileSync(certificate, der);
      await shared.ykman('piv', 'certificates', 'import', ...WITH_FACTORY_KEY, '9a', certificate);
      return conditionsOf(shared);
    };
    expect(await importCertificate(testCertificate(otherPublicKey()))).toEqual(hasMetadata ? ['certificate-without-key'] : []);
    await shared.ykman('piv', 'keys', 'generate', ...WITH_FACTORY_KEY, '-a', 'ECCP256', '9a', publicKey);
    expect(await conditionsOf(shared)).toEqual(['certificate-unfit']);
    const spki = execFileSync('openssl', ['pkey', '-pubin', '-in', publicKey, '-outform', 'DER']);
    const fitting = testCertificate(spki);
    expect(await importCertificate(fitting)).toEqual([]);
    expect((await expectAgreement(shared)).certificates).toEqual({ '9a': sha256(fitting) });
    await shared.ykman('piv', 'certificates', 'delete', ...WITH_FACTORY_KEY, '9a');
    expect(await conditionsOf(shared)).toEqual(['enrollment-unfinished']);
    await shared.ykman('piv', 'certificates', 'generate', ...WITH_FACTORY_KEY, '-P', PIN, '-d', '7', '-s', 'CN=Week', '9a', publicKey);
    expect(await conditionsOf(shared)).toEqual([]);
    writeFileSync(certificate, Buffer.from('700401020304710100fe00', 'hex'));
    await shared.ykman('piv', 'objects', 'import', ...WITH_FACTORY_KEY, OBJECT.AUTHENTICATION_CERTIFICATE.toString(16), certificate);
    expect(await conditionsOf(shared)).toEqual(['certificate-unreadable']);
    expect(await shared.ykman('piv', 'info')).toContain('Error: Failed to parse certificate.');
    await shared.weDo((key) => key.deleteCertificate('9a', { pin: PIN }));
    expect((await expectAgreement(shared)).certificates).toEqual({});
  });

  test('a reset', async () => {
    await access('change-pin', '-P', FACTORY_PIN, '-n', PIN);
    await shared.weDo((key) => key.protectManagementKey(PIN));
    await shared.weDo((key) => key.generateKey(GENERATE));
    await shared.ykman('piv', 'reset', '-f');
    expect(await conditionsOf(shared)).toEqual([]);
    expect(await shared.inventory()).toEqual([]);
    expect(await expectAgreement(shared)).toMatchObject({ pin: { left: 3 }, managementKey: { isStored: false, isDerived: false }, chuid: '' });
    expect(readObject(shared.state, OBJECT.PRINTED)).toBeUndefined();
    await shared.weDo((key) => key.rotateManagementKey({ pin: FACTORY_PIN }));
  });
});
