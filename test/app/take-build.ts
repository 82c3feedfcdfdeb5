import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD_FOLDER } from '../../scripts/paths.ts';

/** The app of this run; beside .build/app, so that it finds the same packages. */
export const APP_UNDER_TEST = join(BUILD_FOLDER, 'app-under-test');

/**
 * Before the first test: a copy, because a build that somebody starts meanwhile clears the folder first.
 * Playwright wants it as the default export.
 */
export default async function takeBuild(): Promise<void> {
  await rm(APP_UNDER_TEST, { recursive: true, force: true });
  await cp(join(BUILD_FOLDER, 'app'), APP_UNDER_TEST, { recursive: true });
}
