import { createPublicKey, verify } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FACTORY_PIN } from '../../../core/key-care/pin-rules.ts';
import { RETIRED_SLOTS, type RetiredSlot } from '../../../core/piv-slots.ts';
import { testCertificate } from '../piv/test-certificate.ts';
import { YKCS11 } from '../virtual-yubikey/interop/reader.ts';
import { openSharedReader, type SharedKey, type SharedReader } from './shared-key.ts';
import { certificateIn, expectAgreement, sha256 } from './views.ts';

const [PIN, NEXT_PIN] = ['246813', '975310'];
const MECHANISMS = { ECCP256: 'ECDSA-SHA256', RSA2048: 'SHA256-RSA-PKCS' } as const;
type SigningKeyType = keyof typeof MECHANISMS;

/** Keys that we moved out of 9a, as all the others find them: ykman, yubico-piv-tool, OpenSC and ykcs11. */
describe('retired keys, firmware 5.7.1', () => {
  let reader: SharedReader;
  let shared: SharedKey;
  beforeAll(async () => {
    reader = await openSharedReader();
    shared = await reader.insert({ firmware: '5.7.1' });
  });
  afterAll(async () => {
    await shared?.close();
    await reader?.close();
  });
  beforeEach(async () => {
    await shared.startAnew();
    await shared.weDo((key) => key.changePin(FACTORY_PIN, PIN));
    await shared.weDo((key) => key.protectManagementKey(PIN));
  });

  async function enroll(keyType: SigningKeyType, name: string): Promise<{ readonly publicKey: Uint8Array; readonly certificate: Buffer }> {
    const publicKey = await shared.weDo((key) => key.generateKey({ pin: PIN, keyType, pinPolicy: 'once', touchPolicy: 'never' }));
    const certificate = testCertificate(publicKey, { name, isForSigning: true });
    await shared.weDo((key) => key.writeCertificate(PIN, certificate));
    return { publicKey, certificate: Buffer.from(certificate) };
  }

  /** PKCS#11 counts 9a, 9c, 9d, 9e, 82 … as 1, 2, 3, 4, 5 …. */
  function objectId(slot: RetiredSlot): string {
    return (5 + RETIRED_SLOTS.indexOf(slot)).toString(16).padStart(2, '0');
  }

  /** Signs by pkcs11-tool and verifies with node:crypto. */
  async function expectSigns(module: readonly string[], slot: RetiredSlot, keyType: SigningKeyType, publicKey: Uint8Array): Promise<void> {
    const [data, signature] = [shared.path('data'), shared.path('signature')];
    writeFileSync(data, 'to be signed');
    await shared.succeed('pkcs11-tool', ...module, '--login', '--pin', PIN, '--sign', '--mechanism', MECHANISMS[keyType], '--id', objectId(slot), '--signature-format', 'openssl', '-i', data, '-o', signature);
    const spki = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
    expect(verify('sha256', readFileSync(data), spki, readFileSync(signature))).toBe(true);
  }

  test.each<SigningKeyType>(['ECCP256', 'RSA2048'])('%s: all read key and certificate in the retired slot, and sign with it', async (keyType) => {
    const { publicKey, certificate } = await enroll(keyType, 'Ada Lovelace');
    expect(await shared.weDo((key) => key.retireKey({ pin: PIN }))).toBe('82');
    expect((await expectAgreement(shared)).certificates).toEqual({ 82: sha256(certificate) });
    expect(certificateIn(await shared.ykman('piv', 'certificates', 'export', '82', '-')).raw).toEqual(certificate);
    expect(certificateIn(await shared.pivTool('-a', 'read-certificate', '-s', '82')).raw).toEqual(certificate);
    expect(certificateIn(await shared.succeed('pkcs15-tool', '--reader', shared.readerName, '--read-certificate', objectId('82'))).raw).toEqual(certificate);
    await expectSigns([], '82', keyType, publicKey);
    await expectSigns(['--module', YKCS11], '82', keyType, publicKey);
    // The PIN is still the same PIN, and the slot is free for ykman.
    await shared.ykman('piv', 'access', 'change-pin', '-P', PIN, '-n', NEXT_PIN);
    await shared.ykman('piv', 'keys', 'generate', '-P', NEXT_PIN, '-a', 'ECCP256', '9a', '-');
    expect((await shared.inventory()).map(({ slot, fits }) => [slot, fits])).toEqual([['9a', null], ['82', true]]);
  });

  test('a second one goes to the next slot that ykman left free, and OpenSC shows all', async () => {
    const [first, theirs] = [await enroll('ECCP256', 'First'), shared.path('theirs.pem')];
    await shared.ykman('piv', 'keys', 'generate', '-P', PIN, '-a', 'ECCP256', '83', theirs);
    await shared.ykman('piv', 'certificates', 'generate', '-P', PIN, '-s', 'CN=Theirs', '83', theirs);
    expect(await shared.weDo((key) => key.retireKey({ pin: PIN }))).toBe('82');
    const second = await enroll('ECCP256', 'Second');
    expect(await shared.weDo((key) => key.retireKey({ pin: PIN }))).toBe('84');
    const { certificates } = await expectAgreement(shared);
    expect(certificates).toEqual({ 82: sha256(first.certificate), 83: expect.any(String), 84: sha256(second.certificate) });
    const listed = await shared.succeed('pkcs15-tool', '--reader', shared.readerName, '--list-certificates');
    expect([...listed.matchAll(/Retired Certificate for Key Management (\d+)/g)].map(([, number]) => number)).toEqual(['1', '2', '3']);
    await expectSigns([], '82', 'ECCP256', first.publicKey);
    await expectSigns([], '84', 'ECCP256', second.publicKey);
  });
});
