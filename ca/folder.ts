/** The folder of a CA: what is in it, and how it comes to be whole. */
import { mkdir, mkdtemp, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { failed, success, type Result } from '../core/result.ts';

/** Names in a CA's folder. */
export const FOLDER = {
  /** PEM: the CA's certificate, and its chain up to the root, which is last. */
  certificate: 'ca.crt',
  /** PEM, encrypted PKCS#8. One of these three is there, according to where the key is. */
  key: 'ca.key',
  /** One line: the PKCS#11 URI of a key on a token. */
  keyUri: 'ca.key-uri',
  /** Marks a CA whose key an approver holds. */
  keyHeld: 'ca.key-held',
  /** Marks a root that is kept offline: it signs issuers and is never served. */
  root: 'ca.root',
  /** Issuers before the present one: a folder each, named by the start of their id, with the same files. */
  issuers: 'issuers',
  /** A key that waits for its certificate, with its CSR. */
  issuerRequest: 'issuer-request',
  /** CRLs of the CAs above, brought here by hand. */
  parentCrls: 'parent-crls',
  database: 'latchkey.sqlite',
  /** PEM files of the administrator: attestation roots and intermediates besides Yubico's. */
  attestationRoots: 'attestation-roots',
} as const;

/** Writes a new file that is on disk when this resolves. */
export async function writeDurably(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What was created, renamed or removed in a folder is on disk when this resolves. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** "ENOENT" and the like. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** A file to be: keys are for their owner's eyes only. */
export interface NewFile {
  readonly name: string;
  readonly text: string;
  readonly mode: 0o600 | 0o644;
}

/**
 * Makes the folder of a CA, or one inside it, with these files: beside its place, under another name, and then moved there
 * in one step. So it is there whole or not at all, whenever the power goes. Fails with authority-folder-exists (anything in
 * it) and file-unreadable.
 */
export async function createFolder(dir: string, files: readonly NewFile[], folders: readonly string[] = [FOLDER.attestationRoots]): Promise<Result<void>> {
  const target = resolve(dir);
  const parent = dirname(target);
  let draft: string | undefined;
  try {
    await mkdir(parent, { recursive: true });
    draft = await mkdtemp(join(parent, `.${basename(target)}-`));
    for (const { name, text, mode } of files) await writeDurably(join(draft, name), text, mode);
    for (const folder of folders) await mkdir(join(draft, folder), { mode: 0o755 });
    await syncFolder(draft);
    // rename() replaces an empty folder and refuses any other.
    await rename(draft, target);
    await syncFolder(parent);
    return success(undefined);
  } catch (error) {
    if (draft !== undefined) await rm(draft, { recursive: true, force: true });
    const code = errorCode(error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') return failed({ kind: 'authority-folder-exists', path: dir });
    return failed({ kind: 'file-unreadable', path: dir, ...(code === undefined ? {} : { detail: code }) });
  }
}

/** Whether something is in the way of a new CA; asked early, so that nobody waits for a key in vain. */
export async function folderIsTaken(dir: string): Promise<boolean> {
  try {
    const found = await stat(join(dir, FOLDER.certificate));
    return found.isFile();
  } catch {
    return false;
  }
}

/** Reads a file. Fails with file-unreadable. */
export async function readBytes(path: string): Promise<Result<Uint8Array>> {
  try {
    return success(new Uint8Array(await readFile(path)));
  } catch (error) {
    const code = errorCode(error);
    return failed({ kind: 'file-unreadable', path, ...(code === undefined ? {} : { detail: code }) });
  }
}

/** A text file of the CA's folder. Fails with authority-folder-missing where there is none, else with file-unreadable. */
export async function readFolderFile(dir: string, name: string): Promise<Result<string>> {
  const bytes = await readBytes(join(dir, name));
  if (bytes.ok) return success(new TextDecoder().decode(bytes.value));
  const isMissing = bytes.failure.kind === 'file-unreadable' && (bytes.failure.detail === 'ENOENT' || bytes.failure.detail === 'ENOTDIR');
  return isMissing ? failed({ kind: 'authority-folder-missing', path: dir }) : bytes;
}
