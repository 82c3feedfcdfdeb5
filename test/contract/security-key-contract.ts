/** What every implementation of the SecurityKey port does, over a real pcscd and a virtual YubiKey. */
import { execFile } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Result } from '../../core/result.ts';
import type { EnrollableKeyType, KeyActivity, SecurityKey, SecurityKeyFacts, TouchPolicy } from '../../core/security-key.ts';
import type { PrivatePcscd } from '../../native/virtual-yubikey/private-pcscd.ts';
import type { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { otherPublicKey, testCertificate } from '../native/piv/test-certificate.ts';
import { keyWithSerial } from '../native/pcsc/situations.ts';
import { ContractReaders, type InsertedKey } from './contract-readers.ts';

export interface ContractSubject {
  readonly modulePath: string | null;
  readonly firmwares: readonly string[];
  /** Key types that the proof goes through the module with. */
  readonly provesThroughModule: readonly EnrollableKeyType[];
}

const [PIN, NEW_PIN, PUK, NEW_PUK, WRONG] = ['123456', '246813', '12345678', '87654321', '000000'];

function outcome(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.failure.kind;
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

function isSigned(publicKey: Uint8Array, keyType: EnrollableKeyType, message: Uint8Array, signature: Uint8Array): boolean {
  const hash = keyType === 'ED25519' ? null : keyType === 'ECCP384' ? 'sha384' : 'sha256';
  return verify(hash, message, createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' }), signature);
}

/** How a card answers a program that is not ours, opensc-tool, which selects PIV and verifies nothing. */
async function statusWordOf(pcscd: PrivatePcscd, readerName: string, apdu: string): Promise<string> {
  const { stdout } = await promisify(execFile)('opensc-tool', ['--reader', readerName, '--send-apdu', apdu], { env: pcscd.environment });
  const match = /SW1=0x(..), SW2=0x(..)/.exec(stdout);
  return `${match?.[1]}${match?.[2]}`;
}

/** Runs the contract. */
export function securityKeyContract(name: string, subject: ContractSubject): void {
  describe(name, () => {
    let readers: ContractReaders;

    beforeAll(async () => {
      readers = await ContractReaders.start(subject.modulePath);
    });
    afterAll(() => readers?.close());

    describe.each(subject.firmwares)('firmware %s', (firmware) => {
      let inserted: InsertedKey;
      let key: VirtualYubiKey;
      let securityKey: SecurityKey;
      let facts: SecurityKeyFacts;

      beforeEach(async () => {
        inserted = await readers.insert(readers.newKey({ firmware }));
        ({ key, securityKey, facts } = inserted);
      });
      afterEach(() => readers.leave(inserted));

      async function generate(keyType: EnrollableKeyType, touchPolicy: TouchPolicy = 'never'): Promise<Uint8Array> {
        return value(await securityKey.generateKey({ pin: PIN, keyType, pinPolicy: 'once', touchPolicy }));
      }

      async function enroll(keyType: EnrollableKeyType, touchPolicy: TouchPolicy = 'never'): Promise<{ publicKey: Uint8Array; certificate: Uint8Array }> {
        const publicKey = await generate(keyType, touchPolicy);
        const certificate = testCertificate(publicKey);
        value(await securityKey.writeCertificate(PIN, certificate));
        return { publicKey, certificate };
      }

      test('facts are read at insertion, and again on demand', async () => {
        expect(facts).toMatchObject({ serial: key.serial, pin: { attemptsLeft: 3 }, authentication: { keyPair: null, certificate: null } });
        expect(value(await securityKey.facts())).toEqual(facts);
      });

      test('the PIN: wrong, right, changed, and the situation follows', async () => {
        expect(await securityKey.verifyPin(WRONG)).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
        expect(await securityKey.changePin(WRONG, NEW_PIN)).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 1 } });
        expect(outcome(await securityKey.changePin(PIN, NEW_PIN))).toBe('ok');
        expect(await securityKey.verifyPin(PIN)).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
        expect(outcome(await securityKey.verifyPin(NEW_PIN))).toBe('ok');
        expect(outcome(await securityKey.changePin(NEW_PIN, 'abc!12'))).toBe('ok');
        expect(outcome(await securityKey.verifyPin('abc!12'))).toBe('ok');
        const isKnown = facts.pin.isFactory !== null;
        const seen = await keyWithSerial(readers.keys, key.serial, ({ pin }) => pin.attemptsLeft === 3 && pin.isFactory === (isKnown ? false : null));
        expect(seen.pin.attemptsLeft).toBe(3);
      });

      test('a PIN that breaks a rule costs no attempt', async () => {
        const invalid = (rule: string) => ({ ok: false, failure: { kind: 'pin-invalid', which: 'PIN', rule } });
        expect(await securityKey.verifyPin('12345')).toEqual(invalid('too-short'));
        expect(await securityKey.changePin(PIN, '123456789')).toMatchObject(invalid('too-long'));
        expect(await securityKey.changePin(PIN, PIN)).toMatchObject(invalid('factory-value'));
        expect(await securityKey.sign('', new Uint8Array(1))).toMatchObject({ ok: false });
        expect(key.exportState().pin.attemptsLeft).toBe(3);
      });

      test('a blocked PIN is told, and the PUK unblocks it', async () => {
        const outcomes = [];
        for (let attempt = 0; attempt < 4; attempt++) outcomes.push(outcome(await securityKey.verifyPin(WRONG)));
        expect(outcomes).toEqual(['pin-wrong', 'pin-wrong', 'pin-blocked', 'pin-blocked']);
        expect(outcome(await securityKey.changePin(PIN, NEW_PIN))).toBe('pin-blocked');
        expect(await securityKey.unblockPin('11111111', NEW_PIN)).toEqual({ ok: false, failure: { kind: 'puk-wrong', attemptsLeft: 2 } });
        expect(outcome(await securityKey.unblockPin(PUK, NEW_PIN))).toBe('ok');
        expect(outcome(await securityKey.verifyPin(NEW_PIN))).toBe('ok');
      });

      test('the PUK: wrong, changed, blocked', async () => {
        expect(await securityKey.changePuk(WRONG, NEW_PUK)).toEqual({ ok: false, failure: { kind: 'puk-wrong', attemptsLeft: 2 } });
        expect(outcome(await securityKey.changePuk(PUK, NEW_PUK))).toBe('ok');
        const outcomes = [];
        for (let attempt = 0; attempt < 3; attempt++) outcomes.push(outcome(await securityKey.changePuk(PUK, NEW_PUK)));
        expect(outcomes).toEqual(['puk-wrong', 'puk-wrong', 'puk-blocked']);
      });

      const keyTypes: readonly EnrollableKeyType[] = firmware.startsWith('5.7') ? ['ECCP256', 'ECCP384', 'RSA2048', 'ED25519'] : ['ECCP256', 'ECCP384', 'RSA2048'];
      test.each(keyTypes)('%s: generated, attested, signs without and with its certificate, proven', async (keyType) => {
        value(await securityKey.protectManagementKey(PIN));
        const publicKey = await generate(keyType);
        expect(outcome(await securityKey.attest())).toBe('ok');
        const request = crypto.getRandomValues(new Uint8Array(900));
        expect(isSigned(publicKey, keyType, request, value(await securityKey.sign(PIN, request)))).toBe(true);
        const certificate = testCertificate(publicKey);
        value(await securityKey.writeCertificate(PIN, certificate));
        expect(isSigned(publicKey, keyType, request, value(await securityKey.sign(PIN, request)))).toBe(true);
        const proof = value(await securityKey.prove(PIN, certificate));
        const isThroughModule = subject.provesThroughModule.includes(keyType);
        expect(proof).toMatchObject({ signed: true, through: isThroughModule ? 'pkcs11' : 'piv' });
        expect(proof.module?.path ?? null).toBe(isThroughModule ? subject.modulePath : null);
        expect(key.exportState().pin.attemptsLeft).toBe(3);
      });

      test('a new key pair over a certificate of the old one signs with the new', async () => {
        await enroll('ECCP256');
        const publicKey = await generate('RSA2048');
        const message = new Uint8Array(10);
        expect(isSigned(publicKey, 'RSA2048', message, value(await securityKey.sign(PIN, message)))).toBe(true);
      });

      test('a wrong PIN signs nothing, proves nothing, and is counted once each time', async () => {
        const { certificate } = await enroll('ECCP256');
        expect(await securityKey.sign(WRONG, new Uint8Array(1))).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
        expect(await securityKey.prove(WRONG, certificate)).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 1 } });
        expect(outcome(await securityKey.prove(PIN, certificate))).toBe('ok');
      });

      test('the proof of a certificate that is not on the key fails', async () => {
        const { publicKey } = await enroll('ECCP256');
        expect(await securityKey.prove(PIN, testCertificate(publicKey))).toMatchObject({ ok: false, failure: { kind: 'proof-failed', reason: 'certificate-not-found' } });
        expect(await securityKey.writeCertificate(PIN, testCertificate(otherPublicKey()))).toMatchObject({ ok: false, failure: { kind: 'certificate-unfit' } });
      });

      test('a touch is announced, waited for, and missed', async () => {
        const { certificate } = await enroll('ECCP256', 'always');
        const stop = key.watch(({ isWaitingForTouch }) => isWaitingForTouch && key.touch());
        const seen: KeyActivity[] = [];
        expect(outcome(await securityKey.sign(PIN, new Uint8Array(1), (activity) => seen.push(activity)))).toBe('ok');
        expect(outcome(await securityKey.prove(PIN, certificate, (activity) => seen.push(activity)))).toBe('ok');
        expect(seen).toEqual([{ kind: 'waiting-for-touch' }, { kind: 'waiting-for-touch' }]);
        stop();
        expect(outcome(await securityKey.sign(PIN, new Uint8Array(1)))).toBe('touch-timeout');
        expect(key.exportState().pin.attemptsLeft).toBe(3);
      });

      test('nothing of it is left on the card: no verified PIN for the next program', async () => {
        const isVerified = async (): Promise<boolean> => (await statusWordOf(readers.pcscd, facts.readerName, '00200080')) === '9000';
        const { certificate } = await enroll('ECCP256');
        expect(await isVerified()).toBe(false);
        value(await securityKey.verifyPin(PIN));
        expect(await isVerified()).toBe(false);
        value(await securityKey.sign(PIN, new Uint8Array(1)));
        expect(await isVerified()).toBe(false);
        value(await securityKey.prove(PIN, certificate));
        expect(await isVerified()).toBe(false);
      });

      test('a pulled key fails, and goes on after its return', async () => {
        await enroll('ECCP256');
        await readers.pull(inserted);
        expect(outcome(await securityKey.verifyPin(PIN))).toBe('security-key-removed');
        expect(outcome(await securityKey.facts())).toBe('security-key-removed');
        await readers.putBack(inserted);
        expect(outcome(await securityKey.verifyPin(PIN))).toBe('ok');
      });

      // Five pulls take seconds, and firmware makes no difference to them.
      if (firmware === '5.4.3') {
        test('pulled in the middle of signing: removed, no attempt lost, and it signs after its return', async () => {
          await enroll('ECCP256');
          for (const pullAfterCommands of [1, 9, 14, 17, 23]) {
            key.setFaults({ pullAfterCommands });
            const result = await securityKey.sign(PIN, new Uint8Array(1));
            key.setFaults({});
            if (!key.status.isPluggedIn) {
              expect(outcome(result), `after ${pullAfterCommands} commands`).toBe('security-key-removed');
              await readers.pull(inserted);
              await readers.putBack(inserted);
            }
            expect(key.exportState().pin.attemptsLeft).toBe(3);
          }
          expect(outcome(await securityKey.sign(PIN, new Uint8Array(1)))).toBe('ok');
        });
      }

      test('another key in its place gets no PIN; the same key elsewhere is found', async () => {
        await readers.otherIsEmpty();
        await readers.pull(inserted);
        const other = await readers.insertHere(readers.newKey({ firmware }));
        expect(outcome(await securityKey.verifyPin(WRONG))).toBe('security-key-removed');
        inserted = await readers.insert(key);
        expect(outcome(await securityKey.verifyPin(PIN))).toBe('ok');
        expect(await securityKey.verifyPin(WRONG)).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
        expect(other.key.exportState().pin.attemptsLeft).toBe(3);
        await readers.pull(other);
      });
    });
  });
}
