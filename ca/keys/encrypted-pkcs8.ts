/**
 * EncryptedPrivateKeyInfo (RFC 5958, section 3) with PBES2: PBKDF2-HMAC-SHA-256 and AES-256-CBC (RFC 8018, appendix A).
 * `openssl pkey` opens it. Node writes the same form, but with 2048 rounds of PBKDF2 and no way to ask for more.
 */
import { AsnIntegerConverter, AsnObjectIdentifierConverter } from '@peculiar/asn1-schema';
import { createCipheriv, pbkdf2, randomBytes, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { octetString, sequence } from '../../core/x509/der.ts';
import { writePem } from '../../core/x509/pem.ts';

/** What OWASP asks for with PBKDF2-HMAC-SHA-256; about a fifth of a second at each start. */
const ROUNDS = 600_000;
const OID = {
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacWithSHA256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
} as const;
const DER_NULL = new Uint8Array([0x05, 0x00]);

function oid(value: string): Uint8Array {
  return new Uint8Array(AsnObjectIdentifierConverter.toASN(value).toBER());
}

function integer(value: number): Uint8Array {
  return new Uint8Array(AsnIntegerConverter.toASN(value).toBER());
}

/** PEM "ENCRYPTED PRIVATE KEY". The passphrase goes in as UTF-8, as openssl takes it from a terminal. */
export async function encryptPrivateKey(key: KeyObject, passphrase: string): Promise<string> {
  const [salt, iv] = [randomBytes(16), randomBytes(16)];
  const secret = await promisify(pbkdf2)(Buffer.from(passphrase, 'utf8'), salt, ROUNDS, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', secret, iv);
  const encrypted = Buffer.concat([cipher.update(key.export({ format: 'der', type: 'pkcs8' })), cipher.final()]);
  const derivation = sequence(oid(OID.pbkdf2), sequence(octetString(salt), integer(ROUNDS), sequence(oid(OID.hmacWithSHA256), DER_NULL)));
  const encryption = sequence(oid(OID.aes256Cbc), octetString(iv));
  const algorithm = sequence(oid(OID.pbes2), sequence(derivation, encryption));
  return writePem(sequence(algorithm, octetString(encrypted)), 'ENCRYPTED PRIVATE KEY');
}
