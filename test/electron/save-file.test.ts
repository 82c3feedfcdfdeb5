import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserWindow } from 'electron';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { failed, success } from '../../core/result.ts';
import { answerCall, type Handlers } from '../../electron/main/ipc-serve.ts';
import { openLog } from '../../electron/main/log.ts';
import { saveFileFrom } from '../../electron/main/save-file.ts';
import { careHandlers, type CareRoom } from '../../electron/main/handlers/care.ts';

const { showSaveDialog } = vi.hoisted(() => ({ showSaveDialog: vi.fn() }));
vi.mock('electron', () => ({ app: { getPath: () => '/home/ana/Documents' }, dialog: { showSaveDialog }, ipcMain: {} }));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-save-'));
  showSaveDialog.mockReset();
});
afterEach(() => rm(folder, { recursive: true }));

const window = { title: 'Latchkey' } as BrowserWindow;
const SHEET = 'PUK of the security key 5210001: 58213907';

/** The call as the window makes it, with the real log. */
const savePuk = (): Promise<unknown> => {
  const handlers = async (): Promise<Handlers> => careHandlers({ saveFile: saveFileFrom(window) } as Partial<CareRoom> as CareRoom) as Handlers;
  return answerCall({ handlers, log: openLog(join(folder, 'logs')) }, 'care.savePuk', { serial: 5_210_001, sheet: SHEET });
};

async function allFiles(): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return (await Promise.all(names.map(async (name) => ((await stat(join(folder, name))).isFile() ? [name] : [])))).flat();
}

test('the person is asked in the window, with a name that says what it is', async () => {
  showSaveDialog.mockResolvedValue({ canceled: true, filePath: '' });
  expect(await savePuk()).toEqual(success(null));
  expect(showSaveDialog).toHaveBeenCalledExactlyOnceWith(window, expect.objectContaining({ defaultPath: '/home/ana/Documents/latchkey-puk-5210001.txt', filters: [{ name: 'TXT', extensions: ['txt'] }] }));
  expect(await allFiles()).toEqual([]);
});

describe('a PUK sheet', () => {
  test('is readable by its owner alone, also where another file was', async () => {
    const filePath = join(folder, 'puk.txt');
    await writeFile(filePath, 'something older and longer than what comes, for everybody to read', { mode: 0o644 });
    showSaveDialog.mockResolvedValue({ canceled: false, filePath });
    expect(await savePuk()).toEqual(success(filePath));
    expect(await readFile(filePath, 'utf8')).toBe(SHEET);
    expect((await stat(filePath)).mode & 0o777).toBe(0o600);
    expect(await allFiles()).toEqual(['puk.txt']);
  });

  test('that cannot be written leaves nothing of it anywhere, in no log either', async () => {
    // A folder stands where the file should go.
    const filePath = join(folder, 'puk.txt');
    await mkdir(join(filePath, 'inside'), { recursive: true });
    showSaveDialog.mockResolvedValue({ canceled: false, filePath });
    const answer = await savePuk();
    expect(answer).toEqual(failed({ kind: 'file-unwritable', path: filePath, detail: expect.stringMatching(/^E[A-Z]+$/) as string }));
    expect(JSON.stringify(answer)).not.toContain('58213907');
    expect(await allFiles()).toEqual([]);
  });

  test('is in no log where the dialogue itself breaks', async () => {
    showSaveDialog.mockRejectedValue(new Error('no display'));
    expect(await savePuk()).toMatchObject({ ok: false, failure: { kind: 'unexpected' } });
    const log = await readFile(join(folder, 'logs', 'latchkey.log'), 'utf8');
    expect(log).toContain('no display');
    expect(log).not.toContain('58213907');
  });

  test('that is too long is refused without a word of it in the log', async () => {
    const handlers = async (): Promise<Handlers> => expect.fail('not to be asked');
    await answerCall({ handlers, log: openLog(join(folder, 'logs')) }, 'care.savePuk', { serial: 1, sheet: SHEET.repeat(100) });
    expect(await readFile(join(folder, 'logs', 'latchkey.log'), 'utf8')).not.toContain('58213907');
  });
});

test('what is not secret may be read by others, as the person set it up', async () => {
  const filePath = join(folder, 'certificate.der');
  showSaveDialog.mockResolvedValue({ canceled: false, filePath });
  const content = new Uint8Array([0x30, 0x00, 0xff]);
  expect(await saveFileFrom(window)({ name: 'certificate', extension: 'der', content, isSecret: false })).toEqual(success(filePath));
  expect(new Uint8Array(await readFile(filePath))).toEqual(content);
  expect((await stat(filePath)).mode & 0o777).toBe(0o644 & ~process.umask());
});
