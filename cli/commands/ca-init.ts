/** `latchkey ca init` */
import { readFile } from 'node:fs/promises';
import { initHeldAuthority } from '../../ca/init-held.ts';
import { initAuthority, type CreatedAuthority, type NewAuthority } from '../../ca/init.ts';
import type { AuthorityKeyType } from '../../ca/keys/authority-key.ts';
import { success, type Result } from '../../core/result.ts';
import { writePem } from '../../core/x509/pem.ts';
import { tokenPinFor } from '../authority-secrets.ts';
import type { CommandContext } from '../command.ts';
import { CommandStopped, type Outcome } from '../failures.ts';

export interface InitOptions {
  readonly dir: string;
  readonly name: string;
  readonly keyType: AuthorityKeyType;
  readonly days?: number;
  readonly importCert?: string;
  readonly importKey?: string;
  readonly keyUri?: string;
  readonly generateKey?: boolean;
  readonly root?: boolean;
  readonly held?: boolean;
  readonly keyOut?: string;
  readonly host?: readonly string[];
}

/** What does not go together, in a sentence. */
function misuse(options: InitOptions): string | undefined {
  const { importCert, importKey, keyUri, held = false } = options;
  if (importKey !== undefined && keyUri !== undefined) return '--import-key and --key-uri exclude each other.';
  if (importKey !== undefined && importCert === undefined && !held) return '--import-cert and --import-key belong together.';
  if (importCert !== undefined && importKey === undefined && keyUri === undefined) return '--import-cert needs --import-key, or --key-uri.';
  if (options.generateKey === true && keyUri === undefined) return '--generate-key needs --key-uri.';
  if (!held && (options.keyOut !== undefined || options.host !== undefined)) return '--key-out and --host belong to --held.';
  if (held && options.host === undefined) return '--held needs --host: what the server is called by.';
  if (held && keyUri === undefined && importKey === undefined && options.keyOut === undefined) return '--held needs --key-uri, --import-key or --key-out.';
  return undefined;
}

/** `latchkey ca init`: makes a CA, or takes over one that openssl or easy-rsa made. */
export async function initialize(context: CommandContext, options: InitOptions): Promise<Outcome> {
  const wrong = misuse(options);
  if (wrong !== undefined) return { ok: false, failure: { kind: 'usage', detail: wrong } };
  const secrets = await secretsFor(context, options);
  if (!secrets.ok) return secrets;
  if (secrets.value.passphrase === '') return { ok: false, failure: { kind: 'usage', detail: 'The passphrase must not be empty.' } };
  const wanted = { ...wantedAuthority(options), ...secrets.value };
  const { keyOut, host = [], root } = options;
  const created = options.held === true ? await initHeldAuthority({ ...wanted, hosts: host, ...(keyOut === undefined ? {} : { keyOut }) }) : await initAuthority({ ...wanted, isRoot: root === true });
  return created.ok ? outcome(options, created.value) : created;
}

function wantedAuthority({ dir, name, keyType, days, importCert, importKey, keyUri, generateKey }: InitOptions): NewAuthority {
  return {
    dir,
    name,
    keyType,
    ...(days === undefined ? {} : { days }),
    ...(importCert === undefined ? {} : { importCertificate: importCert }),
    ...(importKey === undefined ? {} : { importKey }),
    ...(keyUri === undefined ? {} : { keyUri, generateKey: generateKey === true }),
  };
}

/** Asked for only where they are needed. */
async function secretsFor(context: CommandContext, { importKey, keyUri, held }: InitOptions): Promise<Result<Pick<NewAuthority, 'passphrase' | 'importPassphrase' | 'tokenPin'>>> {
  if (keyUri !== undefined) {
    const tokenPin = await tokenPinFor(context, keyUri);
    if (!tokenPin.ok) return tokenPin;
    return success(tokenPin.value === undefined ? {} : { tokenPin: tokenPin.value });
  }
  const importPassphrase = importKey === undefined ? undefined : await passphraseOfImport(context, importKey);
  const imported = importPassphrase === undefined ? {} : { importPassphrase };
  // A key that stays in its own file is not encrypted anew.
  if (held === true && importKey !== undefined) return success({ ...imported, passphrase: importPassphrase ?? 'unused' });
  return success({ ...imported, passphrase: await context.secrets.getNew('passphrase', 'A passphrase for the CA key: ') });
}

function outcome(options: InitOptions, { fingerprint, caCertificate }: CreatedAuthority): Outcome {
  const { dir, name } = options;
  return {
    ok: true,
    json: { dir, name, fingerprint, caCertificatePem: writePem(caCertificate, 'CERTIFICATE') },
    text: [keepSafe(options), `Fingerprint (SHA-256): ${fingerprint}`, nextStep(options)].join('\n'),
  };
}

function keepSafe({ dir, keyUri, held, keyOut, importKey }: InitOptions): string {
  if (held === true) return `The CA is in ${dir}, without its key: that is ${keyUri === undefined ? `in ${keyOut ?? importKey ?? ''}` : 'on the token'}, and nobody gets a certificate without it.`;
  if (keyUri !== undefined) return `The CA is in ${dir}, its key on the token. Keep both safe, and the PIN.`;
  return `The CA is in ${dir}. Keep that folder and the passphrase safe: whoever has both can let anybody in.`;
}

function nextStep({ dir, root }: InitOptions): string {
  if (root === true) return `Sign an issuing CA with: latchkey ca issuer sign --root-dir ${dir} --csr FILE --out FILE`;
  return `Run it with: latchkey ca serve --dir ${dir} --listen 127.0.0.1:8443`;
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
