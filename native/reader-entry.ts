/** What is known of the card in a reader, and which card a handle means. */
import type { SecurityKeyFailure } from '../core/failures.ts';
import type { PresentSecurityKey } from '../core/security-key.ts';
import type { PresentCard } from './pcsc/readers.ts';

/** A card in a reader, from its insertion to its removal. */
export interface ReaderEntry {
  readonly card: PresentCard;
  present: PresentSecurityKey;
  /** Reads the facts anew, later. */
  timer: NodeJS.Timeout | undefined;
  /** A reading of the facts that waits for its turn. */
  awaited: Promise<void> | undefined;
  unresponsiveTries: number;
}

/** Which key somebody means: the serial is that of the first key seen in the reader; null where that told none. */
export interface WantedKey {
  readonly readerName: string;
  serial: number | null | undefined;
}

/** What is known of a card that has just been inserted. */
export function newEntry(card: PresentCard): ReaderEntry {
  return { card, present: { kind: 'reading', readerName: card.readerName }, timer: undefined, awaited: undefined, unresponsiveTries: 0 };
}

/** undefined: there is none, or it has not been read. */
export function serialOf(entry: ReaderEntry | undefined): number | null | undefined {
  return entry?.present.kind === 'ready' ? entry.present.facts.serial : undefined;
}

/**
 * The entry that is known to be the wanted key, in its old reader or in another; a key that tells no serial is the one in
 * its reader. `wanted` learns the serial where it has none yet.
 */
export function findKnown(entries: ReadonlyMap<string, ReaderEntry>, wanted: WantedKey): ReaderEntry | undefined {
  const there = entries.get(wanted.readerName);
  wanted.serial ??= serialOf(there);
  if (typeof wanted.serial === 'number') return [...entries.values()].find((entry) => serialOf(entry) === wanted.serial);
  return wanted.serial === null && serialOf(there) === null ? there : undefined;
}

/** Why the key cannot be read, where another program keeps it. */
export function busyFailure({ present }: ReaderEntry): Extract<SecurityKeyFailure, { kind: 'security-key-busy' }> | undefined {
  return present.kind === 'problem' && present.failure.kind === 'security-key-busy' ? present.failure : undefined;
}
