/**
 * The approved mode of FIPS keys of firmware 5.7 (Yubico, YubiKey technical manual, "FIPS 140-3 changes", PIV): they make
 * and take no key, and open no object behind the PIN, before PIN, PUK and management key are the owner's. Which status
 * word says so is not written down anywhere, so the reason is looked for after a refusal, whatever its word.
 */
import { success, type Result } from '../../core/result.ts';
import { isAtLeast } from '../../core/security-key.ts';
import { readManagementKeyMetadata, readReferenceMetadata } from './metadata.ts';
import type { PivSession } from './session.ts';

/** Whether PIN or PUK is the factory value on a firmware that may mind. */
export async function mindsPinOrPuk(session: PivSession): Promise<Result<boolean>> {
  if (!isAtLeast(session.firmware, 5, 7)) return success(false);
  for (const which of ['PIN', 'PUK'] as const) {
    const facts = await readReferenceMetadata(session, which);
    if (!facts.ok) return facts;
    if (facts.value.isFactory === true) return success(true);
  }
  return success(false);
}

/** Whether a refusal may come from a factory value: only for after one. */
export async function isOutsideApprovedMode(session: PivSession): Promise<Result<boolean>> {
  const minds = await mindsPinOrPuk(session);
  if (!minds.ok || minds.value || !isAtLeast(session.firmware, 5, 7)) return minds;
  const managementKey = await readManagementKeyMetadata(session);
  if (!managementKey.ok) return managementKey;
  return success(managementKey.value.isFactory === true || managementKey.value.algorithm === '3DES');
}
