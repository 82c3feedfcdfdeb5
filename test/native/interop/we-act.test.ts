import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FACTORY_PIN, FACTORY_PUK } from '../../../core/key-care/pin-rules.ts';
import { ENROLLABLE_PIN_POLICIES, type EnrollableKeyType, type TouchPolicy } from '../../../core/security-key.ts';
import { testCertificate } from '../piv/test-certificate.ts';
import { outcome } from '../piv/direct-access.ts';
import { FIRMWARES, openSharedReader, type SharedKey, type SharedReader } from './shared-key.ts';
import { certificateIn, expectAgreement, readStatement, sha256, viewStatement } from './views.ts';

const [PIN, NEXT_PIN, WRONG] = ['246813', '975310', '000000'];
const [PUK, NEXT_PUK] = ['86420135', '13579246'];
const TOUCH_POLICIES: readonly TouchPolicy[] = ['never', 'always', 'cached'];
/** PRINTED with a protected key and nothing else, as yubico-piv-tool prints it. */
const PROTECTED = /^88(?:1a8918|2289)[0-9a-f]+$/m;

let reader: SharedReader;
beforeAll(async () => {
  reader = await openSharedReader();
});
afterAll(() => reader?.close());

/** After each of our actions ykman and yubico-piv-tool tell the same as we do, and can go on. */
describe.each(FIRMWARES)('we act, and they read it, firmware %s', (firmware) => {
  const hasMetadata = firmware !== '4.3.7';
  let shared: SharedKey;
  beforeAll(async () => {
    shared = await reader.insert({ firmware });
  });
  afterAll(() => shared?.close());
  beforeEach(() => shared.startAnew());

  /** The management key in PRINTED, in hex, as yubico-piv-tool reads it with the PIN. */
  async function storedKey(pin: string): Promise<string> {
    const printed = await shared.pivTool('-a', 'verify-pin', '-P', pin, '-a', 'read-object', '--id', '0x5fc109');
    expect(printed).toMatch(PROTECTED);
    return (PROTECTED.exec(printed)?.[0] ?? '').slice(8);
  }

  /** Who has the PIN alone can go on with ykman. */
  async function expectYkmanGenerates(pin: string): Promise<void> {
    await shared.ykman('piv', 'keys', 'generate', '-P', pin, '-a', 'ECCP256', '9c', '-');
    expect(shared.state.keys['9c']?.keyType).toBe('ECCP256');
  }

  async function enroll(keyType: EnrollableKeyType = 'ECCP256'): Promise<Uint8Array> {
    await shared.weDo((key) => key.protectManagementKey(PIN));
    const publicKey = await shared.weDo((key) => key.generateKey({ pin: PIN, keyType, pinPolicy: 'once', touchPolicy: 'never' }));
    const certificate = testCertificate(publicKey, { name: 'Grace Hopper' });
    await shared.weDo((key) => key.writeCertificate(PIN, certificate));
    return certificate;
  }

  test('the PIN: changed, entered wrongly, blocked, unblocked', async () => {
    await shared.weDo((key) => key.changePin(FACTORY_PIN, PIN));
    expect((await expectAgreement(shared)).pin).toEqual({ left: 3, total: hasMetadata ? 3 : null, isFactory: hasMetadata ? false : null });
    expect(outcome(await shared.ours((key) => key.verifyPin(WRONG)))).toBe('pin-wrong');
    expect((await expectAgreement(shared)).pin.left).toBe(2);
    await shared.ykman('piv', 'access', 'change-pin', '-P', PIN, '-n', NEXT_PIN);
    for (const expected of ['pin-wrong', 'pin-wrong', 'pin-blocked']) expect(outcome(await shared.ours((key) => key.verifyPin(PIN)))).toBe(expected);
    expect((await expectAgreement(shared)).pin.left).toBe(0);
    await shared.weDo((key) => key.unblockPin(FACTORY_PUK, PIN));
    expect((await expectAgreement(shared)).pin.left).toBe(3);
    await shared.pivTool('-a', 'verify-pin', '-P', PIN);
  });

  test('the PUK, with which both of them unblock the PIN', async () => {
    await shared.weDo((key) => key.changePuk(FACTORY_PUK, PUK));
    await shared.ykman('piv', 'access', 'unblock-pin', '-p', PUK, '-n', PIN);
    await shared.pivTool('-a', 'unblock-pin', '-P', PUK, '-N', NEXT_PIN);
    await shared.pivTool('-a', 'change-puk', '-P', PUK, '-N', NEXT_PUK);
    await shared.weDo((key) => key.unblockPin(NEXT_PUK, PIN));
    await expectAgreement(shared);
  });

  test('the management key: protected, rotated, and each time the PIN alone opens it for ykman', async () => {
    await shared.weDo((key) => key.changePin(FACTORY_PIN, PIN));
    await shared.weDo((key) => key.protectManagementKey(PIN));
    const algorithm = firmware === '5.7.1' ? 'AES192' : 'TDES';
    const isProtected = { algorithm, isFactory: hasMetadata ? false : null, isStored: true, isDerived: false };
    expect((await expectAgreement(shared)).managementKey).toEqual(isProtected);
    const before = await storedKey(PIN);
    await expectYkmanGenerates(PIN);
    await shared.weDo((key) => key.rotateManagementKey({ pin: PIN }));
    expect((await expectAgreement(shared)).managementKey).toEqual(isProtected);
    const after = await storedKey(PIN);
    expect(after).not.toBe(before);
    await shared.ykman('piv', 'objects', 'generate', '-m', after, 'chuid');
    expect((await shared.run('ykman', '--reader', shared.readerName, 'piv', 'objects', 'generate', '-m', before, 'chuid')).output).toContain('Authentication with management key failed');
    await expectYkmanGenerates(PIN);
    await expectNoTraceOfRotation();
  });

  test('a factory management key rotated at once', async () => {
    await shared.weDo((key) => key.rotateManagementKey({ pin: FACTORY_PIN }));
    expect((await expectAgreement(shared)).managementKey).toMatchObject({ isStored: true });
    await shared.ykman('piv', 'objects', 'generate', '-m', await storedKey(FACTORY_PIN), 'ccc');
    await expectYkmanGenerates(FACTORY_PIN);
    await expectNoTraceOfRotation();
  });

  /** Nothing that only we know of stays on the key: ADMIN DATA says one thing, and ROTATION (5FFF4C) is gone. */
  async function expectNoTraceOfRotation(): Promise<void> {
    expect(await shared.pivTool('-a', 'read-object', '--id', '0x5fff00')).toBe('8003810102\n');
    expect((await shared.run('yubico-piv-tool', '-a', 'read-object', '--id', '0x5fff4c')).exitCode).not.toBe(0);
  }

  test('the attempts, with a new PIN and PUK', async () => {
    await shared.weDo((key) => key.setRetries({ pin: FACTORY_PIN, pinAttempts: 5, pukAttempts: 2, newPin: PIN, newPuk: PUK }));
    expect((await expectAgreement(shared)).pin).toEqual({ left: 5, total: hasMetadata ? 5 : null, isFactory: hasMetadata ? false : null });
    await shared.pivTool('-a', 'verify-pin', '-P', PIN);
    expect((await shared.run('ykman', '--reader', shared.readerName, 'piv', 'access', 'change-puk', '-p', NEXT_PUK, '-n', PUK)).output).toContain('1 tries left');
    await shared.ykman('piv', 'access', 'change-puk', '-p', PUK, '-n', NEXT_PUK);
    await shared.weDo((key) => key.unblockPin(NEXT_PUK, NEXT_PIN));
    // The management key outlives it, in the form it had.
    await shared.weDo((key) => key.protectManagementKey(NEXT_PIN));
    await shared.weDo((key) => key.setRetries({ pin: NEXT_PIN, pinAttempts: 255, pukAttempts: 255, newPin: PIN, newPuk: PUK }));
    await expectYkmanGenerates(PIN);
  });

  test('key pairs of every policy: what the statement says', async () => {
    for (const pinPolicy of ENROLLABLE_PIN_POLICIES) {
      for (const touchPolicy of TOUCH_POLICIES) {
        const publicKey = await shared.weDo((key) => key.generateKey({ pin: FACTORY_PIN, keyType: 'ECCP256', pinPolicy, touchPolicy }));
        const wanted = { publicKey: Buffer.from(publicKey).toString('hex'), pinPolicy, touchPolicy };
        expect(await readStatement(shared, '9a')).toEqual(wanted);
      }
    }
    expect(viewStatement(await shared.ykman('piv', 'keys', 'attest', '9a', '-'))).toMatchObject({ pinPolicy: 'never', touchPolicy: 'cached' });
  });

  test.each<EnrollableKeyType>(firmware === '5.7.1' ? ['ECCP384', 'RSA2048', 'ED25519'] : ['ECCP384', 'RSA2048'])('a key pair and certificate of %s', async (keyType) => {
    await shared.weDo((key) => key.changePin(FACTORY_PIN, PIN));
    const certificate = await enroll(keyType);
    expect((await expectAgreement(shared)).certificates).toEqual({ '9a': sha256(certificate) });
  });

  test('a certificate, byte for byte, a new CHUID with it, and both again when it is deleted', async () => {
    await shared.weDo((key) => key.changePin(FACTORY_PIN, PIN));
    const certificate = Buffer.from(await enroll());
    const { certificates, chuid } = await expectAgreement(shared);
    expect(certificates).toEqual({ '9a': sha256(certificate) });
    expect(chuid).toMatch(/^3019/);
    expect(certificateIn(await shared.ykman('piv', 'certificates', 'export', '9a', '-')).raw).toEqual(certificate);
    expect(certificateIn(await shared.pivTool('-a', 'read-certificate', '-s', '9a')).raw).toEqual(certificate);
    expect(certificateIn(await shared.succeed('pkcs15-tool', '--reader', shared.readerName, '--read-certificate', '01')).raw).toEqual(certificate);
    await shared.weDo((key) => key.deleteCertificate('9a', { pin: PIN }));
    const deleted = await expectAgreement(shared);
    expect(deleted.certificates).toEqual({});
    expect(deleted.chuid).not.toBe(chuid);
    // The key pair is still there, and ykman makes itself a certificate for it.
    const publicKey = shared.path(`${firmware}.pem`);
    await shared.ykman('piv', 'keys', 'export', '9a', publicKey);
    await shared.ykman('piv', 'certificates', 'generate', '-P', PIN, '-s', 'CN=Self', '9a', publicKey);
    expect(Object.keys((await expectAgreement(shared)).certificates)).toEqual(['9a']);
  });

  test('a reset, after which ykman begins anew; and ykman resets what we made', async () => {
    await shared.weDo((key) => key.changePin(FACTORY_PIN, PIN));
    await enroll();
    await shared.weDo((key) => key.reset(shared.key.serial));
    const factory = await expectAgreement(shared);
    expect(factory).toMatchObject({ pin: { left: 3 }, managementKey: { isStored: false, isDerived: false }, certificates: {}, chuid: '' });
    await shared.ykman('piv', 'access', 'change-pin', '-P', FACTORY_PIN, '-n', PIN);
    await enroll();
    await shared.ykman('piv', 'reset', '-f');
    expect(await expectAgreement(shared)).toEqual(factory);
    expect(await shared.inventory()).toEqual([]);
  });
});
