import { readdir, readFile } from 'node:fs/promises';

export interface TreeMemory {
  readonly mebibytes: number;
  readonly processes: number;
}

/** PSS of a process and everything it has started (/proc/PID/smaps_rollup, proc(5)). */
export async function memoryOf(pid: number): Promise<TreeMemory> {
  const tree = await descendants(pid);
  const sizes = await Promise.all(tree.map(proportionalSetSize));
  return { mebibytes: sizes.reduce((sum, size) => sum + size, 0) / 1024, processes: tree.length };
}

async function descendants(root: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map(await Promise.all(pids.map(async (pid) => [pid, await parentOf(pid)] as const)));
  const isOurs = (pid: number | undefined): boolean => pid !== undefined && (pid === root || isOurs(parents.get(pid)));
  return pids.filter(isOurs);
}

/** undefined: it has ended meanwhile. The name in the second field may hold anything, so fields count from its end. */
async function parentOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  return parent === undefined ? undefined : Number(parent);
}

/** In KiB; 0 for a process that has ended meanwhile. */
async function proportionalSetSize(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
}
