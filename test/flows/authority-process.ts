import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { inspectLinkOrAddress } from '../../authorities/latchkey-inspection.ts';
import { latchkeyAuthority } from '../../authorities/latchkey.ts';
import type { CertificateAuthority, PinnedAuthority } from '../../core/certificate-authority.ts';
import type { TestOfficer } from '../ca/test-officer.ts';
import { enrollApprover, makeAuthorityFolder, need } from './flow-authority.ts';

/** A CA in a process of its own. */
export interface AuthorityProcess {
  readonly pinned: PinnedAuthority;
  readonly client: CertificateAuthority;
  readonly approver: TestOfficer;
  /** kill -9: no goodbye, nothing finished. At once; the process may be gone a moment later. */
  kill(): void;
  /** Waits for the killed one to be gone, then starts it at the same address. */
  startAgain(): Promise<void>;
  close(): Promise<void>;
}

const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));

/** One file of JavaScript starts in a third of the time that tsx takes, and it is started dozens of times. */
async function bundle(): Promise<string> {
  const outfile = join(CHECKOUT, `.build/test-flows/serve-authority-${process.pid}.mjs`);
  const entry = fileURLToPath(new URL('serve-authority.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external', target: 'node20', logLevel: 'silent' });
  return outfile;
}

interface Announcement {
  readonly address: string;
  readonly firstApproverInvitation: string | null;
}

export async function startAuthorityProcess(): Promise<AuthorityProcess> {
  const { parent, dir, rootsDir, passphrase } = await makeAuthorityFolder();
  const script = await bundle();
  let child: ChildProcess;
  const start = async (port: number): Promise<Announcement> => {
    child = spawn(process.execPath, [script, dir, rootsDir, passphrase, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout! })) return JSON.parse(line) as Announcement;
    throw new Error('The CA did not start');
  };
  const gone = async (): Promise<void> => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  const first = await start(0);
  const inspected = need(await inspectLinkOrAddress(first.firstApproverInvitation ?? ''));
  const pinned = inspected.authority;
  const client = latchkeyAuthority(pinned);
  return {
    pinned,
    client,
    approver: await enrollApprover(pinned, client, inspected.invitation?.code ?? ''),
    kill: () => void child.kill('SIGKILL'),
    startAgain: async () => {
      await gone();
      await start(Number(new URL(pinned.address).port));
    },
    close: async () => {
      await gone();
      await Promise.all([rm(parent, { recursive: true }), rm(script, { force: true })]);
    },
  };
}
