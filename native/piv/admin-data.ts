/**
 * ADMIN DATA (5FFF00): what Yubico's programs note about the management key, readable without the PIN. Its form is that of
 * ykman/piv.py (PivmanData) and of the .NET SDK (AdminData): 80 { 81 flags, 82 salt, 83 time of the last PIN change }. The
 * SDK takes an object with any other field for no ADMIN DATA at all, so nothing of ours is ever put into it.
 */
import { done, success, type Result } from '../../core/result.ts';
import { OBJECT } from './identifiers.ts';
import { readObject, writeObject } from './objects.ts';
import type { CardSession } from './session.ts';
import { decodeTlvs, encodeTlv, findTlv, type Tlv } from './tlv.ts';

const TAG = { ADMIN: 0x80, FLAGS: 0x81, SALT: 0x82 } as const;
const FLAG = { PUK_BLOCKED: 0x01, PROTECTED: 0x02 } as const;

export interface AdminData {
  /** Bits; 0 where the field is absent. */
  readonly flags: number;
  /** Of a management key that is derived from the PIN. */
  readonly salt: Uint8Array | null;
  /** Fields that are not ours to read, kept as they are. */
  readonly others: readonly Tlv[];
}

/** ADMIN DATA; empty where it is absent or malformed. */
export async function readAdminData(session: CardSession): Promise<Result<AdminData>> {
  const content = await readObject(session, OBJECT.ADMIN_DATA);
  if (!content.ok) return content;
  const inner = content.value && findTlv(content.value, TAG.ADMIN);
  const fields = (inner && decodeTlvs(inner)) ?? [];
  return success({
    flags: fields.find((field) => field.tag === TAG.FLAGS)?.value[0] ?? 0,
    salt: fields.find((field) => field.tag === TAG.SALT)?.value ?? null,
    others: fields.filter((field) => field.tag !== TAG.FLAGS && field.tag !== TAG.SALT),
  });
}

async function writeAdminData(session: CardSession, { flags, salt, others }: AdminData): Promise<Result<void>> {
  const fields = [
    ...(flags === 0 ? [] : [encodeTlv(TAG.FLAGS, Uint8Array.of(flags))]),
    ...(salt === null ? [] : [encodeTlv(TAG.SALT, salt)]),
    ...others.map((field) => encodeTlv(field.tag, field.value)),
  ];
  return writeObject(session, OBJECT.ADMIN_DATA, encodeTlv(TAG.ADMIN, ...fields));
}

/** Whether it says that the management key is in PRINTED. */
export function isMarkedProtected({ flags }: AdminData): boolean {
  return (flags & FLAG.PROTECTED) !== 0;
}

/** Says that the management key is in PRINTED, and drops the salt of a derived key, which is the right key no longer. */
export async function markProtected(session: CardSession): Promise<Result<void>> {
  const admin = await readAdminData(session);
  if (!admin.ok) return admin;
  if (isMarkedProtected(admin.value) && admin.value.salt === null) return done;
  return writeAdminData(session, { ...admin.value, flags: admin.value.flags | FLAG.PROTECTED, salt: null });
}

/** Takes back what some programs say where they blocked the PUK on purpose: it has attempts again. */
export async function unmarkPukBlocked(session: CardSession): Promise<Result<void>> {
  const admin = await readAdminData(session);
  if (!admin.ok) return admin;
  if ((admin.value.flags & FLAG.PUK_BLOCKED) === 0) return done;
  return writeAdminData(session, { ...admin.value, flags: admin.value.flags & ~FLAG.PUK_BLOCKED });
}
