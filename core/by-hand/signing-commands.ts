/** What a person types who signs a CSR with a CA of their own: one line for openssl, or two for easy-rsa. For a POSIX shell. */
import { type Result, success } from '../result.ts';
import { inspectCsr } from '../x509/csr-inspection.ts';
import type { AlternativeName } from '../x509/names.ts';

export interface SigningCommands {
  readonly openssl: string;
  /** To be run in the folder of easy-rsa, one after the other. */
  readonly easyRsa: readonly string[];
}

/** Paths as they stand in the commands; those of the CA are examples that the person replaces by their own. */
export interface SigningPaths {
  readonly csr: string;
  readonly caCertificate: string;
  readonly caKey: string;
  readonly certificate: string;
}

export const SIGNING_DAYS = 365;

/**
 * The commands for a DER CSR. They set the extensions instead of copying them from the CSR: openssl copies none unless told,
 * and the attestation in it would only make the certificate too large for the key. Fails as {@link inspectCsr}.
 */
export async function signingCommands(csr: Uint8Array, paths: SigningPaths): Promise<Result<SigningCommands>> {
  const inspected = await inspectCsr(csr);
  if (!inspected.ok) return inspected;
  const { email, otherNames } = inspected.value;
  const names = [...(email === null ? [] : [{ kind: 'email', value: email } as const]), ...otherNames];
  return success({ openssl: opensslCommand(names, paths), easyRsa: easyRsaCommands(names, paths) });
}

function opensslCommand(names: readonly AlternativeName[], paths: SigningPaths): string {
  const lines = [
    'basicConstraints=critical,CA:FALSE',
    'keyUsage=critical,digitalSignature',
    'extendedKeyUsage=clientAuth',
    'subjectKeyIdentifier=hash',
    'authorityKeyIdentifier=keyid',
    // A section of its own, because values in one line are separated by commas (x509v3_config(5)).
    ...(names.length === 0 ? [] : ['subjectAltName=@names', '[names]', ...names.map((name, index) => `${fieldOf(name)}.${index + 1}=${prefixOf(name)}${escapeConfig(name.value)}`)]),
  ];
  const sign = ['openssl', 'x509', '-req', '-in', paths.csr, '-CA', paths.caCertificate, '-CAkey', paths.caKey, '-CAcreateserial'];
  const how = ['-days', String(SIGNING_DAYS), '-sha256', '-extfile', '/dev/stdin', '-out', paths.certificate];
  return `printf '%s\\n' ${lines.map(quoted).join(' ')} | ${[...sign, ...how].map(quoted).join(' ')}`;
}

/** easy-rsa adds keyUsage and extendedKeyUsage of its type "client". Its names are file names below pki/. */
function easyRsaCommands(names: readonly AlternativeName[], { csr }: SigningPaths): readonly string[] {
  const name = 'security-key';
  const alternative = names.map((each) => `${fieldOf(each)}:${prefixOf(each)}${each.value}`).join(',');
  const sign = ['./easyrsa', ...(alternative === '' ? [] : [`--subject-alt-name=${alternative}`]), 'sign-req', 'client', name];
  return [['./easyrsa', 'import-req', csr, name].map(quoted).join(' '), sign.map(quoted).join(' ')];
}

/** x509v3_config(5), "Subject Alternative Name". */
function fieldOf({ kind }: AlternativeName): string {
  return { email: 'email', dns: 'DNS', ip: 'IP', uri: 'URI', upn: 'otherName' }[kind];
}

/** The user principal name is an otherName of Microsoft's. */
function prefixOf({ kind }: AlternativeName): string {
  return kind === 'upn' ? '1.3.6.1.4.1.311.20.2.3;UTF8:' : '';
}

/** What config(5) gives a meaning to. */
function escapeConfig(text: string): string {
  return text.replaceAll(/[\\$#"'`]/g, (character) => `\\${character}`);
}

/** One word of a POSIX shell, left bare where nothing in it means anything. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
