/** Putting an issued certificate onto the key. */
import { equalBytes } from '../../core/bytes.ts';
import { done, failed, success, type Result } from '../../core/result.ts';
import type { ManagementAccess } from '../../core/security-key.ts';
import { readCertificate, writeCertificate } from './certificates.ts';
import { renewChuid } from './chuid.ts';
import { readKeyPair } from './facts.ts';
import { hasMetadata } from './metadata.ts';
import { unlockManagement } from './protected-management-key.ts';
import { certificateFacts, keyTypeOf } from './public-keys.ts';
import type { PivSession } from './session.ts';
import { isSignatureOf, signWith } from './sign.ts';

/**
 * Writes `certificate` to `slot` with a new CHUID and reads it back, after a check that it is of the key in the slot. The
 * CHUID comes first: cut off in between, the slot shows that the certificate is still to be written, and both are then.
 * The PIN must be verified. Fails with certificate-unfit, slot-empty, management-key-unknown.
 */
export async function enrollCertificate(session: PivSession, slot: number, certificate: Uint8Array, access: ManagementAccess): Promise<Result<void>> {
  const facts = certificateFacts(certificate);
  if (!facts) return failed({ kind: 'certificate-unfit', reason: 'unreadable' });
  const isOfKey = await isPublicKeyOf(session, slot, facts.publicKey);
  if (!isOfKey.ok) return isOfKey;
  if (!isOfKey.value) return failed({ kind: 'certificate-unfit', reason: 'public-key' });
  const unlocked = await unlockManagement(session, access);
  if (!unlocked.ok) return unlocked;
  const renewed = await renewChuid(session, facts.expires);
  if (!renewed.ok) return renewed;
  const written = await writeCertificate(session, slot, certificate);
  if (!written.ok) return written;
  const stored = await readCertificate(session, slot);
  if (!stored.ok) return stored;
  return stored.value && equalBytes(stored.value, certificate) ? done : failed({ kind: 'certificate-unfit', reason: 'read-back' });
}

/** Whether the slot's private key belongs to `publicKey`; where the firmware does not tell its public key, a signature does. */
async function isPublicKeyOf(session: PivSession, slot: number, publicKey: Uint8Array): Promise<Result<boolean>> {
  const keyPair = await readKeyPair(session, slot);
  if (!keyPair.ok) return keyPair;
  if (keyPair.value) return success(equalBytes(keyPair.value.publicKey, publicKey));
  const keyType = keyTypeOf(publicKey);
  if (hasMetadata(session) || !keyType) return failed({ kind: 'slot-empty' });
  const challenge = crypto.getRandomValues(new Uint8Array(32));
  const signature = await signWith(session, slot, { keyType, touchPolicy: null }, challenge);
  if (signature.ok) return success(isSignatureOf(publicKey, challenge, signature.value));
  // 6A80, 6A86: the key in the slot, if there is one, is of another type.
  return signature.failure.kind === 'card-error' ? success(false) : signature;
}
