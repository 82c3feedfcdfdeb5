import { constants, createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, publicDecrypt, publicEncrypt, randomBytes, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeTlvs } from '../../../native/piv/tlv.ts';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { approve, authenticate, exchange, generate, PIN, plugIn, sign, statusOf, tlv, verifyPin } from './host.ts';

const DIGEST = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'; // SHA-256 of "test"
const TEST = Buffer.from('test');

/** From the TLVs after 7F49, or in metadata. */
function publicKey(tlvs: string, curve?: 'P-256' | 'P-384' | 'Ed25519' | 'X25519'): KeyObject {
  const fields = new Map(decodeTlvs(Buffer.from(tlvs, 'hex'))?.map(({ tag, value }) => [tag, Buffer.from(value)]));
  const point = fields.get(0x86);
  const text = (bytes: Buffer | undefined): string => (bytes ?? Buffer.alloc(0)).toString('base64url');
  if (!point || !curve) return createPublicKey({ key: { kty: 'RSA', n: text(fields.get(0x81)), e: text(fields.get(0x82)) }, format: 'jwk' });
  if (curve === 'Ed25519' || curve === 'X25519') return createPublicKey({ key: { kty: 'OKP', crv: curve, x: text(point) }, format: 'jwk' });
  const size = (point.length - 1) / 2;
  return createPublicKey({ key: { kty: 'EC', crv: curve, x: text(point.subarray(1, 1 + size)), y: text(point.subarray(1 + size)) }, format: 'jwk' });
}

/** Without the outer tag. */
function inside(hex: string): string {
  const [outer] = decodeTlvs(Buffer.from(hex, 'hex')) ?? [];
  return Buffer.from(outer?.value ?? []).toString('hex');
}

function signature(response: { readonly data: string }): Buffer {
  return Buffer.from(inside(inside(response.data)), 'hex');
}

function padded(bytes: number): string {
  const digestInfo = `3031300d060960864801650304020105000420${DIGEST}`;
  return `0001${'ff'.repeat(bytes - 3 - digestInfo.length / 2)}00${digestInfo}`;
}

async function ready(options: Parameters<typeof plugIn>[0] = {}): Promise<VirtualYubiKey> {
  const key = await plugIn(options);
  if (options.firmware === '5.7.1' && options.fips) {
    await approve(key);
    return key;
  }
  await authenticate(key, options.firmware === '5.7.1' ? '0a' : '03');
  await verifyPin(key);
  return key;
}

