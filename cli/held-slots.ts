import { type SlotView, viewInventory } from '../core/key-care/inventory-view.ts';
import type { PivSlot } from '../core/piv-slots.ts';
import type { HeldSlot } from '../core/security-key.ts';
import type { AttestationTrust } from '../core/x509/attestation.ts';
import { join } from 'node:path';
import { loadAttestationTrust } from '../native/attestation-roots.ts';
import type { ChosenKey } from './chosen-key.ts';
import { CommandStopped } from './failures.ts';
import type { Folders } from './folders.ts';

/** What attestations may end in: Yubico's list, and PEM files in `attestation-roots` of the configuration. Fails with file-unreadable. */
export async function attestationTrust(folders: Folders): Promise<AttestationTrust> {
  const trust = await loadAttestationTrust([join(folders.config, 'attestation-roots')]);
  if (!trust.ok) throw new CommandStopped(trust.failure);
  return trust.value;
}

/** What a slot holds. Fails with nothing-in-slot where it has not what is `wanted`, and as the key fails. */
export async function heldSlot({ securityKey }: Pick<ChosenKey, 'securityKey'>, slot: PivSlot, wanted: 'certificate' | 'key-pair'): Promise<HeldSlot> {
  const held = await securityKey.inventory();
  if (!held.ok) throw new CommandStopped(held.failure);
  const found = held.value.find((one) => one.slot === slot);
  const isThere = wanted === 'certificate' ? found?.certificate : found?.keyPair;
  if (found === undefined || isThere === null || isThere === undefined) throw new CommandStopped({ kind: 'nothing-in-slot', slot, wanted });
  return found;
}

/** The same for a person. */
export async function viewSlot({ ports, folders }: Pick<ChosenKey, 'ports' | 'folders'>, held: HeldSlot): Promise<SlotView> {
  const [view] = await viewInventory([held], ports.authority, await attestationTrust(folders));
  if (view === undefined) throw new Error('A slot that was given was not viewed.');
  return view;
}
