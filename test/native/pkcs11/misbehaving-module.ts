import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const SOURCE = new URL('./misbehaving-module.c', import.meta.url).pathname;

/** What C_Initialize does: C statements. */
export const MISBEHAVIOUR = {
  aborts: 'abort()',
  segfaults: '*(volatile int *)0 = 1',
  exits: 'exit(0)',
  hangs: 'for (;;) sleep(1)',
  works: '(void)0',
} as const;

/** Compiles a PKCS#11 library that misbehaves into `folder`; answers its path. */
export function compileModule(folder: string, behaviour: keyof typeof MISBEHAVIOUR, options: { readonly startsInitialized?: boolean } = {}): string {
  const path = join(folder, `${behaviour}.so`);
  const definitions = [`-DON_INITIALIZE=${MISBEHAVIOUR[behaviour]}`, `-DSTARTS_INITIALIZED=${options.startsInitialized ? 1 : 0}`];
  execFileSync('gcc', ['-shared', '-fPIC', '-w', ...definitions, '-o', path, SOURCE]);
  return path;
}
