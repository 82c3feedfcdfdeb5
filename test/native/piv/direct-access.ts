import type { Result } from '../../../core/result.ts';
import { readFacts } from '../../../native/piv/facts.ts';
import { FACTORY } from '../../../native/piv/identifiers.ts';
import { selectPiv, type PivSession } from '../../../native/piv/session.ts';
import type { LocatedKey } from '../../../native/located-key.ts';
import { CardSecurityKey } from '../../../native/security-key.ts';
import { VirtualYubiKey, type VirtualYubiKeyOptions } from '../../../native/virtual-yubikey/virtual-yubikey.ts';

/** Before metadata, before AES, with both, and with 5.7's key types. */
export const FIRMWARES = ['4.3.7', '5.2.4', '5.4.3', '5.7.1'] as const;
/** The same, and the strictest of all. */
export const MODELS = [...FIRMWARES, '5.7.1 FIPS'] as const;
export type Model = (typeof MODELS)[number];
/** What an owner chose; eight characters, so that every key takes them. */
export const [OWNER_PIN, OWNER_PUK] = ['84027561', '26194850'];
export const READER = 'In-process reader 00 00';

export function virtualKey(firmware: string, options: Partial<VirtualYubiKeyOptions> = {}): VirtualYubiKey {
  return new VirtualYubiKey({ firmware, serial: 5210001, ...options });
}

/** "5.7.1 FIPS" and the like, as from the factory. */
export function modelKey(model: Model, options: Partial<VirtualYubiKeyOptions> = {}): VirtualYubiKey {
  const [firmware = '', fips] = model.split(' ');
  return virtualKey(firmware, { fips: fips !== undefined, ...options });
}

/** A key whose PIN and PUK are the owner's; the management key is still the factory one. */
export async function ownedKey(model: Model): Promise<VirtualYubiKey> {
  const key = modelKey(model);
  value(await directKey(key).changePin(FACTORY.PIN, OWNER_PIN));
  value(await directKey(key).changePuk(FACTORY.PUK, OWNER_PUK));
  return key;
}

/** The SecurityKey port on a virtual key without PC/SC and without a module; `serial` is the key that is expected there. */
export function directKey(key: VirtualYubiKey, serial: number = key.serial): CardSecurityKey {
  const located: LocatedKey = {
    readerName: READER,
    serial,
    transact: async (afterwards, work) => {
      const result = await work(key);
      if (afterwards === 'reset') key.reset();
      return result;
    },
  };
  return new CardSecurityKey({ facts: () => readFacts(key, READER), use: (work) => work(located), module: async () => null });
}

/** The value of a success; throws the failure otherwise, so that a test shows it. */
export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

/** A session with the PIV application. */
export async function openPiv(key: VirtualYubiKey): Promise<PivSession> {
  return value(await selectPiv(key));
}

/** The failure's kind, or 'ok'. */
export function outcome(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.failure.kind;
}
