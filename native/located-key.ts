/** One key for the time of one piece of work, and the ways to its PIV application. */
import { failed, type Result } from '../core/result.ts';
import type { Afterwards } from './pcsc/connection.ts';
import type { CardConnection } from './piv/connection.ts';
import { readDeviceInformation, type DeviceInformation } from './piv/device-information.ts';
import { hasSerial, readSerial } from './piv/metadata.ts';
import { selectPiv, type PivSession } from './piv/session.ts';

/** A key that has just been found, and is ours alone in this process until the work with it ends. */
export interface LocatedKey {
  readonly readerName: string;
  /** undefined: not read yet; null: this firmware has none to tell. */
  readonly serial: number | null | undefined;
  /** One card transaction. */
  transact<T>(afterwards: Afterwards, work: (connection: CardConnection) => Promise<Result<T>>): Promise<Result<T>>;
}

/** Works in one transaction with PIV selected. Fails with security-key-removed where another key is there. */
export function withPiv<T>(key: LocatedKey, afterwards: Afterwards, work: (session: PivSession) => Promise<Result<T>>): Promise<Result<T>> {
  return key.transact(afterwards, async (connection) => {
    const session = await openPiv(key, connection);
    return session.ok ? work(session.value) : session;
  });
}

/** As {@link withPiv}, with what the management application tells, which is asked before PIV is selected. */
export function withDevice<T>(key: LocatedKey, afterwards: Afterwards, work: (session: PivSession, device: DeviceInformation) => Promise<Result<T>>): Promise<Result<T>> {
  return key.transact(afterwards, async (connection) => {
    const device = await readDeviceInformation(connection);
    if (!device.ok) return device;
    if (device.value.serial !== null && isOther(key, device.value.serial)) return failed({ kind: 'security-key-removed' });
    const session = await openPiv(key, connection);
    return session.ok ? work(session.value, device.value) : session;
  });
}

/** Selects PIV and makes sure that it is the key that was meant: a PIN must never reach another. */
async function openPiv(key: LocatedKey, connection: CardConnection): Promise<Result<PivSession>> {
  const session = await selectPiv(connection);
  if (!session.ok || typeof key.serial !== 'number' || !hasSerial(session.value)) return session;
  const serial = await readSerial(session.value);
  if (!serial.ok) return serial;
  return isOther(key, serial.value) ? failed({ kind: 'security-key-removed' }) : session;
}

function isOther({ serial }: LocatedKey, told: number | null): boolean {
  return typeof serial === 'number' && told !== serial;
}
