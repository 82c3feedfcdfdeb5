import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyType } from '../../../core/security-key.ts';

/** Debian's softhsm2. */
export const SOFTHSM_MODULE = '/usr/lib/softhsm/libsofthsm2.so';

export interface SoftTokenKey {
  readonly id: number;
  readonly publicKey: KeyObject;
  /** PEM file of the private key, outside the token. */
  readonly keyFile: string;
}

/**
 * A folder of SoftHSM tokens: a module of a third maker, for what is not special to YubiKeys. Sets SOFTHSM2_CONF for
 * this process and its children, so a test file uses one folder.
 */
export class SoftTokens {
  readonly folder = mkdtempSync(join(tmpdir(), 'latchkey-softhsm-'));

  constructor() {
    mkdirSync(join(this.folder, 'tokens'));
    writeFileSync(join(this.folder, 'softhsm2.conf'), `directories.tokendir = ${join(this.folder, 'tokens')}\nobjectstore.backend = file\n`);
    process.env['SOFTHSM2_CONF'] = join(this.folder, 'softhsm2.conf');
  }

  initialize(label: string, pin: string): void {
    execFileSync('softhsm2-util', ['--init-token', '--free', '--label', label, '--pin', pin, '--so-pin', '12345678']);
  }

  /** A new key pair, imported under a CKA_ID. */
  addKey(label: string, pin: string, id: number, keyType: KeyType): SoftTokenKey {
    const { privateKey, publicKey } = generate(keyType);
    const keyFile = join(this.folder, `${id}.pem`);
    writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    execFileSync('softhsm2-util', ['--import', keyFile, '--token', label, '--label', 'a key', '--id', hexId(id), '--pin', pin]);
    return { id, publicKey, keyFile };
  }

  /** A self-signed certificate of the key, as DER; not yet on the token. */
  certify(key: SoftTokenKey): Uint8Array {
    const file = `${key.keyFile}.der`;
    execFileSync('openssl', ['req', '-x509', '-new', '-key', key.keyFile, '-subj', '/CN=a key', '-outform', 'DER', '-out', file], { stdio: 'ignore' });
    return execFileSync('cat', [file]);
  }

  addCertificate(label: string, pin: string, id: number, certificate: Uint8Array): void {
    const file = join(this.folder, 'certificate.der');
    writeFileSync(file, certificate);
    execFileSync('pkcs11-tool', ['--module', SOFTHSM_MODULE, '--token-label', label, '--login', '--pin', pin, '--write-object', file, '--type', 'cert', '--label', 'a key', '--id', hexId(id)], { stdio: 'ignore' });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

function hexId(id: number): string {
  return id.toString(16).padStart(2, '0');
}

function generate(keyType: KeyType): { privateKey: KeyObject; publicKey: KeyObject } {
  switch (keyType) {
    case 'ECCP256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'ECCP384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' });
    case 'ED25519':
      return generateKeyPairSync('ed25519');
    default:
      return generateKeyPairSync('rsa', { modulusLength: Number(keyType.slice(3)) });
  }
}
