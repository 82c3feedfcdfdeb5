/** What a key is, as far as looking after it goes: a row of the table of states. Pure data; build-key.ts makes such a key. */
import type { ModuleName } from '../../native/pkcs11/locate.ts';
import type { Model } from '../native/piv/direct-access.ts';

/** A PIN or PUK: whose value it is, and what is left of its attempts. */
export interface Secret {
  readonly value: 'factory' | 'owner' | 'new';
  readonly left: number;
  readonly total: number;
}

export type ManagementKeyTrait =
  | 'factory'
  /** In PRINTED, flagged in ADMIN DATA. */
  | 'protected'
  /** As 'factory', but flagged already: locking the settings was cut off. */
  | 'unfinished'
  /** A replacement was cut off after the new key was set. */
  | 'rotating'
  /** Computed from the PIN, as ykman before 4.0 made it: salt in ADMIN DATA. */
  | 'derived'
  /** Half-way to 'protected', where PRINTED turned out to be foreign: on a FIPS key, which shows it only then. Known all the same. */
  | 'bridged'
  /** Was computed from a PIN that is another now. */
  | 'derived from an old PIN'
  /** An administrator's: nowhere on the key. */
  | 'foreign';

export interface CertificateTrait {
  /** 'broken': compressed, and cannot be inflated, so that it is as none; 'unreadable': anything but a certificate. */
  readonly form: 'plain' | 'compressed' | 'unreadable' | 'broken';
  /** Of the key pair in the slot (or of one that was there), or of another. */
  readonly isOf: 'this key' | 'another key';
  readonly validity: 'valid' | 'ends soon' | 'expired';
  /** The CA that this computer trusts, or another one. */
  readonly issuer: 'ours' | 'foreign';
}

export interface Traits {
  readonly pin: Secret;
  readonly puk: Secret;
  readonly managementKey: ManagementKeyTrait;
  /** Object 5FC109: free for a management key, or with Printed Information of an agency in it. */
  readonly printed: 'free' | 'foreign';
  /** Slot 9a. */
  readonly keyPair: 'none' | 'generated' | 'imported';
  readonly certificate: CertificateTrait | null;
  /** How many of the twenty retired slots hold a key. */
  readonly retired: number;
  /** Moving the key of 9a aside was cut off: the first retired slot holds it, and 9a's certificate is a copy of what is there. */
  readonly isMovedAside: boolean;
  /** What this computer noted. */
  readonly record: { readonly action: 'reset' } | { readonly action: 'retries'; readonly open: readonly ('PIN' | 'PUK')[] } | null;
}

/** What differs between the models that the table is run on, and the ways to them. */
export interface ModelTraits {
  readonly model: Model;
  /** It tells of factory values, of all attempts, and of every key (GET METADATA, firmware 5.3). */
  readonly tells: boolean;
  /** Keys can be moved (firmware 5.7). */
  readonly canMove: boolean;
  /** Nothing of value before PIN, PUK and management key are the owner's. */
  readonly demandsApprovedMode: boolean;
  /** What PINs and signatures go through; null: PIV commands. */
  readonly module: ModuleName | null;
}

export function traitsOfModel(model: Model, module: ModuleName | null): ModelTraits {
  const is57 = model.startsWith('5.7');
  return { model, tells: is57 || model === '5.4.3', canMove: is57, demandsApprovedMode: model === '5.7.1 FIPS', module };
}
