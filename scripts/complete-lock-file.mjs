// After `npm install` of something new: node scripts/complete-lock-file.mjs
// npm leaves optional packages of other platforms out of package-lock.json where the registry at hand does not have
// them, and `npm ci` then refuses the file. This adds what is named by a parent and missing: name, version, platform.
// Without `integrity`, since nobody here has seen their contents; npm fetches none of them on this platform.
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('../package-lock.json', import.meta.url);
const OS = { android: 'android', darwin: 'darwin', macos: 'darwin', freebsd: 'freebsd', linux: 'linux', openharmony: 'openharmony', win32: 'win32', windows: 'win32' };
const CPU = { arm64: 'arm64', aarch64: 'arm64', x64: 'x64', x86_64: 'x64', x86: 'ia32', ia32: 'ia32', arm: 'arm', ppc64: 'ppc64', riscv64: 'riscv64', s390x: 's390x' };

/** What the words of a platform package's name say: "@oxlint/binding-linux-arm64-musl". */
function platform(name) {
  const words = name.split('/')[1].split('-');
  const pick = (table) => words.map((word) => table[word]).filter(Boolean);
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : [];
  return { os: pick(OS), cpu: pick(CPU), ...(libc.length > 0 ? { libc } : {}) };
}

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const added = [];
for (const parent of Object.values({ ...lock.packages })) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    if (lock.packages[key] || !name.startsWith('@')) continue;
    lock.packages[key] = { version, ...platform(name), ...(parent.dev ? { dev: true } : {}), optional: true };
    added.push(name);
  }
}
for (const entry of Object.values(lock.packages)) delete entry.resolved;
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
process.stderr.write(`${added.length} packages added${added.length > 0 ? `: ${added.join(', ')}` : ''}\n`);
