/** What an attestation statement says of the key in a slot (Yubico, "PIV attestation"; extensions under 1.3.6.1.4.1.41482.3). */
import { readFormFactor } from '../form-factor.ts';
import type { AttestedFacts } from '../requests/certificate-request.ts';
import { formatFirmware, type PinPolicy, type TouchPolicy } from '../security-key.ts';
import { extensionValue, type ParsedCertificate } from './certificate.ts';
import { STATEMENT_OID } from './object-identifiers.ts';

export type StatementFacts = Omit<AttestedFacts, 'root'>;

const PIN_POLICIES: Readonly<Record<number, PinPolicy>> = { 1: 'never', 2: 'once', 3: 'always', 4: 'match-once', 5: 'match-always' };
const TOUCH_POLICIES: Readonly<Record<number, TouchPolicy>> = { 1: 'never', 2: 'always', 3: 'cached' };
const OCTET_STRING_TAG = 0x04;
const INTEGER_TAG = 0x02;
const MAX_SERIAL_BYTES = 5;

/** A value of fixed length, bare (as Yubico writes it) or in one more OCTET STRING (as others rewrite it). */
function fixedValue(certificate: ParsedCertificate, oid: string, length: number): Uint8Array | undefined {
  const value = extensionValue(certificate, oid);
  if (value?.length === length) return value;
  return value?.length === length + 2 && value[0] === OCTET_STRING_TAG && value[1] === length ? value.subarray(2) : undefined;
}

/** The serial: an INTEGER, in one more OCTET STRING or not. Unsigned, whatever its first bit says. */
function serialNumber(certificate: ParsedCertificate): number | null {
  let value = extensionValue(certificate, STATEMENT_OID.serial);
  if (value?.[0] === OCTET_STRING_TAG && value[1] === value.length - 2) value = value.subarray(2);
  if (value?.[0] !== INTEGER_TAG || value[1] !== value.length - 2 || value.length > 2 + MAX_SERIAL_BYTES) return null;
  return value.subarray(2).reduce((serial, byte) => serial * 256 + byte, 0);
}

/** Reads a statement; undefined where it lacks firmware or policies, which every genuine one has. */
export function readStatement(statement: ParsedCertificate): StatementFacts | undefined {
  const firmware = fixedValue(statement, STATEMENT_OID.firmware, 3);
  const policy = fixedValue(statement, STATEMENT_OID.policy, 2);
  const pinPolicy = PIN_POLICIES[policy?.[0] ?? 0];
  const touchPolicy = TOUCH_POLICIES[policy?.[1] ?? 0];
  if (!firmware || !pinPolicy || !touchPolicy) return undefined;
  const [major = 0, minor = 0, patch = 0] = firmware;
  const shape = readFormFactor(fixedValue(statement, STATEMENT_OID.formFactor, 1)?.[0] ?? 0);
  return {
    serial: serialNumber(statement),
    firmware: formatFirmware({ major, minor, patch }),
    formFactor: shape.formFactor,
    isFips: shape.isFips || extensionValue(statement, STATEMENT_OID.fips) !== undefined,
    pinPolicy,
    touchPolicy,
  };
}

/** Whether a certificate speaks of a slot's key: statements do, the certificate in f9 does not. */
export function isStatement(certificate: ParsedCertificate): boolean {
  return extensionValue(certificate, STATEMENT_OID.policy) !== undefined;
}
