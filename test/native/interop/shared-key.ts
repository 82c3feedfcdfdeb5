/** One key that two sides use by turns, both over pcscd: ours, by the SecurityKeys of the product, and Debian's programs. */
import { toHex } from '../../../core/bytes.ts';
import type { Result } from '../../../core/result.ts';
import type { HeldSlot, ModuleChoice, SecurityKey, SecurityKeyFacts } from '../../../core/security-key.ts';
import { createSecurityKeys } from '../../../native/security-keys.ts';
import { startPrivatePcscd } from '../../../native/virtual-yubikey/private-pcscd.ts';
import type { YubiKeyState } from '../../../native/virtual-yubikey/state.ts';
import type { VirtualYubiKeyOptions } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { keyWithSerial, nextSituation, presentKeys } from '../pcsc/situations.ts';
import { directKey, value } from '../piv/direct-access.ts';
import { startReader, type ReaderUnderTest } from '../virtual-yubikey/interop/reader.ts';

/** The firmware that ykman 4.0.9 and yubico-piv-tool 2.2 both know, one without metadata, and one that is newer than they are. */
export const FIRMWARES = ['4.3.7', '5.4.3', '5.7.1'] as const;
export type SharedFirmware = (typeof FIRMWARES)[number];

/** The reader of a test file. */
export interface SharedReader {
  insert(options: Partial<VirtualYubiKeyOptions>): Promise<SharedKey>;
  close(): Promise<void>;
}

export interface SharedKey extends ReaderUnderTest {
  /** Our side does something. Done when it leaves the key alone: after an action the product reads the facts once more. */
  ours<T>(act: (key: SecurityKey) => Promise<Result<T>>): Promise<Result<T>>;
  /** The same, for what must go well. */
  weDo<T>(act: (key: SecurityKey) => Promise<Result<T>>): Promise<T>;
  facts(): Promise<SecurityKeyFacts>;
  inventory(): Promise<readonly HeldSlot[]>;
  pivTool(...args: readonly string[]): Promise<string>;
  /** What the key remembers. */
  readonly state: YubiKeyState;
  /** A key as from the factory, without a program that could be wrong in between. */
  startAnew(): Promise<void>;
}

let lastSerial = 5_230_000;

/** One pcscd serves all keys of a file, because libpcsclite looks for its socket once. */
export async function openSharedReader(moduleChoice: ModuleChoice = 'none'): Promise<SharedReader> {
  const pcscd = await startPrivatePcscd({ readers: 1 });
  process.env['PCSCLITE_CSOCK_NAME'] = pcscd.socketPath;
  const keys = createSecurityKeys({ moduleChoice });
  return {
    insert: async (options) => {
      const reader = await startReader({ serial: ++lastSerial, ...options }, pcscd);
      const { readerName } = await keyWithSerial(keys, reader.key.serial);
      return shareKey(reader, keys.at(readerName), async () => {
        await reader.close();
        await nextSituation(keys, (situation) => presentKeys(situation)?.length === 0);
      });
    },
    close: async () => {
      await keys.close();
      await pcscd.close();
    },
  };
}

/** PUT DATA of PRINTED (5FC109) in hex, and the only forms in which we may write it: 53 { 88 { 89 key } }. */
const PRINTED_WRITTEN = /^..db....(..)?5c035fc109/;
const ALLOWED_CONTENT = /^..db3fff..5c035fc109(531488128910.{32}|531c881a8918.{48}|532488228920.{64})(00)?$/;

function shareKey(reader: ReaderUnderTest, ours: SecurityKey, close: () => Promise<void>): SharedKey {
  const commands = recordCommands(reader);
  const act = async <T>(work: (key: SecurityKey) => Promise<Result<T>>): Promise<Result<T>> => {
    commands.length = 0;
    const result = await work(ours);
    value(await ours.facts()); // takes the place of the reading that was to come
    const forbidden = commands.find((command) => PRINTED_WRITTEN.test(command) && !ALLOWED_CONTENT.test(command));
    if (forbidden) throw new Error(`We wrote to PRINTED: ${forbidden}`);
    return result;
  };
  const weDo = async <T>(work: (key: SecurityKey) => Promise<Result<T>>): Promise<T> => value(await act(work));
  return {
    ...reader,
    ours: act,
    weDo,
    facts: async () => value(await ours.facts()),
    inventory: async () => value(await ours.inventory()),
    pivTool: (...args) => reader.succeed('yubico-piv-tool', ...args),
    get state() {
      return reader.key.exportState();
    },
    startAnew: async () => value(await directKey(reader.key).reset(reader.key.serial)),
    close,
  };
}

/** All commands that reach the key, in hex. */
function recordCommands({ key }: ReaderUnderTest): string[] {
  const commands: string[] = [];
  const transmit = key.transmit.bind(key);
  key.transmit = (command) => {
    commands.push(toHex(command));
    return transmit(command);
  };
  return commands;
}
