import { readFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * What a file may import, by its path alone (docs/architecture.md draws it). The first prefix that fits a file decides;
 * packages are the npm and Node modules of which a layer may use only some.
 */
const LAYERS: readonly { readonly path: string; readonly mayImport: readonly string[]; readonly mayNotImport?: string; readonly packages?: RegExp }[] = [
  { path: 'core/', mayImport: ['core/'], packages: /^(zod|@peculiar\/|@scure\/|asn1js|reflect-metadata|tslib)/ },
  { path: 'native/virtual-yubikey/', mayImport: ['native/virtual-yubikey/', 'native/piv/', 'core/'] },
  { path: 'native/', mayNotImport: 'native/virtual-yubikey/', mayImport: ['native/', 'core/'] },
  { path: 'authorities/', mayImport: ['authorities/', 'core/'] },
  { path: 'ca/', mayImport: ['ca/', 'native/pkcs11/', 'native/attestation-roots', 'core/'] },
  { path: 'cli/demo/', mayImport: ['cli/', 'native/', 'authorities/', 'ca/', 'core/'] },
  { path: 'cli/', mayImport: ['cli/', 'native/pcsc/', 'native/piv/', 'native/pkcs11/', 'native/security-key', 'native/attestation-roots', 'authorities/', 'ca/', 'core/'] },
  { path: 'electron/demo/', mayImport: ['electron/', 'native/virtual-yubikey/control', 'core/'] },
  { path: 'electron/', mayNotImport: 'electron/demo/', mayImport: ['electron/', 'native/pcsc/', 'native/piv/', 'native/pkcs11/', 'native/security-key', 'native/attestation-roots', 'authorities/', 'core/'] },
  { path: 'renderer/', mayImport: ['renderer/', 'core/'], packages: /^(react|react-dom|@mantine|@tanstack\/react-virtual|uqr|vite|@vitejs)/ },
];

function imports(source: string): readonly string[] {
  const pattern = /(?:^|\n)\s*(?:import|export)\s(?:[^'";]*?from\s*)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;
  return [...source.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '');
}

function violation(file: string, specifier: string): string | undefined {
  const layer = LAYERS.find(({ path }) => file.startsWith(path));
  if (!layer) return undefined;
  if (!specifier.startsWith('.')) {
    return layer.packages && !layer.packages.test(specifier) ? `${file} imports ${specifier}` : undefined;
  }
  const target = normalize(join(dirname(file), specifier));
  const isAllowed = layer.mayImport.some((allowed) => target.startsWith(allowed)) && !(layer.mayNotImport && target.startsWith(layer.mayNotImport));
  return isAllowed ? undefined : `${file} imports ${target}`;
}

describe('layers', () => {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => LAYERS.some(({ path }) => file.startsWith(path)));

  it('has files to look at', () => {
    expect(files.length).toBeGreaterThan(50);
  });

  it('imports only what its path allows', async () => {
    const found = await Promise.all(
      files.map(async (file) => imports(await readFile(file, 'utf8')).map((specifier) => violation(file, specifier))),
    );
    expect(found.flat().filter((line) => line !== undefined)).toEqual([]);
  });

  it('finds a forbidden import', () => {
    expect(violation('core/enrollment/run.ts', '../../native/security-key.ts')).toBe('core/enrollment/run.ts imports native/security-key.ts');
    expect(violation('core/bytes.ts', 'node:fs')).toBe('core/bytes.ts imports node:fs');
    expect(violation('electron/main/main.ts', '../../native/virtual-yubikey/vpcd.ts')).toBeDefined();
    expect(violation('ca/server.ts', '../native/pkcs11/module.ts')).toBeUndefined();
  });
});
