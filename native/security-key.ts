/**
 * The SecurityKey port. PKCS#11 where the module can and nothing is lost by it (login, PIN change, signatures with a
 * certificate in the slot, the final proof), because that is what the browser will use; PIV commands for the rest:
 *
 *   what                          with a module                            without
 *   PIN: verify, change           PKCS#11; PIV tells the attempts left     PIV
 *   PUK: change; unblock          PIV: OpenSC cannot, and a module's       PIV
 *                                 CKR_PIN_INCORRECT hides the attempts
 *   sign                          PKCS#11 if it can see the key, else PIV  PIV
 *   proof                         PKCS#11; PIV if it lacks the mechanism   PIV
 *   everything else               PIV                                      PIV
 *
 * A PKCS#11 call never runs inside a card transaction: it would wait for us, and we for it.
 */
import { checkCurrent, checkNew, pinRulesOf } from '../core/key-care/pin-rules.ts';
import type { PivSlot, RetiredSlot } from '../core/piv-slots.ts';
import { done, failed, type Result } from '../core/result.ts';
import type { Attestation, HeldSlot, KeyActivity, KeyProof, KeyType, ManagementAccess, PinPolicy, SecurityKey, SecurityKeyFacts, TouchPolicy } from '../core/security-key.ts';
import { withDevice, withPiv, type LocatedKey } from './located-key.ts';
import { afterReset, completed } from './module-answers.ts';
import type { Afterwards } from './pcsc/connection.ts';
import { attestKey } from './piv/attestation.ts';
import { deleteCertificate } from './piv/delete-certificate.ts';
import { enrollCertificate } from './piv/enroll-certificate.ts';
import { KEY_REFERENCE, keyReferenceOf } from './piv/identifiers.ts';
import { readInventory } from './piv/inventory.ts';
import { generateKeyPair } from './piv/keys.ts';
import { readSerial } from './piv/metadata.ts';
import { changePin, changePuk, unblockPin, verifyPin } from './piv/pin.ts';
import { protectManagementKey, rotateManagementKey, saveDerivedKey, unlockManagement } from './piv/protected-management-key.ts';
import { certificateFacts } from './piv/public-keys.ts';
import { resetPiv } from './piv/reset.ts';
import { retireKey } from './piv/retire-key.ts';
import { checkRetries, setRetries, type WantedRetries } from './piv/retries.ts';
import type { PivSession } from './piv/session.ts';
import { wantsTouch } from './piv/sign.ts';
import { capabilitiesOf } from './pkcs11/capabilities.ts';
import type { Pkcs11Modules } from './pkcs11/pkcs11-modules.ts';
import { announceTouch, provePiv, readSigner, signVerified, type ActivityListener, type Signer } from './signer.ts';

const SLOT = KEY_REFERENCE.AUTHENTICATION;

/** The way to one key; native/security-keys.ts has it. */
export interface SecurityKeyAccess {
  /** Reads the facts anew. */
  facts(): Promise<Result<SecurityKeyFacts>>;
  /** Finds the key, waits for its turn, works. After work that may have 'changed' it, as all does unless told, the facts are read again. Fails with security-key-removed. */
  use<T>(work: (key: LocatedKey) => Promise<Result<T>>, afterwards?: 'changed' | 'unchanged'): Promise<Result<T>>;
  /** The user's module; null: none. */
  module(): Promise<{ readonly path: string; readonly modules: Pkcs11Modules } | null>;
}

/** A SecurityKey over any access; see core/security-key.ts. */
export class CardSecurityKey implements SecurityKey {
  readonly #access: SecurityKeyAccess;

  constructor(access: SecurityKeyAccess) {
    this.#access = access;
  }

  facts(): Promise<Result<SecurityKeyFacts>> {
    return this.#access.facts();
  }

