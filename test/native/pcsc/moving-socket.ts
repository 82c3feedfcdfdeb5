import { mkdtemp, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A place for pcscd's socket that stays while pcscds come and go: libpcsclite looks for it once in a process. A symbolic
 * link leads to the pcscd of the moment.
 */
export interface MovingSocket {
  pointTo(socketPath: string): Promise<void>;
  pointNowhere(): Promise<void>;
  remove(): Promise<void>;
}

/** Makes the place and tells libpcsclite of it. */
export async function movingSocket(): Promise<MovingSocket> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-socket-'));
  const path = join(folder, 'pcscd.comm');
  process.env['PCSCLITE_CSOCK_NAME'] = path;
  const pointNowhere = (): Promise<void> => unlink(path).catch(() => undefined);
  return {
    pointTo: async (socketPath) => {
      await pointNowhere();
      await symlink(socketPath, path);
    },
    pointNowhere,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
