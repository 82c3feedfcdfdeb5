/** Everything a glance at the key tells, in at most 25 commands, without a PIN and without an attempt. */
import { success, type Result } from '../../core/result.ts';
import type { KeyPairFacts, ReferenceDataFacts, SecurityKeyFacts } from '../../core/security-key.ts';
import { isMarkedProtected, readAdminData } from './admin-data.ts';
import { readAttestedKeyPair } from './attestation.ts';
import { readCertificate } from './certificates.ts';
import type { CardConnection } from './connection.ts';
import { isFipsSeries4, modelName, readDeviceInformation } from './device-information.ts';
import { KEY_REFERENCE } from './identifiers.ts';
import { hasMetadata, readManagementKeyMetadata, readReferenceMetadata, readSerial, readSlotMetadata, UNKNOWN_REFERENCE } from './metadata.ts';
import { readPinAttempts } from './pin.ts';
import { isCertificateOf } from './public-keys.ts';
import { findMoved } from './retire-key.ts';
import { selectPiv, type PivSession } from './session.ts';

/** Reads the facts; leaves the PIV application selected and nothing verified. Fails with not-a-piv-key. */
export async function readFacts(connection: CardConnection, readerName: string): Promise<Result<SecurityKeyFacts>> {
  const device = await readDeviceInformation(connection);
  if (!device.ok) return device;
  const selected = await selectPiv(connection);
  if (!selected.ok) return selected;
  const session = selected.value;
  const serial = await readSerial(session);
  if (!serial.ok) return serial;
  const secrets = await readSecrets(session);
  if (!secrets.ok) return secrets;
  const authentication = await readAuthentication(session);
  if (!authentication.ok) return authentication;
  const movedTo = await findMoved(session, authentication.value);
  if (!movedTo.ok) return movedTo;
  return success({
    readerName,
    serial: serial.value ?? device.value.serial,
    firmware: session.firmware,
    model: modelName(session.firmware, device.value),
    formFactor: device.value.formFactor,
    isFips: device.value.isFips || isFipsSeries4(session.firmware),
    demandsComplexPin: device.value.demandsComplexPin,
    ...secrets.value,
    authentication: authentication.value,
    movedTo: movedTo.value,
  });
}

async function readSecrets(session: PivSession): Promise<Result<Pick<SecurityKeyFacts, 'pin' | 'puk' | 'managementKey'>>> {
  const pin = hasMetadata(session) ? await readReferenceMetadata(session, 'PIN') : await readPinWithoutMetadata(session);
  if (!pin.ok) return pin;
  const puk = hasMetadata(session) ? await readReferenceMetadata(session, 'PUK') : success(UNKNOWN_REFERENCE);
  if (!puk.ok) return puk;
  const managementKey = await readManagementKeyMetadata(session);
  if (!managementKey.ok) return managementKey;
  const admin = await readAdminData(session);
  if (!admin.ok) return admin;
  const { algorithm, isFactory } = managementKey.value;
  const isPinProtected = isMarkedProtected(admin.value);
  const isPinDerived = admin.value.salt !== null && !isPinProtected;
  return success({ pin: pin.value, puk: puk.value, managementKey: { algorithm, isFactory, isPinProtected, isPinDerived } });
}

async function readPinWithoutMetadata(session: PivSession): Promise<Result<ReferenceDataFacts>> {
  const attempts = await readPinAttempts(session);
  return attempts.ok ? success({ ...UNKNOWN_REFERENCE, attemptsLeft: attempts.value }) : attempts;
}

async function readAuthentication(session: PivSession): Promise<Result<SecurityKeyFacts['authentication']>> {
  const keyPair = await readKeyPair(session, KEY_REFERENCE.AUTHENTICATION);
  if (!keyPair.ok) return keyPair;
  const certificate = await readCertificate(session, KEY_REFERENCE.AUTHENTICATION);
  if (!certificate.ok) return certificate;
  return success({ keyPair: keyPair.value, certificate: certificate.value, fits: isCertificateOf(keyPair.value, certificate.value) });
}

/** The key pair in `slot`, by metadata from firmware 5.3 on, by attestation before; null: empty, or not to be known. */
export function readKeyPair(session: PivSession, slot: number): Promise<Result<KeyPairFacts | null>> {
  return hasMetadata(session) ? readSlotMetadata(session, slot) : readAttestedKeyPair(session, slot);
}
