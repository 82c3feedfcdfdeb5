/** Statements of decisions, as the independent library jose sees them. */
import { X509Certificate } from 'node:crypto';
import { compactVerify, importX509 } from 'jose';
import { describe, expect, test } from 'vitest';
import { toBase64, toBase64Url } from '../../../core/bytes.ts';
import { seenInEntry, signDecision, verifyDecision } from '../../../core/requests/decision-statement.ts';
import type { Decision } from '../../../core/requests/decision.ts';
import { ENROLLABLE_KEY_TYPES, type EnrollableKeyType } from '../../../core/security-key.ts';
import { derEcdsaSignature, rawEcdsaSignature } from '../../../core/x509/ecdsa-signature.ts';
import { certificate, signer } from '../x509/attestation-chain.ts';
import { type SoftwareKey, softwareKey } from '../x509/software-key.ts';

const AUTHORITY = 'ab'.repeat(32);
const AT = new Date('2026-11-25T10:00:00.123Z');
const APPROVAL: Decision = { decision: 'approve', requestId: '1'.repeat(32), csrSha256: '2'.repeat(64) };

const issuer = signer('Statement CA');
const certified = (key: SoftwareKey): Uint8Array => certificate('Ada', key.publicKey, issuer);

async function statementOf(decision: Decision, key: SoftwareKey, der = certified(key)): Promise<string> {
  const statement = await signDecision(decision, { authority: AUTHORITY, certificate: der, at: AT, sign: key.sign });
  if (!statement.ok) throw new Error(statement.failure.kind);
  return statement.value;
}

const refused = (problem: string): object => ({ ok: false, failure: { kind: 'statement-refused', problem } });
const encode = (value: unknown): string => toBase64Url(new TextEncoder().encode(JSON.stringify(value)));
const algorithms: Readonly<Record<EnrollableKeyType, string>> = { ECCP256: 'ES256', ECCP384: 'ES384', RSA2048: 'RS256', RSA3072: 'RS256', RSA4096: 'RS256', ED25519: 'EdDSA' };

describe.each(ENROLLABLE_KEY_TYPES)('a statement by a key of type %s', (keyType) => {
  test('is verified by jose and by us, and says what was decided', async () => {
    const key = softwareKey(keyType);
    const der = certified(key);
    const statement = await statementOf(APPROVAL, key, der);
    const { payload, protectedHeader } = await compactVerify(statement, await importX509(new X509Certificate(der).toString(), algorithms[keyType]));
    expect(protectedHeader).toEqual({ alg: algorithms[keyType], typ: 'latchkey-decision+jws', x5c: [toBase64(der)] });
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual({ v: 1, authority: AUTHORITY, at: AT.toISOString(), ...APPROVAL });
    const verified = await verifyDecision(statement);
    expect(verified).toMatchObject({ ok: true, value: { decision: APPROVAL, authority: AUTHORITY, at: AT, certificate: { der } } });
  });

  test('does not hold once anything in it is changed, nor by another key', async () => {
    const key = softwareKey(keyType);
    const [header = '', payload = '', signature = ''] = (await statementOf(APPROVAL, key)).split('.');
    const denial = encode({ v: 1, authority: AUTHORITY, at: AT.toISOString(), ...APPROVAL, requestId: '3'.repeat(32) });
    expect(await verifyDecision(`${header}.${denial}.${signature}`)).toEqual(refused('signature'));
    const { x5c } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { x5c: string[] };
    const otherHeader = encode({ alg: algorithms[keyType], typ: 'latchkey-decision+jws', x5c: [toBase64(certified(softwareKey(keyType)))] });
    expect(await verifyDecision(`${otherHeader}.${payload}.${signature}`)).toEqual(refused('signature'));
    for (const alg of ['none', 'HS256', keyType === 'ECCP256' ? 'ES384' : 'ES256']) {
      expect(await verifyDecision(`${encode({ alg, typ: 'latchkey-decision+jws', x5c })}.${payload}.${signature}`)).toEqual(refused('signature'));
    }
    expect(await verifyDecision(`${header}.${payload}.`)).toEqual(refused('signature'));
  });
});

