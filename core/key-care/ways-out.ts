/**
 * The recovery tree: for each condition the ways out of it, the least destructive first, with what each would lose. Pure.
 * A reset is always the last, and never offered where something else can still help alone.
 */
import { unreachable } from '../result.ts';
import { type SecurityKeyFacts, isAtLeast } from '../security-key.ts';
import type { KeyCondition } from './conditions.ts';

/** What a person can do about a condition; the window has a screen for each, the command line a command. */
export type CareAct =
  | 'enter-pin'
  | 'change-pin'
  | 'unblock-pin'
  | 'change-puk'
  | 'set-retries'
  | 'rotate-management-key'
  /** Type the management key that another program or an administrator set. */
  | 'enter-management-key'
  /** Ask whoever set up the key: nothing we can do brings the code back. */
  | 'ask-administrator'
  | 'go-on-enrolling'
  | 'enroll'
  | 'retire-key'
  | 'go-on-retiring'
  | 'delete-certificate'
  | 'go-on-resetting'
  | 'reset';

/** What is gone afterwards, for good. */
export type Loss =
  | 'nothing'
  /** A management key that follows from the forgotten PIN: new certificates need a reset, or whoever set it, from then on. */
  | 'management-key'
  | 'certificate'
  | 'certificate-and-key'
  | 'everything';

export interface WayOut {
  readonly act: CareAct;
  readonly loses: Loss;
}

const way = (act: CareAct, loses: Loss = 'nothing'): WayOut => ({ act, loses });

/** Ways out of a condition of this key, in the order they should be tried. */
export function waysOut(condition: KeyCondition, key: SecurityKeyFacts): readonly WayOut[] {
  switch (condition.kind) {
    case 'reset-unfinished':
      return resetUnfinished(key);
    case 'pin-and-puk-blocked':
      return [way('reset', 'everything')];
    case 'pin-blocked':
      return [...unblock(key), way('reset', 'everything')];
    case 'retries-unfinished':
      return [...(condition.pin === false ? [] : [way('change-pin')]), ...(condition.puk === false ? [] : [way('change-puk')])];
    case 'pin-last-attempt':
      return [way('enter-pin'), ...unblock(key), way('reset', 'everything')];
    case 'pin-attempts-lost':
      return [way('enter-pin'), ...unblock(key)];
    case 'puk-blocked':
      // Setting the attempts makes a new PUK, and needs PIN and management key, but loses nothing.
      return isManagementKeyReachable(key) ? [way('set-retries')] : [way('enter-management-key'), way('ask-administrator')];
    case 'management-key-unknown':
      return [way('enter-management-key'), way('ask-administrator'), way('reset', 'everything')];
    case 'management-key-unfinished':
    case 'management-key-derived':
      return [way('rotate-management-key')];
    case 'retire-unfinished':
      return [way('go-on-retiring')];
    case 'certificate-without-key':
    case 'certificate-unreadable':
      return [way('enroll', 'certificate'), way('delete-certificate', 'certificate')];
    case 'certificate-unfit':
      return [...retire(key), way('go-on-enrolling', 'certificate'), way('delete-certificate', 'certificate'), way('enroll', 'certificate-and-key')];
    case 'certificate-expired':
    case 'certificate-expires-soon':
    case 'certificate-foreign':
      return [...retire(key), way('enroll', 'certificate-and-key')];
    case 'enrollment-unfinished':
      return [way('go-on-enrolling'), way('enroll', 'certificate-and-key')];
    case 'pin-factory':
      return [way('change-pin')];
    case 'puk-factory':
      return [way('change-puk')];
    default:
      return unreachable(condition);
  }
}

/** While the PIN is not blocked, or the PUK can unblock it, the key can still be kept. */
function resetUnfinished(key: SecurityKeyFacts): readonly WayOut[] {
  const goOn = way('go-on-resetting', 'everything');
  return key.pin.attemptsLeft === 0 ? [...unblock(key), goOn] : [way('enter-pin'), goOn];
}

/** A blocked PUK unblocks nothing. */
function unblock({ puk, managementKey }: SecurityKeyFacts): readonly WayOut[] {
  return puk.attemptsLeft === 0 ? [] : [way('unblock-pin', managementKey.isPinDerived ? 'management-key' : 'nothing')];
}

/** Whether the app can open the settings with the PIN alone, as far as can be told without it. */
export function isManagementKeyReachable({ managementKey }: Pick<SecurityKeyFacts, 'managementKey'>): boolean {
  return managementKey.isFactory !== false || managementKey.isPinProtected || managementKey.isPinDerived;
}

/** Whether this firmware can move a key to a retired slot (Yubico, MOVE KEY, 5.7). */
export function canRetireKey(key: Pick<SecurityKeyFacts, 'firmware'>): boolean {
  return isAtLeast(key.firmware, 5, 7);
}

function retire(key: SecurityKeyFacts): readonly WayOut[] {
  return canRetireKey(key) && key.authentication.keyPair !== null ? [way('retire-key')] : [];
}
