/**
 * The virtual key of the bench, in a process of its own, as a real key is: no contestant shares a processor thread with
 * it. The bench forks this file and says 'insert' (a key as it leaves the factory) and 'remove'.
 */
import { insertIntoVpcd, type VpcdInsertion } from '../../native/virtual-yubikey/vpcd.ts';
import { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';

export type KeyOrder = { readonly kind: 'insert'; readonly port: number; readonly firmware: string; readonly serial: number } | { readonly kind: 'remove' };
export interface KeyReport {
  readonly apdus: number;
  readonly cardMs: number;
}

let inserted: { readonly key: VirtualYubiKey; readonly insertion: VpcdInsertion } | undefined;

process.on('message', (order: KeyOrder) => void carryOut(order).then((report) => process.send?.(report)));
process.on('disconnect', () => process.exit(0));

async function carryOut(order: KeyOrder): Promise<KeyReport> {
  const report = inserted?.key.statistics ?? { apdus: 0, cardMs: 0 };
  await inserted?.insertion.close();
  inserted = undefined;
  if (order.kind === 'insert') {
    const key = new VirtualYubiKey({ firmware: order.firmware, serial: order.serial });
    inserted = { key, insertion: await insertIntoVpcd(key, { port: order.port }) };
  }
  return { apdus: report.apdus, cardMs: report.cardMs };
}
