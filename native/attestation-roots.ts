/** The attestation certificates this computer trusts: Yubico's, checked against their fingerprints, and the administrator's. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { sha256, toHex } from '../core/bytes.ts';
import { failed, success, type Result } from '../core/result.ts';
import { attestationTrust, type AttestationTrust } from '../core/x509/attestation.ts';
import { parseCertificate } from '../core/x509/certificate.ts';
import { readPem } from '../core/x509/pem.ts';

const RESOURCES = join('resources', 'attestation');
const fingerprintList = z.array(z.object({ file: z.string().regex(/^[\w.-]+\.pem$/), subject: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }));

/** The folder with Yubico's certificates: above this file in the checkout, above the bundle where this is bundled. */
function resourcesFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, RESOURCES);
    if (existsSync(join(candidate, 'fingerprints.json'))) return candidate;
    if (folder === dirname(folder)) throw new Error(`${RESOURCES} is missing from this installation.`);
  }
}

/** Throws where a file of ours is not what it was: a changed root would let false keys in. */
async function yubicoCertificates(): Promise<readonly Uint8Array[]> {
  const folder = resourcesFolder();
  const list = fingerprintList.parse(JSON.parse(await readFile(join(folder, 'fingerprints.json'), 'utf8')));
  return Promise.all(
    list.map(async (entry) => {
      const [der] = readPem(await readFile(join(folder, entry.file), 'utf8'), 'CERTIFICATE');
      if (!der || toHex(await sha256(der)) !== entry.sha256) throw new Error(`${entry.file} has not the fingerprint of ${entry.subject}.`);
      return der;
    }),
  );
}

async function certificatesInFile(path: string): Promise<Result<readonly Uint8Array[]>> {
  try {
    const certificates = readPem(await readFile(path, 'utf8'), 'CERTIFICATE');
    const areAll = certificates.length > 0 && certificates.every((der) => parseCertificate(der) !== undefined);
    return areAll ? success(certificates) : failed({ kind: 'file-unreadable', path, detail: 'no PEM certificate' });
  } catch (error) {
    return failed({ kind: 'file-unreadable', path, detail: error instanceof Error ? error.message : String(error) });
  }
}

/** Every certificate of every .pem and .crt file; a folder that is not there holds none. */
async function certificatesInFolder(folder: string): Promise<Result<readonly Uint8Array[]>> {
  if (!existsSync(folder)) return success([]);
  const found: Uint8Array[] = [];
  for (const name of (await readdir(folder)).filter((file) => /\.(pem|crt)$/.test(file)).toSorted()) {
    const certificates = await certificatesInFile(join(folder, name));
    if (!certificates.ok) return certificates;
    found.push(...certificates.value);
  }
  return success(found);
}

/** What attestations may end in: Yubico's list and the PEM files of these folders. Fails with file-unreadable. */
export async function loadAttestationTrust(folders: readonly string[]): Promise<Result<AttestationTrust>> {
  const all = [...(await yubicoCertificates())];
  for (const folder of folders) {
    const certificates = await certificatesInFolder(folder);
    if (!certificates.ok) return certificates;
    all.push(...certificates.value);
  }
  return success(attestationTrust(all));
}
