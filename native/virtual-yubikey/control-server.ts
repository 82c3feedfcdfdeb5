import { chmod, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { formatFirmware } from '../../core/security-key.ts';
import { controlRequest } from './control.ts';
import type { ControlAction, ControlMessage, ControlledKey } from './control.ts';
import type { VirtualYubiKey } from './virtual-yubikey.ts';
import type { VpcdInsertion } from './vpcd.ts';

/** A key under control. */
export interface HandledKey {
  readonly label: string;
  readonly key: VirtualYubiKey;
  readonly insertion: VpcdInsertion;
}

export interface ControlServer {
  close(): Promise<void>;
}

/** Lets clients (control.ts) insert, remove and touch `keys` over a Unix domain socket that only this user can open. */
export async function serveControl(socketPath: string, keys: readonly HandledKey[]): Promise<ControlServer> {
  await rm(socketPath, { force: true });
  const clients = new Set<Socket>();
  const broadcast = (): void => {
    for (const client of clients) tell(client, { keys: keys.map(describe) });
  };
  const server = createServer((client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    // A client that broke off is told by 'close'.
    client.on('error', () => undefined);
    tell(client, { keys: keys.map(describe) });
    createInterface({ input: client }).on('line', (line) => void obey(client, keys, line));
  });
  const unwatch = keys.map(({ key }) => key.watch(broadcast));
  server.listen(socketPath);
  await once(server, 'listening');
  await chmod(socketPath, 0o600);
  return {
    close: async () => {
      for (const stop of unwatch) stop();
      for (const client of clients) client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function obey(client: Socket, keys: readonly HandledKey[], line: string): Promise<void> {
  const request = controlRequest.safeParse(parseJson(line));
  if (!request.success) {
    client.destroy();
    return;
  }
  const { id, serial, action } = request.data;
  const handled = keys.find(({ key }) => key.serial === serial);
  tell(client, { id, problem: handled ? await act(handled, action) : `There is no virtual key ${serial}` });
}

/** Does it; answers what was wrong, or null. */
async function act({ key, insertion }: HandledKey, action: ControlAction): Promise<string | null> {
  try {
    if (action === 'insert') await insertion.insert();
    else if (action === 'remove') await insertion.remove();
    else if (!key.touch()) return 'The key is not waiting for a touch';
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function describe({ label, key }: HandledKey): ControlledKey {
  return { serial: key.serial, label, firmware: formatFirmware(key.firmware), isInserted: key.status.isPluggedIn, isWaitingForTouch: key.status.isWaitingForTouch };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function tell(client: Socket, message: ControlMessage): void {
  if (!client.destroyed) client.write(`${JSON.stringify(message)}\n`);
}
