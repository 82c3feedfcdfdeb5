/**
 * The virtual key of the bench, in a process of its own, as a real key is: no contestant shares a processor thread with
 * it. The bench forks this file and says 'insert' (a new key), 'remove', and 'report'.
 */
import { insertIntoVpcd, type VpcdInsertion } from '../../native/virtual-yubikey/vpcd.ts';
import { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { enrollInProcess } from './enroll-in-process.ts';

export type KeyOrder =
  | {
      readonly kind: 'insert';
      readonly port: number;
      readonly firmware: string;
      readonly serial: number;
      /** As it leaves the factory, or with PIN, PUK, management key, key and certificate of an owner. */
      readonly content: 'factory' | 'enrolled';
    }
  | { readonly kind: 'remove' }
  /** Leaves the key where it is. */
  | { readonly kind: 'report' };

/** What the key did since it was inserted; with 'insert' and 'remove' the one that was there before. */
export interface KeyReport {
  readonly apdus: number;
  readonly cardMs: number;
}

let inserted: { readonly key: VirtualYubiKey; readonly insertion: VpcdInsertion; readonly before: KeyReport } | undefined;

process.on('message', (order: KeyOrder) => void carryOut(order).then((report) => process.send?.(report)));
process.on('disconnect', () => process.exit(0));

async function carryOut(order: KeyOrder): Promise<KeyReport> {
  const report = reportOf(inserted);
  if (order.kind === 'report') return report;
  await inserted?.insertion.close();
  inserted = undefined;
  if (order.kind === 'insert') {
    const key = new VirtualYubiKey({ firmware: order.firmware, serial: order.serial });
    if (order.content === 'enrolled') await enrollInProcess(key);
    const before = key.statistics;
    inserted = { key, insertion: await insertIntoVpcd(key, { port: order.port }), before };
  }
  return report;
}

function reportOf(present: typeof inserted): KeyReport {
  if (!present) return { apdus: 0, cardMs: 0 };
  const { apdus, cardMs } = present.key.statistics;
  return { apdus: apdus - present.before.apdus, cardMs: cardMs - present.before.cardMs };
}
