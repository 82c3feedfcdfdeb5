/** Taking a certificate off the key. */
import { failed, type Result } from '../../core/result.ts';
import type { ManagementAccess } from '../../core/security-key.ts';
import { certificateObject } from './certificates.ts';
import { renewChuid } from './chuid.ts';
import { unlockManagement } from './protected-management-key.ts';
import { readObject, writeObject } from './objects.ts';
import type { PivSession } from './session.ts';

/**
 * Deletes what is in the certificate's object of `slot`, also where it cannot be read; the key pair stays. The new CHUID
 * comes first, as in enroll-certificate.ts: cut off in between, the certificate shows that it is still to be deleted. The
 * PIN must be verified. Fails with slot-empty, management-key-unknown, management-key-malformed.
 */
export async function deleteCertificate(session: PivSession, slot: number, access: ManagementAccess): Promise<Result<void>> {
  const content = await readObject(session, certificateObject(slot));
  if (!content.ok) return content;
  if (content.value === null) return failed({ kind: 'slot-empty' });
  const unlocked = await unlockManagement(session, access);
  if (!unlocked.ok) return unlocked;
  const renewed = await renewChuid(session);
  return renewed.ok ? writeObject(session, certificateObject(slot), new Uint8Array()) : renewed;
}
