/**
 * From a request to the issuer, so that a power cut at any moment leaves the issuer before it or the new one. The new
 * certificate beside its key, in issuer-request/, is the point of no return; what is left to do after it is done again by
 * whoever opens the folder next.
 *
 *   issuer-request/{ca.key, ca.csr} ──▶ + ca.crt ──▶ issuers/<id> has the former ──▶ key, certificate in place ──▶ request removed
 */
import { copyFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, toHex } from '../core/bytes.ts';
import { failed, success, type Result } from '../core/result.ts';
import { readPem } from '../core/x509/pem.ts';
import { createFolder, errorCode, FOLDER, syncFolder, type NewFile } from './folder.ts';

const KEY_FILES = [FOLDER.key, FOLDER.keyUri, FOLDER.keyHeld] as const;

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Id of the first certificate of a PEM text. */
async function idOf(pem: string): Promise<string> {
  return toHex(await sha256(readPem(pem, 'CERTIFICATE')[0] ?? new Uint8Array()));
}

async function keepFormer(dir: string, certificatePem: string): Promise<Result<void>> {
  const files: NewFile[] = [{ name: FOLDER.certificate, text: certificatePem, mode: 0o644 }];
  for (const name of KEY_FILES) {
    const text = await readIfThere(join(dir, name));
    if (text !== undefined) files.push({ name, text, mode: 0o600 });
  }
  await mkdir(join(dir, FOLDER.issuers), { recursive: true, mode: 0o700 });
  const kept = await createFolder(join(dir, FOLDER.issuers, (await idOf(certificatePem)).slice(0, 16)), files, []);
  // It was kept before the power went.
  return !kept.ok && kept.failure.kind === 'authority-folder-exists' ? success(undefined) : kept;
}

/** A file of the request takes the place of the folder's own. */
async function put(dir: string, name: string): Promise<void> {
  const draft = join(dir, `.${name}-next`);
  await copyFile(join(dir, FOLDER.issuerRequest, name), draft);
  const file = await open(draft, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(dir, name));
}

async function putInPlace(dir: string): Promise<void> {
  for (const name of KEY_FILES) {
    if ((await readIfThere(join(dir, FOLDER.issuerRequest, name))) !== undefined) await put(dir, name);
    else await rm(join(dir, name), { force: true });
  }
  await put(dir, FOLDER.certificate);
  await syncFolder(dir);
}

/** Finishes an activation that has passed its point of no return; does nothing where there is none. Fails with file-unwritable. */
export async function finishActivation(dir: string): Promise<Result<void>> {
  try {
    const next = await readIfThere(join(dir, FOLDER.issuerRequest, FOLDER.certificate));
    if (next === undefined) return success(undefined);
    const present = await readIfThere(join(dir, FOLDER.certificate));
    if (present !== undefined && (await idOf(present)) !== (await idOf(next))) {
      const kept = await keepFormer(dir, present);
      if (!kept.ok) return kept;
    }
    await putInPlace(dir);
    // Under another name nothing is left to be finished, however much of it is removed.
    const done = join(dir, `.${FOLDER.issuerRequest}-done`);
    await rm(done, { recursive: true, force: true });
    await rename(join(dir, FOLDER.issuerRequest), done);
    await syncFolder(dir);
    await rm(done, { recursive: true, force: true });
    return success(undefined);
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    return failed({ kind: 'file-unwritable', path: dir, detail: code });
  }
}
