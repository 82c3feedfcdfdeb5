/** Cutting an action off in the middle, at a command and not at a time. */
import { INS } from '../../native/piv/identifiers.ts';
import type { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { shownKeys, call } from './calls.ts';
import type { Desk } from './care-desk.ts';
import { killDeviceProcess } from './device-process.ts';
import { expect } from './fixtures.ts';

export interface CommandWanted {
  readonly ins: keyof typeof INS;
  readonly p2?: number;
  /** The first such command unless told. */
  readonly count?: number;
}

/** Acts when a command reaches the key, before it is carried out; the command waits meanwhile. Once. */
export function atCommand(key: VirtualYubiKey, { ins, p2, count = 1 }: CommandWanted, act: () => Promise<void> | void): void {
  const transmit = key.transmit.bind(key);
  let left = count;
  key.transmit = async (apdu) => {
    // VERIFY without data asks for the attempts left, and is no step of anything.
    const isWanted = apdu[1] === INS[ins] && (p2 === undefined || apdu[3] === p2) && (ins !== 'VERIFY' || apdu.length > 5);
    if (isWanted && --left === 0) await act();
    return transmit(apdu);
  };
}

/** A command is kept waiting, and what it belongs to with it, until it is let go. */
export function holdAt(key: VirtualYubiKey, command: CommandWanted): { readonly letGo: () => void } {
  let letGo = (): void => undefined;
  const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
  atCommand(key, command, () => isLetGo);
  return { letGo: () => letGo() };
}

/** The key is pulled; the command is lost, or carried out and its answer lost. */
export function pullAt(key: VirtualYubiKey, command: CommandWanted, pullLoses: 'command' | 'answer'): void {
  atCommand(key, command, () => key.setFaults({ pullAfterCommands: 0, pullLoses }));
}

/** The device process is ended; the key carries the command out, and nobody hears the answer. */
export function killAt(desk: Desk, key: VirtualYubiKey, command: CommandWanted): void {
  atCommand(key, command, () => killDeviceProcess(desk.app.app));
}

/** From now on, for a minute, a device process that ends stays ended until somebody starts it: it ended once already. */
export async function useUpRestart({ app, window }: Desk): Promise<void> {
  await call(window, 'keys.restart', {});
  await killDeviceProcess(app.app);
  await expect.poll(() => shownKeys(window)).toEqual([]);
  await expect.poll(() => shownKeys(window)).toMatchObject([{ kind: 'ready' }]);
}

/** Whatever kept the device process from being started by itself is forgotten. */
export async function startDeviceProcess({ window }: Desk): Promise<void> {
  await call(window, 'keys.restart', {});
  await expect.poll(() => shownKeys(window)).toMatchObject([{ kind: 'ready' }]);
}
