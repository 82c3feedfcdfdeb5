// `latchkey …` from this checkout: runs cli/main.ts from a bundle, because that starts in a fifth of the time that
// compiling on the way takes (0.14 s of processor time in place of 0.7 s). In plain JavaScript for the same reason.
//   node scripts/latchkey.mjs COMMAND …
// A bundle belongs to the sources it was made of: their paths, sizes and times are its name, in .build/cli.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const CHECKOUT = dirname(dirname(fileURLToPath(import.meta.url)));
const BUNDLES = join(CHECKOUT, '.build', 'cli');
const SOURCES = ['cli', 'core', 'native', 'authorities', 'ca'];
/** Native modules, and what loads files of its own beside itself. */
const EXTERNAL = ['pcsc-mini', 'pkcs11js', 'libsql', 'fastify'];
const REQUIRE_BANNER = "import { createRequire as latchkeyCreateRequire } from 'node:module'; const require = latchkeyCreateRequire(import.meta.url);";
/** A running command may still load parts of the bundle it started from. */
const KEPT_BUNDLES = 3;

function nameOfSources() {
  const hash = createHash('sha256');
  const files = SOURCES.flatMap((folder) => readdirSync(join(CHECKOUT, folder), { recursive: true }).map((file) => join(folder, String(file))));
  for (const file of [...files, 'package-lock.json', 'scripts/latchkey.mjs'].toSorted((a, b) => (a < b ? -1 : 1))) {
    if (!/\.(ts|mjs|json)$/.test(file)) continue;
    const { size, mtimeMs } = statSync(join(CHECKOUT, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Made beside its place and renamed, so that commands that start at the same time do not meet half a bundle. */
async function makeBundle(folder) {
  const { build } = await import('esbuild');
  mkdirSync(BUNDLES, { recursive: true });
  const work = mkdtempSync(join(BUNDLES, 'new-'));
  await build({
    absWorkingDir: CHECKOUT,
    // The worker is named and placed as native/pkcs11/module-host.ts looks for it.
    entryPoints: { main: 'cli/main.ts', 'pkcs11-worker': 'native/pkcs11/worker.ts' },
    outdir: work,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    external: EXTERNAL,
    banner: { js: REQUIRE_BANNER },
    logLevel: 'error',
  });
  // mkdtemp keeps others out; a bundle is as readable as its sources.
  chmodSync(work, 0o755);
  try {
    renameSync(work, folder);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  const bundles = readdirSync(BUNDLES).filter((name) => !name.startsWith('new-')).map((name) => join(BUNDLES, name));
  const byAge = bundles.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const old of byAge.slice(KEPT_BUNDLES)) rmSync(old, { recursive: true, force: true });
}

/** What to import: the bundle of these sources, or the sources where there can be none. */
async function entry() {
  // The demo brings the virtual key along, which no bundle contains.
  if (process.argv[2] === 'demo') return fromSources();
  const folder = join(BUNDLES, nameOfSources());
  try {
    if (!existsSync(folder)) await makeBundle(folder);
  } catch (error) {
    // A checkout that belongs to somebody else.
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error?.code)) throw error;
    return fromSources();
  }
  process.setSourceMapsEnabled(true);
  return join(folder, 'main.js');
}

async function fromSources() {
  const { register } = await import('tsx/esm/api');
  register();
  return join(CHECKOUT, 'cli', 'main.ts');
}

await import(pathToFileURL(await entry()).href);
