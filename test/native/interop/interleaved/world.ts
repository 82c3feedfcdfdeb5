/** A key that we and Debian's programs use by turns, and what must be true of it. */
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { FACTORY_PIN, FACTORY_PUK } from '../../../../core/key-care/pin-rules.ts';
import type { PivSlot } from '../../../../core/piv-slots.ts';
import { testCertificate } from '../../piv/test-certificate.ts';
import type { SharedFirmware, SharedKey } from '../shared-key.ts';
import { sha256 } from '../views.ts';

/** What the key must be like, by all that was done to it. */
export interface Known {
  pin: { value: string; left: number; total: number };
  puk: { value: string; left: number; total: number };
  /** 'kept': the factory one, or stored on the key, so that the PIN is enough. 'given': only whoever set it has it. */
  managementKey: 'kept' | 'given';
  /** ADMIN DATA says that it is stored; with 'given' that is not so any more. */
  isMarkedStored: boolean;
  /** Public key (DER) of the key pairs that were generated. */
  keyPairs: Map<PivSlot, Uint8Array>;
  /** SHA-256. */
  certificates: Map<PivSlot, string>;
}

export interface World {
  readonly shared: SharedKey;
  readonly firmware: SharedFirmware;
  /** A whole number from 0 on, below. */
  readonly random: (below: number) => number;
  known: Known;
}

export interface Act {
  readonly name: string;
  /** It ends what was begun, so it comes after some others. */
  readonly isRare?: boolean;
  readonly isPossible?: (world: World) => boolean;
  readonly act: (world: World) => Promise<void>;
}

export function asFromFactory(): Known {
  return {
    pin: { value: FACTORY_PIN, left: 3, total: 3 },
    puk: { value: FACTORY_PUK, left: 3, total: 3 },
    managementKey: 'kept',
    isMarkedStored: false,
    keyPairs: new Map(),
    certificates: new Map(),
  };
}

/** Where the others generate. */
export const SLOTS = ['9a', '9c', '9d', '9e'] as const;
/** Where certificates are written. */
export const CERTIFIED: PivSlot = '9a';

/** One of them, by chance. */
export function pick<T>({ random }: World, values: readonly T[]): T {
  const value = values[random(values.length)];
  if (value === undefined) throw new Error('Nothing to pick from');
  return value;
}

/** A PIN or PUK that nobody refuses. */
export function newSecret({ random }: World): string {
  return `8${Array.from({ length: 7 }, () => random(10)).join('')}`;
}

/** For 3DES, in hex. */
export function newManagementKey({ random }: World): string {
  return Array.from({ length: 24 }, () => random(256).toString(16).padStart(2, '0')).join('');
}

export const knowsPin = ({ known }: World): boolean => known.pin.left > 0;
export const hasKeyPair = ({ known }: World): boolean => known.keyPairs.has(CERTIFIED);

/** The right PIN was entered. */
export function right({ known }: World): string {
  known.pin.left = known.pin.total;
  return known.pin.value;
}

export function setPin({ known }: World, value: string): void {
  known.pin = { ...known.pin, value, left: known.pin.total };
}

export function setPuk({ known }: World, value: string): void {
  known.puk = { ...known.puk, value, left: known.puk.total };
}

/** In hex: who tests knows them all. */
export function managementKey({ shared }: World): string {
  return shared.state.managementKey.value;
}

export function afterReset(world: World): void {
  world.known = asFromFactory();
}

export function afterProtecting({ known }: World): void {
  known.managementKey = 'kept';
  known.isMarkedStored = true;
}

/** The certificate for the key pair in 9a, in a file. */
export function certify({ known, shared }: World): { readonly certificate: Uint8Array; readonly path: string } {
  const certificate = testCertificate(known.keyPairs.get(CERTIFIED) ?? new Uint8Array());
  const path = shared.path('certificate.pem');
  writeFileSync(path, new X509Certificate(certificate).toString());
  known.certificates.set(CERTIFIED, sha256(certificate));
  return { certificate, path };
}

/** DER from PEM. */
export function readPublicKey(path: string): Uint8Array {
  return new Uint8Array(Buffer.from(readFileSync(path, 'utf8').replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'));
}

