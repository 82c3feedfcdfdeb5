import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { PinnedAuthority } from '../../../core/certificate-authority.ts';
import { viewCertificate, viewInventory, type CertificateView, type SlotView } from '../../../core/key-care/inventory-view.ts';
import type { Attestation, HeldSlot } from '../../../core/security-key.ts';
import { attestationTrust, type AttestationTrust } from '../../../core/x509/attestation.ts';
import { parseCertificate, type ParsedCertificate } from '../../../core/x509/certificate.ts';
import { EXTENSION_OID } from '../../../core/x509/object-identifiers.ts';
import { readPem } from '../../../core/x509/pem.ts';
import { encodePublicKey } from '../../../core/x509/public-key.ts';
import { loadAttestationTrust } from '../../../native/attestation-roots.ts';
import { KEY_PAIR } from '../enrollment/example-facts.ts';
import { need } from '../../flows/flow-authority.ts';
import { attestationChain, certificate, signer } from '../x509/attestation-chain.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-inventory-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NO_TRUST = attestationTrust([]);

/** openssl, with files of the test's folder. */
const openssl = (...args: readonly string[]): string => execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const derOf = (file: string): Uint8Array => readPem(readFileSync(join(folder, file), 'utf8'), 'CERTIFICATE')[0] as Uint8Array;
const parsed = (der: Uint8Array): ParsedCertificate => parseCertificate(der) ?? expect.fail('no certificate');
const pinned = (caCertificate: Uint8Array): PinnedAuthority => ({ address: 'https://127.0.0.1:8443', name: 'Fabrikam CA', fingerprint: 'ab'.repeat(32), caCertificate });

/** A CA and a person's certificate of it, as an operator with openssl makes them. */
function issueWithOpenssl(): { readonly ca: Uint8Array; readonly leaf: Uint8Array } {
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '3650', '-subj', '/O=Fabrikam/CN=Fabrikam CA');
  openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ana.key', '-out', 'ana.csr', '-subj', '/O=Fabrikam, Inc./CN=Ana Example');
  const extensions = [
    'subjectAltName=email:ana@example.org,URI:https://example.org/ana,DNS:ana.example.org,otherName:msUPN;UTF8:ana@corp.example',
    'keyUsage=critical,digitalSignature,keyEncipherment',
    'extendedKeyUsage=clientAuth,emailProtection',
  ];
  execFileSync('bash', ['-c', `openssl x509 -req -in ana.csr -CA ca.pem -CAkey ca.key -set_serial 0x00c0ffee -days 365 -out ana.pem -extfile <(printf '%s\\n' ${extensions.map((line) => `'${line}'`).join(' ')})`], { cwd: folder, stdio: 'ignore' });
  return { ca: derOf('ca.pem'), leaf: derOf('ana.pem') };
}
const made = issueWithOpenssl();

function held(changes: Partial<HeldSlot>): HeldSlot {
  return { slot: '9a', keyPair: KEY_PAIR, certificate: null, fits: null, attestation: null, ...changes };
}

async function view(slot: Partial<HeldSlot>, authority: PinnedAuthority | null = null, trust: AttestationTrust = NO_TRUST): Promise<SlotView> {
  const [found] = await viewInventory([held(slot)], authority, trust);
  return found ?? expect.fail('no slot');
}

describe('a certificate of openssl', () => {
  test('is told in the words of its fields', async () => {
    const node = new X509Certificate(made.leaf);
    expect(await viewCertificate(parsed(made.leaf))).toEqual<CertificateView>({
      subject: String.raw`O=Fabrikam\, Inc., CN=Ana Example`,
      issuer: 'O=Fabrikam, CN=Fabrikam CA',
      serialNumber: 'c0ffee',
      validFrom: new Date(node.validFrom),
      validTo: new Date(node.validTo),
      otherNames: ['email:ana@example.org', 'uri:https://example.org/ana', 'dns:ana.example.org', 'upn:ana@corp.example'],
      keyUsage: expect.arrayContaining(['digitalSignature', 'keyEncipherment']) as string[],
      purposes: ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.4'],
      sha256: node.fingerprint256.replaceAll(':', '').toLowerCase(),
      pem: readFileSync(join(folder, 'ana.pem'), 'utf8'),
    });
  });

  test('ends in the pinned CA where that signed it, and nowhere else', async () => {
    const other = attestationChain('Fabrikam CA').rootCertificate;
    const chains = await Promise.all([view({ certificate: made.leaf }, pinned(made.ca)), view({ certificate: made.leaf }, pinned(other)), view({ certificate: made.leaf })]);
    expect(chains.map(({ chain }) => chain.map(({ subject }) => subject))).toEqual([['O=Fabrikam, CN=Fabrikam CA'], [], []]);
  });
});

