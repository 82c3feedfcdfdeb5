import type { SecurityKeys } from '../../core/security-key.ts';
import { createSecurityKeys } from '../../native/security-keys.ts';
import { startPrivatePcscd } from '../../native/virtual-yubikey/private-pcscd.ts';
import { insertIntoVpcd, type VpcdInsertion } from '../../native/virtual-yubikey/vpcd.ts';
import { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { settledSituation } from '../choose-key.ts';
import { CommandStopped } from '../failures.ts';
import type { Cleanup } from './cleanup.ts';

/** A virtual key in a reader of a smart card service that is ours alone. */
export interface VirtualReader {
  readonly key: VirtualYubiKey;
  readonly readerName: string;
  readonly insertion: VpcdInsertion;
}

export interface VirtualReaders {
  readonly keys: SecurityKeys;
  readonly user: VirtualReader;
  readonly approver: VirtualReader;
}

const FIRMWARE = '5.4.3';

/**
 * A private pcscd with two virtual keys, and the keys as the product sees them. From here on every program this process
 * starts finds that pcscd too, and no real reader.
 */
export async function plugInVirtualKeys(cleanup: Cleanup): Promise<VirtualReaders> {
  const pcscd = await startPrivatePcscd({ readers: 2 });
  cleanup.add('pcscd', () => pcscd.close());
  process.env['PCSCLITE_CSOCK_NAME'] = pcscd.socketPath;
  const user = await plugIn(cleanup, 5_210_001, pcscd.ports[0], pcscd.readerNames[0]);
  const approver = await plugIn(cleanup, 5_210_002, pcscd.ports[1], pcscd.readerNames[1]);
  const keys = createSecurityKeys();
  cleanup.add('the readers', () => keys.close());
  const situation = await settledSituation(keys);
  if (situation.kind === 'unavailable') throw new CommandStopped(situation.failure);
  return { keys, user, approver };
}

async function plugIn(cleanup: Cleanup, serial: number, port: number | undefined, readerName: string | undefined): Promise<VirtualReader> {
  if (port === undefined || readerName === undefined) throw new Error('pcscd has too few readers');
  const key = new VirtualYubiKey({ firmware: FIRMWARE, serial });
  const insertion = await insertIntoVpcd(key, { port });
  cleanup.add(`the virtual key ${serial}`, () => insertion.close());
  return { key, readerName, insertion };
}
