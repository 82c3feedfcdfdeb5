import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PrivatePcscd } from '../../../native/virtual-yubikey/private-pcscd.ts';

const run = promisify(execFile);

/** A person's GnuPG, with a folder, an agent and a card daemon of its own. */
export interface GnuPg {
  readonly home: string;
  /** Has scdaemon take the card, as any use of gpg with a card does; answers the serial that it found. */
  takeCard(): Promise<string>;
  /** Ends the agent and its card daemon. */
  end(): Promise<void>;
}

/** Real GnuPG, told to use this pcscd; its own driver would look for USB readers. */
export async function setUpGnuPg(pcscd: PrivatePcscd): Promise<GnuPg> {
  const home = await mkdtemp(join(tmpdir(), 'latchkey-gnupg-'));
  await writeFile(join(home, 'scdaemon.conf'), 'disable-ccid\n');
  const env = { ...pcscd.environment, GNUPGHOME: home };
  return {
    home,
    takeCard: async () => {
      const { stdout } = await run('gpg-connect-agent', ['scd serialno', '/bye'], { env });
      const match = /^S SERIALNO (\w+)/m.exec(stdout);
      if (!match?.[1]) throw new Error(`scdaemon found no card: ${stdout}`);
      return match[1];
    },
    end: async () => {
      await run('gpgconf', ['--kill', 'gpg-agent'], { env });
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
