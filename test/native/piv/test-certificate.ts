import { generateKeyPairSync, sign } from 'node:crypto';
import { concatBytes, fromHex } from '../../../core/bytes.ts';
import { encodeTlv } from '../../../native/piv/tlv.ts';

const [SEQUENCE, SET, INTEGER, UTF8, UTC_TIME, GENERALIZED_TIME, OCTET_STRING, BIT_STRING] = [0x30, 0x31, 0x02, 0x0c, 0x17, 0x18, 0x04, 0x03];
const ECDSA_WITH_SHA256 = fromHex('06082a8648ce3d040302');
const COMMON_NAME = fromHex('0603550403');
/** An extension that no program knows (2.25.1), to make a certificate as long as wanted. */
const PADDING_EXTENSION = fromHex('06026901');
/** Key usage, critical, digitalSignature (RFC 5280, 4.2.1.3). */
const SIGNING_EXTENSION = fromHex('300e0603551d0f0101ff040403020780');

const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/**
 * A DER certificate (RFC 5280, 4.1) for a DER SubjectPublicKeyInfo, by an issuer that this process makes up. `isForSigning`:
 * with the key usage that says so; without one OpenSC lets a retired EC key derive only.
 */
export function testCertificate(publicKey: Uint8Array, options: { readonly name?: string; readonly paddingBytes?: number; readonly isForSigning?: boolean } = {}): Uint8Array {
  const algorithm = encodeTlv(SEQUENCE, ECDSA_WITH_SHA256);
  const padding = encodeTlv(SEQUENCE, PADDING_EXTENSION, encodeTlv(OCTET_STRING, encodeTlv(OCTET_STRING, new Uint8Array(options.paddingBytes ?? 1))));
  const contents = encodeTlv(
    SEQUENCE,
    encodeTlv(0xa0, encodeTlv(INTEGER, Uint8Array.of(2))),
    encodeTlv(INTEGER, concatBytes(Uint8Array.of(1), crypto.getRandomValues(new Uint8Array(8)))),
    algorithm,
    commonName('Test issuer'),
    encodeTlv(SEQUENCE, encodeTlv(UTC_TIME, text('250101000000Z')), encodeTlv(GENERALIZED_TIME, text('20991231235959Z'))),
    commonName(options.name ?? 'Ada Lovelace'),
    publicKey,
    encodeTlv(0xa3, encodeTlv(SEQUENCE, padding, ...(options.isForSigning ? [SIGNING_EXTENSION] : []))),
  );
  const signature = sign('sha256', contents, issuer.privateKey);
  return encodeTlv(SEQUENCE, contents, algorithm, encodeTlv(BIT_STRING, Uint8Array.of(0), signature));
}

/** A DER SubjectPublicKeyInfo of nobody's key. */
export function otherPublicKey(): Uint8Array {
  return new Uint8Array(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }));
}

function commonName(value: string): Uint8Array {
  return encodeTlv(SEQUENCE, encodeTlv(SET, encodeTlv(SEQUENCE, COMMON_NAME, encodeTlv(UTF8, text(value)))));
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
