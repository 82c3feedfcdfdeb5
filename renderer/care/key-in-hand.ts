import type { CallArguments } from '../../core/ipc.ts';
import type { SecurityKeyFacts } from '../../core/security-key.ts';

/** How the calls of care name a key. */
export type KeyInHand = Pick<CallArguments<'care.verifyPin'>, 'readerName' | 'keySerial'>;

/** The key whose screen it is: what is typed there never reaches another that has taken its place in the reader. */
export function keyInHand({ readerName, serial }: SecurityKeyFacts): KeyInHand {
  return { readerName, keySerial: serial };
}
