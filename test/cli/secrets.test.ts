import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CommandStopped } from '../../cli/failures.ts';
import { Secrets } from '../../cli/secrets.ts';
import { Terminal } from '../../cli/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A terminal at which nobody sits. */
class Nobody extends Terminal {
  override get isThere(): boolean {
    return false;
  }
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function secrets(options: Record<string, unknown>): Secrets {
  return new Secrets(options, new Nobody());
}

describe('a secret from a file', () => {
  it.each([
    ['one line', '246813\n', '246813'],
    ['no line break', '246813', '246813'],
    ['a line break of Windows', '246813\r\n', '246813'],
    ['more lines', '246813\n999999\n', '246813'],
    ['blanks, which may belong to it', ' pass phrase \n', ' pass phrase '],
    ['letters of two bytes', 'pässwörd\n', 'pässwörd'],
    ['nothing', '', ''],
  ])('%s', (name, text, expected) => {
    expect(secrets({ pinFile: file(name, text) }).given('pin')).toBe(expected);
  });

  it('that everybody may read is refused, and named without its contents', () => {
    const path = file('open', '246813\n');
    chmodSync(path, 0o604);
    expect(() => secrets({ pinFile: path }).given('pin')).toThrow(expect.objectContaining({ failure: { kind: 'secret-exposed', path } }));
    // A group may be meant, as with the credentials of systemd.
    chmodSync(path, 0o640);
    expect(secrets({ pinFile: path }).given('pin')).toBe('246813');
  });

  it('that is not there is named, without its contents', () => {
    expect(() => secrets({ pinFile: join(folder, 'missing') }).given('pin')).toThrow(
      expect.objectContaining({ failure: { kind: 'file-unreadable', path: join(folder, 'missing'), detail: 'ENOENT' } }),
    );
  });
});

describe('secrets from a descriptor', () => {
  it('one a line, each read once and then remembered', () => {
    const descriptor = openSync(file('several', '246813\n86421357\n'), 'r');
    const both = secrets({ newPinFd: descriptor, newPukFd: descriptor });
    expect([both.given('new-pin'), both.given('new-puk'), both.given('new-pin')]).toEqual(['246813', '86421357', '246813']);
    closeSync(descriptor);
  });

  it('that is closed is a failure, not a crash', () => {
    expect(() => secrets({ pinFd: 4321 }).given('pin')).toThrow(expect.objectContaining({ failure: { kind: 'file-unreadable', path: 'descriptor 4321', detail: 'EBADF' } }));
  });
});

it('without an option and without anybody to ask, the option is named', async () => {
  await expect(secrets({}).get('new-puk', 'PUK: ')).rejects.toThrow(CommandStopped);
  await expect(secrets({}).get('new-puk', 'PUK: ')).rejects.toMatchObject({ failure: { kind: 'secret-missing', option: 'new-puk' } });
});
