import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { PrivatePcscd } from '../../native/virtual-yubikey/private-pcscd.ts';

/** A program that is not ours and holds a card for itself. */
export interface CardHolder {
  letGo(): Promise<void>;
}

/** Connects with SCARD_SHARE_EXCLUSIVE, as gpg's scdaemon does, in a process of its own. */
export async function holdCard(pcscd: PrivatePcscd, readerName: string): Promise<CardHolder> {
  const program = `
    const { Client } = require('pcsc-mini');
    const { CardMode, CardDisposition } = require('pcsc-mini');
    const client = new Client();
    client.on('reader', async (reader) => {
      if (String(reader.name()) !== ${JSON.stringify(readerName)}) return;
      const card = await reader.connect(CardMode.EXCLUSIVE);
      console.log('held');
      process.stdin.once('data', async () => {
        await card.disconnect(CardDisposition.LEAVE);
        client.stop();
        process.exit(0);
      });
    });
    client.start();
  `;
  const child = spawn(process.execPath, ['--input-type=commonjs', '-e', program], { env: pcscd.environment, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  await once(lines, 'line');
  return {
    letGo: async () => {
      const ended = once(child, 'close');
      child.stdin.write('\n');
      await ended;
    },
  };
}
