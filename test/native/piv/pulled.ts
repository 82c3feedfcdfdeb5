/** An action that is cut off after every command it sends, once with the command lost and once with its answer. */
import { expect } from 'vitest';
import type { Result } from '../../../core/result.ts';
import { decodeCommand } from '../../../native/piv/apdu.ts';
import { INS, OBJECT } from '../../../native/piv/identifiers.ts';
import { decodeTlvs } from '../../../native/piv/tlv.ts';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { modelKey, outcome, type Model } from './direct-access.ts';
import { isProtectedForm } from './management-forms.ts';

export interface Cut {
  readonly key: VirtualYubiKey;
  readonly result: Result<unknown>;
  /** "after 7 commands, the answer lost". */
  readonly where: string;
}

/**
 * Runs `act` on copies of `prepared`, pulled after 0, 1, 2 … commands until a run is not cut off any more; `look` gets
 * every cut run with the key plugged in again. Whatever is written to PRINTED meanwhile has the protected form. Answers how
 * many commands the whole of it takes.
 */
export async function pullAtEveryCommand(
  model: Model,
  prepared: VirtualYubiKey,
  act: (key: VirtualYubiKey) => Promise<Result<unknown>>,
  look: (cut: Cut) => Promise<void>,
): Promise<number> {
  const state = prepared.exportState();
  for (let commands = 0; ; commands++) {
    for (const pullLoses of ['command', 'answer'] as const) {
      const key = modelKey(model, { state });
      const printed = watchWrites(key, OBJECT.PRINTED);
      key.setFaults({ pullAfterCommands: commands, pullLoses });
      const result = await act(key);
      if (key.status.isPluggedIn) return commands;
      expect(outcome(result)).toBe('security-key-removed');
      key.setFaults({});
      key.powerOn();
      await look({ key, result, where: `after ${commands} commands, the ${pullLoses} lost` });
      expect(printed.every(isProtectedForm)).toBe(true);
      expect(key.bugs).toEqual([]);
    }
  }
}

/** Collects what is written to an object from now on. */
export function watchWrites(key: VirtualYubiKey, object: number): Uint8Array[] {
  const written: Uint8Array[] = [];
  const transmit = key.transmit.bind(key);
  let chained: number[] = [];
  key.transmit = (apdu) => {
    const command = decodeCommand(apdu);
    if (command?.ins !== INS.PUT_DATA) chained = [];
    else {
      chained.push(...command.data);
      if ((command.cla & 0x10) === 0) {
        const [name, content] = decodeTlvs(Uint8Array.from(chained)) ?? [];
        const tag = (name?.value ?? new Uint8Array()).reduce((number, byte) => (number << 8) | byte, 0);
        if (tag === object) written.push(content?.value ?? new Uint8Array());
        chained = [];
      }
    }
    return transmit(apdu);
  };
  return written;
}
