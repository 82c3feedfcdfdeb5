import type { FormFactor } from './security-key.ts';

/** Yubico's numbers of the shapes, the same in attestation statements and in the management application. */
const SHAPES: Readonly<Record<number, FormFactor>> = {
  1: 'usb-a-keychain',
  2: 'usb-a-nano',
  3: 'usb-c-keychain',
  4: 'usb-c-nano',
  5: 'usb-c-lightning',
  6: 'usb-a-bio',
  7: 'usb-c-bio',
};
const SHAPE_MASK = 0x0f;
const FIPS = 0x80;

/** Reads the form factor's byte: 0x80 is FIPS, 0x40 the Security Key series, the rest the shape; null: an unknown shape. */
export function readFormFactor(byte: number): { readonly formFactor: FormFactor | null; readonly isFips: boolean } {
  return { formFactor: SHAPES[byte & SHAPE_MASK] ?? null, isFips: (byte & FIPS) !== 0 };
}
