/**
 * The management key in the form ykman, yubico-piv-tool and Yubico's SDK call PIN-protected: the key is in PRINTED
 * (5FC109), which can be read after the PIN alone, and a flag in ADMIN DATA (5FFF00) says so.
 *
 * The order in which it is made never leaves the key unknown, wherever it is cut off:
 *
 *   1  PRINTED := new key       management key still the factory one    next time: again from 1
 *   2  SET MANAGEMENT KEY       (whole or not at all)                   next time: found in PRINTED, on with 3
 *   3  ADMIN DATA: flag         done
 */
import { equalBytes } from '../../core/bytes.ts';
import { done, failed, success, type Result } from '../../core/result.ts';
import { FACTORY, MANAGEMENT_KEY_ALGORITHM, OBJECT } from './identifiers.ts';
import { authenticate, randomManagementKey, setManagementKey, type ManagementKey } from './management-key.ts';
import { readManagementKeyMetadata, type ManagementKeyMetadata } from './metadata.ts';
import { readObject, writeObject } from './objects.ts';
import type { PivSession } from './session.ts';
import { decodeTlvs, encodeTlv, findTlv, type Tlv } from './tlv.ts';

/** Tags in PRINTED and ADMIN DATA (Yubico, "PIV PIN-only mode"). */
const TAG = { PROTECTED: 0x88, KEY: 0x89, ADMIN: 0x80, FLAGS: 0x81, SALT: 0x82 } as const;
/** Bits of ADMIN DATA's flags: 01 tells of a blocked PUK and is not ours. */
const FLAG_PROTECTED = 0x02;

/** PRINTED as it is: in the protected form (with or without a key), absent, or of somebody else. */
type Printed = { readonly kind: 'ours'; readonly fields: readonly Tlv[]; readonly key: Uint8Array | null } | { readonly kind: 'foreign' };

async function readPrinted(session: PivSession): Promise<Result<Printed>> {
  const content = await readObject(session, OBJECT.PRINTED);
  if (!content.ok) return content;
  if (!content.value) return success({ kind: 'ours', fields: [], key: null });
  const outer = decodeTlvs(content.value);
  const fields = outer?.length === 1 && outer[0]?.tag === TAG.PROTECTED ? decodeTlvs(outer[0].value) : undefined;
  if (!fields) return success({ kind: 'foreign' });
  return success({ kind: 'ours', fields, key: fields.find((field) => field.tag === TAG.KEY)?.value ?? null });
}

function encodePrinted(fields: readonly Tlv[], key: Uint8Array): Uint8Array {
  const others = fields.filter((field) => field.tag !== TAG.KEY).map((field) => encodeTlv(field.tag, field.value));
  return encodeTlv(TAG.PROTECTED, ...others, encodeTlv(TAG.KEY, key));
}

/** Fields of ADMIN DATA; none where it is absent or malformed. */
async function readAdminData(session: PivSession): Promise<Result<readonly Tlv[]>> {
  const content = await readObject(session, OBJECT.ADMIN_DATA);
  if (!content.ok) return content;
  const inner = content.value && findTlv(content.value, TAG.ADMIN);
  return success((inner && decodeTlvs(inner)) ?? []);
}

function flagsOf(fields: readonly Tlv[]): number {
  return fields.find((field) => field.tag === TAG.FLAGS)?.value[0] ?? 0;
}

/** Whether ADMIN DATA says that the management key is PIN-protected. Needs no PIN. */
export async function isManagementKeyProtected(session: PivSession): Promise<Result<boolean>> {
  const fields = await readAdminData(session);
  return fields.ok ? success((flagsOf(fields.value) & FLAG_PROTECTED) !== 0) : fields;
}

