import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readPem } from '../../../core/x509/pem.ts';
import { certificatesEnvelope, certificatesInEnvelope } from '../../../core/x509/pkcs7.ts';

const ATTESTATION = new URL('../../../resources/attestation/', import.meta.url).pathname;
const FILES = ['yubico-piv-root-263751.pem', 'yubico-attestation-root-1.pem'].map((name) => ATTESTATION + name);
const certificates = FILES.map((path) => readPem(readFileSync(path, 'utf8'), 'CERTIFICATE')[0] as Uint8Array);

test('openssl prints what is put in, in its order', () => {
  const printed = execFileSync('openssl', ['pkcs7', '-inform', 'DER', '-print_certs'], { input: certificatesEnvelope(certificates), encoding: 'utf8' });
  expect(readPem(printed, 'CERTIFICATE')).toEqual(certificates);
});

test('what openssl puts in is read', () => {
  const envelope = execFileSync('openssl', ['crl2pkcs7', '-nocrl', ...FILES.flatMap((path) => ['-certfile', path]), '-outform', 'DER']);
  expect(certificatesInEnvelope(new Uint8Array(envelope))).toEqual(certificates);
  expect(certificatesInEnvelope(certificatesEnvelope([]))).toEqual([]);
});

test('cut off anywhere, with a byte behind, or another thing, it is none', () => {
  const whole = certificatesEnvelope(certificates.slice(0, 1));
  for (let length = 0; length < whole.length; length++) expect(certificatesInEnvelope(whole.subarray(0, length))).toBeUndefined();
  expect(certificatesInEnvelope(new Uint8Array([...whole, 0]))).toBeUndefined();
  expect(certificatesInEnvelope(certificates[0] as Uint8Array)).toBeUndefined();
});
