import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EnrollableKeyType } from '../../core/security-key.ts';
import { enrollAndApprove } from './approving.ts';
import { type FlowAuthority, startFlowAuthority } from './flow-authority.ts';
import { inProcessSecurityKey } from './in-process-key.ts';
import { PIN, PUK, Person } from './person.ts';
import { isManagementKeyKnown, pinOf, pukOf } from './watched-card.ts';
import { need } from './flow-authority.ts';

let authority: FlowAuthority;
beforeAll(async () => {
  authority = await startFlowAuthority();
});
afterAll(() => authority.close());

const ROWS: readonly (readonly [firmware: string, keyType: EnrollableKeyType])[] = [
  ['4.3.7', 'ECCP256'],
  ['4.3.7', 'RSA2048'],
  ['5.2.4', 'ECCP256'],
  ['5.2.4', 'ECCP384'],
  ['5.4.3', 'ECCP256'],
  ['5.4.3', 'ECCP384'],
  ['5.4.3', 'RSA2048'],
  ['5.7.1', 'ECCP256'],
  ['5.7.1', 'ECCP384'],
  ['5.7.1', 'RSA3072'],
  ['5.7.1', 'ED25519'],
];

describe('a whole enrollment', () => {
  test.each(ROWS)('firmware %s, %s', async (firmware, keyType) => {
    const person = new Person({ key: { firmware, serial: 5_210_001 }, authority, keyType });
    const state = await enrollAndApprove(person, authority);
    expect(person.bugs).toEqual([]);
    expect(state).toMatchObject({ kind: 'done', proof: { through: 'piv', signed: true }, certificate: { name: 'Ana Example', email: 'ana@example.org', authorityName: 'Flow CA' } });

    expect([pinOf(person.card), pukOf(person.card)]).toEqual([PIN, PUK]);
    expect(isManagementKeyKnown(person.card)).toBe(true);
    expect(person.watched.lostAttempts).toEqual([]);
    expect(person.card.bugs).toEqual([]);
    expect(person.records.all.size).toBe(0);
    const facts = need(await inProcessSecurityKey(person.card).facts());
    const certificate = new X509Certificate(facts.authentication.certificate ?? new Uint8Array());
    expect(certificate.checkIssued(new X509Certificate(authority.pinned.caCertificate))).toBe(true);
    expect(facts).toMatchObject({ managementKey: { isPinProtected: true }, authentication: { keyPair: { keyType, pinPolicy: 'once', touchPolicy: 'never' } } });
  });

  test.each([
    ['5.2.4', 'always', 'never'],
    ['5.4.3', 'never', 'never'],
    ['5.7.1', 'always', 'cached'],
  ] as const)('firmware %s, PIN %s, touch %s: the key says so', async (firmware, pinPolicy, touchPolicy) => {
    const person = new Person({ key: { firmware, serial: 5_210_001, autoTouch: true }, authority, pinPolicy, touchPolicy });
    expect((await enrollAndApprove(person, authority)).kind).toBe('done');
    const facts = need(await inProcessSecurityKey(person.card).facts());
    expect(facts.authentication.keyPair).toMatchObject({ pinPolicy, touchPolicy });
    expect([person.watched.lostAttempts, person.bugs]).toEqual([[], []]);
  });
});
