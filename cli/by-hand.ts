/** Enrolling at a CA that a person runs by hand: the CSR goes out, the certificate comes in. */
import { open } from 'node:fs/promises';
import { takeCertificate } from '../authorities/by-hand.ts';
import { requestsAt } from '../authorities/connect.ts';
import { requestIdOf } from '../authorities/kept-requests.ts';
import { MAX_CERTIFICATE_FILE_BYTES } from '../core/by-hand/certificate-file.ts';
import { signingCommands } from '../core/by-hand/signing-commands.ts';
import type { PinnedAuthority } from '../core/certificate-authority.ts';
import type { SecurityKeyFacts } from '../core/security-key.ts';
import { writePem } from '../core/x509/pem.ts';
import { type AnyFailure, CommandStopped } from './failures.ts';
import { requestsFolder, type Folders } from './folders.ts';
import type { EnrollOptions } from './program.ts';
import { writeExport } from './written-file.ts';

/** A file that should hold a certificate: no more of it than that could take. Fails with file-unreadable. */
export async function readCertificateFile(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(MAX_CERTIFICATE_FILE_BYTES + 1));
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
    throw new CommandStopped({ kind: 'file-unreadable', path, detail: error.code });
  }
}

/** Takes what `--certificate` names for the key. Fails as {@link takeCertificate}, and with nothing-in-slot. */
export async function openCertificate(path: string, authority: PinnedAuthority, { authentication }: SecurityKeyFacts, folders: Folders): Promise<void> {
  if (authority.protocol !== 'by-hand') throw new CommandStopped({ kind: 'usage', detail: '--certificate is for a CA by hand (--by-hand).' });
  const { keyPair } = authentication;
  if (keyPair === null) throw new CommandStopped({ kind: 'nothing-in-slot', slot: '9a', wanted: 'key-pair' });
  const taken = await takeCertificate(authority, requestsAt(authority, requestsFolder(folders)), await requestIdOf(keyPair.publicKey), await readCertificateFile(path));
  if (!taken.ok) throw new CommandStopped(taken.failure);
}

/** What the person has to do now: the CSR, in a file where one is named, and the commands that sign it. */
export async function certificateAwaited(authority: PinnedAuthority, requestId: string, { csr: csrFile, caCertificate }: EnrollOptions, folders: Folders): Promise<Extract<AnyFailure, { kind: 'certificate-awaited' }>> {
  const kept = await requestsAt(authority, requestsFolder(folders)).read(requestId);
  if (kept === null) throw new Error('A request that waits is not noted.');
  const csrPem = writePem(kept.csr, 'CERTIFICATE REQUEST');
  if (csrFile !== undefined) await writeExport(csrFile, csrPem);
  const paths = { csr: csrFile ?? 'request.csr', caCertificate: caCertificate ?? 'ca.crt', caKey: 'ca.key', certificate: 'certificate.pem' };
  const commands = await signingCommands(kept.csr, paths);
  if (!commands.ok) throw new CommandStopped(commands.failure);
  return { kind: 'certificate-awaited', authority: authority.name, csrFile: csrFile ?? null, csrPem, commands: commands.value };
}
