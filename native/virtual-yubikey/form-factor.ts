import type { FormFactor } from '../../core/security-key.ts';

/** Form factors as the management application and attestation tell them (Yubico). */
const FORM_FACTOR: Readonly<Record<FormFactor, number>> = {
  'usb-a-keychain': 1,
  'usb-a-nano': 2,
  'usb-c-keychain': 3,
  'usb-c-nano': 4,
  'usb-c-lightning': 5,
  'usb-a-bio': 6,
  'usb-c-bio': 7,
};
const FIPS = 0x80;

/** The form factor in one byte; the highest bit says FIPS. */
export function formFactorByte(formFactor: FormFactor, isFips: boolean): number {
  return FORM_FACTOR[formFactor] | (isFips ? FIPS : 0);
}
