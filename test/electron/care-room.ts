/** Key care as product.ts puts it together, over a virtual key, with everything it writes in a folder of the test's own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { PinnedAuthority } from '../../core/certificate-authority.ts';
import type { KeyConditionKind } from '../../core/key-care/conditions.ts';
import { viewInventory } from '../../core/key-care/inventory-view.ts';
import * as keyCare from '../../core/key-care/key-care.ts';
import { waysOut } from '../../core/key-care/ways-out.ts';
import { success, type Result } from '../../core/result.ts';
import type { SecurityKeysSituation } from '../../core/security-key.ts';
import { careRecordsIn } from '../../electron/main/care-records.ts';
import { CareSessions } from '../../electron/main/care-sessions.ts';
import { DeviceClient } from '../../electron/main/device-client.ts';
import { careHandlers } from '../../electron/main/handlers/care.ts';
import type { FileToSave } from '../../electron/main/save-file.ts';
import { loadAttestationTrust } from '../../native/attestation-roots.ts';
import { VirtualYubiKey, type VirtualYubiKeyOptions } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { DeviceInProcess, READER, type PassCommand, type Slot } from './device-in-process.ts';

export const SERIAL = 5_210_001;
export const readerName = READER;

export interface CareRoomOptions {
  readonly key?: Partial<VirtualYubiKeyOptions>;
  readonly authority?: PinnedAuthority | null;
  readonly pass?: PassCommand;
}

/** Everything of one test; `close` removes its folder. */
export async function careRoom({ key = {}, authority = null, pass }: CareRoomOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-care-'));
  const card = new VirtualYubiKey({ firmware: '5.4.3', serial: SERIAL, ...key });
  const slot: Slot = { card, ...(pass ? { pass } : {}) };
  const processes: DeviceInProcess[] = [];
  const logged: string[] = [];
  const start = (): DeviceInProcess => {
    const process = new DeviceInProcess(slot);
    processes.push(process);
    return process;
  };
  const bug = (where: string, error: unknown) => (logged.push(`${where} ${String(error)}`), { kind: 'unexpected' as const, id: 'abcd1234' });
  const client = new DeviceClient({ start, restartAfterMs: 0, steadyAfterMs: 0, log: { note: (line) => logged.push(line), bug } });
  const records = careRecordsIn(join(folder, 'care'));
  const sessions = new CareSessions({ keys: client, authority: () => authority, records, clock: { now: () => new Date() }, loadRules: async () => ({ ...keyCare, waysOut }) });
  const saved: FileToSave[] = [];
  const room = {
    sessions,
    loadEngine: async () => ({ ...keyCare, waysOut, viewInventory, loadAttestationTrust }),
    ownRoots: join(folder, 'attestation-roots'),
    saveFile: async (file: FileToSave): Promise<Result<string | null>> => (saved.push(file), success(`/home/ana/${file.name}.${file.extension}`)),
    enrollments: { readAnew: vi.fn(), tryAgain: vi.fn() },
    knownKeys: { forget: vi.fn(async () => undefined) },
  };
  client.start();
  await until(client, isReady);
  return {
    ...room,
    card,
    slot,
    client,
    folder,
    records,
    saved,
    logged,
    /** The process that runs, or ran last. */
    device: () => processes.at(-1) ?? expect.fail('no process'),
    care: careHandlers(room),
    /** The conditions' names, once the key is read. */
    conditions: async (): Promise<readonly KeyConditionKind[]> => {
      await until(client, isReady);
      const views = await sessions.conditions(readerName);
      if (!views.ok) throw new Error(JSON.stringify(views.failure));
      return views.value.map(({ condition }) => condition.kind);
    },
    close: () => rm(folder, { recursive: true }),
  };
}

export type CareTestRoom = Awaited<ReturnType<typeof careRoom>>;

export function isReady(situation: SecurityKeysSituation): boolean {
  return situation.kind === 'present' && situation.keys[0]?.kind === 'ready';
}

/** The first situation, from the present one on, that is wanted. */
export async function until(client: DeviceClient, isWanted: (situation: SecurityKeysSituation) => boolean): Promise<SecurityKeysSituation> {
  let stop = (): void => undefined;
  const found = await new Promise<SecurityKeysSituation>((resolve) => {
    stop = client.watch((situation) => {
      if (isWanted(situation)) resolve(situation);
    });
  });
  stop();
  return found;
}
