/**
 * What a PIN or PUK must be, checked before it reaches the key, where a wrong value costs an attempt.
 * 6 to 8 bytes (NIST SP 800-73-4, part 2, section 2.4.3; Yubico lets any byte be one, so letters count too, in UTF-8).
 */
import type { PinRule } from '../failures.ts';
import { type Result, done, failed } from '../result.ts';

/** Factory values (Yubico, YubiKey PIV manual). Public, and used only where the key itself says that they still hold. */
export const FACTORY_PIN = '123456';
export const FACTORY_PUK = '12345678';

const MIN_BYTES = 6;
const MAX_BYTES = 8;

type Which = 'PIN' | 'PUK';

/** The rule that a value breaks as a value already set; null: it may be sent to the key. */
export function brokenLengthRule(value: string): PinRule | null {
  const length = new TextEncoder().encode(value).length;
  if (length < MIN_BYTES) return 'too-short';
  return length > MAX_BYTES ? 'too-long' : null;
}

/** The rule that a value breaks as a new PIN or PUK; null: none. A key with a complexity policy may refuse it still. */
export function brokenRule(which: Which, value: string): PinRule | null {
  const factoryValue = which === 'PIN' ? FACTORY_PIN : FACTORY_PUK;
  return value === factoryValue ? 'factory-value' : brokenLengthRule(value);
}

/** {@link brokenLengthRule} as pin-invalid. */
export function checkCurrent(which: Which, value: string | undefined): Result<void> {
  const rule = brokenLengthRule(value ?? '');
  return rule === null ? done : failed({ kind: 'pin-invalid', which, rule });
}

/** {@link brokenRule} as pin-invalid. */
export function checkNew(which: Which, value: string | undefined): Result<void> {
  const rule = brokenRule(which, value ?? '');
  return rule === null ? done : failed({ kind: 'pin-invalid', which, rule });
}
