import { constants, createECDH, diffieHellman, privateDecrypt, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { KeyType } from '../../core/security-key.ts';
import { derInteger, derSequence } from './certificate.ts';
import { CURVES, rsaBits, x25519PublicKey } from './key-pair.ts';
import { bigIntOf, bytesOf, inverseModulo } from './modular-arithmetic.ts';

/** Orders of the groups of points (SEC 2, sections 2.4.2 and 2.5.1), and field sizes in bytes. */
const GROUPS = {
  ECCP256: { order: BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'), size: 32 },
  ECCP384: { order: BigInt(`0x${'f'.repeat(48)}c7634d81f4372ddf581a0db248b0a77aecec196accc52973`), size: 48 },
} as const;

/**
 * The answer to a challenge (tag 81): raw RSA over a padded block or a ciphertext, ECDSA over a digest, EdDSA over a
 * message. Undefined where the data does not suit the key.
 */
export function respondToChallenge(key: KeyObject, keyType: KeyType, challenge: Uint8Array): Uint8Array | undefined {
  const bits = rsaBits(keyType);
  if (bits !== undefined) return challenge.length === bits / 8 ? rawRsa(key, challenge) : undefined;
  if (keyType === 'ED25519') return sign(null, challenge, key);
  if (keyType !== 'ECCP256' && keyType !== 'ECCP384') return undefined;
  return challenge.length > 0 && challenge.length <= GROUPS[keyType].size ? ecdsa(key, keyType, challenge) : undefined;
}

/** The shared secret with a peer's public key (tag 85); undefined where that is no point of the curve. */
export function agreeOnSecret(key: KeyObject, keyType: KeyType, peer: Uint8Array): Uint8Array | undefined {
  try {
    if (keyType === 'X25519') return peer.length === 32 ? diffieHellman({ privateKey: key, publicKey: x25519PublicKey(peer) }) : undefined;
    if (keyType !== 'ECCP256' && keyType !== 'ECCP384') return undefined;
    if (peer[0] !== 4) return undefined;
    const ecdh = createECDH(CURVES[keyType]);
    ecdh.setPrivateKey(scalarOf(key));
    return ecdh.computeSecret(peer);
  } catch {
    return undefined;
  }
}

function rawRsa(key: KeyObject, block: Uint8Array): Uint8Array | undefined {
  try {
    return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, block);
  } catch {
    return undefined; // a number not below the modulus
  }
}

/**
 * ECDSA over a ready digest (FIPS 186-5, 6.4.1): node:crypto signs only what it hashes itself, so the point comes from
 * its ECDH and the rest is arithmetic. Not constant in time: it is a stand-in.
 */
function ecdsa(key: KeyObject, keyType: 'ECCP256' | 'ECCP384', digest: Uint8Array): Uint8Array {
  const { order, size } = GROUPS[keyType];
  const secret = bigIntOf(scalarOf(key));
  for (;;) {
    const nonce = bigIntOf(randomBytes(size));
    if (nonce === 0n || nonce >= order) continue;
    const ecdh = createECDH(CURVES[keyType]);
    ecdh.setPrivateKey(bytesOf(nonce, size));
    const r = bigIntOf(ecdh.getPublicKey().subarray(1, 1 + size)) % order;
    const inverse = inverseModulo(nonce, order);
    if (r === 0n || inverse === undefined) continue;
    const s = (inverse * (bigIntOf(digest) + r * secret)) % order;
    if (s !== 0n) return derSequence(derInteger(bytesOf(r, size)), derInteger(bytesOf(s, size)));
  }
}

function scalarOf(key: KeyObject): Uint8Array {
  return Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
}
