import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { newAuthorityCertificate, openAuthority } from '../../../ca/domain/authority.ts';
import { certificateProfile } from '../../../ca/domain/certificate-profile.ts';
import { planCertificate, signCertificate } from '../../../ca/domain/issue.ts';
import { DEFAULT_POLICY, type ProfilePolicy } from '../../../ca/domain/policy.ts';
import { authorityKey, generatePrivateKey } from '../../../ca/keys/software.ts';
import { softwareKey } from '../../core/x509/software-key.ts';

test('a server’s certificate follows its profile and names its CRL, as OpenSSL reads it', async () => {
  const now = new Date();
  const key = authorityKey(await generatePrivateKey('ECCP256'));
  if (!key.ok) throw new Error('No key.');
  const ca = await openAuthority([await newAuthorityCertificate({ name: 'Test CA', key: key.value, days: 30, now })], key.value, now);
  if (!ca.ok) throw new Error('No CA.');
  const revocation = { ...DEFAULT_POLICY.revocation, address: 'http://ca.example:8080/', crlPartitions: 7 };
  const planned = await planCertificate(
    ca.value,
    {
      profile: certificateProfile(DEFAULT_POLICY.profiles.get('server') as ProfilePolicy),
      profileName: 'web',
      name: 'www.example.org',
      alternativeNames: [{ kind: 'dns', value: 'www.example.org' }],
      publicKey: softwareKey('ECCP256').publicKey,
      requestId: null,
      role: null,
      policy: { ...DEFAULT_POLICY, revocation },
    },
    now,
  );
  expect(planned).toMatchObject({ profile: 'web', status: 'good', issuerId: ca.value.id, crlPartition: Number(BigInt(`0x${planned.serialNumber}`) % 7n) });
  expect(planned.expiresAt).toEqual(ca.value.certificate.notAfter);
  const input = Buffer.from(await signCertificate(ca.value, planned));
  const text = execFileSync('openssl', ['x509', '-inform', 'DER', '-noout', '-text'], { input, encoding: 'utf8' });
  const id16 = ca.value.id.slice(0, 16);
  expect(text).toContain('TLS Web Server Authentication');
  expect(text).toContain(`URI:http://ca.example:8080/crl/${id16}/${planned.crlPartition}.crl`);
  expect(text).toContain('OCSP - URI:http://ca.example:8080/ocsp');
  expect(text).toContain(`CA Issuers - URI:http://ca.example:8080/ca/${id16}.crt`);
});