test.each<Decision>([
  { decision: 'deny', requestId: '1'.repeat(32), csrSha256: '2'.repeat(64), reason: 'Nobody knows you' },
  { decision: 'revoke', serialNumber: '0badcafe', reason: 'keyCompromise' },
  { decision: 'hold', serialNumber: '0badcafe' },
  { decision: 'release', serialNumber: '0badcafe' },
  { decision: 'revoke-person', email: 'ana@example.org', reason: 'cessationOfOperation' },
])('every decision comes back as it was: $decision', async (decision) => {
  expect(await verifyDecision(await statementOf(decision, softwareKey('ED25519')))).toMatchObject({ ok: true, value: { decision } });
});

describe('what is no statement', () => {
  const key = softwareKey('ED25519');
  const x5c = [toBase64(certified(key))];
  const said = { v: 1, authority: AUTHORITY, at: AT.toISOString() };
  const good = { alg: 'EdDSA', typ: 'latchkey-decision+jws', x5c };
  async function signed(header: object, payload: object): Promise<string> {
    const input = `${encode(header)}.${encode(payload)}`;
    const signature = await key.sign(new TextEncoder().encode(input));
    return signature.ok ? `${input}.${toBase64Url(signature.value)}` : '';
  }

  test.each<[string, object, object]>([
    ['of another type', { ...good, typ: 'JWT' }, { ...said, ...APPROVAL }],
    ['with a header that must be understood', { ...good, crit: ['b64'], b64: false }, { ...said, ...APPROVAL }],
    ['without certificate', { alg: 'EdDSA', typ: 'latchkey-decision+jws' }, { ...said, ...APPROVAL }],
    ['with two certificates', { ...good, x5c: [...x5c, ...x5c] }, { ...said, ...APPROVAL }],
    ['with something else for a certificate', { ...good, x5c: ['AAAA'] }, { ...said, ...APPROVAL }],
    ['of a version to come', good, { ...said, v: 2, ...APPROVAL }],
    ['that says more than we know', good, { ...said, ...APPROVAL, validDays: 99 }],
    ['that decides nothing', good, said],
    ['that denies without a reason', good, { ...said, ...APPROVAL, decision: 'deny', reason: ' ' }],
    ['with a date that is none', good, { ...said, at: 'yesterday', ...APPROVAL }],
  ])('%s', async (_name, header, payload) => {
    expect(await verifyDecision(await signed(header, payload))).toEqual(refused('unreadable'));
  });

  test.each(['', '.', '..', 'a.b', 'a.b.c', '....', '{}', 'e30.e30.e30', '\u{1f600}.\u{1f600}.\u{1f600}', 'x'.repeat(16_384)])('%j', async (text) => {
    expect(await verifyDecision(text)).toEqual(refused('unreadable'));
  });

  test('the good one holds, so that the others fail for what they say', async () => {
    expect(await verifyDecision(await signed(good, { ...said, ...APPROVAL }))).toMatchObject({ ok: true });
  });
});

test('a refusal of the key is handed on', async () => {
  const key = softwareKey('ECCP256');
  const sign = async () => ({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } }) as const;
  expect(await signDecision(APPROVAL, { authority: AUTHORITY, certificate: certified(key), at: AT, sign })).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
});

test('signatures change their form and back: small, large and negative-looking numbers', () => {
  for (const [first, second] of [[0, 1], [0x7f, 0x80], [0xff, 0xff], [1, 0]] as readonly (readonly [number, number])[]) {
    const raw = new Uint8Array(64);
    [raw[0], raw[31], raw[32], raw[63]] = [first, 1, second, 7];
    expect(rawEcdsaSignature(derEcdsaSignature(raw), 32)).toEqual(raw);
    expect(rawEcdsaSignature(derEcdsaSignature(raw), 31)).toEqual(first === 0 && second === 0 ? expect.anything() : undefined);
  }
});

test('the hash and the words are of the CSR that came along', async () => {
  const seen = await seenInEntry({ csr: new TextEncoder().encode('abc') });
  // FIPS 180-4, the example of SHA-256.
  expect(seen.csrSha256).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(seen.words).toHaveLength(4);
});
