import { describe, expect, it } from 'vitest';
import { glanceAtCertificate } from '../../../core/x509/certificate-glance.ts';
import { CERTIFICATE } from '../../renderer/looking/sample-keys.ts';

describe('a glance at a certificate', () => {
  it('tells for whom, by whom, from when until when (as openssl x509 -subject -issuer -dates does)', () => {
    expect(glanceAtCertificate(CERTIFICATE)).toEqual({ subject: 'Ana Example', issuer: 'Fabrikam CA', validFrom: new Date('2026-11-22T13:23:45Z'), validTo: new Date('2040-07-31T13:23:45Z') });
  });

  it('takes anything else for unreadable, wherever it is cut off', () => {
    for (let length = 0; length < 200; length += 1) expect(glanceAtCertificate(CERTIFICATE.subarray(0, length))).toBeNull();
    expect(glanceAtCertificate(new Uint8Array([0x30, 0x80, 0, 0]))).toBeNull();
    expect(glanceAtCertificate(new TextEncoder().encode('not a certificate'))).toBeNull();
  });

  it('survives any single wrong byte', () => {
    for (let index = 0; index < CERTIFICATE.length; index += 1) {
      const wrong = CERTIFICATE.slice();
      wrong[index] = (wrong[index] ?? 0) ^ 0xff;
      expect(() => glanceAtCertificate(wrong)).not.toThrow();
    }
  });
});
