/** The parts that any PKCS#11 module shares, on SoftHSM: none of it knows that YubiKeys exist. */
import { verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyType } from '../../../core/security-key.ts';
import { Pkcs11Modules } from '../../../native/pkcs11/pkcs11-modules.ts';
import { SOFTHSM_MODULE, SoftTokens, type SoftTokenKey } from './soft-token.ts';

const LABEL = 'CA key';
const PIN = '4711-4711';
const TARGET = { modulePath: SOFTHSM_MODULE, tokenLabel: LABEL };
const MESSAGE = Buffer.from('a message that is longer than any hash, so that it cannot pass for one, whatever the algorithm');

const tokens = new SoftTokens();
const modules = new Pkcs11Modules();
const keys = new Map<KeyType, SoftTokenKey>();

beforeAll(() => {
  tokens.initialize(LABEL, PIN);
  for (const [index, keyType] of (['ECCP256', 'ECCP384', 'RSA2048', 'ED25519'] as const).entries()) {
    keys.set(keyType, tokens.addKey(LABEL, PIN, index + 1, keyType));
  }
});
afterAll(() => {
  modules.close();
  tokens.remove();
});

function keyOf(keyType: KeyType): SoftTokenKey {
  const key = keys.get(keyType);
  if (!key) throw new Error(`no ${keyType} key`);
  return key;
}

describe('signatures, by CKA_ID', () => {
  it.each([
    ['ECCP256', 'sha256'],
    ['ECCP384', 'sha384'],
    ['RSA2048', 'sha256'],
    ['ED25519', null],
  ] as const)('%s', async (keyType, hash) => {
    const { id, publicKey } = keyOf(keyType);
    const outcome = await modules.sign(TARGET, PIN, MESSAGE, keyType, { key: { id: Uint8Array.of(id) } });
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure));
    expect(verify(hash, MESSAGE, publicKey, outcome.value)).toBe(true);
  });

  it('ECDSA as minimal DER, many times over (leading zeros and high bits in r and s)', async () => {
    const { id, publicKey } = keyOf('ECCP256');
    for (let round = 0; round < 40; round += 1) {
      const outcome = await modules.sign(TARGET, PIN, MESSAGE, 'ECCP256', { key: { id: Uint8Array.of(id) } });
      expect(outcome.ok && verify('sha256', MESSAGE, publicKey, outcome.value)).toBe(true);
    }
  });

  it('names a key that is not there', async () => {
    expect(await modules.sign(TARGET, PIN, MESSAGE, 'ECCP256', { key: { id: Uint8Array.of(0x77) } })).toEqual({ ok: false, failure: { kind: 'slot-empty' } });
  });
});

describe('login', () => {
  it('right and wrong, with the attempts left to be asked elsewhere', async () => {
    expect(await modules.loginOnly(TARGET, PIN)).toMatchObject({ ok: true, value: { path: SOFTHSM_MODULE, version: '2.6' } });
    expect(await modules.loginOnly(TARGET, '000000')).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: null } });
  });

  it('finds the token by its label, and never guesses between two', async () => {
    expect(await modules.loginOnly({ modulePath: SOFTHSM_MODULE, tokenLabel: 'CA' }, PIN)).toEqual({ ok: false, failure: { kind: 'security-key-removed' } });
    tokens.initialize('twin', PIN);
    tokens.initialize('twin', PIN);
    expect(await modules.loginOnly({ modulePath: SOFTHSM_MODULE, tokenLabel: 'twin' }, PIN)).toMatchObject({ ok: false, failure: { kind: 'module-failed' } });
  });

  it('changes the PIN, and back', async () => {
    expect(await modules.changePin(TARGET, '000000', '111111')).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: null } });
    expect(await modules.changePin(TARGET, PIN, '111111')).toMatchObject({ ok: true });
    expect(await modules.loginOnly(TARGET, PIN)).toMatchObject({ ok: false, failure: { kind: 'pin-wrong' } });
    expect(await modules.changePin(TARGET, '111111', PIN)).toMatchObject({ ok: true });
  });

  it('cannot change a PUK', async () => {
    expect(await modules.changePuk(TARGET, '12345678', '87654321')).toEqual({ ok: false, failure: { kind: 'module-cannot', module: SOFTHSM_MODULE, detail: 'changePuk' } });
  });
});

describe('the proof', () => {
  it.each(['ECCP256', 'ECCP384', 'RSA2048', 'ED25519'] as const)('%s: finds the certificate written a moment ago, by its bytes', async (keyType) => {
    const key = keyOf(keyType);
    const certificate = tokens.certify(key);
    expect(await modules.prove(TARGET, PIN, certificate)).toEqual({ ok: false, failure: { kind: 'proof-failed', reason: 'certificate-not-found', module: SOFTHSM_MODULE } });
    tokens.addCertificate(LABEL, PIN, key.id, certificate);
    const phases: string[] = [];
    expect(await modules.prove(TARGET, PIN, certificate, { onSigning: () => phases.push('signing') })).toEqual({
      ok: true,
      value: { through: 'pkcs11', module: { path: SOFTHSM_MODULE, version: '2.6' }, signed: true },
    });
    expect(phases).toEqual(['signing']);
  });

  it('fails where the certificate is there and its key is not, or another', async () => {
    const certificate = tokens.certify(keyOf('ECCP256'));
    tokens.initialize('other', PIN);
    const other = { modulePath: SOFTHSM_MODULE, tokenLabel: 'other' };
    tokens.addCertificate('other', PIN, 9, certificate);
    expect(await modules.prove(other, PIN, certificate)).toEqual({ ok: false, failure: { kind: 'proof-failed', reason: 'key-not-found', module: SOFTHSM_MODULE } });
    tokens.addKey('other', PIN, 9, 'ECCP256');
    expect(await modules.prove(other, PIN, certificate)).toEqual({ ok: false, failure: { kind: 'proof-failed', reason: 'signature', module: SOFTHSM_MODULE } });
  });
});
