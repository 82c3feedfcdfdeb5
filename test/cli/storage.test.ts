/** What the command line notes on this computer. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCareRecords } from '../../cli/care-records.ts';
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

describe('the record of an action on a key', () => {
  const record = { serial: 5_210_001, action: 'retries', startedAt: new Date('2026-11-24T12:00:00Z'), open: ['PUK'] } as const;

  it('is kept from one process to the next, for the owner alone, and removed', async () => {
    const records = createCareRecords(folders);
    expect(await records.read(record.serial)).toBeNull();
    await records.write(record);
    expect(await createCareRecords(folders).read(record.serial)).toEqual(record);
    expect(await records.read(5_210_002)).toBeNull();
    expect((await stat(join(folders.state, 'key-care/5210001.json'))).mode & 0o777).toBe(0o600);
    await records.remove(record.serial);
    await records.remove(record.serial);
    expect(await records.read(record.serial)).toBeNull();
  });

  it('that cannot be read is none', async () => {
    const records = createCareRecords(folders);
    await records.write(record);
    await writeFile(join(folders.state, 'key-care/5210001.json'), '{"serial":5210001,"action":"burn"}');
    expect(await records.read(record.serial)).toBeNull();
  });
});
