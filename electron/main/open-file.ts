/** Files that a person opens, at a place of their choice. */
import { dialog, type BrowserWindow } from 'electron';
import { open } from 'node:fs/promises';
import { failed, success, type Result } from '../../core/result.ts';

/** Asks which, and reads at most so many bytes. null: the person changed their mind. Fails with file-unreadable. */
export type OpenFile = (file: { readonly extensions: readonly string[]; readonly maxBytes: number }) => Promise<Result<Uint8Array | null>>;

/** Asks in a dialogue of this window. */
export function openFileFrom(window: BrowserWindow): OpenFile {
  return async ({ extensions, maxBytes }) => {
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      // Every file can be chosen: a CA may name its certificates as it likes.
      filters: [{ name: extensions.join(', ').toUpperCase(), extensions: [...extensions] }, { name: '*', extensions: ['*'] }],
      properties: ['openFile'],
    });
    const [path] = filePaths;
    if (canceled || path === undefined) return success(null);
    try {
      const file = await open(path, 'r');
      try {
        const { buffer, bytesRead } = await file.read(new Uint8Array(maxBytes));
        return success(buffer.subarray(0, bytesRead));
      } finally {
        await file.close();
      }
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (typeof code !== 'string') throw error;
      return failed({ kind: 'file-unreadable', path, detail: code });
    }
  };
}
