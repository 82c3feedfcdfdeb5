/** What each program tells of a key, brought into one form, and the check that all of them tell the same. */
import { createHash, X509Certificate } from 'node:crypto';
import { expect } from 'vitest';
import { toHex } from '../../../core/bytes.ts';
import { MAIN_SLOTS } from '../../../core/piv-slots.ts';
import type { HeldSlot, ManagementKeyAlgorithm } from '../../../core/security-key.ts';
import type { SharedKey } from './shared-key.ts';

/** What our facts and `ykman piv info` both tell; null: the firmware (before 5.3) does not tell. */
export interface View {
  readonly pin: { readonly left: number | null; readonly total: number | null; readonly isFactory: boolean | null };
  readonly managementKey: { readonly algorithm: string; readonly isFactory: boolean | null; readonly isStored: boolean; readonly isDerived: boolean };
  readonly certificates: Certificates;
}

/** SHA-256 of the certificate in each slot that has one. */
export type Certificates = Readonly<Record<string, string>>;

const YKMAN_NAMES: Readonly<Record<ManagementKeyAlgorithm, string>> = { '3DES': 'TDES', 'AES-128': 'AES128', 'AES-192': 'AES192', 'AES-256': 'AES256' };

export async function ourView(shared: SharedKey, inventory: readonly HeldSlot[]): Promise<View> {
  const { pin, managementKey } = await shared.facts();
  const held = inventory.flatMap(({ slot, certificate }) => (certificate ? [[slot, sha256(certificate)]] : []));
  return {
    pin: { left: pin.attemptsLeft, total: pin.attemptsTotal, isFactory: pin.isFactory },
    managementKey: {
      algorithm: YKMAN_NAMES[managementKey.algorithm],
      isFactory: managementKey.isFactory,
      isStored: managementKey.isPinProtected,
      isDerived: managementKey.isPinDerived,
    },
    certificates: Object.fromEntries(held),
  };
}

/** Reads `ykman piv info`, and its CHUID. */
export function readYkmanInfo(info: string): { readonly view: View; readonly chuid: string } {
  const [, left, total] = /^PIN tries remaining: (\d+)(?:\/(\d+))?/m.exec(info) ?? [];
  const tellsFactory = total !== undefined;
  const isStored = info.includes('Management key is stored on the YubiKey, protected by PIN.');
  return {
    view: {
      pin: { left: Number(left), total: tellsFactory ? Number(total) : null, isFactory: tellsFactory ? info.includes('WARNING: Using default PIN!') : null },
      managementKey: {
        algorithm: /^Management key algorithm: (\S+)$/m.exec(info)?.[1] ?? '',
        isFactory: tellsFactory ? info.includes('WARNING: Using default Management key!') : null,
        isStored,
        isDerived: info.includes('Management key is derived from PIN.') && !isStored,
      },
      certificates: fingerprints(info),
    },
    chuid: chuidOf(info),
  };
}

/** Reads `yubico-piv-tool -a status`. */
export function readPivToolStatus(status: string): { readonly pinAttemptsLeft: number; readonly certificates: Certificates; readonly chuid: string } {
  return { pinAttemptsLeft: Number(/^PIN tries left:\s+(\d+)$/m.exec(status)?.[1]), certificates: fingerprints(status), chuid: chuidOf(status) };
}

function fingerprints(text: string): Certificates {
  const found = text.matchAll(/^Slot (..):(?:(?!^Slot)[^])*?Fingerprint:\s+([0-9a-f]{64})$/gm);
  return Object.fromEntries([...found].map(([, slot = '', fingerprint = '']) => [slot, fingerprint]));
}

function chuidOf(text: string): string {
  return /^CHUID:\s+([0-9a-f]*)/m.exec(text)?.[1] ?? '';
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Asks all three for everything and fails where they differ. Answers what they agree on, and the CHUID. */
export async function expectAgreement(shared: SharedKey): Promise<View & { readonly chuid: string }> {
  const inventory = await shared.inventory();
  const ours = await ourView(shared, inventory);
  const theirs = readYkmanInfo(await shared.ykman('piv', 'info'));
  const tool = readPivToolStatus(await shared.pivTool('-a', 'status'));
  expect(theirs.view, 'ykman and we').toEqual(ours);
  expect(tool, 'yubico-piv-tool and we').toEqual({ pinAttemptsLeft: ours.pin.left, certificates: ours.certificates, chuid: theirs.chuid });
  await expectSameKeyPairs(shared, inventory);
  return { ...ours, chuid: theirs.chuid };
}

/** yubico-piv-tool has attested what we call generated, and nothing else. */
async function expectSameKeyPairs(shared: SharedKey, inventory: readonly HeldSlot[]): Promise<void> {
  for (const slot of new Set([...MAIN_SLOTS, ...inventory.map((held) => held.slot)])) {
    const keyPair = inventory.find((held) => held.slot === slot)?.keyPair;
    const statement = await readStatement(shared, slot);
    if (keyPair?.origin !== 'generated') expect(statement, `slot ${slot}`).toBeNull();
    else expect(statement, `slot ${slot}`).toEqual({ publicKey: toHex(keyPair.publicKey), pinPolicy: keyPair.pinPolicy, touchPolicy: keyPair.touchPolicy });
  }
}

/** Yubico's attestation extension 1.3.6.1.4.1.41482.3.8: PIN and touch policy, one byte each. Written out, because the key that is looked at shares our tables. */
const POLICIES = /060a2b0601040182c40a03080402(..)(..)/;
const PIN_POLICIES: Readonly<Record<string, string>> = { '01': 'never', '02': 'once', '03': 'always' };
const TOUCH_POLICIES: Readonly<Record<string, string>> = { '01': 'never', '02': 'always', '03': 'cached' };

export interface StatementView {
  /** DER SubjectPublicKeyInfo in hex. */
  readonly publicKey: string;
  readonly pinPolicy: string | undefined;
  readonly touchPolicy: string | undefined;
}

/** The statement for a slot as yubico-piv-tool gets it; null: none. */
export async function readStatement(shared: SharedKey, slot: string): Promise<StatementView | null> {
  const { exitCode, output } = await shared.run('yubico-piv-tool', '-a', 'attest', '-s', slot);
  return exitCode === 0 ? viewStatement(output) : null;
}

/** Reads a statement in PEM. */
export function viewStatement(pem: string): StatementView {
  const statement = certificateIn(pem);
  const [, pin = '', touch = ''] = POLICIES.exec(statement.raw.toString('hex')) ?? [];
  return {
    publicKey: statement.publicKey.export({ type: 'spki', format: 'der' }).toString('hex'),
    pinPolicy: PIN_POLICIES[pin],
    touchPolicy: TOUCH_POLICIES[touch],
  };
}

/** The certificate in what a program printed, where other lines may go before it. */
export function certificateIn(output: string): X509Certificate {
  return new X509Certificate(output.slice(output.indexOf('-----BEGIN')));
}
