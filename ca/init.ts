import type { Result } from '../core/result.ts';
import type { AuthorityKeyType } from './keys/authority-key.ts';

export interface NewAuthority {
  /** Folder of the CA; must not exist, or be empty. */
  readonly dir: string;
  /** Common name of the CA. Unused with an imported certificate, which has its own. */
  readonly name: string;
  /** ECCP384 unless said. Unused with an imported key. */
  readonly keyType?: AuthorityKeyType;
  /** 10 years unless said. Unused with an imported certificate. */
  readonly days?: number;
  /** Encrypts the key file in the folder. */
  readonly passphrase: string;
  /** Path of an existing CA certificate, PEM or DER, and of its key (PKCS#8, PKCS#1 or SEC 1, encrypted or not). */
  readonly importCertificate?: string;
  readonly importKey?: string;
  /** Of the imported key, where it is encrypted. */
  readonly importPassphrase?: string;
}

export interface CreatedAuthority {
  /** SHA-256 of the DER certificate, lower-case hex. */
  readonly fingerprint: string;
  /** DER. */
  readonly caCertificate: Uint8Array;
}

/**
 * Makes the folder of a CA, all of it or nothing.
 * Fails with authority-folder-exists, file-unreadable, passphrase-wrong (of the imported key) and
 * authority-certificate-unfit.
 */
export async function initAuthority(options: NewAuthority): Promise<Result<CreatedAuthority>> {
  throw new Error(`not yet: ${options.dir}`);
}
