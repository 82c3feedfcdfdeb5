/** What the command line notes on this computer. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileRecords } from '../../cli/enrollment-records.ts';
import { foldersOf, type Folders } from '../../cli/folders.ts';
import { readPinnedAuthority, writePinnedAuthority } from '../../cli/pinned-authority.ts';
import { sha256, toHex } from '../../core/bytes.ts';

let root: string;
let folders: Folders;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'latchkey-storage-'));
  folders = foldersOf({ XDG_CONFIG_HOME: join(root, 'config'), XDG_STATE_HOME: join(root, 'state') });
});
afterEach(() => rm(root, { recursive: true }));

describe('folders', () => {
  it('follow XDG, and ignore a relative path as XDG says', () => {
    expect(folders).toEqual({ config: join(root, 'config/latchkey'), state: join(root, 'state/latchkey') });
    expect(foldersOf({ XDG_CONFIG_HOME: 'relative' }).config).toMatch(/^\/.*\/\.config\/latchkey$/);
  });
});

describe('the pinned CA', () => {
  const file = (): string => join(folders.config, 'authority.json');
  const authority = async () => {
    const caCertificate = Uint8Array.of(0x30, 1, 2, 3);
    return { address: 'https://ca.example.org:8443', name: 'Home CA', fingerprint: toHex(await sha256(caCertificate)), caCertificate };
  };

  it('is none at first, then what was written, for the owner alone', async () => {
    expect(await readPinnedAuthority(folders)).toBeNull();
    await writePinnedAuthority(folders, await authority());
    expect(await readPinnedAuthority(folders)).toEqual(await authority());
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(await readdir(folders.config)).toEqual(['authority.json']);
  });

  it.each([
    ['is no JSON', () => 'garbage'],
    ['lacks a field', (text: string) => text.replace('"name"', '"title"')],
    ['has another certificate than its fingerprint says', (text: string) => text.replace(/"caCertificate": "[^"]*"/, '"caCertificate": "MAECBA=="')],
  ])('is not believed when the file %s', async (_, spoil) => {
    await writePinnedAuthority(folders, await authority());
    await writeFile(file(), spoil(await readFile(file(), 'utf8')));
    expect(await readPinnedAuthority(folders)).toBeNull();
  });
});

describe('the record of an enrollment', () => {
  it('is kept from one process to the next and removed', async () => {
    const id = `5210001-${'ab'.repeat(16)}`;
    const records = createFileRecords(folders);
    expect(await records.read(id)).toBeNull();
    const record = { id, keyPair: { kind: 'generated', publicKeySha256: 'cd'.repeat(32) }, csr: Uint8Array.of(1, 2, 3), request: null } as const;
    await records.write(record);
    expect(await createFileRecords(folders).read(id)).toMatchObject({ id, csr: Uint8Array.of(1, 2, 3) });
    await records.remove(id);
    expect(await records.read(id)).toBeNull();
  });
});
