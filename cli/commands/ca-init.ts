import { readFile } from 'node:fs/promises';
import { initAuthority } from '../../ca/init.ts';
import { writePem } from '../../core/x509/pem.ts';
import type { CommandContext } from '../command.ts';
import { CommandStopped, type Outcome } from '../failures.ts';
import type { InitOptions } from '../program.ts';

/** `latchkey ca init`: makes a CA, or takes over one that openssl or easy-rsa made. */
export async function initialize(context: CommandContext, options: InitOptions): Promise<Outcome> {
  if ((options.importCert === undefined) !== (options.importKey === undefined)) {
    return { ok: false, failure: { kind: 'usage', detail: '--import-cert and --import-key belong together.' } };
  }
  const importPassphrase = options.importKey === undefined ? undefined : await passphraseOfImport(context, options.importKey);
  const passphrase = await context.secrets.getNew('passphrase', 'A passphrase for the CA key: ');
  if (passphrase === '') return { ok: false, failure: { kind: 'usage', detail: 'The passphrase must not be empty.' } };
  const created = await initAuthority({
    dir: options.dir,
    name: options.name,
    passphrase,
    ...(options.importCert !== undefined && options.importKey !== undefined
      ? { importCertificate: options.importCert, importKey: options.importKey, ...(importPassphrase === undefined ? {} : { importPassphrase }) }
      : { keyType: options.keyType, days: options.days }),
  });
  if (!created.ok) return created;
  const { fingerprint, caCertificate } = created.value;
  return {
    ok: true,
    json: { dir: options.dir, name: options.name, fingerprint, caCertificatePem: writePem(caCertificate, 'CERTIFICATE') },
    text: [
      `The CA is in ${options.dir}. Keep that folder and the passphrase safe: whoever has both can let anybody in.`,
      `Fingerprint (SHA-256): ${fingerprint}`,
      `Run it with: latchkey ca serve --dir ${options.dir} --listen 127.0.0.1:8443`,
    ].join('\n'),
  };
}

/** Only an encrypted key needs one, and only the file tells. */
async function passphraseOfImport({ secrets }: CommandContext, path: string): Promise<string | undefined> {
  if (secrets.isGiven('import-passphrase')) return secrets.given('import-passphrase');
  if (!(await isEncrypted(path))) return undefined;
  return secrets.get('import-passphrase', `The passphrase of ${path}: `);
}

/** The two ways PEM says so: PKCS#8 (RFC 7468, section 11) and OpenSSL's older headers (RFC 1421, section 4.6.1.1). */
async function isEncrypted(path: string): Promise<boolean> {
  try {
    return /ENCRYPTED/.test(await readFile(path, 'latin1'));
  } catch {
    throw new CommandStopped({ kind: 'file-unreadable', path });
  }
}
