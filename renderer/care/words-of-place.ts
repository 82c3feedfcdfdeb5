/** A slot by what it is for; the hexadecimal name stays under Details. */
import { RETIRED_SLOTS, isRetired, type PivSlot } from '../../core/piv-slots.ts';
import type { SlotView } from '../../core/key-care/inventory-view.ts';
import type { CareMessages } from '../messages/care-en.ts';
import { subjectName } from '../messages/subject-name.ts';

export function placeName(slot: PivSlot, { places, retired }: CareMessages['inventory']): string {
  return isRetired(slot) ? retired(RETIRED_SLOTS.indexOf(slot) + 1) : places[slot];
}

/** Whom the certificate of a slot is for; null: there is none, or it cannot be read. */
export function holderOf({ certificate }: Pick<SlotView, 'certificate'>): string | null {
  return certificate === null || certificate === 'unreadable' ? null : subjectName(certificate.subject);
}

/** What a reset would take from one slot. */
export type SlotLoss =
  | { readonly kind: 'certificate'; readonly slot: PivSlot; readonly holder: string | null; readonly hasSecret: boolean }
  | { readonly kind: 'secret'; readonly slot: PivSlot };

/** What a reset would take, the certificates first: those are what a person knows by name. */
export function lossesOf(slots: readonly SlotView[]): readonly SlotLoss[] {
  const losses = slots.map((view): SlotLoss =>
    view.certificate === null ? { kind: 'secret', slot: view.slot } : { kind: 'certificate', slot: view.slot, holder: holderOf(view), hasSecret: view.keyPair !== null },
  );
  return [...losses.filter(({ kind }) => kind === 'certificate'), ...losses.filter(({ kind }) => kind === 'secret')];
}

/** What a certificate is good for, as far as there are words for it; Details has the rest. */
export function usesOf({ keyUsage, purposes }: { readonly keyUsage: readonly string[]; readonly purposes: readonly string[] }, texts: CareMessages['slot']): readonly string[] {
  const usages: Readonly<Record<string, string>> = texts.usages;
  const known: Readonly<Record<string, string>> = texts.purposes;
  return [...purposes.map((purpose) => known[purpose]), ...keyUsage.map((usage) => usages[usage])].filter((use) => use !== undefined);
}
