/**
 * Finding PKCS#11 modules where distributions and installers put them: first OpenSC, because browsers and the system use
 * it; then ykcs11. Which one is used is decided in select-module.ts.
 */
import { access } from 'node:fs/promises';

export type ModuleName = 'OpenSC' | 'ykcs11';

/** A module that can be tried. */
export interface ModuleCandidate {
  readonly path: string;
  /** null: set by hand, and not one we know by name. */
  readonly name: ModuleName | null;
}

export interface ModuleSearch {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
  readonly exists?: (path: string) => Promise<boolean>;
}

type Places = Readonly<Record<ModuleName, readonly string[]>>;

/** Debian and Ubuntu's triplets for the processors we ship for. */
const MULTIARCH = ['x86_64-linux-gnu', 'aarch64-linux-gnu', 'arm-linux-gnueabihf'].map((triplet) => `/usr/lib/${triplet}`);
/** Fedora and openSUSE (64 bit), Arch and Alpine, and what people compile themselves. */
const LINUX_FOLDERS = [...MULTIARCH, '/usr/lib64', '/usr/lib', '/usr/local/lib64', '/usr/local/lib'];

const LINUX: Places = {
  OpenSC: [...LINUX_FOLDERS.flatMap((folder) => [`${folder}/opensc-pkcs11.so`, `${folder}/pkcs11/opensc-pkcs11.so`]), '/snap/opensc/current/usr/lib/opensc-pkcs11.so'],
  // The package without headers has the numbered name only.
  ykcs11: LINUX_FOLDERS.flatMap((folder) => [`${folder}/libykcs11.so.2`, `${folder}/libykcs11.so`, `${folder}/pkcs11/libykcs11.so`]),
};

const MACOS: Places = {
  OpenSC: ['/Library/OpenSC/lib/opensc-pkcs11.so', '/usr/local/lib/opensc-pkcs11.so', '/opt/homebrew/lib/opensc-pkcs11.so', '/opt/homebrew/lib/pkcs11/opensc-pkcs11.so'],
  ykcs11: ['/usr/local/lib/libykcs11.dylib', '/opt/homebrew/lib/libykcs11.dylib'],
};

/** `%NAME%` stands for an environment variable. */
const WINDOWS: Places = {
  OpenSC: ['%ProgramFiles%\\OpenSC Project\\OpenSC\\pkcs11\\opensc-pkcs11.dll'],
  ykcs11: ['%ProgramFiles%\\Yubico\\Yubico PIV Tool\\bin\\libykcs11.dll', '%ProgramFiles%\\Yubico\\Yubico PIV Tool\\bin\\libykcs11-2.dll'],
};

/** Modules in the usual places of this computer, best first; one of each name, empty where there is none. */
export async function locateModules(search: ModuleSearch = {}): Promise<readonly ModuleCandidate[]> {
  const { environment = process.env, platform = process.platform, exists = isThere } = search;
  const places = placesOn(platform);
  const candidates = await Promise.all((['OpenSC', 'ykcs11'] as const).map(async (name) => findFirst(name, places[name], environment, exists)));
  return candidates.filter((candidate) => candidate !== undefined);
}

async function findFirst(name: ModuleName, places: readonly string[], environment: NonNullable<ModuleSearch['environment']>, exists: (path: string) => Promise<boolean>): Promise<ModuleCandidate | undefined> {
  for (const place of places) {
    const path = place.replace(/%(\w+)%/, (_, variable: string) => environment[variable] ?? '');
    if (await exists(path)) return { path, name };
  }
  return undefined;
}

function placesOn(platform: NodeJS.Platform): Places {
  if (platform === 'win32') return WINDOWS;
  return platform === 'darwin' ? MACOS : LINUX;
}

/** A module somewhere else, named by its file's name. */
export function candidateAt(path: string): ModuleCandidate {
  return { path, name: nameOf(path) };
}

function nameOf(path: string): ModuleName | null {
  if (/opensc-pkcs11/i.test(path)) return 'OpenSC';
  return /ykcs11/i.test(path) ? 'ykcs11' : null;
}

/** Whether there is a file at this path. */
export async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
