import type { CallArguments } from '../../../core/ipc.ts';
import type * as inventoryView from '../../../core/key-care/inventory-view.ts';
import type * as keyCare from '../../../core/key-care/key-care.ts';
import { readManagementKey } from '../../../core/key-care/typed-management-key.ts';
import { failed, success, type Result } from '../../../core/result.ts';
import type { ManagementAccess } from '../../../core/security-key.ts';
import { writePem } from '../../../core/x509/pem.ts';
import type * as attestationRoots from '../../../native/attestation-roots.ts';
import type { CaredKey, CareRules, CareSessions, KeyCareCall } from '../care-sessions.ts';
import type { EnrollmentSessions } from '../enrollment-sessions.ts';
import type { Handlers } from '../ipc-serve.ts';
import type { KnownKeys } from '../known-keys.ts';
import type { SaveFile } from '../save-file.ts';

/** All of key care that is loaded late. */
export type CareEngine = CareRules &
  Pick<typeof keyCare, 'changePin' | 'changePuk' | 'resetKey' | 'setRetries' | 'unblockPin' | 'verifyPin'> &
  Pick<typeof inventoryView, 'viewInventory'> &
  Pick<typeof attestationRoots, 'loadAttestationTrust'>;

export interface CareRoom {
  readonly sessions: CareSessions;
  readonly loadEngine: () => Promise<CareEngine>;
  /** Folder with attestation roots of the person's or the administrator's own, trusted besides Yubico's. */
  readonly ownRoots: string;
  readonly saveFile: SaveFile;
  readonly enrollments: Pick<EnrollmentSessions, 'readAnew' | 'tryAgain'>;
  readonly knownKeys: Pick<KnownKeys, 'forget'>;
}

type CareCalls = Extract<keyof Handlers, `care.${string}`>;

export function careHandlers(room: CareRoom): Pick<Handlers, CareCalls> {
  return { ...showingHandlers(room), ...codeHandlers(room), ...settingsHandlers(room), ...slotHandlers(room), ...savingHandlers(room) };
}

function showingHandlers({ sessions, loadEngine, ownRoots }: CareRoom): Pick<Handlers, 'care.conditions' | 'care.inventory'> {
  return {
    'care.conditions': ({ readerName }) => sessions.conditions(readerName),
    'care.inventory': async ({ readerName }) => {
      const { loadAttestationTrust, viewInventory } = await loadEngine();
      const trust = await loadAttestationTrust([ownRoots]);
      if (!trust.ok) return trust;
      const cared = await sessions.key(readerName);
      if (!cared.ok) return cared;
      const slots = await cared.value.key.inventory();
      return slots.ok ? success(await viewInventory(slots.value, sessions.ports.authority, trust.value)) : slots;
    },
  };
}

/** PIN and PUK. An enrollment that a blocked PIN stopped goes on by itself. */
function codeHandlers({ sessions, loadEngine, enrollments }: CareRoom): Pick<Handlers, 'care.verifyPin' | 'care.changePin' | 'care.unblockPin' | 'care.changePuk'> {
  const act = <Name extends KeyCareCall>(name: Name, args: CallArguments<Name>, work: (engine: CareEngine, cared: CaredKey) => Promise<Result<void>>): Promise<Result<null>> =>
    sessions.act(name, args, async (cared) => {
      const result = await work(await loadEngine(), cared);
      if (result.ok) enrollments.tryAgain(args.readerName);
      return answered(result);
    });
  return {
    'care.verifyPin': (args) => act('care.verifyPin', args, ({ verifyPin }, { key }) => verifyPin(key, args.pin, sessions.ports)),
    'care.changePin': (args) => act('care.changePin', args, ({ changePin }, { key }) => changePin(key, args.currentPin, args.newPin, sessions.ports)),
    'care.unblockPin': (args) => act('care.unblockPin', args, ({ unblockPin }, { key }) => unblockPin(key, args.puk, args.newPin, sessions.ports)),
    'care.changePuk': (args) => act('care.changePuk', args, ({ changePuk }, { key }) => changePuk(key, args.currentPuk, args.newPuk, sessions.ports)),
  };
}