describe('broken extensions', () => {
  const issuer = signer('Some CA');
  const broken = (extensions: Readonly<Record<string, string>>): Uint8Array => certificate('Ana Example', issuer.publicKey, issuer, extensions);

  test.each([
    ['names', EXTENSION_OID.subjectAltName, '0500'],
    ['names, cut off', EXTENSION_OID.subjectAltName, '3010810f'],
    ['key usage', EXTENSION_OID.keyUsage, 'ffff'],
    ['purposes', EXTENSION_OID.extKeyUsage, '30040602'],
    ['purposes, empty', EXTENSION_OID.extKeyUsage, ''],
  ])('are left out, and the rest is told: %s', async (_what, oid, hex) => {
    const { certificate: shown } = await view({ certificate: broken({ [oid]: hex }) });
    expect(shown).toMatchObject({ subject: 'CN=Ana Example', issuer: 'CN=Some CA', otherNames: [], keyUsage: [], purposes: [] });
  });

  test('of one kind do not hide those of another', async () => {
    const { certificate: shown } = await view({ certificate: broken({ [EXTENSION_OID.keyUsage]: 'ffff', [EXTENSION_OID.extKeyUsage]: '300a06082b06010505070302' }) });
    expect(shown).toMatchObject({ keyUsage: [], purposes: ['1.3.6.1.5.5.7.3.2'] });
  });
});

describe('what is no certificate', () => {
  test.each([new Uint8Array(0), Uint8Array.of(0x30, 0x82), made.leaf.subarray(0, 200), new TextEncoder().encode('PIV object of another program')])('is told as unreadable', async (bytes) => {
    expect(await view({ certificate: bytes }, pinned(made.ca))).toMatchObject({ certificate: 'unreadable', chain: [] });
  });

  test('is told apart from nothing', async () => {
    expect(await view({})).toMatchObject({ certificate: null, chain: [], attestation: { kind: 'none' } });
  });
});

describe('the key pair', () => {
  test('is shown with its policies, without the bytes of its public key', async () => {
    expect((await view({ fits: true })).keyPair).toEqual({ keyType: 'ECCP256', origin: 'generated', pinPolicy: 'once', touchPolicy: 'never' });
    expect((await view({ keyPair: null })).keyPair).toBeNull();
  });
});

describe('attestation', () => {
  const vector = (name: string): Uint8Array => readPem(readFileSync(`test/vectors/attestation/${name}.pem`, 'utf8'), 'CERTIFICATE')[0] as Uint8Array;
  const real: Attestation = { statement: vector('yubikey-5.4.3-9a'), intermediate: vector('yubikey-5.4.3-f9') };
  const realKeyPair = { ...KEY_PAIR, publicKey: encodePublicKey(parsed(real.statement).publicKey) };
  const chain = attestationChain();
  const { publicKey } = signer('a key in a slot');
  const keyPair = { ...KEY_PAIR, publicKey };
  const own: Attestation = { statement: chain.statement(publicKey), intermediate: chain.f9Certificate };

  test("of a real YubiKey 5.4.3 is genuine by Yubico's roots", async () => {
    const { attestation } = await view({ keyPair: realKeyPair, attestation: real }, null, need(await loadAttestationTrust([])));
    expect(attestation).toMatchObject({ kind: 'genuine', facts: { serial: 15_732_500, firmware: '5.4.3', formFactor: 'usb-c-nano', root: 'Yubico PIV Root CA Serial 263751' } });
  });

  test('of another key than the one in the slot is false', async () => {
    const { attestation } = await view({ keyPair, attestation: real }, null, need(await loadAttestationTrust([])));
    expect(attestation).toEqual({ kind: 'false' });
  });

  test('of a root that nobody trusts names it', async () => {
    expect((await view({ keyPair, attestation: own })).attestation).toEqual({ kind: 'unknown-issuer', issuer: 'CN=Test attestation root' });
    expect((await view({ keyPair, attestation: own }, null, attestationTrust([chain.rootCertificate]))).attestation).toMatchObject({ kind: 'genuine', facts: { firmware: '5.7.1' } });
  });

  test('that is changed, or no certificate at all, is false', async () => {
    const trust = attestationTrust([chain.rootCertificate]);
    const changed = own.statement.slice();
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    for (const attestation of [{ ...own, statement: changed }, { ...own, statement: Uint8Array.of(0x30, 0) }, { ...own, intermediate: new Uint8Array(0) }]) {
      expect((await view({ keyPair, attestation }, null, trust)).attestation).toEqual({ kind: 'false' });
    }
  });

  test('is none where there is no key pair to speak of', async () => {
    expect((await view({ keyPair: null, attestation: own })).attestation).toEqual({ kind: 'none' });
  });
});

test('slots keep their order', async () => {
  const slots = await viewInventory([held({ slot: '9a' }), held({ slot: '82' }), held({ slot: '9c' })], null, NO_TRUST);
  expect(slots.map(({ slot }) => slot)).toEqual(['9a', '82', '9c']);
});
