import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { processTree } from '../process-tree.ts';

/** A program that serves, ended by its own id. */
export interface ServerProcess {
  readonly pid: number;
  end(): Promise<void>;
}

/** Starts a program and waits until `isUp` says that it serves. Throws with what it printed where it ends before. */
export async function startServerProcess(command: string, args: readonly string[], isUp: () => Promise<boolean>, env: NodeJS.ProcessEnv = process.env): Promise<ServerProcess> {
  const child = spawn(command, [...args], { stdio: ['ignore', 'ignore', 'pipe'], env });
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-4000);
  });
  while (!(await isUp().catch(() => false))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${command} ended: ${printed}`);
    await sleep(20);
  }
  return { pid: child.pid ?? 0, end: () => ended(child) };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  // `openssl ocsp -multi` looks at its own signal only once a worker of it has ended.
  const workers = child.pid === undefined ? [] : (await processTree(child.pid)).filter((pid) => pid !== child.pid);
  child.kill('SIGTERM');
  for (const pid of workers) endWorker(pid);
  await exit;
}

/** A worker may have ended meanwhile. */
function endWorker(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    return;
  }
}
