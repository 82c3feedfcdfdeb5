/** The SecurityKey port as calls to another process, and how long each may take. */
import type { Result } from '../../core/result.ts';
import type { KeyActivity, SecurityKey } from '../../core/security-key.ts';
import type { KeyCallName, KeysCallName } from '../device/messages.ts';

export type AnyCallName = KeyCallName | KeysCallName;

/**
 * How long the device process may take, in ms awake. Generating RSA-4096 takes a key up to a minute or more; a touch is waited
 * for 15 s by the key itself; a module that hangs is ended by the device process after 10 s to 30 s, one call after
 * another; the rest is a second or two, some 50 commands ten. Beyond that something hangs and the process is ended.
 */
export const TIME_LIMITS_MS: Readonly<Record<AnyCallName, number>> = {
  facts: 30_000,
  verifyPin: 30_000,
  changePin: 30_000,
  changePuk: 30_000,
  unblockPin: 30_000,
  protectManagementKey: 60_000,
  rotateManagementKey: 60_000,
  setRetries: 60_000,
  // Up to 255 wrong entries each block PIN and PUK first.
  reset: 120_000,
  inventory: 60_000,
  retireKey: 60_000,
  deleteCertificate: 30_000,
  generateKey: 240_000,
  attest: 60_000,
  sign: 90_000,
  writeCertificate: 60_000,
  prove: 120_000,
  releaseHolder: 30_000,
  modules: 60_000,
  chooseModule: 60_000,
};

export type AskKey = (name: KeyCallName, args: readonly unknown[], onActivity?: (activity: KeyActivity) => void) => Promise<Result<never>>;

/** A SecurityKey whose every call is asked of somebody else. */
export function keyThrough(ask: AskKey): SecurityKey {
  return {
    facts: () => ask('facts', []),
    verifyPin: (pin) => ask('verifyPin', [pin]),
    changePin: (currentPin, newPin) => ask('changePin', [currentPin, newPin]),
    changePuk: (currentPuk, newPuk) => ask('changePuk', [currentPuk, newPuk]),
    unblockPin: (puk, newPin) => ask('unblockPin', [puk, newPin]),
    protectManagementKey: (pin) => ask('protectManagementKey', [pin]),
    rotateManagementKey: (access) => ask('rotateManagementKey', [access]),
    setRetries: (wanted) => ask('setRetries', [wanted]),
    reset: (serial) => ask('reset', [serial]),
    inventory: () => ask('inventory', []),
    retireKey: (access) => ask('retireKey', [access]),
    deleteCertificate: (slot, access) => ask('deleteCertificate', [slot, access]),
    generateKey: (wanted) => ask('generateKey', [wanted]),
    attest: (slot) => ask('attest', slot === undefined ? [] : [slot]),
    sign: (pin, message, onActivity) => ask('sign', [pin, message], onActivity),
    writeCertificate: (pin, certificate) => ask('writeCertificate', [pin, certificate]),
    prove: (pin, certificate, onActivity) => ask('prove', [pin, certificate], onActivity),
  };
}
