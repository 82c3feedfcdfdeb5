/**
 * `npm run package`: the unpacked Linux app in dist/linux-unpacked.
 * On a machine that cannot reach GitHub it carries the stand-in Electron of scripts/electron-runtime.ts and says so:
 * good for looking at, not for handing out. `LATCHKEY_ELECTRON_VERSION=45.4.1 npm run package` lets electron-builder
 * fetch that Electron instead.
 */
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build as buildPackage, Platform } from 'electron-builder';
import { build } from './build.ts';
import { electronRuntime } from './electron-runtime.ts';
import { CHECKOUT } from './paths.ts';

/** The unpacked app's folder. */
export const PACKAGE_FOLDER = join(CHECKOUT, 'dist/linux-unpacked');

/** Which Electron goes in: the one asked for, or the stand-in. */
async function runtimeConfiguration(): Promise<{ readonly electronVersion: string; readonly electronDist?: string }> {
  const asked = process.env['LATCHKEY_ELECTRON_VERSION'];
  if (asked) return { electronVersion: asked };
  const { executable, version } = await electronRuntime(console.error);
  console.error(`package: with the stand-in Electron ${version}; not for handing out`);
  return { electronVersion: version, electronDist: dirname(executable) };
}

/** Builds the app and packs it. */
export async function packageApp(): Promise<string> {
  await build();
  await rm(PACKAGE_FOLDER, { recursive: true, force: true });
  await buildPackage({
    targets: Platform.LINUX.createTarget('dir'),
    projectDir: CHECKOUT,
    publish: 'never',
    config: { extends: join(CHECKOUT, 'electron-builder.yml'), ...(await runtimeConfiguration()) },
  });
  return PACKAGE_FOLDER;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.error(`package: ${await packageApp()}`);
}