describe('GENERATE ASYMMETRIC KEY PAIR', () => {
  it.each([
    ['P-256', '11', 'sha256', DIGEST],
    ['P-384', '14', 'sha256', DIGEST],
  ] as const)('makes %s keys whose signatures verify', async (curve, algorithm, hash, digest) => {
    const key = await ready();
    const made = await generate(key, '9a', algorithm);
    for (let count = 0; count < 20; count++) {
      expect(verify(hash, TEST, publicKey(inside(made.data), curve), signature(await sign(key, '9a', algorithm, digest)))).toBe(true);
    }
  });

  it('makes RSA-2048 keys that sign and decipher', async () => {
    const key = await ready();
    const rsa = publicKey(inside((await generate(key, '9a', '07')).data));
    expect(verify('sha256', TEST, rsa, signature(await sign(key, '9a', '07', padded(256))))).toBe(true);
    const ciphertext = publicEncrypt({ key: rsa, padding: constants.RSA_PKCS1_PADDING }, TEST).toString('hex');
    expect(signature(await sign(key, '9a', '07', ciphertext)).subarray(-5).toString('latin1')).toBe('\0test');
  });

  it('makes RSA-3072, RSA-4096, Ed25519 and X25519 keys from 5.7 on', async () => {
    const key = await ready({ firmware: '5.7.1' });
    for (const [algorithm, bytes] of [['05', 384], ['16', 512]] as const) {
      const rsa = publicKey(inside((await generate(key, '9a', algorithm)).data));
      expect(verify('sha256', TEST, rsa, signature(await sign(key, '9a', algorithm, padded(bytes))))).toBe(true);
    }
    const ed25519 = publicKey(inside((await generate(key, '9a', 'e0')).data), 'Ed25519');
    expect(verify(null, TEST, ed25519, signature(await sign(key, '9a', 'e0', TEST.toString('hex'))))).toBe(true);
    const x25519 = publicKey(inside((await generate(key, '9d', 'e1')).data), 'X25519');
    const peer = generateKeyPairSync('x25519');
    const point = Buffer.from(peer.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
    const agreed = await exchange(key, '0087e19d', tlv('7c', '8200', tlv('85', point)));
    expect(signature(agreed)).toEqual(diffieHellman({ privateKey: peer.privateKey, publicKey: x25519 }));
  }, 60_000);

  it.each([
    ['RSA-3072 before 5.7', '5.4.3', false, '05'],
    ['RSA-4096 before 5.7', '5.4.3', false, '16'],
    ['Ed25519 before 5.7', '5.4.3', false, 'e0'],
    ['X25519 before 5.7', '5.4.3', false, 'e1'],
    ['X25519 on a FIPS key', '5.7.1', true, 'e1'],
    ['RSA-1024 on a FIPS key', '5.7.1', true, '06'],
    ['an unknown algorithm', '5.7.1', false, '12'],
  ])('refuses %s', async (_, firmware, fips, algorithm) => {
    const key = await ready({ firmware, fips });
    expect((await generate(key, '9a', algorithm)).statusWord).toBe('6a80');
  });

  it.each(['9b', '80', '81', '96', '00'])('refuses slot %s', async (slot) => {
    expect((await generate(await ready(), slot)).statusWord).toBe('6a86');
  });

  it('fills every slot, f9 included', async () => {
    const key = await ready();
    for (const slot of ['9a', '9c', '9d', '9e', '82', '95', 'f9']) expect((await generate(key, slot)).statusWord).toBe('9000');
    expect(Object.keys(key.exportState().keys).sort()).toEqual(['82', '95', '9a', '9c', '9d', '9e', 'f9']);
  });

  it('comes to nothing when the key is pulled in the middle', async () => {
    const key = await ready();
    await generate(key);
    const before = key.exportState();
    const generating = generate(key, '9a', '07');
    await new Promise((resolve) => setImmediate(resolve));
    key.powerOff();
    key.powerOn();
    await expect(generating).rejects.toMatchObject({ problem: 'removed' });
    expect(key.exportState()).toEqual(before);
  });
});

describe('GENERAL AUTHENTICATE with a slot', () => {
  it.each([
    ['an empty slot', '9d', '11', DIGEST, '6a80'],
    ['the algorithm of another key', '9a', '14', DIGEST, '6a80'],
    ['the attestation key', 'f9', '07', padded(256), '6a86'],
    ['a digest longer than the curve', '9a', '11', `${DIGEST}00`, '6a80'],
    ['no digest', '9a', '11', '', '6a80'],
  ])('refuses %s', async (_, slot, algorithm, digest, statusWord) => {
    const key = await ready();
    await generate(key);
    expect((await sign(key, slot, algorithm, digest)).statusWord).toBe(statusWord);
  });

  it('refuses an RSA block of the wrong length, or not below the modulus', async () => {
    const key = await ready();
    await generate(key, '9a', '07');
    expect((await sign(key, '9a', '07', padded(255))).statusWord).toBe('6a80');
    expect((await sign(key, '9a', '07', 'ff'.repeat(256))).statusWord).toBe('6a80');
  });

  it('agrees on a secret with a point of the curve, and with nothing else', async () => {
    const key = await ready();
    const made = publicKey(inside((await generate(key, '9d')).data), 'P-256');
    const peer = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const { x = '', y = '' } = peer.publicKey.export({ format: 'jwk' });
    const point = `04${Buffer.from(x, 'base64url').toString('hex')}${Buffer.from(y, 'base64url').toString('hex')}`;
    const agreed = await exchange(key, '0087119d', tlv('7c', '8200', tlv('85', point)));
    expect(signature(agreed)).toEqual(diffieHellman({ privateKey: peer.privateKey, publicKey: made }));
    for (const bad of [`04${'11'.repeat(64)}`, '04', `02${'11'.repeat(32)}`, '']) {
      expect((await exchange(key, '0087119d', tlv('7c', '8200', tlv('85', bad)))).statusWord).toBe('6a80');
    }
  });
});

describe('PIN policies', () => {
  const USE = ['9000', '9000'];
  it.each([
    ['never', 'aa0101', false, USE],
    ['once, not verified', 'aa0102', false, ['6982', '6982']],
    ['once, verified', 'aa0102', true, USE],
    ['always, not verified', 'aa0103', false, ['6982', '6982']],
    ['always, verified', 'aa0103', true, ['9000', '6982']],
  ])('%s', async (_, policies, isVerified, statusWords) => {
    const key = await plugIn();
    await authenticate(key);
    await generate(key, '9a', '11', policies);
    if (isVerified) await verifyPin(key);
    expect([(await sign(key, '9a', '11', DIGEST)).statusWord, (await sign(key, '9a', '11', DIGEST)).statusWord]).toEqual(statusWords);
  });

  it.each([
    ['9a', 'once', '5.4.3', false],
    ['9c', 'always', '5.4.3', false],
    ['9d', 'once', '5.4.3', false],
    ['9e', 'never', '5.4.3', false],
    ['9e', 'once', '5.7.1', true],
    ['82', 'once', '5.4.3', false],
  ])('default of slot %s: %s', async (slot, policy, firmware, fips) => {
    const key = await ready({ firmware, fips });
    await generate(key, slot);
    expect(key.exportState().keys[slot]).toMatchObject({ pinPolicy: policy, touchPolicy: 'never' });
  });

  it.each([
    ['never on a FIPS key of 5.7', '5.7.1', true, 'aa0101', '6a80'],
    ['never on a FIPS key of 5.4', '5.4.3', true, 'aa0101', '9000'],
    ['a fingerprint, on a key without sensor', '5.7.1', false, 'aa0104', '6a80'],
    ['a policy that does not exist', '5.4.3', false, 'aa0109', '6a80'],
    ['a touch policy that does not exist', '5.4.3', false, 'ab0104', '6a80'],
    ['a policy of two bytes', '5.4.3', false, 'aa020102', '6a80'],
  ])('%s', async (_, firmware, fips, policies, statusWord) => {
    expect((await generate(await ready({ firmware, fips }), '9a', '11', policies)).statusWord).toBe(statusWord);
  });
});

describe('IMPORT ASYMMETRIC KEY', () => {
  const field = (text: string | undefined): string => Buffer.from(text ?? '', 'base64url').toString('hex');

  it('takes RSA keys', async () => {
    const key = await ready();
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = pair.privateKey.export({ format: 'jwk' });
    const numbers = [tlv('01', field(jwk.p)), tlv('02', field(jwk.q)), tlv('03', field(jwk.dp)), tlv('04', field(jwk.dq)), tlv('05', field(jwk.qi))];
    expect((await exchange(key, '00fe079a', numbers.join(''))).statusWord).toBe('9000');
    expect(publicDecrypt(pair.publicKey, signature(await sign(key, '9a', '07', padded(256)))).toString('hex')).toContain(DIGEST);
    const swapped = [tlv('01', field(jwk.q)), tlv('02', field(jwk.p)), ...numbers.slice(2)];
    expect((await exchange(key, '00fe079a', swapped.join(''))).statusWord, 'numbers that do not fit each other').toBe('6a80');
    expect((await exchange(key, '00fe069a', numbers.join(''))).statusWord, 'as another size').toBe('6a80');
  });

  it('takes elliptic curve keys', async () => {
    const key = await ready();
    const pair = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
    const scalar = tlv('06', field(pair.privateKey.export({ format: 'jwk' }).d));
    expect((await exchange(key, '00fe149c', `${scalar}aa0101`)).statusWord).toBe('9000');
    expect(verify('sha256', TEST, pair.publicKey, signature(await sign(key, '9c', '14', DIGEST)))).toBe(true);
    expect((await exchange(key, '00fe149c', tlv('06', 'ff'.repeat(48)))).statusWord, 'a number beyond the order').toBe('6a80');
    expect((await exchange(key, '00fe119c', scalar)).statusWord, 'as another curve').toBe('6a80');
  });

  it('takes Curve25519 keys from 5.7 on', async () => {
    const key = await ready({ firmware: '5.7.1' });
    const pair = generateKeyPairSync('ed25519');
    expect((await exchange(key, '00fee09a', tlv('07', field(pair.privateKey.export({ format: 'jwk' }).d)))).statusWord).toBe('9000');
    expect(verify(null, TEST, pair.publicKey, signature(await sign(key, '9a', 'e0', TEST.toString('hex'))))).toBe(true);
    expect((await exchange(key, '00fee19d', tlv('08', randomBytes(32).toString('hex')))).statusWord).toBe('9000');
    expect((await exchange(key, '00fee19d', tlv('08', randomBytes(31).toString('hex')))).statusWord).toBe('6a80');
  });

  it('wants the management key', async () => {
    const key = await plugIn();
    expect((await exchange(key, '00fe119a', tlv('06', '11'.repeat(32)))).statusWord).toBe('6982');
  });
});

describe('MOVE KEY', () => {
  it('moves a key with its policies, and only into an empty slot', async () => {
    const key = await ready({ firmware: '5.7.1' });
    await generate(key, '9a', '11', 'aa0103ab0103');
    const stored = key.exportState().keys['9a'];
    expect(await statusOf(key, '00f6829a')).toBe('9000');
    expect(key.exportState().keys).toMatchObject({ '82': stored });
    expect(key.exportState().keys['9a']).toBeUndefined();
    await generate(key, '9a');
    expect(await statusOf(key, '00f6829a')).toBe('6a86');
  });

  it.each([
    ['from an empty slot', '00f6829c', '6a88'],
    ['from f9', '00f682f9', '6a86'],
    ['into f9', '00f6f99a', '6a86'],
    ['into the management key', '00f69b9a', '6a86'],
    ['deletion of an empty slot', '00f6ff9c', '6a88'],
    ['deletion', '00f6ff9a', '9000'],
    ['deletion of f9', '00f6fff9', '9000'],
  ])('%s', async (_, apdu, statusWord) => {
    const key = await ready({ firmware: '5.7.1' });
    await generate(key);
    expect(await statusOf(key, apdu)).toBe(statusWord);
  });

  it('does not exist before 5.7, and wants the management key', async () => {
    expect(await statusOf(await ready(), '00f6ff9a')).toBe('6d00');
    expect(await statusOf(await plugIn({ firmware: '5.7.1' }), '00f6ff9a')).toBe('6982');
  });
});

it('keeps private keys as PKCS#8', async () => {
  const key = await ready();
  await generate(key);
  const stored = key.exportState().keys['9a']?.privateKey ?? '';
  expect(createPrivateKey({ key: Buffer.from(stored, 'base64'), format: 'der', type: 'pkcs8' }).asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  expect(PIN).toBe(key.exportState().pin.value);
});
