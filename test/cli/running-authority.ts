import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { testAttestationRootPem } from '../../native/virtual-yubikey/test-attestation-root.ts';
import { startLatchkey, type Computer } from './latchkey-process.ts';

/** `latchkey ca serve` in a process of its own. */
export interface RunningAuthority {
  /** What it said on standard output once it listened. */
  readonly announcement: { readonly ok: true; readonly address: string; readonly name: string; readonly fingerprint: string; readonly firstApproverInvitation: string | null };
  /** Everything on standard output so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Ends it as a service manager does; answers its exit code. */
  end(): Promise<number | null>;
}

/** Lets a CA believe the attestations of virtual keys. */
export async function trustVirtualKeys(dir: string): Promise<void> {
  await writeFile(join(dir, 'attestation-roots', 'virtual-yubikey.pem'), testAttestationRootPem);
}

/** Serves the CA in `dir`; resolves once it listens. */
export async function serveAuthority(computer: Computer, dir: string, passphrase: string, port = 0): Promise<RunningAuthority> {
  const child = startLatchkey(['ca', 'serve', '--dir', dir, '--listen', `127.0.0.1:${port}`, '--passphrase-fd', '3', '--json'], computer.environment, [passphrase]);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  if (child.stdout === null) throw new Error('no standard output');
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([once(lines, 'line'), once(child, 'close').then(() => Promise.reject(new Error(stdout + stderr)))])) as [string];
  return {
    announcement: JSON.parse(line) as RunningAuthority['announcement'],
    stdout: () => stdout,
    stderr: () => stderr,
    end: async () => {
      if (child.exitCode !== null) return child.exitCode;
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      await closed;
      return child.exitCode;
    },
  };
}
