/** ATTEST (Yubico, firmware 4.3 and later): a certificate in which the YubiKey tells what it knows of a key it made. */
import { failed, success, type Result } from '../../core/result.ts';
import { isAtLeast, type Attestation, type KeyPairFacts } from '../../core/security-key.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import { encodePublicKey } from '../../core/x509/public-key.ts';
import { readStatement } from '../../core/x509/statement.ts';
import { readCertificate } from './certificates.ts';
import { INS, KEY_REFERENCE } from './identifiers.ts';
import { keyTypeOf } from './public-keys.ts';
import { cardError, type PivSession } from './session.ts';
import { SW } from './status-word.ts';

/** Answers to a slot that is empty, imported, or has no attestation key behind it; firmwares differ in which they give. */
const UNAVAILABLE: readonly number[] = [
  SW.INCORRECT_DATA,
  SW.FUNCTION_NOT_SUPPORTED,
  SW.NOT_FOUND,
  SW.REFERENCE_NOT_FOUND,
  SW.CONDITIONS_NOT_SATISFIED,
  SW.INCORRECT_P1_P2,
  SW.INSTRUCTION_NOT_SUPPORTED,
];

/** DER statement for the key in `slot`. Fails with attestation-unavailable. */
export async function readStatementFor(session: PivSession, slot: number): Promise<Result<Uint8Array>> {
  if (!isAtLeast(session.firmware, 4, 3)) return failed({ kind: 'attestation-unavailable' });
  const answer = await session.send({ ins: INS.ATTEST, p1: slot });
  if (!answer.ok) return answer;
  const { data, statusWord } = answer.value;
  if (UNAVAILABLE.includes(statusWord)) return failed({ kind: 'attestation-unavailable' });
  return statusWord === SW.OK ? success(data) : cardError('ATTEST', statusWord);
}

/** Statement for `slot` and the certificate of f9 that signed it. Fails with attestation-unavailable. */
export async function attestKey(session: PivSession, slot: number): Promise<Result<Attestation>> {
  const statement = await readStatementFor(session, slot);
  if (!statement.ok) return statement;
  const intermediate = await readCertificate(session, KEY_REFERENCE.ATTESTATION);
  if (!intermediate.ok) return intermediate;
  if (!intermediate.value) return failed({ kind: 'attestation-unavailable' });
  return success({ statement: statement.value, intermediate: intermediate.value });
}

/**
 * What a statement tells of the key pair in `slot`: how firmware before 5.3, which has no metadata, is asked. null:
 * empty, imported, or before 4.3.
 */
export async function readAttestedKeyPair(session: PivSession, slot: number): Promise<Result<KeyPairFacts | null>> {
  const statement = await readStatementFor(session, slot);
  if (!statement.ok) return statement.failure.kind === 'attestation-unavailable' ? success(null) : statement;
  return keyPairOf(statement.value, slot);
}

/** What a DER statement for `slot` tells of the key pair. */
export function keyPairOf(statement: Uint8Array, slot: number): Result<KeyPairFacts> {
  const certificate = parseCertificate(statement);
  const publicKey = certificate && encodePublicKey(certificate.publicKey);
  const keyType = publicKey && keyTypeOf(publicKey);
  if (!keyType) return failed({ kind: 'security-key-unresponsive', detail: `the statement for slot ${slot.toString(16)} cannot be read` });
  const policies = readStatement(certificate);
  return success({
    keyType,
    origin: 'generated',
    pinPolicy: policies?.pinPolicy ?? null,
    touchPolicy: policies?.touchPolicy ?? null,
    publicKey,
  });
}
