/** Looking after a key through the SecurityKey port: what every implementation does, over a real pcscd and a virtual YubiKey. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SecurityKey } from '../../core/security-key.ts';
import type { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { outcome, OWNER_PIN, OWNER_PUK, value, type Model } from '../native/piv/direct-access.ts';
import { keyOfForm } from '../native/piv/management-forms.ts';
import { keyWithSerial } from '../native/pcsc/situations.ts';
import { testCertificate } from '../native/piv/test-certificate.ts';
import { ContractReaders, type InsertedKey } from './contract-readers.ts';

const [NEW_PIN, NEW_PUK, WRONG] = ['97531864', '86420753', '00000000'];

/** Runs the contract on keys whose PIN and PUK are the owner's. */
export function keyCareContract(name: string, subject: { readonly modulePath: string | null; readonly models: readonly Model[] }): void {
  describe(name, () => {
    let readers: ContractReaders;

    beforeAll(async () => {
      readers = await ContractReaders.start(subject.modulePath);
    });
    afterAll(() => readers?.close());

    describe.each(subject.models)('%s', (model) => {
      let inserted: InsertedKey;
      let key: VirtualYubiKey;
      let securityKey: SecurityKey;

      beforeEach(async () => {
        const { key: prepared } = await keyOfForm(model, 'protected');
        inserted = await readers.insert(readers.newKeyLike(prepared, model));
        ({ key, securityKey } = inserted);
      });
      afterEach(() => readers.leave(inserted));

      async function enroll(): Promise<Uint8Array> {
        const publicKey = value(await securityKey.generateKey({ pin: OWNER_PIN, keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' }));
        const certificate = testCertificate(publicKey, { isForSigning: true });
        value(await securityKey.writeCertificate(OWNER_PIN, certificate));
        return certificate;
      }

      test('a key and its certificate: listed, attested, moved away where the firmware can, and the certificate deleted', async () => {
        expect(value(await securityKey.inventory())).toEqual([]);
        const certificate = await enroll();
        const [held, ...others] = value(await securityKey.inventory());
        expect(others).toEqual([]);
        expect(held).toMatchObject({ slot: '9a', certificate, fits: true, keyPair: { origin: 'generated' } });
        expect(value(await securityKey.attest('9a')).intermediate).toEqual(held?.attestation?.intermediate);
        expect(outcome(await securityKey.attest('9c'))).toBe('attestation-unavailable');
        const canMove = model.startsWith('5.7');
        const retired = await securityKey.retireKey({ pin: OWNER_PIN });
        expect(retired.ok ? retired.value : retired.failure.kind).toBe(canMove ? '82' : 'move-unsupported');
        const slot = canMove ? '82' : '9a';
        expect(value(await securityKey.inventory())).toMatchObject([{ slot, certificate, fits: true }]);
        // The module that had 9a's certificate in its cache sees the new one.
        if (canMove) expect(outcome(await securityKey.prove(OWNER_PIN, await enroll()))).toBe('ok');
        value(await securityKey.deleteCertificate(slot, { pin: OWNER_PIN }));
        expect(value(await securityKey.inventory()).find((one) => one.slot === slot)).toMatchObject({ certificate: null });
        expect(outcome(await securityKey.deleteCertificate(slot, { pin: OWNER_PIN }))).toBe('slot-empty');
      });

      test('the management key and the attempts: rotated and set, and the situation follows', async () => {
        const before = key.exportState().managementKey.value;
        expect(await securityKey.rotateManagementKey({ pin: WRONG })).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
        value(await securityKey.rotateManagementKey({ pin: OWNER_PIN }));
        expect(key.exportState().managementKey.value).not.toBe(before);
        const wanted = { pin: OWNER_PIN, pinAttempts: 5, pukAttempts: 7, newPin: NEW_PIN, newPuk: NEW_PUK };
        expect(outcome(await securityKey.setRetries({ ...wanted, pinAttempts: 0 }))).toBe('attempts-invalid');
        value(await securityKey.setRetries(wanted));
        expect(await securityKey.verifyPin(OWNER_PIN)).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 4 } });
        expect(outcome(await securityKey.verifyPin(NEW_PIN))).toBe('ok');
        expect(outcome(await securityKey.changePuk(NEW_PUK, OWNER_PUK))).toBe('ok');
        value(await securityKey.rotateManagementKey({ pin: NEW_PIN }));
        await keyWithSerial(readers.keys, key.serial, ({ pin }) => pin.attemptsLeft === 5);
      });

      test('the reset: not with another serial, and then whole, from whatever state', async () => {
        await enroll();
        for (let attempt = 0; attempt < 3; attempt++) await securityKey.verifyPin(WRONG);
        expect(outcome(await securityKey.reset(key.serial + 1))).toBe('serial-mismatch');
        expect(key.exportState().keys['9a']).toBeDefined();
        value(await securityKey.reset(key.serial));
        const facts = await keyWithSerial(readers.keys, key.serial, ({ pin }) => pin.attemptsLeft === 3);
        expect(facts.authentication).toEqual({ keyPair: null, certificate: null, fits: null });
        expect(Object.keys(key.exportState().keys)).toEqual(['f9']);
        expect(outcome(await securityKey.verifyPin('123456'))).toBe('ok');
      });

      test('a PIN that the management key was derived from is changed, and the management key stays known', async () => {
        await readers.pull(inserted);
        const { key: derived } = await keyOfForm(model, 'derived');
        inserted = await readers.insert(readers.newKeyLike(derived, model));
        const { securityKey: other, facts } = inserted;
        expect(facts.managementKey).toMatchObject({ isPinDerived: true, isPinProtected: false });
        value(await other.changePin(OWNER_PIN, NEW_PIN));
        await keyWithSerial(readers.keys, inserted.key.serial, ({ managementKey }) => managementKey.isPinProtected && !managementKey.isPinDerived);
        value(await other.rotateManagementKey({ pin: NEW_PIN }));
        expect(inserted.key.exportState().pin.attemptsLeft).toBe(3);
      });
    });
  });
}
