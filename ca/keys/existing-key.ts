/** Private keys as openssl and easy-rsa leave them: PKCS#8, PKCS#1 and SEC 1, PEM or DER, encrypted or not. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { failed, success, type Result } from '../../core/result.ts';

const KEY_BLOCK = /-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----[\s\S]*?-----END \1-----/;
const DER_TYPES = ['pkcs8', 'pkcs1', 'sec1'] as const;

function attempt(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function readDer(der: Uint8Array, passphrase: string | undefined): KeyObject | undefined {
  for (const type of DER_TYPES) {
    const key = attempt(() => createPrivateKey({ key: Buffer.from(der), format: 'der', type, ...(passphrase === undefined ? {} : { passphrase }) }));
    if (key) return key;
  }
  return undefined;
}

/**
 * Reads a private key. Fails with passphrase-wrong (also where one is needed and none was given) and
 * authority-certificate-unfit (unreadable).
 */
export function readExistingKey(file: Uint8Array, passphrase: string | undefined): Result<KeyObject> {
  // `openssl ecparam -genkey` puts EC PARAMETERS before the key, and certificates may stand in the same file.
  const block = KEY_BLOCK.exec(new TextDecoder('latin1').decode(file))?.[0];
  if (block === undefined) {
    const key = readDer(file, passphrase);
    return key ? success(key) : failed({ kind: 'authority-certificate-unfit', reason: 'unreadable' });
  }
  const isEncrypted = block.includes('ENCRYPTED');
  const key = attempt(() => createPrivateKey({ key: block, format: 'pem', ...(isEncrypted ? { passphrase: passphrase ?? '' } : {}) }));
  if (key) return success(key);
  return failed(isEncrypted ? { kind: 'passphrase-wrong' } : { kind: 'authority-certificate-unfit', reason: 'unreadable' });
}
