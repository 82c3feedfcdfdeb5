import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInvitation } from '../../../ca/invite.ts';
import { initAuthority } from '../../../ca/init.ts';
import { run } from '../../run.ts';
import { ourCommandLine } from '../../../cli/demo/demo-authority.ts';
import { valueOf } from '../bench-authority.ts';
import { freePort } from '../../../native/virtual-yubikey/listening.ts';
import { LoadClient } from './load.ts';
import { startServerProcess, type ServerProcess } from './server-process.ts';

/** Nothing that is measured is held back by a limit, and a key of a file needs no look of an approver. */
const POLICY = `
defaultProfile: device
profiles:
  device:
    kind: device
    attestation: not-asked
    mayBeAutomatic: true
limits:
  requests: { burst: 1000000, perSecond: 100000 }
  submissions: { burst: 1000000, perSecond: 100000 }
  wrongGuesses: { burst: 1000, perSecond: 10 }
  perInvitation: { burst: 1000000, perSecond: 100000 }
`;

export interface OurServer {
  readonly dir: string;
  readonly address: string;
  readonly statusAddress: string;
  readonly process: ServerProcess;
  /** Code of an automatic invitation for a thousand devices. */
  readonly code: string;
}

/** Our CA with a P-256 key, as `latchkey ca serve` runs it, on SQLite or on the database of a URL. */
export async function startOurServer(folder: string, database?: string): Promise<OurServer> {
  const dir = join(folder, 'ca');
  const passphrase = randomBytes(12).toString('hex');
  valueOf(await initAuthority({ dir, name: 'Bench CA', keyType: 'ECCP256', passphrase }));
  await Promise.all([
    writeFile(join(folder, 'passphrase'), passphrase, { mode: 0o600 }),
    writeFile(join(dir, 'policy.yaml'), POLICY),
    ...(database === undefined ? [] : [writeFile(join(folder, 'database'), database, { mode: 0o600 })]),
  ]);
  const [port, statusPort] = [await freePort(), await freePort()];
  const address = `https://127.0.0.1:${port}`;
  // Makes the bundle where it is missing, so that its making is not measured.
  await run(process.execPath, [...ourCommandLine(), '--version'], {}).catch(() => undefined);
  const args = ['ca', 'serve', '--dir', dir, '--listen', `127.0.0.1:${port}`, '--status-listen', `127.0.0.1:${statusPort}`, '--passphrase-file', join(folder, 'passphrase')];
  const more = database === undefined ? [] : ['--database-file', join(folder, 'database')];
  const probe = new LoadClient(address, 1);
  const server = await startServerProcess(process.execPath, [...ourCommandLine(), ...args, ...more], async () => (await probe.send({ method: 'GET', path: '/readyz' })).status === 200);
  probe.close();
  return { dir, address, statusAddress: `http://127.0.0.1:${statusPort}`, process: server, code: await inviteDevices(dir, database) };
}

async function inviteDevices(dir: string, database: string | undefined): Promise<string> {
  const wanted = { dir, name: 'Device', email: 'device@example.org', role: 'user', days: 1, profile: 'device', uses: 1000, isAutomatic: true, database } as const;
  return valueOf(await createInvitation(wanted)).code;
}
