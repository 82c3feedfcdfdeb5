import { beforeAll, describe, expect, test } from 'vitest';
import { checkCertificateFit } from '../../../core/x509/certificate-fit.ts';
import { KEY_PURPOSE_OID } from '../../../core/x509/object-identifiers.ts';
import { type SoftwareAuthority, softwareAuthority } from './software-authority.ts';
import { softwareKey } from './software-key.ts';

const NOW = new Date('2026-03-01T10:00:00Z');
const DAY_MS = 86_400_000;
const { publicKey } = softwareKey('ECCP256');
let ca: SoftwareAuthority;
let otherCa: SoftwareAuthority;

beforeAll(async () => {
  ca = await softwareAuthority();
  otherCa = await softwareAuthority();
});

const check = (certificate: Uint8Array, key = publicKey) => checkCertificateFit({ certificate, publicKey: key, caCertificate: ca.certificate, now: NOW });

describe('checkCertificateFit', () => {
  test('lets the certificate through that the pinned CA made for this key', async () => {
    expect(await check(await ca.issue({ publicKey, madeAt: NOW }))).toEqual({ ok: true, value: undefined });
  });

  test('a certificate made by a clock four minutes ahead is let through', async () => {
    expect((await check(await ca.issue({ publicKey, madeAt: new Date(NOW.getTime() + 240_000) }))).ok).toBe(true);
  });

  test.each<[string, string, () => Promise<Uint8Array>]>([
    ['garbage', 'unreadable', async () => Uint8Array.of(1, 2, 3)],
    ['nothing', 'unreadable', async () => new Uint8Array()],
    ['a certificate that is cut off', 'unreadable', async () => (await ca.issue({ publicKey, madeAt: NOW })).slice(0, -1)],
    ['a certificate for another key', 'public-key', async () => ca.issue({ publicKey: softwareKey('ECCP256').publicKey, madeAt: NOW })],
    ['one of another CA with the same name', 'chain', async () => otherCa.issue({ publicKey, madeAt: NOW })],
    ['one issued under another name', 'chain', async () => ca.issue({ publicKey, madeAt: NOW, issuerName: 'Other CA' })],
    ['one that was changed after it was signed', 'chain', async () => changed(await ca.issue({ publicKey, madeAt: NOW }))],
    ['one for tomorrow', 'not-yet-valid', async () => ca.issue({ publicKey, madeAt: new Date(NOW.getTime() + DAY_MS) })],
    ['one that has run out', 'expired', async () => ca.issue({ publicKey, madeAt: new Date(NOW.getTime() - 366 * DAY_MS) })],
    ['one for servers', 'client-auth', async () => ca.issue({ publicKey, madeAt: NOW, profile: { purposes: [KEY_PURPOSE_OID.serverAuth] } })],
    ['one without a purpose', 'client-auth', async () => ca.issue({ publicKey, madeAt: NOW, profile: { purposes: [] } })],
    ['one that may not sign', 'client-auth', async () => ca.issue({ publicKey, madeAt: NOW, profile: { keyUsage: ['cRLSign'] } })],
    ['a CA certificate', 'client-auth', async () => ca.issue({ publicKey, madeAt: NOW, profile: { isAuthority: true } })],
  ])('refuses %s: %s', async (_name, reason, make) => {
    expect(await check(await make())).toMatchObject({ ok: false, failure: { kind: 'certificate-unfit', reason } });
  });
});

/** Another name in the signed part: "Ana" becomes "Bna". */
function changed(der: Uint8Array): Uint8Array {
  const copy = der.slice();
  const at = Buffer.from(copy).indexOf('Ana Example');
  copy[at] = 'B'.charCodeAt(0);
  return copy;
}