function settingsHandlers({ sessions, loadEngine }: CareRoom): Pick<Handlers, 'care.rotateManagementKey' | 'care.setRetries'> {
  return {
    'care.rotateManagementKey': (args) =>
      sessions.act('care.rotateManagementKey', args, (cared) => withAccess(args, cared, async (access) => answered(await cared.key.rotateManagementKey(access)))),
    'care.setRetries': (args) =>
      sessions.act('care.setRetries', args, (cared) =>
        withAccess(args, cared, async (access) => {
          const { setRetries } = await loadEngine();
          const { pinAttempts, pukAttempts, newPin, newPuk } = args;
          return answered(await setRetries(cared.key, { ...access, pinAttempts, pukAttempts, newPin, newPuk }, sessions.ports));
        }),
      ),
  };
}

/** What an enrollment, and this computer, know of 9a is out of date afterwards. */
function slotHandlers({ sessions, loadEngine, enrollments, knownKeys }: CareRoom): Pick<Handlers, 'care.retireKey' | 'care.deleteCertificate' | 'care.reset'> {
  const emptied = async (readerName: string, { serial }: CaredKey['facts']): Promise<void> => {
    if (serial !== null) await knownKeys.forget(serial);
    enrollments.readAnew(readerName);
  };
  return {
    'care.retireKey': (args) =>
      sessions.act('care.retireKey', args, (cared) =>
        withAccess(args, cared, async (access) => {
          const slot = await cared.key.retireKey(access);
          if (slot.ok) enrollments.readAnew(args.readerName);
          return slot;
        }),
      ),
    'care.deleteCertificate': (args) =>
      sessions.act('care.deleteCertificate', args, (cared) =>
        withAccess(args, cared, async (access) => {
          const deleted = await cared.key.deleteCertificate(args.slot, access);
          if (deleted.ok && args.slot === '9a') await emptied(args.readerName, cared.facts);
          return answered(deleted);
        }),
      ),
    'care.reset': (args) =>
      sessions.act('care.reset', args, async (cared) => {
        const { resetKey } = await loadEngine();
        const reset = await resetKey(cared.key, args.serial, sessions.ports);
        if (reset.ok) await emptied(args.readerName, cared.facts);
        return answered(reset);
      }),
  };
}

function savingHandlers({ sessions, saveFile }: CareRoom): Pick<Handlers, 'care.exportCertificate' | 'care.savePuk'> {
  return {
    'care.exportCertificate': async ({ readerName, slot, format }) => {
      const cared = await sessions.key(readerName);
      if (!cared.ok) return cared;
      const certificate = await certificateIn(cared.value, slot);
      if (!certificate.ok) return certificate;
      const content = format === 'pem' ? writePem(certificate.value, 'CERTIFICATE') : certificate.value;
      return saveFile({ name: fileName('certificate', cared.value.facts.serial, slot), extension: format, content, isSecret: false });
    },
    'care.savePuk': ({ serial, sheet }) => saveFile({ name: fileName('puk', serial), extension: 'txt', content: sheet, isSecret: true }),
  };
}

/** "latchkey-certificate-5210001-9a"; without the serial where the key tells none. */
function fileName(...parts: readonly (string | number | null)[]): string {
  return ['latchkey', ...parts.filter((part) => part !== null)].join('-');
}

/** That of 9a is among the facts; for any other slot the key is asked. Fails with slot-empty. */
async function certificateIn({ key, facts }: CaredKey, slot: CallArguments<'care.exportCertificate'>['slot']): Promise<Result<Uint8Array>> {
  const slots = slot === '9a' ? success([{ slot, ...facts.authentication }]) : await key.inventory();
  if (!slots.ok) return slots;
  const certificate = slots.value.find((held) => held.slot === slot)?.certificate;
  return certificate ? success(certificate) : failed({ kind: 'slot-empty' });
}

/** A call that answers nothing answers null. */
function answered(result: Result<void>): Result<null> {
  return result.ok ? success(null) : result;
}

/** With what was typed to open the settings. Fails with management-key-malformed before anything reaches the key. */
async function withAccess<T>(
  { pin, managementKey }: { readonly pin: string; readonly managementKey?: string | undefined },
  { facts }: CaredKey,
  work: (access: ManagementAccess) => Promise<Result<T>>,
): Promise<Result<T>> {
  if (managementKey === undefined) return work({ pin });
  const read = readManagementKey(managementKey, facts.managementKey.algorithm);
  return read.ok ? work({ pin, managementKey: read.value }) : read;
}
