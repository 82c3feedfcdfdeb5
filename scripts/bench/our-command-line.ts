import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from '../../cli/demo/cleanup.ts';
import { ourCommandLine, startDemoAuthority } from '../../cli/demo/demo-authority.ts';
import { testAttestationRootPem } from '../../native/virtual-yubikey/test-attestation-root.ts';
import { run } from '../run.ts';
import type { BenchKey } from './bench-key.ts';
import { fact, median, type BenchResult } from './results.ts';
import { PIN, PUK } from './tools.ts';

const ROUNDS = 3;

/**
 * Our whole command line, one process from its start to its end, with a real CA over HTTPS: all steps, and no waiting,
 * because the invitation is that of a CA's first approver.
 */
export async function enrollOnCommandLine(key: BenchKey, tell: (line: string) => void): Promise<readonly BenchResult[]> {
  const times: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    await key.reset();
    times.push(await enrollOnce(key, tell));
    tell(`enroll on the command line, round ${round}: ${times.at(-1)?.toFixed(0)} ms`);
  }
  return [fact('enroll/ours-command-line', median(times), 'ms')];
}

async function enrollOnce(key: BenchKey, tell: (line: string) => void): Promise<number> {
  const cleanup = new Cleanup();
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  cleanup.add(folder, () => rm(folder, { recursive: true, force: true }));
  try {
    const authority = await startDemoAuthority(cleanup, join(folder, 'ca'), testAttestationRootPem);
    const [pinFile, pukFile] = [join(folder, 'pin'), join(folder, 'puk')];
    await Promise.all([writeFile(pinFile, PIN, { mode: 0o600 }), writeFile(pukFile, PUK, { mode: 0o600 })]);
    const secrets = ['--new-pin-file', pinFile, '--new-puk-file', pukFile];
    const identity = ['--name', 'Ana Example', '--email', 'ana@example.org'];
    const env = { ...key.environment, XDG_CONFIG_HOME: join(folder, 'config'), XDG_STATE_HOME: join(folder, 'state') };
    const start = performance.now();
    await run(process.execPath, [...ourCommandLine(), 'enroll', '--invite', authority.firstApproverInvitation, ...identity, ...secrets], { env });
    return performance.now() - start;
  } finally {
    await cleanup.run(tell);
  }
}
