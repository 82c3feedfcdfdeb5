/**
 * PRINTED (5FC109), where Yubico's programs keep a PIN-protected management key: 88 { 89 key }. It can be read after the
 * PIN alone. It is never written in any other form: YubiKeys have been lost to programs that did (yubikey-manager 668).
 */
import { equalBytes } from '../../core/bytes.ts';
import { done, failed, success, type Result } from '../../core/result.ts';
import { OBJECT } from './identifiers.ts';
import { readObject, writeObject } from './objects.ts';
import type { CardSession } from './session.ts';
import { SW } from './status-word.ts';
import { decodeTlvs, encodeTlv, type Tlv } from './tlv.ts';

const TAG = { PROTECTED: 0x88, KEY: 0x89 } as const;

export type Printed =
  /** Absent, or in the protected form, with or without a key. */
  | { readonly kind: 'ours'; readonly fields: readonly Tlv[]; readonly key: Uint8Array | null }
  /** Printed Information of an agency, or of somebody else: not ours to touch. */
  | { readonly kind: 'foreign' }
  /** Refused although the PIN is verified: a FIPS key of firmware 5.7 that is not in its approved mode (ykman/_cli/piv.py). */
  | { readonly kind: 'locked' };

/** Reads PRINTED. The PIN must be verified. */
export async function readPrinted(session: CardSession): Promise<Result<Printed>> {
  const content = await readObject(session, OBJECT.PRINTED);
  if (!content.ok) return isRefusal(content.failure) ? success({ kind: 'locked' }) : content;
  if (!content.value) return success({ kind: 'ours', fields: [], key: null });
  const outer = decodeTlvs(content.value);
  const fields = outer?.length === 1 && outer[0]?.tag === TAG.PROTECTED ? decodeTlvs(outer[0].value) : undefined;
  if (!fields) return success({ kind: 'foreign' });
  return success({ kind: 'ours', fields, key: fields.find((field) => field.tag === TAG.KEY)?.value ?? null });
}

function isRefusal(failure: { readonly kind: string; readonly statusWord?: number }): boolean {
  return failure.kind === 'card-error' && (failure.statusWord === SW.SECURITY_STATUS_NOT_SATISFIED || failure.statusWord === SW.CONDITIONS_NOT_SATISFIED);
}

/**
 * Stores a management key in PRINTED, keeps the other fields that were there, and reads it back: the last look before the
 * key is set. Fails with printed-object-in-use, fips-not-ready.
 */
export async function storeInPrinted(session: CardSession, printed: Printed, key: Uint8Array): Promise<Result<void>> {
  if (printed.kind === 'foreign') return failed({ kind: 'printed-object-in-use' });
  if (printed.kind === 'locked') return failed({ kind: 'fips-not-ready' });
  const others = printed.fields.filter((field) => field.tag !== TAG.KEY).map((field) => encodeTlv(field.tag, field.value));
  const written = await writeObject(session, OBJECT.PRINTED, encodeTlv(TAG.PROTECTED, ...others, encodeTlv(TAG.KEY, key)));
  if (!written.ok) return written;
  const stored = await readPrinted(session);
  if (!stored.ok) return stored;
  const isThere = stored.value.kind === 'ours' && stored.value.key !== null && equalBytes(stored.value.key, key);
  return isThere ? done : failed({ kind: 'security-key-unresponsive', detail: 'the stored management key reads back differently' });
}
