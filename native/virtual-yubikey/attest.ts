import { createPublicKey, randomBytes } from 'node:crypto';
import { concatBytes, fromBase64 } from '../../core/bytes.ts';
import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { KEY_REFERENCE, OBJECT, PIN_POLICY, TOUCH_POLICY } from '../piv/identifiers.ts';
import { SW } from '../piv/status-word.ts';
import { decodeTlvs, encodeTlv, findTlv } from '../piv/tlv.ts';
import { answer, refuse } from './card.ts';
import type { Card } from './card.ts';
import { commonName, derInteger, extension, signCertificate } from './certificate.ts';
import type { CertificateContent } from './certificate.ts';
import { formFactorByte } from './form-factor.ts';
import { serialBytes } from './get-serial.ts';
import { privateKeyOf } from './key-pair.ts';
import { isKeySlot } from './policies.ts';
import { readKey, readObject, slotName } from './state.ts';
import type { StoredKey } from './state.ts';

/** Extensions of an attestation statement (Yubico, PIV attestation). */
const EXTENSION = {
  FIRMWARE: '1.3.6.1.4.1.41482.3.3',
  SERIAL: '1.3.6.1.4.1.41482.3.7',
  POLICIES: '1.3.6.1.4.1.41482.3.8',
  FORM_FACTOR: '1.3.6.1.4.1.41482.3.9',
  FIPS: '1.3.6.1.4.1.41482.3.10',
} as const;

/** ATTEST (Yubico, INS F9, firmware 4.3): a certificate for the key in slot P1, signed by f9, if it was generated on the key. */
export function attest(card: Card, command: ReceivedCommand): Response {
  if (!card.firmware.hasAttestation) return refuse(SW.INSTRUCTION_NOT_SUPPORTED);
  if (command.p2 !== 0x00 || !isKeySlot(command.p1) || command.p1 === KEY_REFERENCE.ATTESTATION) return refuse(SW.INCORRECT_P1_P2);
  const key = readKey(card.state, command.p1);
  const attestationKey = readKey(card.state, KEY_REFERENCE.ATTESTATION);
  const issuer = readIssuer(readObject(card.state, OBJECT.ATTESTATION_CERTIFICATE));
  // Statements are signed with RSA or ECDSA (Yubico, PIV attestation); X25519 cannot sign at all.
  const canSign = attestationKey !== undefined && !attestationKey.keyType.endsWith('25519');
  if (key?.origin !== 'generated' || !canSign || !issuer) return refuse(SW.INCORRECT_DATA);
  const statement = sign({
    serialNumber: concatBytes(Uint8Array.of(1), randomBytes(15)),
    issuer: issuer.name,
    validity: issuer.validity,
    subject: commonName(`YubiKey PIV Attestation ${slotName(command.p1)}`),
    publicKey: createPublicKey(privateKeyOf(fromBase64(key.privateKey))).export({ format: 'der', type: 'spki' }),
    extensions: statementExtensions(card, key),
    issuerKey: privateKeyOf(fromBase64(attestationKey.privateKey)),
  });
  return statement ? answer(statement) : refuse(SW.INCORRECT_DATA);
}

/** Undefined where f9 was imported, out of numbers that are no primes: OpenSSL finds that out when it signs, and not always. */
function sign(content: CertificateContent): Uint8Array | undefined {
  try {
    return signCertificate(content);
  } catch {
    return undefined;
  }
}

/** Forms as in a real 5.4.3's statement: serial as INTEGER, everything else bare bytes. Firmware 4 tells version and policies only. */
function statementExtensions({ firmware, state }: Card, key: StoredKey): readonly Uint8Array[] {
  const { version } = firmware;
  return [
    extension(EXTENSION.FIRMWARE, Uint8Array.of(version.major, version.minor, version.patch)),
    ...(firmware.tellsSerial ? [extension(EXTENSION.SERIAL, derIntegerOfSerial(state.serial))] : []),
    extension(EXTENSION.POLICIES, Uint8Array.of(PIN_POLICY[key.pinPolicy], TOUCH_POLICY[key.touchPolicy])),
    ...(firmware.tellsSerial ? [extension(EXTENSION.FORM_FACTOR, Uint8Array.of(formFactorByte(state.formFactor, firmware.isFips)))] : []),
    // Its value is nowhere written down; its presence is what counts.
    ...(firmware.tellsSerial && firmware.isFips ? [extension(EXTENSION.FIPS, new Uint8Array())] : []),
  ];
}

/** Real statements carry the serial in four bytes, a leading zero included (02 04 00 F0 0F 14). */
function derIntegerOfSerial(serial: number): Uint8Array {
  return serial < 0x80000000 ? encodeTlv(0x02, serialBytes(serial)) : derInteger(serialBytes(serial));
}

/** Subject and validity of the certificate in f9 go into the statement as they are. */
function readIssuer(object: Uint8Array | undefined): { readonly name: Uint8Array; readonly validity: Uint8Array } | undefined {
  const certificate = object && findTlv(object, 0x70);
  const body = certificate && findTlv(findTlv(certificate, 0x30) ?? new Uint8Array(), 0x30);
  // version [0], serial number, signature, issuer, validity, subject (RFC 5280, 4.1)
  const fields = body && decodeTlvs(body);
  const [version, validity, subject] = [fields?.[0], fields?.[4], fields?.[5]];
  if (version?.tag !== 0xa0 || validity?.tag !== 0x30 || subject?.tag !== 0x30) return undefined;
  return { name: encodeTlv(0x30, subject.value), validity: encodeTlv(0x30, validity.value) };
}
