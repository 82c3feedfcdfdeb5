/**
 * What a PIN or PUK must be, checked before it reaches the key, where a wrong value costs an attempt.
 * 6 to 8 bytes (NIST SP 800-73-4, part 2, section 2.4.3; Yubico lets any byte be one, so letters count too, in UTF-8).
 */
import type { PinRule } from '../failures.ts';
import { type Result, done, failed } from '../result.ts';
import { type SecurityKeyFacts, isAtLeast } from '../security-key.ts';

/** Factory values (Yubico, YubiKey PIV manual). Public, and used only where the key itself says that they still hold. */
export const FACTORY_PIN = '123456';
export const FACTORY_PUK = '12345678';

const MIN_BYTES = 6;
const MAX_BYTES = 8;
/** FIPS keys of firmware 5.7 take nothing shorter (Yubico, "FIPS 140-3 changes", PIV). */
const FIPS_MIN_BYTES = 8;

type Which = 'PIN' | 'PUK';

/** What one key demands of a new PIN or PUK. */
export interface PinRules {
  readonly minLength: number;
  /** It refuses what everybody tries first: one character repeated, rising digits, "password" and the like. */
  readonly refusesTrivial: boolean;
}

export const COMMON_PIN_RULES: PinRules = { minLength: MIN_BYTES, refusesTrivial: false };

/** The rules of a key. */
export function pinRulesOf({ isFips, demandsComplexPin, firmware }: Pick<SecurityKeyFacts, 'isFips' | 'demandsComplexPin' | 'firmware'>): PinRules {
  const isFips57 = isFips && isAtLeast(firmware, 5, 7);
  return { minLength: isFips57 ? FIPS_MIN_BYTES : MIN_BYTES, refusesTrivial: demandsComplexPin || isFips57 };
}

/** Yubico's published blocklist, as far as 6 to 8 characters go (YubiKey Technical Manual, "PIN complexity"). */
const TRIVIAL: readonly string[] = [
  ...['123456', '123123', '654321', '123321', '112233', '121212', '520520', '123654', '159753'],
  ...['1234567', '12345678', 'password', 'qwerty', 'abc123', '1q2w3e4r', 'iloveyou'],
];

function isTrivial(value: string): boolean {
  return /^(.)\1*$/u.test(value) || TRIVIAL.includes(value);
}

/** The rule that a value breaks as a value already set; null: it may be sent to the key. */
export function brokenLengthRule(value: string, minLength = MIN_BYTES): PinRule | null {
  const length = new TextEncoder().encode(value).length;
  if (length < minLength) return 'too-short';
  return length > MAX_BYTES ? 'too-long' : null;
}

/** The rule that a value breaks as a new PIN or PUK; null: none that we know. A key may have a longer blocklist. */
export function brokenRule(which: Which, value: string, rules: PinRules = COMMON_PIN_RULES): PinRule | null {
  const factoryValue = which === 'PIN' ? FACTORY_PIN : FACTORY_PUK;
  if (value === factoryValue) return 'factory-value';
  return brokenLengthRule(value, rules.minLength) ?? (rules.refusesTrivial && isTrivial(value) ? 'too-simple' : null);
}

/** {@link brokenLengthRule} as pin-invalid. */
export function checkCurrent(which: Which, value: string | undefined): Result<void> {
  const rule = brokenLengthRule(value ?? '');
  return rule === null ? done : failed({ kind: 'pin-invalid', which, rule });
}

/** {@link brokenRule} as pin-invalid. */
export function checkNew(which: Which, value: string | undefined, rules: PinRules = COMMON_PIN_RULES): Result<void> {
  const rule = brokenRule(which, value ?? '', rules);
  return rule === null ? done : failed({ kind: 'pin-invalid', which, rule, minLength: rules.minLength });
}
