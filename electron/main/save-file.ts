/** Files that a person asks for, at a place of their choice. */
import { app, dialog, type BrowserWindow } from 'electron';
import { join } from 'node:path';
import { failed, success, type Result } from '../../core/result.ts';
import { writeWholeFile } from './whole-file.ts';

export interface FileToSave {
  /** Offered to the person, without its extension. */
  readonly name: string;
  readonly extension: string;
  readonly content: string | Uint8Array;
  /** Readable by its owner alone. */
  readonly isSecret: boolean;
}

/** Asks where, and writes the file whole. Answers its path; null: the person changed their mind. Fails with file-unwritable. */
export type SaveFile = (file: FileToSave) => Promise<Result<string | null>>;

/** Asks in a dialogue of this window. */
export function saveFileFrom(window: BrowserWindow): SaveFile {
  return async ({ name, extension, content, isSecret }) => {
    const { canceled, filePath } = await dialog.showSaveDialog(window, {
      defaultPath: join(app.getPath('documents'), `${name}.${extension}`),
      filters: [{ name: extension.toUpperCase(), extensions: [extension] }],
      properties: ['showOverwriteConfirmation'],
    });
    if (canceled || filePath === '') return success(null);
    try {
      await writeWholeFile(filePath, content, isSecret ? 0o600 : 0o644);
      return success(filePath);
    } catch (error) {
      // The code alone: nothing of what was to be written.
      return failed({ kind: 'file-unwritable', path: filePath, detail: codeOf(error) });
    }
  };
}

/** Such as "ENOSPC"; anything else is a bug. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') throw error;
  return code;
}
