import { writeFile } from 'node:fs/promises';
import { CommandStopped } from './failures.ts';

/** Writes what a person asked for to a file of their choice, as openssl does: over what was there. Fails with file-unwritable. */
export async function writeExport(path: string, contents: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, contents);
  } catch (error) {
    const detail = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    throw new CommandStopped({ kind: 'file-unwritable', path, ...(detail === undefined ? {} : { detail }) });
  }
}
