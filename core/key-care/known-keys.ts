/**
 * The keys that were enrolled from this computer, so that a person sees their key and its backup together, also while one
 * of them lies in a drawer. Nothing in it is secret.
 */
import { z } from 'zod';
import type { FormFactor } from '../security-key.ts';

export interface KnownKey {
  readonly serial: number;
  readonly model: string;
  readonly formFactor: FormFactor | null;
  /** Whose certificate it holds. */
  readonly name: string;
  readonly email: string | null;
  readonly authorityName: string;
  readonly validFrom: Date;
  readonly expiresAt: Date;
  readonly enrolledAt: Date;
}

const FORM_FACTORS = ['usb-a-keychain', 'usb-a-nano', 'usb-c-keychain', 'usb-c-nano', 'usb-c-lightning', 'usb-a-bio', 'usb-c-bio'] as const satisfies readonly FormFactor[];

const knownKeys = z.array(
  z.object({
    serial: z.int().nonnegative(),
    model: z.string(),
    formFactor: z.enum(FORM_FACTORS).nullable(),
    name: z.string(),
    email: z.string().nullable(),
    authorityName: z.string(),
    /** Missing in files of the first release: when it was enrolled is near enough. */
    validFrom: z.iso.datetime().optional(),
    expiresAt: z.iso.datetime(),
    enrolledAt: z.iso.datetime(),
  }),
);

export function formatKnownKeys(keys: readonly KnownKey[]): string {
  return JSON.stringify(keys, null, 2);
}

/** The inverse of {@link formatKnownKeys}; null for anything else. */
export function parseKnownKeys(text: string): readonly KnownKey[] | null {
  try {
    return knownKeys.parse(JSON.parse(text)).map((key) => ({
      ...key,
      validFrom: new Date(key.validFrom ?? key.enrolledAt),
      expiresAt: new Date(key.expiresAt),
      enrolledAt: new Date(key.enrolledAt),
    }));
  } catch {
    return null;
  }
}

/** The list with a key that was just enrolled, in place of what was known of it. */
export function withKey(keys: readonly KnownKey[], enrolled: KnownKey): readonly KnownKey[] {
  return [...keys.filter((key) => key.serial !== enrolled.serial), enrolled];
}
