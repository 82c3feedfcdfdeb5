import { Protocol, Reader } from 'pcsc-mini';
import { expect, test } from 'vitest';
import { failed, success, type Result } from '../../../core/result.ts';
import { withCard } from '../../../native/pcsc/connection.ts';
import { CardConnectionError } from '../../../native/piv/connection.ts';
import { connectionFailure } from '../../../native/piv/session.ts';

type NativeClient = ConstructorParameters<typeof Reader>[0];
type NativeCard = Awaited<ReturnType<NativeClient['connect']>>;

const OK = Uint8Array.of(0x90, 0x00);

/** pcscd as it is while another program resets the card: at the commands with these numbers it has forgotten the protocol. */
function forgetfulReader(forgetsAt: readonly number[]): { readonly reader: Reader; readonly seen: string[] } {
  const seen: string[] = [];
  let commands = 0;
  const unused = (): never => {
    throw new Error('Not used here');
  };
  const card: NativeCard = {
    attributeGet: unused,
    attributeSet: unused,
    control: unused,
    protocol: () => Protocol.T1,
    state: async () => ({ atr: new Uint8Array(), protocol: Protocol.T1, readerName: 'Reader', status: 0 }),
    transaction: async () => ({ end: async () => void seen.push('end') }),
    disconnect: async () => void seen.push('disconnect'),
    reconnect: async () => {
      seen.push('reconnect');
      return Protocol.T1;
    },
    transmit: async (_protocol, command) => {
      if (forgetsAt.includes(commands++)) throw Object.assign(new Error('mismatch'), { code: 'ProtoMismatch' });
      seen.push(Buffer.from(command).toString('hex'));
      return OK;
    },
  };
  return { reader: new Reader({ connect: async () => card, start: unused, stop: unused }, 'Reader'), seen };
}

/** Two commands. */
function sendTwo(reader: Reader): Promise<Result<void>> {
  return withCard(reader, 'leave', async (connection) => {
    try {
      await connection.transmit(Uint8Array.of(1));
      await connection.transmit(Uint8Array.of(2));
      return success(undefined);
    } catch (error) {
      if (error instanceof CardConnectionError) return failed(connectionFailure(error));
      throw error;
    }
  });
}

test('a protocol forgotten before the first command is settled anew, and nothing is lost', async () => {
  const { reader, seen } = forgetfulReader([0]);
  expect(await sendTwo(reader)).toEqual({ ok: true, value: undefined });
  expect(seen).toEqual(['reconnect', '01', '02', 'end', 'disconnect']);
});

test('forgotten later, the card may have lost what was selected: nothing is sent again', async () => {
  const { reader, seen } = forgetfulReader([1]);
  expect(await sendTwo(reader)).toMatchObject({ ok: false, failure: { kind: 'security-key-unresponsive' } });
  expect(seen).toEqual(['01', 'end', 'disconnect']);
});
