import { readFile } from 'node:fs/promises';
import { processTree } from './process-tree.ts';

export interface TreeMemory {
  readonly mebibytes: number;
  readonly processes: number;
}

/** PSS of a process and everything it has started (/proc/PID/smaps_rollup, proc(5)). */
export async function memoryOf(pid: number): Promise<TreeMemory> {
  const tree = await processTree(pid);
  const sizes = await Promise.all(tree.map(proportionalSetSize));
  return { mebibytes: sizes.reduce((sum, size) => sum + size, 0) / 1024, processes: tree.length };
}

/** In KiB; 0 for a process that has ended meanwhile. */
async function proportionalSetSize(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
}
