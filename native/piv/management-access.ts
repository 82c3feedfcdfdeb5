/** Opening the settings of a key, whichever form its management key has. */
import { failed, success, type Result } from '../../core/result.ts';
import type { ManagementAccess } from '../../core/security-key.ts';
import { readAdminData } from './admin-data.ts';
import { deriveFromPin, deriveNext } from './derived-management-keys.ts';
import { FACTORY, MANAGEMENT_KEY_ALGORITHM } from './identifiers.ts';
import { authenticate } from './management-key.ts';
import { readManagementKeyMetadata, type ManagementKeyMetadata } from './metadata.ts';
import { readPrinted, type Printed } from './printed-object.ts';
import { readRotation } from './rotation-object.ts';
import type { PivSession } from './session.ts';
import { wantsTouch } from './sign.ts';

/** How the management key is known. */
export type ManagementKeyForm =
  | 'factory'
  /** In PRINTED. */
  | 'protected'
  /** Follows from the one in PRINTED by ROTATION: a replacement was cut off. */
  | 'rotating'
  /** Follows from the factory one by ROTATION: on a FIPS key, see protected-management-key.ts. */
  | 'bridging'
  /** Computed from the PIN. */
  | 'derived'
  /** The person has it. */
  | 'typed';

export interface Unlocked {
  readonly form: ManagementKeyForm;
  readonly key: Uint8Array;
  readonly metadata: ManagementKeyMetadata;
  readonly printed: Printed;
}

/** A key that may be the right one, read or computed only when those before it are not; null: there is none of this form. */
interface Candidate {
  readonly form: ManagementKeyForm;
  readonly read: () => Promise<Result<Uint8Array | null>>;
}

/** More than any refusal takes, and less than any YubiKey waits. */
const TOUCH_WAIT_MILLISECONDS = 1000;

/**
 * Authenticates the management key. Where the key says that it is the factory one, nothing else is tried; firmware before
 * 5.3 does not say, and there the factory key comes last. A wrong management key costs no attempt, because it has no
 * counter. The PIN must be verified. Fails with management-key-unknown, management-key-malformed, fips-not-ready,
 * touch-timeout.
 */
export async function unlock(session: PivSession, access: ManagementAccess): Promise<Result<Unlocked>> {
  const metadata = await readManagementKeyMetadata(session);
  if (!metadata.ok) return metadata;
  const { algorithm, isFactory } = metadata.value;
  const { keyLength } = MANAGEMENT_KEY_ALGORITHM[algorithm];
  const typed = access.managementKey;
  if (typed && typed.length !== keyLength) return failed({ kind: 'management-key-malformed', digits: keyLength * 2 });
  const printed = await readPrinted(session);
  if (!printed.ok) return printed;
  const factory: Candidate = { form: 'factory', read: async () => success(FACTORY.MANAGEMENT_KEY) };
  const known = isFactory === true ? [factory] : [...otherForms(session, access, printed.value, keyLength), ...(isFactory === null ? [factory] : [])];
  for (const { form, read } of known) {
    const key = await read();
    if (!key.ok) return key;
    if (key.value?.length !== keyLength) continue;
    const startedAt = performance.now();
    const authenticated = await authenticate(session, { algorithm, value: key.value });
    if (authenticated.ok) return success({ form, key: key.value, metadata: metadata.value, printed: printed.value });
    if (authenticated.failure.kind !== 'management-key-unknown') return authenticated;
    // A wrong key is refused at once; the right one, where it wants a touch, when nobody has touched for 15 seconds.
    const hasWaited = wantsTouch(metadata.value.touchPolicy) && performance.now() - startedAt > TOUCH_WAIT_MILLISECONDS;
    if (hasWaited) return failed({ kind: 'touch-timeout' });
  }
  return failed({ kind: printed.value.kind === 'locked' ? 'fips-not-ready' : 'management-key-unknown' });
}

function otherForms(session: PivSession, access: ManagementAccess, printed: Printed, keyLength: number): readonly Candidate[] {
  const stored = printed.kind === 'ours' ? printed.key : null;
  const next = async (before: Uint8Array | null): Promise<Result<Uint8Array | null>> => {
    const salt = before ? await readRotation(session) : success(null);
    return salt.ok ? success(before && salt.value && deriveNext(before, salt.value, keyLength)) : salt;
  };
  return [
    { form: 'protected', read: async () => success(stored) },
    { form: 'typed', read: async () => success(access.managementKey ?? null) },
    { form: 'rotating', read: () => next(stored) },
    { form: 'bridging', read: () => next(FACTORY.MANAGEMENT_KEY) },
    { form: 'derived', read: () => readDerived(session, access.pin) },
  ];
}

async function readDerived(session: PivSession, pin: string): Promise<Result<Uint8Array | null>> {
  const admin = await readAdminData(session);
  if (!admin.ok) return admin;
  return success(admin.value.salt && deriveFromPin(pin, admin.value.salt));
}
