/** `latchkey ca issuer request`, `sign`, `activate`, and `latchkey ca root crl` */
import { activateIssuer, requestIssuer, signIssuer } from '../../ca/issuer.ts';
import type { AuthorityKeyType } from '../../ca/keys/authority-key.ts';
import type { KeySecrets } from '../../ca/keys/key-source.ts';
import { makeRootCrl } from '../../ca/root-crl.ts';
import { success, type Result } from '../../core/result.ts';
import { secretsOfFolder, tokenPinFor } from '../authority-secrets.ts';
import type { CommandContext } from '../command.ts';
import type { Outcome } from '../failures.ts';
import { writeExport } from '../written-file.ts';

export interface IssuerRequestOptions {
  readonly dir: string;
  readonly name: string;
  readonly keyType: AuthorityKeyType;
  readonly keyUri?: string;
  readonly generateKey?: boolean;
  readonly out: string;
}

export interface IssuerSignOptions {
  readonly rootDir: string;
  readonly csr: string;
  readonly out: string;
  readonly days?: number;
}

export interface ActivateOptions {
  readonly dir: string;
  readonly cert: string;
}

export interface RootCrlOptions {
  readonly rootDir: string;
  readonly out: string;
  readonly revoke?: readonly string[];
  readonly days: number;
}

async function newKeySecrets(context: CommandContext, keyUri: string | undefined): Promise<Result<KeySecrets>> {
  if (keyUri === undefined) return success({ passphrase: await context.secrets.getNew('passphrase', 'The passphrase of the folder’s keys: ') });
  const tokenPin = await tokenPinFor(context, keyUri);
  return tokenPin.ok ? success({ tokenPin: tokenPin.value }) : tokenPin;
}

/** `latchkey ca issuer request` */
export async function request(context: CommandContext, options: IssuerRequestOptions): Promise<Outcome> {
  const { dir, name, keyType, keyUri, out } = options;
  const secrets = await newKeySecrets(context, keyUri);
  if (!secrets.ok) return secrets;
  const onToken = keyUri === undefined ? {} : { keyUri, generateKey: options.generateKey === true };
  const csr = await requestIssuer({ dir, name, keyType, secrets: secrets.value, ...onToken });
  if (!csr.ok) return csr;
  await writeExport(out, csr.value);
  const text = [`The key waits in ${dir}. Carry ${out} to the root, and sign it there with:`, `  latchkey ca issuer sign --root-dir ROOT --csr ${out} --out issuer.crt`].join('\n');
  return { ok: true, json: { dir, csr: out }, text };
}

/** `latchkey ca issuer sign` */
export async function sign(context: CommandContext, { rootDir, csr, out, days }: IssuerSignOptions): Promise<Outcome> {
  const secrets = await secretsOfFolder(context, rootDir);
  if (!secrets.ok) return secrets;
  const certificate = await signIssuer({ rootDir, secrets: secrets.value, csr, now: new Date(), ...(days === undefined ? {} : { days }) });
  if (!certificate.ok) return certificate;
  await writeExport(out, certificate.value);
  return { ok: true, json: { certificate: out }, text: `Carry ${out} back, and take it with: latchkey ca issuer activate --dir DIR --cert ${out}` };
}

/** `latchkey ca issuer activate` */
export async function activate(_context: CommandContext, { dir, cert }: ActivateOptions): Promise<Outcome> {
  const issuer = await activateIssuer({ dir, certificate: cert, now: new Date() });
  if (!issuer.ok) return issuer;
  const { name, id, fingerprint } = issuer.value;
  const text = [`${name} issues from the next start of the server on, or its next SIGHUP. Certificates of the issuer before it stay good.`, `Fingerprint of the root (SHA-256), which people compare: ${fingerprint}`].join('\n');
  return { ok: true, json: { name, issuerId: id, fingerprint }, text };
}

/** `latchkey ca root crl` */
export async function rootCrl(context: CommandContext, { rootDir, out, revoke = [], days }: RootCrlOptions): Promise<Outcome> {
  const secrets = await secretsOfFolder(context, rootDir);
  if (!secrets.ok) return secrets;
  const crl = await makeRootCrl({ rootDir, secrets: secrets.value, revoke, days, now: new Date() });
  if (!crl.ok) return crl;
  await writeExport(out, crl.value);
  return { ok: true, json: { crl: out }, text: `Copy ${out} to parent-crls/root.crl in the folder of each CA below this root, within ${days} days.` };
}
