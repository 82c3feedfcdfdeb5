import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { APP_FOLDER, build } from '../build.ts';
import { BUILD_FOLDER } from '../paths.ts';

const COPY = join(BUILD_FOLDER, 'bench-app');
let built: Promise<string> | undefined;

/** Builds the app, once a run; answers the path of its main process, for LATCHKEY_BENCH_ENTRY. */
export function buildForBench(): Promise<string> {
  built ??= buildCopy();
  return built;
}

/** A copy, because a build that somebody starts meanwhile clears the folder first. */
async function buildCopy(): Promise<string> {
  await build();
  await rm(COPY, { recursive: true, force: true });
  await cp(APP_FOLDER, COPY, { recursive: true });
  return join(COPY, 'main/main.js');
}
