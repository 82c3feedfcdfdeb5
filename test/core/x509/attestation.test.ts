import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { attestationTrust, verifyAttestation, type AttestationFinding } from '../../../core/x509/attestation.ts';
import { isSignedBy, parseCertificate, type ParsedCertificate } from '../../../core/x509/certificate.ts';
import { sameName } from '../../../core/x509/names.ts';
import { STATEMENT_OID } from '../../../core/x509/object-identifiers.ts';
import { readPem } from '../../../core/x509/pem.ts';
import { encodePublicKey } from '../../../core/x509/public-key.ts';
import { attestationChain, certificate, signer, STATEMENT } from './attestation-chain.ts';

const file = (path: string): Uint8Array => readPem(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'), 'CERTIFICATE')[0] as Uint8Array;
const yubico = (name: string): Uint8Array => file(`resources/attestation/yubico-${name}.pem`);

describe('a real YubiKey 5.4.3', () => {
  const statement = file('test/vectors/attestation/yubikey-5.4.3-9a.pem');
  const intermediate = file('test/vectors/attestation/yubikey-5.4.3-f9.pem');
  const publicKey = encodePublicKey((parseCertificate(statement) as ParsedCertificate).publicKey);
  const trust = attestationTrust([yubico('attestation-root-1'), yubico('piv-root-263751')]);

  test('is genuine', async () => {
    expect(await verifyAttestation({ statement, intermediate }, publicKey, trust)).toEqual({
      kind: 'verified',
      facts: {
        root: 'Yubico PIV Root CA Serial 263751',
        serial: 15732500,
        firmware: '5.4.3',
        formFactor: 'usb-c-nano',
        isFips: false,
        pinPolicy: 'once',
        touchPolicy: 'never',
      },
    });
  });

  test('names the issuer that is missing', async () => {
    const without = attestationTrust([yubico('attestation-root-1')]);
    expect(await verifyAttestation({ statement, intermediate }, publicKey, without)).toEqual({ kind: 'unproven', problem: 'unknown-issuer', issuer: 'CN=Yubico PIV Root CA Serial 263751' });
  });

  test('does not speak for another key', async () => {
    expect(await verifyAttestation({ statement, intermediate }, signer('x').publicKey, trust)).toEqual({ kind: 'refuted', problem: 'other-key' });
  });

  test('a statement with one bit changed is refuted', async () => {
    const changed = statement.slice();
    changed[changed.length - 1] = (changed.at(-1) as number) ^ 1;
    expect(await verifyAttestation({ statement: changed, intermediate }, publicKey, trust)).toEqual({ kind: 'refuted', problem: 'signature' });
  });

  test('an f9 certificate with one bit changed is refuted: the root that it names did not sign it', async () => {
    const changed = intermediate.slice();
    changed[changed.length - 1] = (changed.at(-1) as number) ^ 1;
    expect(await verifyAttestation({ statement, intermediate: changed }, publicKey, trust)).toEqual({ kind: 'refuted', problem: 'signature' });
  });
});

describe('the certificates in resources/', () => {
  const parse = (name: string): ParsedCertificate => parseCertificate(yubico(name)) as ParsedCertificate;
  test.each([
    ['piv-attestation-a1', 'attestation-intermediate-a1'],
    ['piv-attestation-b1', 'attestation-intermediate-b1'],
    ['attestation-intermediate-a1', 'attestation-root-1'],
    ['attestation-intermediate-b1', 'attestation-root-1'],
    ['attestation-root-1', 'attestation-root-1'],
    ['piv-root-263751', 'piv-root-263751'],
    ['u2f-root-457200631', 'u2f-root-457200631'],
  ])('%s is signed by %s', async (certificate, issuer) => {
    expect(await isSignedBy(parse(certificate), parse(issuer))).toBe(true);
    expect(sameName(parse(certificate).issuer, parse(issuer).subject)).toBe(true);
  });
});

describe('chains of the test', () => {
  const chain = attestationChain();
  const key = signer('key');
  const trust = attestationTrust([chain.rootCertificate]);
  const verify = (statement: Uint8Array, intermediate = chain.f9Certificate, pinned = trust): Promise<AttestationFinding> =>
    verifyAttestation({ statement, intermediate }, key.publicKey, pinned);

  test('an f9 certificate without basicConstraints is believed', async () => {
    expect(await verify(chain.statement(key.publicKey))).toMatchObject({
      kind: 'verified',
      facts: { root: 'Test attestation root', serial: 16909060, firmware: '5.7.1', formFactor: 'usb-c-nano', isFips: false, pinPolicy: 'once', touchPolicy: 'cached' },
    });
  });

  test('a path over two pinned intermediates', async () => {
    const [root, upper, lower, f9] = [signer('R'), signer('I1'), signer('I2'), signer('F9')];
    const pinned = [certificate('R', root.publicKey, root), certificate('I1', upper.publicKey, root), certificate('I2', lower.publicKey, upper)];
    const f9Certificate = certificate('F9', f9.publicKey, lower);
    const statement = certificate('S', key.publicKey, f9, STATEMENT);
    expect(await verify(statement, f9Certificate, attestationTrust(pinned))).toMatchObject({ kind: 'verified', facts: { root: 'R' } });
    expect(await verify(statement, f9Certificate, attestationTrust(pinned.slice(1)))).toEqual({ kind: 'unproven', problem: 'unknown-issuer', issuer: 'CN=R' });
  });

  test('an issuer that names itself in a circle ends', async () => {
    const [a, b] = [signer('A'), signer('B')];
    const circle = attestationTrust([certificate('A', a.publicKey, b), certificate('B', b.publicKey, a)]);
    const f9 = signer('F9');
    const statement = certificate('S', key.publicKey, f9, STATEMENT);
    expect(await verify(statement, certificate('F9', f9.publicKey, a), circle)).toMatchObject({ kind: 'unproven' });
  });

  test('a root of the same name and another key is not the root', async () => {
    const impostor = attestationChain('Test attestation root');
    expect(await verify(impostor.statement(key.publicKey), impostor.f9Certificate)).toEqual({ kind: 'refuted', problem: 'signature' });
  });

  test('a key in 9a cannot play f9: its statement is shown as the issuer of a false one', async () => {
    const nine = signer('YubiKey PIV Attestation 9a');
    const statementOfNine = chain.statement(nine.publicKey);
    // Even with f9 among the pinned ones, so that the path above it would be whole.
    const pinned = attestationTrust([chain.rootCertificate, chain.f9Certificate]);
    const forged = certificate('YubiKey PIV Attestation 9a', key.publicKey, nine, STATEMENT);
    expect(await verify(forged, statementOfNine, pinned)).toEqual({ kind: 'refuted', problem: 'signature' });
  });

  test('a statement of another name’s signer is refuted', async () => {
    const statement = certificate('S', key.publicKey, { ...chain.f9, name: 'somebody else' }, STATEMENT);
    expect(await verify(statement)).toEqual({ kind: 'refuted', problem: 'signature' });
  });

  test.each([
    ['garbage', () => Uint8Array.of(1, 2, 3)],
    ['nothing', () => new Uint8Array()],
    ['no extensions', () => chain.statement(key.publicKey, {})],
    ['no firmware', () => chain.statement(key.publicKey, { [STATEMENT_OID.policy]: '0203' })],
    ['no policy', () => chain.statement(key.publicKey, { [STATEMENT_OID.firmware]: '050701' })],
    ['a policy that does not exist', () => chain.statement(key.publicKey, { ...STATEMENT, [STATEMENT_OID.policy]: '0903' })],
    ['a policy that is too long', () => chain.statement(key.publicKey, { ...STATEMENT, [STATEMENT_OID.policy]: '020300' })],
  ])('a statement with %s is unreadable', async (_name, make) => {
    expect(await verify(make())).toEqual({ kind: 'refuted', problem: 'unreadable' });
  });

  test('missing, and incomplete', async () => {
    expect(await verifyAttestation(null, key.publicKey, trust)).toEqual({ kind: 'unproven', problem: 'missing' });
    expect(await verifyAttestation('incomplete', key.publicKey, trust)).toEqual({ kind: 'refuted', problem: 'unreadable' });
  });

  test.each([
    ['values in one more OCTET STRING', { ...STATEMENT, [STATEMENT_OID.firmware]: '0403050701', [STATEMENT_OID.policy]: '04020203', [STATEMENT_OID.serial]: '0406020401020304' }, { firmware: '5.7.1', serial: 16909060, pinPolicy: 'once' }],
    ['no serial (before firmware 5)', { [STATEMENT_OID.firmware]: '040307', [STATEMENT_OID.policy]: '0301' }, { firmware: '4.3.7', serial: null, formFactor: null, pinPolicy: 'always', touchPolicy: 'never' }],
    ['a serial of five bytes', { ...STATEMENT, [STATEMENT_OID.serial]: '020500ffffffff' }, { serial: 0xffffffff }],
    ['the FIPS bit of the form factor', { ...STATEMENT, [STATEMENT_OID.formFactor]: '83' }, { isFips: true, formFactor: 'usb-c-keychain' }],
    ['the FIPS extension', { ...STATEMENT, [STATEMENT_OID.fips]: '' }, { isFips: true }],
    ['a Security Key', { ...STATEMENT, [STATEMENT_OID.formFactor]: '41' }, { isFips: false, formFactor: 'usb-a-keychain' }],
    ['a Bio key’s policy', { ...STATEMENT, [STATEMENT_OID.policy]: '0502', [STATEMENT_OID.formFactor]: '07' }, { pinPolicy: 'match-always', touchPolicy: 'always', formFactor: 'usb-c-bio' }],
  ])('%s', async (_name, extensions, facts) => {
    expect(await verify(chain.statement(key.publicKey, extensions))).toMatchObject({ kind: 'verified', facts });
  });
});
