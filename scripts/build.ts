/**
 * Builds the app into .build/app: the window's page with vite, everything else with esbuild.
 *
 *   .build/app/{main,device,preload,renderer}   the product; this is what is packaged
 *   .build/app/demo                             the product with virtual keys beside it; never packaged
 *
 * `npx tsx scripts/build.ts [--no-renderer]`
 */
import react from '@vitejs/plugin-react';
import { build as bundle, type BuildOptions, type Plugin } from 'esbuild';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build as buildPages } from 'vite';
import { BUILD_FOLDER, CHECKOUT } from './paths.ts';

export const APP_FOLDER = join(BUILD_FOLDER, 'app');

/** Native modules stay files of their own; Electron is there when it runs. */
const EXTERNAL = ['electron', 'pcsc-mini', 'pkcs11js', 'libsql'];

/** Packages in CommonJS that are bundled into an ES module ask for `require`. */
const REQUIRE_BANNER = "import { createRequire as latchkeyCreateRequire } from 'node:module'; const require = latchkeyCreateRequire(import.meta.url);";

const COMMON = {
  absWorkingDir: CHECKOUT,
  bundle: true,
  minify: true,
  keepNames: true,
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
  legalComments: 'none',
} as const satisfies BuildOptions;

/** `import { z }` names one large object, of which a bundler can leave nothing out; as a namespace, three quarters of zod go. */
const LEAN_ZOD: Plugin = {
  name: 'lean-zod',
  setup: (builder) => {
    builder.onLoad({ filter: /\/(core|native|authorities|electron)\/[^.]+\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace("import { z } from 'zod'", "import * as z from 'zod'"),
      loader: 'ts',
    }));
  },
};

/** The product and the demo. Old files are gone afterwards. */
export async function build(options: { readonly withRenderer: boolean } = { withRenderer: true }): Promise<void> {
  const parts = ['main', 'device', 'preload', 'demo', ...(options.withRenderer ? ['renderer'] : [])];
  await Promise.all(parts.map((part) => rm(join(APP_FOLDER, part), { recursive: true, force: true })));
  await mkdir(APP_FOLDER, { recursive: true });
  await Promise.all([
    buildNodePart('main', { main: 'electron/main/main.ts' }),
    // Named and placed as electron/main/device-process.ts looks for them.
    buildNodePart('device', { device: 'electron/device/device.ts', 'module-worker': 'electron/device/module-worker.ts' }),
    buildNodePart('demo', { 'demo-main': 'electron/demo/demo-main.ts' }),
    buildPreload('electron/preload/preload.ts', 'preload/preload.cjs'),
    buildPreload('electron/demo/panel/panel-preload.ts', 'demo/panel/panel-preload.cjs'),
    buildPanelPage(),
    options.withRenderer ? buildRenderer() : undefined,
    writeManifest(),
  ]);
}

/** ES modules with shared pieces, so that what is imported late is read late. */
async function buildNodePart(folder: string, entryPoints: Readonly<Record<string, string>>): Promise<void> {
  const { version } = await manifest();
  await bundle({
    ...COMMON,
    entryPoints,
    outdir: join(APP_FOLDER, folder),
    chunkNames: 'part-[hash]',
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.18',
    external: EXTERNAL,
    plugins: [LEAN_ZOD],
    banner: { js: REQUIRE_BANNER },
    define: { LATCHKEY_VERSION: JSON.stringify(version) },
  });
}

/** A sandboxed preload is one CommonJS file. */
async function buildPreload(entry: string, output: string): Promise<void> {
  await bundle({ ...COMMON, sourcemap: false, entryPoints: [entry], outfile: join(APP_FOLDER, output), format: 'cjs', platform: 'browser', target: 'chrome130', external: ['electron'] });
}

async function buildPanelPage(): Promise<void> {
  const folder = 'electron/demo/panel';
  await bundle({ ...COMMON, entryPoints: [`${folder}/panel.ts`], outdir: join(APP_FOLDER, 'demo/panel'), format: 'esm', platform: 'browser', target: 'chrome130' });
  await Promise.all(['panel.html', 'panel.css'].map((file) => cp(join(CHECKOUT, folder, file), join(APP_FOLDER, 'demo/panel', file))));
}

async function buildRenderer(): Promise<void> {
  await buildPages({
    configFile: false,
    root: join(CHECKOUT, 'renderer'),
    base: './',
    logLevel: 'warn',
    plugins: [react()],
    build: {
      outDir: join(APP_FOLDER, 'renderer'),
      emptyOutDir: true,
      target: 'chrome130',
      // Every file by its own address: the page's policy allows no data: script or font.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
}

/** So that `electron .build/app` starts the product. */
async function writeManifest(): Promise<void> {
  const { version } = await manifest();
  const content = { name: 'latchkey', productName: 'Latchkey', version, main: 'main/main.js', type: 'module' };
  await writeFile(join(APP_FOLDER, 'package.json'), `${JSON.stringify(content, null, 2)}\n`);
}

async function manifest(): Promise<{ readonly version: string }> {
  return JSON.parse(await readFile(join(CHECKOUT, 'package.json'), 'utf8')) as { version: string };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const started = Date.now();
  await build({ withRenderer: !process.argv.includes('--no-renderer') });
  console.error(`built into ${APP_FOLDER} in ${Date.now() - started} ms`);
}
