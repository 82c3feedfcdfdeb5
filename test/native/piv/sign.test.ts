import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../core/bytes.ts';
import { ENROLLABLE_KEY_TYPES, supportsKeyType, type KeyType, type TouchPolicy } from '../../../core/security-key.ts';
import { FACTORY } from '../../../native/piv/identifiers.ts';
import { keyTypeOf, publicKeyFromPiv } from '../../../native/piv/public-keys.ts';
import { isSignatureOf, signatureInput } from '../../../native/piv/sign.ts';
import { directKey, outcome, value, virtualKey } from './direct-access.ts';

const PIN = FACTORY.PIN;

function options(keyType: KeyType, touchPolicy: TouchPolicy = 'never', pinPolicy: 'once' | 'always' = 'once') {
  return { pin: PIN, keyType, pinPolicy, touchPolicy } as const;
}

describe('public keys', () => {
  // RFC 8032, 7.1, test 1; SubjectPublicKeyInfo as in RFC 8410, section 4.
  const ED25519 = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
  // RFC 6979, A.2.5: U = xG on P-256.
  const P256_X = '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6';
  const P256_Y = '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299';

  test('Ed25519: 86 holds the key itself', () => {
    const spki = publicKeyFromPiv('ED25519', fromHex(`8620${ED25519}`));
    expect(spki && toHex(spki)).toBe(`302a300506032b6570032100${ED25519}`);
    expect(spki && keyTypeOf(spki)).toBe('ED25519');
  });

  test('P-256: 86 holds an uncompressed point', () => {
    const spki = publicKeyFromPiv('ECCP256', fromHex(`864104${P256_X}${P256_Y}`));
    expect(spki && toHex(spki)).toBe(`3059301306072a8648ce3d020106082a8648ce3d03010703420004${P256_X}${P256_Y}`);
  });

  test.each([
    ['a point off the curve', 'ECCP256', `864104${P256_X}${P256_X}`],
    ['a point of another curve', 'ECCP384', `864104${P256_X}${P256_Y}`],
    ['an RSA key without exponent', 'RSA2048', '810401020304'],
    ['a cut-off answer', 'ECCP256', '8641046a'],
    ['nothing', 'ED25519', ''],
  ] as const)('%s is no key', (_, keyType, encoded) => {
    expect(publicKeyFromPiv(keyType, fromHex(encoded))).toBeUndefined();
  });
});

describe('what goes to the card', () => {
  // SHA-256 and SHA-384 of "abc": FIPS 180-2, appendix B.1 and D.1; DigestInfo: RFC 8017, 9.2.
  const ABC = new TextEncoder().encode('abc');
  const SHA256_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  const SHA384_ABC = 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7';

  test('a digest for EC, the message for Ed25519', () => {
    expect(toHex(signatureInput('ECCP256', ABC))).toBe(SHA256_ABC);
    expect(toHex(signatureInput('ECCP384', ABC))).toBe(SHA384_ABC);
    expect(signatureInput('ED25519', ABC)).toEqual(ABC);
  });

  test('a PKCS#1 v1.5 block as long as the modulus for RSA', () => {
    expect(toHex(signatureInput('RSA2048', ABC))).toBe(`0001${'ff'.repeat(202)}003031300d060960864801650304020105000420${SHA256_ABC}`);
    expect(signatureInput('RSA4096', ABC)).toHaveLength(512);
  });
});

describe('signatures of slot 9a', () => {
  const CASES = (['4.3.7', '5.2.4', '5.4.3', '5.7.1'] as const).flatMap((firmware) =>
    ENROLLABLE_KEY_TYPES.map((keyType) => ({ firmware, keyType })),
  ).filter(({ firmware, keyType }) => (keyType === 'RSA3072' || keyType === 'RSA4096' ? firmware === '5.7.1' : true));

  test.each(CASES)('$keyType on firmware $firmware', async ({ firmware, keyType }) => {
    const key = virtualKey(firmware);
    const generated = await directKey(key).generateKey(options(keyType));
    if (!supportsKeyType(key.firmware, keyType)) {
      expect(generated).toEqual({ ok: false, failure: { kind: 'key-type-unsupported', keyType, firmware } });
      return;
    }
    const publicKey = value(generated);
    expect(keyTypeOf(publicKey)).toBe(keyType);
    const message = crypto.getRandomValues(new Uint8Array(1500));
    const signature = value(await directKey(key).sign(PIN, message));
    const hash = keyType === 'ED25519' ? null : keyType === 'ECCP384' ? 'sha384' : 'sha256';
    expect(verify(hash, message, createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' }), signature)).toBe(true);
    expect(isSignatureOf(publicKey, message, signature)).toBe(true);
    expect(isSignatureOf(publicKey, message.subarray(1), signature)).toBe(false);
    expect(isSignatureOf(publicKey, message, signature.subarray(1))).toBe(false);
    expect(key.bugs).toEqual([]);
  });

  test('an empty slot', async () => {
    expect(outcome(await directKey(virtualKey('5.4.3')).sign(PIN, new Uint8Array(1)))).toBe('slot-empty');
  });

  test('a key with the PIN policy "always" signs twice', async () => {
    const key = virtualKey('5.4.3');
    value(await directKey(key).generateKey(options('ECCP256', 'never', 'always')));
    expect(outcome(await directKey(key).sign(PIN, new Uint8Array(1)))).toBe('ok');
    expect(outcome(await directKey(key).sign(PIN, new Uint8Array(1)))).toBe('ok');
  });

  test.each(['5.2.4', '5.4.3'])('firmware %s: a touch is announced before the key waits for it', async (firmware) => {
    const key = virtualKey(firmware);
    value(await directKey(key).generateKey(options('ECCP256', 'always')));
    const seen: string[] = [];
    const signature = directKey(key).sign(PIN, new Uint8Array(1), ({ kind }) => {
      seen.push(kind, String(key.status.isWaitingForTouch));
      const stop = key.watch(({ isWaitingForTouch }) => isWaitingForTouch && (stop(), key.touch()));
    });
    expect(outcome(await signature)).toBe('ok');
    expect(seen).toEqual(['waiting-for-touch', 'false']);
  });

  test('a touch that does not come is a touch-timeout, and costs nothing', async () => {
    const key = virtualKey('5.4.3', { touchTimeLimitMs: 20 });
    value(await directKey(key).generateKey(options('ECCP256', 'cached')));
    expect(outcome(await directKey(key).sign(PIN, new Uint8Array(1)))).toBe('touch-timeout');
    expect(key.exportState().pin.attemptsLeft).toBe(3);
  });

  test('a key without touch announces nothing', async () => {
    const key = virtualKey('5.4.3');
    value(await directKey(key).generateKey(options('ECCP256')));
    const seen: unknown[] = [];
    value(await directKey(key).sign(PIN, new Uint8Array(1), (activity) => seen.push(activity)));
    expect(seen).toEqual([]);
  });
});

test('RSA is not generated by firmware with the ROCA weakness', async () => {
  expect(outcome(await directKey(virtualKey('4.3.4')).generateKey(options('RSA2048')))).toBe('key-type-unsupported');
  expect(outcome(await directKey(virtualKey('4.3.4')).generateKey(options('ECCP256')))).toBe('ok');
});