  async verifyPin(pin: string): Promise<Result<void>> {
    const allowed = checkCurrent('PIN', pin);
    if (!allowed.ok) return allowed;
    const module = await this.#access.module();
    return this.#access.use(async (key) => {
      if (!module) return withPiv(key, 'reset', (session) => verifyPin(session, pin));
      const outcome = await afterReset(key, module.modules.loginOnly({ modulePath: module.path, readerName: key.readerName }, pin));
      return outcome.ok ? done : completed(key, outcome.failure);
    });
  }

  async changePin(currentPin: string, newPin: string): Promise<Result<void>> {
    const allowed = [checkCurrent('PIN', currentPin), checkNew('PIN', newPin)].find((check) => !check.ok);
    if (allowed) return allowed;
    // OpenSC logs in with any PIN, but sets digits only (CKR_DATA_INVALID, 0.23).
    const module = /^\d+$/.test(newPin) ? await this.#access.module() : null;
    return this.#access.use(async (key) => {
      const saved = await withPiv(key, 'reset', (session) => saveDerivedKey(session, currentPin));
      if (!saved.ok) return saved;
      if (!module) return withPiv(key, 'reset', (session) => changePin(session, currentPin, newPin));
      const outcome = await afterReset(key, module.modules.changePin({ modulePath: module.path, readerName: key.readerName }, currentPin, newPin));
      return outcome.ok ? done : completed(key, outcome.failure);
    });
  }

  changePuk(currentPuk: string, newPuk: string): Promise<Result<void>> {
    return this.#piv('reset', (session) => changePuk(session, currentPuk, newPuk));
  }

  unblockPin(puk: string, newPin: string): Promise<Result<void>> {
    return this.#piv('reset', (session) => unblockPin(session, puk, newPin));
  }

  protectManagementKey(pin: string): Promise<Result<void>> {
    return this.#verified(pin, (session) => protectManagementKey(session, { pin }));
  }

  rotateManagementKey(access: ManagementAccess): Promise<Result<void>> {
    return this.#verified(access.pin, (session) => rotateManagementKey(session, access));
  }

  async setRetries(wanted: WantedRetries): Promise<Result<void>> {
    const allowed = [checkCurrent('PIN', wanted.pin), checkRetries(wanted)].find((check) => !check.ok);
    if (allowed) return allowed;
    return this.#access.use((key) =>
      withDevice(key, 'reset', async (session, { isFips, demandsComplexPin }) => {
        const checked = checkRetries(wanted, pinRulesOf({ isFips, demandsComplexPin, firmware: session.firmware }));
        return checked.ok ? setRetries(session, wanted) : checked;
      }),
    );
  }

  reset(serial: number | null): Promise<Result<void>> {
    return this.#access.use((key) =>
      withDevice(key, 'reset', async (session, device) => {
        const told = await readSerial(session);
        if (!told.ok) return told;
        return (told.value ?? device.serial) === serial ? resetPiv(session) : failed({ kind: 'serial-mismatch' });
      }),
    );
  }

  inventory(): Promise<Result<readonly HeldSlot[]>> {
    return this.#access.use((key) => withPiv(key, 'leave', readInventory), 'unchanged');
  }

  retireKey(access: ManagementAccess): Promise<Result<RetiredSlot>> {
    return this.#verified(access.pin, (session) => retireKey(session, access));
  }

  deleteCertificate(slot: PivSlot, access: ManagementAccess): Promise<Result<void>> {
    return this.#verified(access.pin, (session) => deleteCertificate(session, keyReferenceOf(slot), access));
  }

  generateKey(options: { readonly pin: string; readonly keyType: KeyType; readonly pinPolicy: PinPolicy; readonly touchPolicy: TouchPolicy }): Promise<Result<Uint8Array>> {
    return this.#verified(options.pin, async (session) => {
      const unlocked = await unlockManagement(session, options);
      return unlocked.ok ? generateKeyPair(session, SLOT, options) : unlocked;
    });
  }

  attest(slot: PivSlot = '9a'): Promise<Result<Attestation>> {
    return this.#access.use((key) => withPiv(key, 'leave', (session) => attestKey(session, keyReferenceOf(slot))), 'unchanged');
  }

  writeCertificate(pin: string, certificate: Uint8Array): Promise<Result<void>> {
    return this.#verified(pin, (session) => enrollCertificate(session, SLOT, certificate, { pin }));
  }

  async sign(pin: string, message: Uint8Array, onActivity?: (activity: KeyActivity) => void): Promise<Result<Uint8Array>> {
    const module = await this.#access.module();
    return this.#access.use(async (key) => {
      const signer = await withPiv(key, 'leave', readSigner);
      if (!signer.ok) return signer;
      if (module && (signer.value.isCertified || capabilitiesOf(module.path).signWithoutCertificate)) {
        const target = { modulePath: module.path, readerName: key.readerName };
        const outcome = await afterReset(key, module.modules.sign(target, pin, message, signer.value.keyType, touchOptions(signer.value, onActivity)));
        if (outcome.ok) return outcome;
        if (outcome.failure.kind !== 'module-cannot') return completed(key, outcome.failure);
      }
      return withPiv(key, 'reset', (session) => signVerified(session, signer.value, pin, message, onActivity));
    });
  }

  async prove(pin: string, certificate: Uint8Array, onActivity?: (activity: KeyActivity) => void): Promise<Result<KeyProof>> {
    if (!certificateFacts(certificate)) return failed({ kind: 'certificate-unfit', reason: 'unreadable' });
    const allowed = checkCurrent('PIN', pin);
    if (!allowed.ok) return allowed;
    const module = await this.#access.module();
    return this.#access.use(async (key) => {
      const signer = await withPiv(key, 'leave', readSigner);
      if (!signer.ok) return signer;
      if (module) {
        const target = { modulePath: module.path, readerName: key.readerName };
        const outcome = await afterReset(key, module.modules.prove(target, pin, certificate, touchOptions(signer.value, onActivity)));
        if (outcome.ok) return outcome;
        if (outcome.failure.kind !== 'module-cannot') return completed(key, outcome.failure);
      }
      return withPiv(key, 'reset', (session) => provePiv(session, signer.value, pin, certificate, onActivity));
    });
  }

  /** One transaction. */
  #piv<T>(afterwards: Afterwards, work: (session: PivSession) => Promise<Result<T>>): Promise<Result<T>> {
    return this.#access.use((key) => withPiv(key, afterwards, work));
  }

  /** One transaction in which the PIN is verified first. */
  async #verified<T>(pin: string, work: (session: PivSession) => Promise<Result<T>>): Promise<Result<T>> {
    return this.#piv('reset', async (session) => {
      const verified = await verifyPin(session, pin);
      return verified.ok ? work(session) : verified;
    });
  }
}

function touchOptions(signer: Signer, onActivity: ActivityListener): { readonly expectsTouch: boolean; readonly onSigning: () => void } {
  return { expectsTouch: wantsTouch(signer.touchPolicy), onSigning: () => announceTouch(signer, onActivity) };
}
