import { join } from 'node:path';
import { startPrivatePcscd } from '../../native/virtual-yubikey/private-pcscd.ts';
import { insertIntoVpcd, type VpcdInsertion } from '../../native/virtual-yubikey/vpcd.ts';
import { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { createComputer, type Computer } from './latchkey-process.ts';

type Reader = 'user' | 'approver';

/** A computer with two readers of its own, empty at first. */
export interface Stage {
  readonly computer: Computer;
  /** Where the CA of the test lives. */
  readonly authorityFolder: string;
  /** Puts a key, as it leaves the factory, into a reader; the key that was there is pulled. */
  plugIn(who: Reader, serial: number, firmware?: string): Promise<VirtualYubiKey>;
  /** The same with any key. */
  insert(who: Reader, key: VirtualYubiKey): Promise<void>;
  pull(who: Reader): Promise<void>;
  readonly readerNames: Readonly<Record<Reader, string>>;
  close(): Promise<void>;
}

export async function createStage(): Promise<Stage> {
  const pcscd = await startPrivatePcscd({ readers: 2 });
  const computer = await createComputer(pcscd.environment);
  const inserted = new Map<Reader, VpcdInsertion>();
  const pull = async (who: Reader): Promise<void> => {
    await inserted.get(who)?.close();
    inserted.delete(who);
  };
  const insert = async (who: Reader, key: VirtualYubiKey): Promise<void> => {
    const port = pcscd.ports[who === 'user' ? 0 : 1];
    if (port === undefined) throw new Error('there is no such reader');
    await pull(who);
    inserted.set(who, await insertIntoVpcd(key, { port }));
  };
  return {
    computer,
    authorityFolder: join(computer.folder, 'ca'),
    readerNames: { user: pcscd.readerNames[0] ?? '', approver: pcscd.readerNames[1] ?? '' },
    plugIn: async (who, serial, firmware = '5.4.3') => {
      const key = new VirtualYubiKey({ firmware, serial });
      await insert(who, key);
      return key;
    },
    insert,
    pull,
    close: async () => {
      await Promise.all([...inserted.values()].map((insertion) => insertion.close()));
      await pcscd.close();
      await computer.close();
    },
  };
}
