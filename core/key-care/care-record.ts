/**
 * What this computer notes about an action on a key that cannot be seen in the key's facts while it is under way. Nothing
 * in it is secret. The key stays the source of truth: a record only says why its PIN is blocked or a factory value again.
 */
import { z } from 'zod';

/** 'reset': PIN and PUK are being blocked, or are, and the reset comes next. 'retries': PIN and PUK may be factory values. */
export interface CareRecord {
  readonly serial: number;
  readonly action: 'reset' | 'retries';
  readonly startedAt: Date;
  /** With 'retries': what has not been set anew since; firmware before 5.3 does not tell. */
  readonly open: readonly ReferenceName[];
}

export type ReferenceName = 'PIN' | 'PUK';

/** Where records live, one a key. Implementations keep them across restarts, and write before they answer. */
export interface CareRecords {
  /** null where there is none, and where what is stored cannot be read. */
  read(serial: number): Promise<CareRecord | null>;
  write(record: CareRecord): Promise<void>;
  remove(serial: number): Promise<void>;
}

const recordJson = z.object({ serial: z.int().nonnegative(), action: z.enum(['reset', 'retries']), startedAt: z.iso.datetime(), open: z.array(z.enum(['PIN', 'PUK'])) });

/** A record as JSON text, for implementations of {@link CareRecords}. */
export function formatCareRecord(record: CareRecord): string {
  return JSON.stringify(record);
}

/** The inverse of {@link formatCareRecord}; null for anything else. */
export function parseCareRecord(text: string): CareRecord | null {
  try {
    const { startedAt, ...record } = recordJson.parse(JSON.parse(text));
    return { ...record, startedAt: new Date(startedAt) };
  } catch {
    return null;
  }
}