/** Sets the flag, keeps the others, and drops the salt of a derived key, which is the right key no longer. */
async function flagAsProtected(session: PivSession): Promise<Result<void>> {
  const fields = await readAdminData(session);
  if (!fields.ok) return fields;
  const flags = flagsOf(fields.value);
  if (flags & FLAG_PROTECTED) return done;
  const others = fields.value.filter((field) => field.tag !== TAG.FLAGS && field.tag !== TAG.SALT);
  const encoded = [encodeTlv(TAG.FLAGS, Uint8Array.of(flags | FLAG_PROTECTED)), ...others.map((field) => encodeTlv(field.tag, field.value))];
  return writeObject(session, OBJECT.ADMIN_DATA, encodeTlv(TAG.ADMIN, ...encoded));
}

/** How the session came to hold the management key. */
interface Unlocked {
  readonly metadata: ManagementKeyMetadata;
  readonly with: 'factory' | 'protected';
  readonly printed: Printed;
}

/**
 * Authenticates the management key: the factory one where the key says that it is that, the one in PRINTED otherwise.
 * Firmware before 5.3 does not say; there PRINTED is asked first, and then the factory key, which costs no attempt,
 * because the management key has no counter. The PIN must be verified. Fails with management-key-unknown.
 */
async function unlock(session: PivSession): Promise<Result<Unlocked>> {
  const metadata = await readManagementKeyMetadata(session);
  if (!metadata.ok) return metadata;
  const { algorithm, isFactory } = metadata.value;
  const printed = await readPrinted(session);
  if (!printed.ok) return printed;
  const attempts: (readonly [Unlocked['with'], Uint8Array])[] = [];
  if (isFactory !== true && printed.value.kind === 'ours' && printed.value.key) attempts.push(['protected', printed.value.key]);
  if (isFactory !== false) attempts.push(['factory', FACTORY.MANAGEMENT_KEY]);
  for (const [how, value] of attempts) {
    if (value.length !== MANAGEMENT_KEY_ALGORITHM[algorithm].keyLength) continue;
    const authenticated = await authenticate(session, { algorithm, value });
    if (authenticated.ok) return success({ metadata: metadata.value, with: how, printed: printed.value });
    if (authenticated.failure.kind !== 'management-key-unknown') return authenticated;
  }
  return failed({ kind: 'management-key-unknown' });
}

/** As {@link unlock}, for whoever only needs the management key. The PIN must be verified. Fails with management-key-unknown. */
export async function unlockManagement(session: PivSession): Promise<Result<void>> {
  const unlocked = await unlock(session);
  return unlocked.ok ? done : unlocked;
}

/**
 * Replaces a factory management key by a random one in the protected form, or finishes that where it was cut off; see
 * the head of this file. Does nothing where it is so already. The PIN must be verified.
 * Fails with management-key-unknown, printed-object-in-use.
 */
export async function protectManagementKey(session: PivSession): Promise<Result<void>> {
  const unlocked = await unlock(session);
  if (!unlocked.ok) return unlocked;
  if (unlocked.value.with === 'factory') {
    const replaced = await replaceFactoryKey(session, unlocked.value);
    if (!replaced.ok) return replaced;
  }
  return flagAsProtected(session);
}

async function replaceFactoryKey(session: PivSession, { metadata, printed }: Unlocked): Promise<Result<void>> {
  if (printed.kind === 'foreign') return failed({ kind: 'printed-object-in-use' });
  const key = randomManagementKey(metadata.algorithm);
  const written = await writeObject(session, OBJECT.PRINTED, encodePrinted(printed.fields, key.value));
  if (!written.ok) return written;
  const readBack = await isStored(session, key);
  if (!readBack.ok) return readBack;
  return setManagementKey(session, key);
}

/** The last look before the point of no return: the key that is about to be set can be read again. */
async function isStored(session: PivSession, key: ManagementKey): Promise<Result<void>> {
  const printed = await readPrinted(session);
  if (!printed.ok) return printed;
  const isThere = printed.value.kind === 'ours' && printed.value.key !== null && equalBytes(printed.value.key, key.value);
  return isThere ? done : failed({ kind: 'security-key-unresponsive', detail: 'the stored management key reads back differently' });
}
