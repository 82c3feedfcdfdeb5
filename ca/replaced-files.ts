/** Files of other programs, replaced in one step and put back if that was no good. */
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { randomId } from './domain/context.ts';
import { failed, success, type Result } from '../core/result.ts';

export interface ReplacedFile {
  /** Where links lead to. */
  readonly path: string;
  /** undefined: there was none. */
  readonly before: Uint8Array | undefined;
}

const DEFAULT_MODE = 0o644;

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** What is in the file now. Fails with file-unreadable, unless there is none. */
export async function readBefore(path: string): Promise<Result<ReplacedFile>> {
  try {
    const real = await realpath(path);
    return success({ path: real, before: new Uint8Array(await readFile(real)) });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return success({ path, before: undefined });
    return failed({ kind: 'file-unreadable', path, ...(code === undefined ? {} : { detail: code }) });
  }
}

async function writeBeside(draft: string, path: string, bytes: Uint8Array): Promise<void> {
  const old = await stat(path).catch(() => undefined);
  const file = await open(draft, 'wx', DEFAULT_MODE);
  try {
    await file.writeFile(bytes);
    await file.chmod(old === undefined ? DEFAULT_MODE : old.mode & 0o7777);
    // Only root may give files away; to keep one's own is no failure.
    if (old !== undefined && process.getuid?.() === 0) await file.chown(old.uid, old.gid);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Puts `bytes` in its place: beside it under another name, then moved there. Its mode stays, and its owner where that is
 * allowed. Whoever reads it sees the old one or the new one. Fails with file-unwritable; then the old one is there.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<Result<void>> {
  const draft = join(dirname(path), `.${basename(path)}-${randomId().slice(0, 8)}`);
  try {
    await writeBeside(draft, path, bytes);
    await rename(draft, path);
    return success(undefined);
  } catch (error) {
    await rm(draft, { force: true });
    const code = codeOf(error);
    return failed({ kind: 'file-unwritable', path, ...(code === undefined ? {} : { detail: code }) });
  }
}

/** Puts back what was there. */
export async function restoreFiles(files: readonly ReplacedFile[]): Promise<void> {
  for (const { path, before } of files) {
    if (before === undefined) await rm(path, { force: true });
    else await replaceFile(path, before);
  }
}
